#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs an x86-64 program on the host and in tandem and compares what they print. Ends with 77 (skipped) on other hosts.

Usage: same_as_host.py TANDEM MODE NEEDS PROGRAM [ARGUMENT...]; MODE as in run_guest.py; NEEDS: CPU features, comma-separated, as in
/proc/cpuinfo."""
import difflib
import os
import platform
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "scripts"))
from run_guest import MODES  # noqa: E402

SKIPPED, SHOWN = 77, 40


def host_features():
    with open("/proc/cpuinfo") as f:
        return next((set(line.split(":")[1].split()) for line in f if line.startswith("flags")), set())


def main():
    tandem, mode, needs, *program = sys.argv[1:]
    if platform.machine() != "x86_64" or set(needs.split(",")) - host_features():
        print("skipped: the host lacks", needs)
        sys.exit(SKIPPED)
    right = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    ours = subprocess.run([tandem, *MODES[mode], *program], capture_output=True, text=True, check=False)
    diff = list(difflib.unified_diff(right.splitlines(), ours.stdout.splitlines(), "host", mode, "", "", 0))
    print("\n".join(diff[:SHOWN]), ours.stderr, sep="\n")
    sys.exit(1 if diff or ours.returncode else 0)


main()
