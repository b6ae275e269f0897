#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random sequences about signals (sig_fuzz.c) by the host itself and under tandem: both must say the same.

The first difference is told with what came before it, and the command that makes it again. The program for x86-64 by
the host is the oracle for all guests. By hand: fuzz_linux.py --tandem build/default/tandem --what signals --count 1000.
Ends with 77 (skipped) where there is no compiler for the guest.
"""
import os
import sys

sys.dont_write_bytecode = True  # the tree stays clean
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import by_kernel

SOURCES = {"signals": "sig_fuzz.c"}


def main():
    parser = by_kernel.parser(__doc__, count=10, steps=200, timeout=60)
    parser.add_argument("--what", choices=SOURCES, required=True)
    args = parser.parse_args()
    return by_kernel.compare(args, args.what, os.path.join(FOLDER, SOURCES[args.what]))


if __name__ == "__main__":
    sys.exit(main())
