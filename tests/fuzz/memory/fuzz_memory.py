#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random calls about memory (mem_fuzz.c) by the host itself and under tandem: both must say the same.

The first difference is told with what the steps before it did, and with the command that makes it again. The program
for the host is the oracle for guests of other widths, too, which are asked only what does not depend on the width.
By hand: fuzz_memory.py --tandem build/default/tandem --count 500 --steps 2000 (a million steps). Ends with 77 (skipped)
where there is no compiler for the guest.
"""
import itertools
import os
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the tree stays clean
FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(FOLDER))

import by_kernel
from by_kernel import first_difference

CONTEXT = 12  # steps before the difference


class Runner:
    def __init__(self, args, directory):
        self.args = args
        source = os.path.join(FOLDER, "mem_fuzz.c")
        self.native = [by_kernel.build(by_kernel.COMPILERS["x86_64"], source, directory)]
        self.tandem = by_kernel.tandem(args, by_kernel.build(by_kernel.COMPILERS[args.guest], source, directory))
        self.width = ["any"] if args.guest != "x86_64" else []

    def arguments(self, seed, steps, every):
        return [str(seed), str(steps), str(every), *self.width]

    def both(self, *numbers):
        return [by_kernel.output([*command, *self.arguments(*numbers)], self.args.timeout)
                for command in (self.native, self.tandem)]


def step_at(lines, index):
    """The number of the step that the line is of."""
    for line in reversed(lines[:index + 1]):
        if line[:1].isdigit():
            return int(line.split()[0])
    return 1


def tell(runner, seed, steps, every):
    """Says where the shortest run that differs does so. Mappings are listed after each step, if that leaves the
    difference: to list them is to look what has grown."""
    for each in (1, every):
        want, got = runner.both(seed, steps, each)
        at = first_difference(want, got)
        if at is not None:
            break
    else:
        print(f"seed {seed}: a difference that did not come again")
        return
    step = step_at(want, at)
    print(f"seed {seed}: step {step} differs\n  the kernel: {want[at] if at < len(want) else 'nothing'}")
    print(f"  tandem:     {got[at] if at < len(got) else 'nothing'}\nsteps up to it:")
    for line in [l for l in want[:at + 1] if l[:1].isdigit()][-CONTEXT:]:
        print("  " + line)
    before = max((i for i in range(at) if want[i] == "mappings:" and step_at(want, i) < step), default=None)
    for line in itertools.takewhile(lambda l: l.startswith("  "), want[before + 1:] if before is not None else []):
        print("  " + line)
    print("again:", " ".join(runner.tandem[:-1]), "mem_fuzz", *runner.arguments(seed, step, each), flush=True)


def main():
    parser = by_kernel.parser(__doc__, count=10, steps=1000, timeout=120)
    parser.add_argument("--every", type=int, default=16, help="steps after which mappings are listed")
    args = parser.parse_args()
    if by_kernel.lacking(args.guest):
        print(f"skipped: no {by_kernel.lacking(args.guest)}")
        return by_kernel.SKIPPED
    bad, begin = [], time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(args, directory)
        for seed in range(args.first, args.first + args.count):
            want, got = runner.both(seed, args.steps, args.every)
            if want[0].startswith("cannot begin"):
                print("skipped:", want[0])
                return by_kernel.SKIPPED
            at = first_difference(want, got)
            if at is not None:
                bad.append(seed)
                tell(runner, seed, min(args.steps, step_at(want, at)), args.every)
            if args.progress:
                done = seed - args.first + 1
                print(f"{done}/{args.count} seeds, {done * args.steps} steps, {len(bad)} differ,",
                      f"{time.monotonic() - begin:.0f} s", flush=True)
    print(f"{args.guest}, {args.mode}: {args.count} x {args.steps} steps, {len(bad)} seeds differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
