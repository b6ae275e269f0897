#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up ctest's JUnit files: names what failed and why tests were skipped, then "N passed, N failed, N skipped"."""
import argparse
import os
import sys
import xml.etree.ElementTree as xml
from collections import Counter


def read(path):
    """(preset/name, "passed" | "failed" | "skipped", text) of each test; a program that was not built has failed."""
    preset = os.path.basename(os.path.dirname(path))
    for case in xml.parse(path).getroot().iter("testcase"):
        out = case.findtext("system-out") or ""
        why = case.find("skipped")
        if case.get("status") == "run":
            outcome = "passed"
        elif why is not None and "SKIP" in why.get("message", ""):
            outcome = "skipped"
        else:
            outcome = "failed"
        yield f"{preset}/{case.get('name')}", outcome, out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--broken", type=int, default=0, help="builds that failed: each counts as one failed test")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    count, reasons = Counter(), Counter()
    for path in args.files:
        for name, status, out in read(path):
            count[status] += 1
            if status == "skipped":
                reasons[next((line for line in out.splitlines() if line.startswith("skipped")),
                             "skipped: " + name)] += 1
            elif status == "failed":
                print(f"failed: {name}")
    if args.broken:
        print(f"failed: {args.broken} builds")
    for reason, times in reasons.most_common():
        print(f"{reason} ({times})")
    failed = count["failed"] + args.broken
    print(f"{count['passed']} passed, {failed} failed, {count['skipped']} skipped")
    return 1 if failed or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
