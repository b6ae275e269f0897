#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the form of the tree's text: C and C++ is as clang-format 14 leaves it, and no line is longer than 120
columns.

Ends with 77 (skipped) where clang-format is absent or of another version, whose result differs, and all lines are short
enough.
"""
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tree import ROOT, read, tree_files

SKIPPED, VERSION, COLUMNS, BATCH = 77, 14, 120, 16
FORMATTED = (".c", ".h", ".cc")
MEASURED = FORMATTED + (".def", ".S", ".py", ".sh", "CMakeLists.txt", ".cmake")


def long_lines(files):
    for path in files:
        for number, line in enumerate(read(path).splitlines(), 1):
            if len(line) > COLUMNS:
                yield f"{path}:{number}: {len(line)} columns, more than {COLUMNS}"


def find_formatter():
    """(command, major version) of the clang-format that is needed, else of the one that there is, else (None, None)."""
    for command in (f"clang-format-{VERSION}", "clang-format"):
        if shutil.which(command):
            out = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
            return command, int(re.search(r"version (\d+)", out)[1])
    return None, None


def unformatted(formatter, files):
    """The first complaint about each file that clang-format would change."""
    def check(batch):
        command = [formatter, "--dry-run", "-Werror", "--ferror-limit=1", *batch]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        return re.findall(r"^(\S+:\d+):\d+: error", done.stderr, re.M)
    batches = [files[n:n + BATCH] for n in range(0, len(files), BATCH)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [f"{place}: run clang-format -i" for found in pool.map(check, batches) for place in found]


def main():
    files = sorted(f for f in tree_files() if f.endswith(MEASURED))
    complaints = list(long_lines(files))
    formatter, version = find_formatter()
    if version == VERSION:
        complaints += unformatted(formatter, [f for f in files if f.endswith(FORMATTED)])
    print("\n".join(complaints + [f"{len(files)} files checked, {len(complaints)} complaints"]))
    if complaints:
        return 1
    if version != VERSION:
        print(f"skipped: here is clang-format {version}, not {VERSION} (package clang-format-{VERSION})")
        return SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
