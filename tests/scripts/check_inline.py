#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs an x86-64 program on the host and in tandem: it prints the same, and nothing that generated code does in it is
evaluated out of line, as --stats counts it. Ends with 77 (skipped) where the host lacks what the program needs.

Usage: check_inline.py TANDEM MODE NEEDS PROGRAM; as run_as_host.py."""
import json
import subprocess
import sys
import tempfile

import host
from run_as_host import SKIPPED
from run_guest import MODES


def main():
    tandem, mode, needs, program = sys.argv[1:]
    missing = set(needs.split(",")) - host.features() if host.is_x86_64() else {"x86-64"}
    if missing:
        print("skipped: the host lacks", *sorted(missing))
        return SKIPPED
    right = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    with tempfile.NamedTemporaryFile("r") as stats:
        command = [tandem, *MODES[mode], "--stats=json", "--stats-file=" + stats.name, program]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        evals = json.load(stats)["evals"]
    print(right, done.stdout, done.stderr, evals, sep="\n")
    return 1 if done.stdout != right or done.returncode or evals else 0


if __name__ == "__main__":
    sys.exit(main())
