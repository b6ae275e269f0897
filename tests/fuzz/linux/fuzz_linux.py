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
import tempfile
import time

sys.dont_write_bytecode = True  # the tree stays clean
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(FOLDER)), "scripts"))

import by_kernel
import host

SOURCES = {"signals": "sig_fuzz.c"}
CONTEXT = 30  # lines before the difference


def tell(seed, want, got, at, again):
    print(f"seed {seed} differs\n  the kernel: {want[at] if at < len(want) else 'nothing'}")
    print(f"  tandem:     {got[at] if at < len(got) else 'nothing'}\nlines up to it:")
    for line in want[max(0, at - CONTEXT):at]:
        print("  " + line)
    print("again:", *again, flush=True)


def main():
    parser = by_kernel.parser(__doc__, steps=200, timeout=60)
    parser.add_argument("--what", choices=SOURCES, required=True)
    args = parser.parse_args()
    if by_kernel.lacking(args.guest):
        print(f"skipped: no {by_kernel.lacking(args.guest)}")
        return by_kernel.SKIPPED
    source = os.path.join(FOLDER, SOURCES[args.what])
    bad, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        program = by_kernel.build(by_kernel.COMPILERS[args.guest], source, directory)
        own = host.runs(args.guest)
        native = [program if own else by_kernel.build(by_kernel.COMPILERS["x86_64"], source, directory)]
        command = by_kernel.tandem(args, program)
        last = ["32"] if args.guest == "i386" and not own else []
        for seed in range(args.first, args.first + args.count):
            arguments = [str(seed), str(args.steps), *last]
            want, got = (by_kernel.output([*c, *arguments], args.timeout) for c in (native, command))
            at = len(want) - 1 if want[-1] == "no end" else by_kernel.first_difference(want, got)
            if at is not None:
                bad += 1
                tell(seed, want, got, at, [*command[:-1], SOURCES[args.what], *arguments])
            if args.progress and (seed - args.first) % 50 == 49:
                print(f"{seed - args.first + 1}/{args.count} seeds, {bad} differ,",
                      f"{time.monotonic() - begin:.0f} s", flush=True)
    print(f"{args.what}, {args.guest}, {args.mode}: {args.count} x {args.steps} steps, {bad} seeds differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
