#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the documents: every relative link leads to a file or folder of the tree, every anchor to a heading, and what
stands in back quotes like a path of the tree (src/..., runtime/...) is there."""
import os
import re
import sys

from tree import OURS, ROOT, read, tree_files

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([A-Za-z0-9_./-]+)`")


def anchors(text):
    """The anchors that the headings of a document make."""
    heads = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in heads}


def check_document(path, text, exists):
    """Complaints about one document; exists: path from the top of the tree -> bool."""
    complaints = []
    for link in LINK.findall(text):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
        if not exists(target):
            complaints.append(f"{path}: link to {link}: there is no {target}")
        elif anchor and target.endswith(".md") and anchor not in anchors(text if target == path else read(target)):
            complaints.append(f"{path}: link to {link}: there is no such heading")
    for name in QUOTED.findall(text):
        if name.startswith(OURS) and not exists(name.rstrip("/")) and not exists(name + ".c"):
            complaints.append(f"{path}: {name} is not there")
    return complaints


def main():
    files = set(tree_files())
    folders = {os.path.dirname(f) for f in files}
    folders |= {f[:i] for f in folders for i, c in enumerate(f) if c == "/"}
    documents = sorted(f for f in files if f.endswith(".md"))
    complaints = []
    for path in documents:
        complaints += check_document(path, read(path), lambda name: name in files or name in folders)
    print("\n".join(complaints + [f"{len(documents)} documents in {os.path.basename(ROOT)} checked, "
                                  f"{len(complaints)} complaints"]))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
