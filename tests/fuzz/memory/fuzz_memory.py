#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random calls about memory (mem_fuzz.c) by the host itself and under tandem: both must say the same.

The first difference is told with what the steps before it did, and with the command that makes it again. The program
for the host is the oracle for guests of other widths, too, which are asked only what does not depend on the width.
By hand: fuzz_memory.py --tandem build/default/tandem --count 500 --steps 2000 (a million steps). Ends with 77 (skipped)
where there is no compiler for the guest.
"""
import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time

MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    "mixed": ["--tier=mixed", "--hot-threshold=1"],
}
COMPILERS = {"x86_64": "gcc", "i386": "i686-linux-gnu-gcc", "riscv64": "riscv64-linux-gnu-gcc"}
SKIPPED = 77
CONTEXT = 12  # steps before the difference


def build(compiler, directory):
    program = os.path.join(directory, "mem_fuzz." + os.path.basename(compiler))
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "mem_fuzz.c")
    subprocess.run([compiler, "-O1", "-w", "-static", "-o", program, source], check=True)
    return program


class Runner:
    def __init__(self, args, directory):
        self.args = args
        self.native = build(COMPILERS["x86_64"], directory)
        self.program = build(COMPILERS[args.guest], directory)
        self.width = ["any"] if args.guest != "x86_64" else []

    def arguments(self, seed, steps, every):
        return [str(seed), str(steps), str(every), *self.width]

    def tandem(self):
        return [self.args.tandem, "--cache=0", *MODES[self.args.mode], self.program]

    def output(self, command, seed, steps, every):
        try:
            done = subprocess.run([*command, *self.arguments(seed, steps, every)], capture_output=True, check=False,
                                  timeout=self.args.timeout, text=True)
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b"").decode().splitlines() + ["no end"]
        return done.stdout.splitlines() + [f"status {done.returncode} {done.stderr}"]

    def both(self, seed, steps, every):
        return self.output([self.native], seed, steps, every), self.output(self.tandem(), seed, steps, every)


def first_difference(want, got):
    """The index of the first line that differs, or None."""
    for i, (a, b) in enumerate(itertools.zip_longest(want, got)):
        if a != b:
            return i
    return None


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
    print("again:", " ".join(runner.tandem()[:-1]), "mem_fuzz", *runner.arguments(seed, step, each), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tandem", required=True)
    parser.add_argument("--guest", choices=COMPILERS, default="x86_64")
    parser.add_argument("--mode", choices=MODES, default="tier1")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=10, help="how many seeds")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--every", type=int, default=16, help="steps after which mappings are listed")
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--progress", action="store_true")
    args = parser.parse_args()
    for compiler in {COMPILERS["x86_64"], COMPILERS[args.guest]}:
        if not shutil.which(compiler):
            print(f"skipped: no {compiler}")
            return SKIPPED
    bad, begin = [], time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(args, directory)
        for seed in range(args.first, args.first + args.count):
            want, got = runner.both(seed, args.steps, args.every)
            if want[0].startswith("cannot begin"):
                print("skipped:", want[0])
                return SKIPPED
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
