#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one guest program in one execution mode and compares its output and status with the stored expectation.

The expectation of tests/guest/NAME.c is NAME.expected beside it; with --native it is what the program prints on the host itself. Mode qemu checks that it is what qemu-riscv64 prints, mode native
(guests of the host's own machine) that it is what the host prints.
The program's opening comment may hold lines "arguments:", "environment: NAME=VALUE", "status: N" (negative: a signal) and
"reference: none" (qemu cannot run it); CMakeLists.txt reads the others. Ends with 77 (skipped) and a message where something that it needs is not there.
"""
import argparse
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys

SKIPPED = 77
SYSROOT = "/usr/riscv64-linux-gnu"
# Without --opt-threads=0 short programs end before their first region is there; mixed keeps the race, the others wait.
SOON = ["--tier=mixed", "--hot-threshold=20", "--opt-threads=0"]
MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    # small regions: every block heads one, and large ones would be mostly the same code
    "tier2": ["--tier=2", "--hot-threshold=1", "--opt-threads=0", "--llvm-level=1", "--region-blocks=8"],
    "mixed": ["--tier=mixed", "--hot-threshold=1"],
    "warm": SOON,
    "cache1m": [*SOON, "--cache-size=1M"],
    "fail3": [*SOON, "--fail-one-in=3"],
    "regs": ["--tier=1", "--random-regs=20241"],
    "precise": [*SOON, "--precise"],
    "fast": [*SOON, "--fp=fast"],
}


def read_notes(source):
    """The "key: value" lines of the opening comment."""
    notes = {}
    with open(source) as f:
        for line in f.readlines()[:12]:
            match = re.match(r"^(?: \*|#|//) (arguments|environment|status|reference): (.*?)(?: \*/)?$", line.rstrip())
            if match:
                notes[match[1]] = match[2]
    return notes


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def command_for(args, notes):
    if not args.program:
        compiler = {"i386": "i686"}.get(args.guest, args.guest)
        skip(f"no compiler for {args.guest} (packages gcc-{compiler}-linux-gnu, g++-{compiler}-linux-gnu)")
    program = [args.program, *shlex.split(notes.get("arguments", ""))]
    if args.mode == "native":
        return program
    if args.guest != "riscv64":
        return [args.tandem, *MODES[args.mode], *(["-L", args.sysroot] if args.sysroot else []), *program]
    if args.mode == "qemu":
        if not shutil.which("qemu-riscv64"):
            skip("no qemu-riscv64 (package qemu-user)")
        if notes.get("reference", "").startswith("none"):
            skip("qemu-riscv64 cannot serve as the reference of this program")
        return ["qemu-riscv64", "-L", SYSROOT, *program]
    return [args.tandem, *MODES[args.mode], "-L", SYSROOT, *program]


def run(command, notes, timeout):
    env = dict(os.environ)
    env.update(dict([notes["environment"].split("=", 1)]) if "environment" in notes else {})
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
                              timeout=timeout)
    except subprocess.TimeoutExpired as e:
        return None, (e.stdout or b"").decode(errors="replace"), f"no end after {timeout} s"
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def native_run(args, notes):
    """Status and output on the host, through the sysroot's own dynamic linker if there is one."""
    program = [args.program, *shlex.split(notes.get("arguments", ""))]
    if args.sysroot:
        program = [os.path.join(args.sysroot, "lib/ld-linux.so.2"), "--library-path", os.path.join(args.sysroot, "lib"), *program]
    try:
        status, out, _ = run(program, notes, args.timeout)
    except OSError as e:
        skip(f"the host cannot run programs for {args.guest}: {e.strerror}")
    return status, out


def compare(expected, got):
    """A unified difference, shortened, or the empty string."""
    lines = list(difflib.unified_diff(expected.splitlines(), got.splitlines(), "expected", "got", lineterm="", n=1))
    return "\n".join(lines[:60])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", default=os.environ.get("TANDEM", "build/default/tandem"))
    parser.add_argument("--mode", required=True, choices=[*MODES, "qemu", "native"])
    parser.add_argument("--guest", default="riscv64", help="the machine that the program is built for")
    parser.add_argument("--source", required=True, help="the program's source: tests/guest/NAME.c")
    parser.add_argument("--program", default="", help="the guest program; empty: it could not be built")
    parser.add_argument("--sysroot", help="-L of programs of other machines than riscv64")
    parser.add_argument("--native", action="store_true", help="the host runs the program, too, and is right; 77 if it cannot")
    parser.add_argument("--timeout", type=float, default=150)
    parser.add_argument("--repeat", type=int, default=1, help="run it this often")
    parser.add_argument("--update", action="store_true", help="store what the mode prints as the expectation")
    args = parser.parse_args()
    notes = read_notes(args.source)
    command = command_for(args, notes)
    stored = os.path.splitext(args.source)[0] + ".expected"
    wanted, right = int(notes.get("status", "0")), None
    if args.native:
        wanted, right = native_run(args, notes)
    for turn in range(args.repeat):
        status, out, err = run(command, notes, args.timeout)
        if args.update:
            with open(stored, "w") as f:
                f.write(out)
        if right is None:
            with open(stored) as f:
                right = f.read()
        difference = compare(right, out)
        if status != wanted or difference:
            print(f"FAILED in run {turn + 1}: {shlex.join(command)}\nstatus {status}, expected {wanted}\n{difference}\n{err[-2000:]}")
            return 1
    print(f"ok: {shlex.join(command)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
