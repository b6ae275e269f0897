#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random sequences about signals (sig_fuzz.c) by the host itself and under tandem: both must say the same.

The first difference is told with what came before it, and the command that makes it again. The program for x86-64 by
the host is the oracle for all guests; of i386 it is its own where the host runs it.
By hand: fuzz_linux.py --tandem build/default/tandem --what signals --count 1000.
Ends with 77 (skipped) where there is no compiler for the guest.
"""
import os
import sys

sys.dont_write_bytecode = True  # the tree stays clean
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(FOLDER)), "scripts"))

import by_kernel
import host

SOURCES = {"signals": "sig_fuzz.c"}


def main():
    parser = by_kernel.parser(__doc__, count=10, steps=200, timeout=60)
    parser.add_argument("--what", choices=SOURCES, required=True)
    args = parser.parse_args()
    source = os.path.join(FOLDER, SOURCES[args.what])
    if args.guest != "i386":
        return by_kernel.compare(args, args.what, source)
    if host.runs(args.guest):
        return by_kernel.compare(args, args.what, source, oracle=args.guest)
    return by_kernel.compare(args, args.what, source, more=["32"])


if __name__ == "__main__":
    sys.exit(main())
