#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs an x86-64 program on the host and in tandem and compares what they print. Ends with 77 (skipped) on other hosts.

Usage: same_as_host.py [--documented FILE] TANDEM MODE NEEDS PROGRAM [ARGUMENT...]; MODE as in run_guest.py; NEEDS: CPU
features, comma-separated, as in /proc/cpuinfo. FILE has lines that may stand for each other because processors differ:
those of one "NAME: ".
"""
import argparse
import difflib
import subprocess
import sys

import host
from run_guest import MODES

SKIPPED, SHOWN = 77, 40


def documented_lines(path):
    """The lines of FILE that are neither empty nor comments."""
    if not path:
        return set()
    with open(path) as f:
        return {line.rstrip("\n") for line in f if line.strip() and not line.startswith("#")}


def with_hosts_answer(ours, right, documented):
    """Our lines; where ours and the host's are documented answers of one case, the host's."""
    def same_case(mine, theirs):
        return {mine, theirs} <= documented and mine.split(": ")[0] == theirs.split(": ")[0]
    if len(ours) != len(right):
        return ours
    return [theirs if same_case(mine, theirs) else mine for mine, theirs in zip(ours, right)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documented")
    parser.add_argument("tandem")
    parser.add_argument("mode")
    parser.add_argument("needs")
    parser.add_argument("program", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    missing = set(args.needs.split(",")) - host.features() if host.is_x86_64() else {"x86-64"}
    if missing:
        print("skipped: the host lacks", *sorted(missing))
        return SKIPPED
    right = subprocess.run(args.program, capture_output=True, text=True, check=True).stdout.splitlines()
    done = subprocess.run([args.tandem, *MODES[args.mode], *args.program], capture_output=True, text=True, check=False)
    ours = with_hosts_answer(done.stdout.splitlines(), right, documented_lines(args.documented))
    diff = list(difflib.unified_diff(right, ours, "host", args.mode, "", "", 0))
    print("\n".join(diff[:SHOWN]), done.stderr, sep="\n")
    return 1 if diff or done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
