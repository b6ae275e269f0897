#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random processes (proc_fuzz.c) by the host itself and under tandem: both must say the same, and end.

The first difference is told with what came before it, and the command that makes it again. The program for x86-64 by
the host is the oracle for all guests. By hand: fuzz_process.py --tandem build/default/tandem --count 1000 --progress;
what is counted are processes that were made. Ends with 77 (skipped) where there is no compiler for the guest.
"""
import os
import sys

sys.dont_write_bytecode = True  # the tree stays clean
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import by_kernel


def count(lines):
    """Takes the line "made N" out, which depends on time."""
    made = [i for i, line in enumerate(lines) if line.startswith("made ")]
    return sum(int(lines.pop(i).split()[1]) for i in reversed(made))


def main():
    args = by_kernel.parser(__doc__, count=10, steps=40, timeout=60).parse_args()
    return by_kernel.compare(args, "processes", os.path.join(FOLDER, "proc_fuzz.c"), count)


if __name__ == "__main__":
    sys.exit(main())
