#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random sequences about signals (sig_fuzz.c) by the host itself and under tandem: both must say the same.

The first difference is told with what came before it, and the command that makes it again. The program for x86-64 by
the host is the oracle for all guests. By hand: fuzz_linux.py --tandem build/default/tandem --what signals --count 1000.
Ends with 77 (skipped) where there is no compiler for the guest.
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
    "tier1": ["--tier=1"],
    "mixed": ["--tier=mixed", "--hot-threshold=1"],
}
COMPILERS = {"x86_64": "gcc", "i386": "i686-linux-gnu-gcc", "riscv64": "riscv64-linux-gnu-gcc"}
SOURCES = {"signals": "sig_fuzz.c"}
SKIPPED = 77
CONTEXT = 30  # lines before the difference


def build(compiler, source, directory):
    folder = os.path.dirname(os.path.abspath(__file__))
    program = os.path.join(directory, source + "." + os.path.basename(compiler))
    subprocess.run([compiler, "-O1", "-w", "-static", "-pthread", "-o", program, os.path.join(folder, source)],
                   check=True)
    return program


def output(command, seed, steps, timeout):
    try:
        done = subprocess.run([*command, str(seed), str(steps)], capture_output=True, check=False, timeout=timeout,
                              text=True, errors="replace", stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace").splitlines() + ["no end"]
    return done.stdout.splitlines() + [f"status {done.returncode} {done.stderr}"]


def first_difference(want, got):
    """The index of the first line that differs, or None."""
    for i, (a, b) in enumerate(itertools.zip_longest(want, got)):
        if a != b:
            return i
    return None


def tell(seed, want, got, at, again):
    print(f"seed {seed} differs\n  the kernel: {want[at] if at < len(want) else 'nothing'}")
    print(f"  tandem:     {got[at] if at < len(got) else 'nothing'}\nlines up to it:")
    for line in want[max(0, at - CONTEXT):at]:
        print("  " + line)
    print("again:", *again, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tandem", required=True)
    parser.add_argument("--what", choices=SOURCES, required=True)
    parser.add_argument("--guest", choices=COMPILERS, default="x86_64")
    parser.add_argument("--mode", choices=MODES, default="tier1")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--count", type=int, default=10, help="how many seeds")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--progress", action="store_true")
    args = parser.parse_args()
    for compiler in {COMPILERS["x86_64"], COMPILERS[args.guest]}:
        if not shutil.which(compiler):
            print(f"skipped: no {compiler}")
            return SKIPPED
    bad, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        native = [build(COMPILERS["x86_64"], SOURCES[args.what], directory)]
        command = [args.tandem, "--cache=0", *MODES[args.mode],
                   build(COMPILERS[args.guest], SOURCES[args.what], directory)]
        for seed in range(args.first, args.first + args.count):
            want = output(native, seed, args.steps, args.timeout)
            got = output(command, seed, args.steps, args.timeout)
            at = len(want) - 1 if want[-1] == "no end" else first_difference(want, got)
            if at is not None:
                bad += 1
                tell(seed, want, got, at, [*command[:-1], SOURCES[args.what], seed, args.steps])
            if args.progress and (seed - args.first) % 50 == 49:
                print(f"{seed - args.first + 1}/{args.count} seeds, {bad} differ,",
                      f"{time.monotonic() - begin:.0f} s", flush=True)
    print(f"{args.what}, {args.guest}, {args.mode}: {args.count} x {args.steps} steps, {bad} seeds differ")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
