#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random programs under an emulator that no one here wrote and under tandem in several modes: all must print the same.

A program is made from its number alone, so that a failure can be made again: fuzz.py --first N --count 1. Failing
programs are made smaller (units are left out while the failure stays) and saved with a listing. Without qemu-riscv64
the reference is tandem's interpreter, and the last line says so. Ends with 77 (skipped) where there is no tandem.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

from rv_program import Program, describe

MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    "regs": ["--tier=1", "--random-regs=7"],
    "tier2": ["--tier=2", "--hot-threshold=1", "--opt-threads=0"],
    "mixed": ["--tier=mixed", "--hot-threshold=1"],
    "warm": ["--tier=mixed", "--hot-threshold=20", "--opt-threads=0"],
}
# Every program runs in the cheap modes; one in EVERY runs in the mode, too.
EVERY = {"interp": 1, "tier1": 1, "regs": 2, "tier2": 8, "mixed": 4, "warm": 4}


class Runner:
    def __init__(self, args):
        self.tandem, self.timeout, self.directory = args.tandem, args.timeout, args.scratch
        self.reference = ["qemu-riscv64"] if shutil.which("qemu-riscv64") else [args.tandem, "--tier=interp"]

    def output(self, command, path):
        try:
            done = subprocess.run([*command, path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=self.timeout)
        except subprocess.TimeoutExpired:
            return "timeout", b"", b""
        return done.returncode, done.stdout, done.stderr[-1000:]

    def differs(self, program, modes, without=frozenset()):
        """The first of modes that disagrees with the reference, as (mode, expected, got), or None."""
        handle, path = tempfile.mkstemp(dir=self.directory, suffix=".elf")
        try:
            with os.fdopen(handle, "wb") as f:
                f.write(program.elf(without))
            os.chmod(path, 0o755)
            expected = self.output(self.reference, path)
            for mode in modes:
                got = self.output([self.tandem, *MODES[mode]], path)
                if got[:2] != expected[:2]:
                    return mode, expected, got
            return None
        finally:
            os.unlink(path)


def modes_of(number, wanted, everything):
    return [m for m in wanted if everything or number % EVERY[m] == 0]


def minimise(runner, program, mode, deadline):
    """Leaves out ever smaller groups of units as long as the mode still disagrees."""
    without = set()
    group = max(1, len(program.numbers()) // 2)
    while group >= 1 and time.time() < deadline:
        left = [n for n in program.numbers() if n not in without]
        for start in range(0, len(left), group):
            trial = without | set(left[start:start + group])
            if time.time() < deadline and runner.differs(program, [mode], frozenset(trial)):
                without = trial
        group = group // 2 if group > 1 else 0
    return frozenset(without)


def report(runner, program, failure, args):
    """Saves the smaller program and says what differs."""
    mode = failure[0]
    without = minimise(runner, program, mode, time.time() + args.minimise)
    mode, expected, got = runner.differs(program, [mode], without) or failure
    a, b = describe(expected[1]), describe(got[1])
    lines = [f"program {program.seed}, mode {mode} ({' '.join(MODES[mode])}): status {got[0]}, expected {expected[0]}"]
    lines += [f"  {name}: {b.get(name)} expected {a[name]}" for name in a if a[name] != b.get(name)][:12]
    if got[2]:
        lines.append(got[2].decode(errors="replace"))
    folder = os.path.join(args.save, f"{program.seed}-{mode}")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "program.elf"), "wb") as f:
        f.write(program.elf(without))
    os.chmod(os.path.join(folder, "program.elf"), 0o755)
    with open(os.path.join(folder, "listing.txt"), "w") as f:
        f.write("\n".join(lines) + "\n\n" + program.listing(without) + "\n")
    code = [line for line in program.listing(without).splitlines() if "ecall" not in line][2:]
    print("\n".join(lines + code[:30]) + f"\nsaved in {folder}", flush=True)


def run_one(runner, number, args):
    program = Program(number, size=args.size, fp=number % 4 != 3)
    failure = runner.differs(program, modes_of(number, args.modes, args.all_modes))
    if failure:
        report(runner, program, failure, args)
    return failure is not None


def run_all(runner, args):
    """(programs run, programs failed): until count or seconds are used up."""
    start, done, failed, number = time.time(), 0, 0, args.first
    waiting, last = set(), start
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        while True:
            more = ((args.count == 0 or number < args.first + args.count)
                    and (args.seconds == 0 or time.time() - start < args.seconds))
            while more and failed < args.stop_after and len(waiting) < 2 * args.jobs:
                waiting.add(pool.submit(run_one, runner, number, args))
                number += 1
                more = args.count == 0 or number < args.first + args.count
            if not waiting:
                return done, failed
            ready, waiting = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
            done += len(ready)
            failed += sum(f.result() for f in ready)
            if time.time() - last > 5:
                last = time.time()
                print(f"[{last - start:4.0f} s] {done} programs, {failed} failed", flush=True)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", default=os.environ.get("TANDEM", "build/default/tandem"))
    parser.add_argument("--first", type=int, default=1, help="number of the first program")
    parser.add_argument("--count", type=int, default=0, help="how many (0: until the time is over)")
    parser.add_argument("--seconds", type=float, default=0, help="how long (0: until the count is reached)")
    parser.add_argument("--size", type=int, default=120, help="units in a program")
    parser.add_argument("--modes", default=",".join(MODES), help="default: " + ",".join(MODES))
    parser.add_argument("--all-modes", action="store_true", help="every mode for every program")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--stop-after", type=int, default=5, help="failures after which to stop")
    parser.add_argument("--minimise", type=float, default=20, help="seconds for making a failing program smaller")
    parser.add_argument("--timeout", type=float, default=20, help="seconds for one run")
    parser.add_argument("--save", default="build/fuzz", help="where failing programs go")
    args = parser.parse_args()
    args.modes = args.modes.split(",")
    if args.count == 0 and args.seconds == 0:
        args.seconds = 60
    return args


def main():
    args = parse_arguments()
    if not os.access(args.tandem, os.X_OK):
        print(f"skipped: no tandem at {args.tandem}")
        return 77
    with tempfile.TemporaryDirectory() as args.scratch:
        runner = Runner(args)
        done, failed = run_all(runner, args)
    print(f"{done} programs, {failed} failed; reference: {' '.join(runner.reference)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
