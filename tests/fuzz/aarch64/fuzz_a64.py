#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random instances of every row of the AArch64 front end's table under qemu-aarch64 and under tandem in several modes:
registers, flags and memory must be the same.

A program is made from its number alone, so that a failure can be made again: --first N --programs 1. The snippet that
differs is run alone, and shown. Without qemu-aarch64 the reference is tandem's interpreter, and the last line says so.
Ends with 77 (skipped) where there is no tandem.

    fuzz_a64.py --rows 'ccm|csel' --programs 50 --snippets 1000     # by hand; --rows is searched in ids and lifters
"""
import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import a64_snippets
import a64_table
from a64_program import RESULT_ALL, RESULT_INT, Program

MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    "regs": ["--tier=1", "--random-regs=7"],
    "single": ["--tier=1", "--singlestep"],
    "tier2": ["--tier=2", "--hot-threshold=1", "--opt-threads=0"],
    "mixed": ["--tier=mixed", "--hot-threshold=1"],
}
REFERENCE = ["qemu-aarch64", "-cpu", "neoverse-n1"]
UNITS = 5  # in a snippet


def make_chains(number, rows, count):
    """Of floating point alone; every other program never looks at FPSR."""
    rng = random.Random(number)
    return Program(number, [a64_snippets.chain(rows, rng) for _ in range(count)], True, flags=number % 2 == 0)


def make(number, rows, wanted, count):
    """The program: each of the wanted rows in turn."""
    rng = random.Random(number)
    snippets = [
        a64_snippets.snippet(rng, rows, [wanted[(number * count + n) % len(wanted)]], UNITS) for n in range(count)
    ]
    vectors = any(r.feature not in ("BASE", "CRC32", "LSE", "LRCPC", "DCPOP") for r in rows)
    return Program(number, snippets, vectors, flags=number % 2 == 0)


class Runner:

    def __init__(self, args, directory):
        self.args, self.path = args, os.path.join(directory, "program")
        self.reference = REFERENCE if shutil.which(REFERENCE[0]) else [args.tandem, *MODES["interp"]]

    def output(self, command):
        try:
            done = subprocess.run([*command, self.path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, timeout=self.args.timeout,
                                  env={**os.environ, "TANDEM_CACHE": "0"})
        except subprocess.TimeoutExpired:
            return "timeout", b"", b""
        return done.returncode, done.stdout, done.stderr[-500:]

    def write(self, data):
        with open(self.path, "wb") as f:
            f.write(data)
        os.chmod(self.path, 0o755)

    def check(self, program):
        """The modes that disagree."""
        self.write(program.elf())
        expected = self.output(self.reference)
        failed = []
        for mode in self.args.modes:
            got = self.output([self.args.tandem, *MODES[mode]])
            if got[:2] != expected[:2]:
                self.report(program, mode, expected, got)
                self.write(program.elf())
                failed.append(mode)
        if expected[0] != 0:
            print(f"program {program.seed}: the reference ends with {expected[0]}: {expected[2].decode()}")
            failed.append("reference")
        return failed

    def report(self, program, mode, expected, got):
        print(f"program {program.seed}, {mode}: status {got[0]}, expected {expected[0]}; {got[2].decode()}")
        size = RESULT_ALL if program.vectors else RESULT_INT
        count = len(program.snippets)
        bad = [n for n in range(count) if got[1][n * size:(n + 1) * size] != expected[1][n * size:(n + 1) * size]]
        if not bad or got[0] != expected[0]: # a fault, or memory alone: which snippet?
            bad = self.narrow(program, mode, list(range(count)))
        for n in bad[:self.args.show]:
            self.write(program.elf([n]))
            a, b = self.output(self.reference), self.output([self.args.tandem, *MODES[mode]])
            print(f"snippet {n}{'' if a[:2] != b[:2] else ' (alone it is right)'}: status {b[0]}, {a[0]}")
            print(listing(program.snippets[n]))
            describe(a[1], b[1], size) if a[:2] != b[:2] else describe(expected[1][n * size:(n + 1) * size],
                                                                       got[1][n * size:(n + 1) * size], size)

    def narrow(self, program, mode, numbers):
        """One snippet of numbers that differs by itself, in a list; empty: none does."""
        while len(numbers) > 1:
            half = numbers[:len(numbers) // 2]
            numbers = half if self.differs(program, mode, half) else numbers[len(half):]
        return numbers if self.differs(program, mode, numbers) else []

    def differs(self, program, mode, numbers):
        self.write(program.elf(numbers))
        return self.output(self.reference)[:2] != self.output([self.args.tandem, *MODES[mode]])[:2]


def describe(expected, got, size):
    names = [f"x{n}" for n in range(28)] + ["nzcv", "x29", "fpsr", "sp"] + [f"v{n // 2}.{n % 2}" for n in range(64)]
    shown = 0
    for n in range(size // 8):
        a, b = expected[n * 8:n * 8 + 8], got[n * 8:n * 8 + 8]
        shown += a != b
        if a != b and shown <= 12:
            print(f"  {names[n]}: {int.from_bytes(b, 'little'):#x}, expected {int.from_bytes(a, 'little'):#x}")
    for n in range(size, min(len(expected), len(got))):
        if expected[n] != got[n]:
            print(f"  memory {n - size:#x}: {got[n]:#x}, expected {expected[n]:#x}")
            break


def listing(words):
    """Disassembled, if there is an objdump for it."""
    text = "\n".join(f"  {w:08x}" for w in words)
    if not shutil.which("aarch64-linux-gnu-objdump"):
        return text
    with tempfile.NamedTemporaryFile() as f:
        f.write(b"".join(w.to_bytes(4, "little") for w in words))
        f.flush()
        done = subprocess.run(["aarch64-linux-gnu-objdump", "-D", "-b", "binary", "-m", "aarch64", f.name],
                              stdout=subprocess.PIPE, check=False)
    return "\n".join(line for line in done.stdout.decode().splitlines() if re.match(r" *[0-9a-f]+:\t", line))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", default=os.environ.get("TANDEM", "build/default/tandem"))
    parser.add_argument("--first", type=int, default=0, help="number of the first program")
    parser.add_argument("--programs", type=int, default=10)
    parser.add_argument("--snippets", type=int, default=1000, help="in a program")
    parser.add_argument("--rows", default="", help="regular expression: rows that snippets are about")
    parser.add_argument("--only", action="store_true", help="no other rows in them")
    parser.add_argument("--chains", action="store_true", help="of scalar FP arithmetic; even programs read FPSR")
    parser.add_argument("--modes", default="interp,tier1", help="of " + ",".join(MODES))
    parser.add_argument("--stop-after", type=int, default=3, help="programs that failed")
    parser.add_argument("--show", type=int, default=3, help="snippets of each")
    parser.add_argument("--timeout", type=float, default=60, help="seconds for one run")
    args = parser.parse_args()
    args.modes = args.modes.split(",")
    return args


def main():
    args = parse_arguments()
    if not os.access(args.tandem, os.X_OK):
        print(f"skipped: no tandem at {args.tandem}")
        return 77
    rows = [r for r in a64_table.load() if a64_snippets.executable(r)]
    wanted = [r for r in rows if re.search(args.rows, r.id) or re.search(args.rows, r.lifter)]
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(args, directory)
        for number in range(args.first, args.first + args.programs):
            program = make_chains(number, rows, args.snippets) if args.chains else \
                make(number, wanted if args.only else rows, wanted, args.snippets)
            failed += bool(runner.check(program))
            if failed == args.stop_after:
                break
    print(f"{len(wanted)} rows, {args.programs} programs of {args.snippets} snippets in {','.join(args.modes)}, "
          f"{failed} failed; reference: {' '.join(runner.reference)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
