#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one guest program in one execution mode and compares its output and status with the stored expectation.

The expectation of NAME.c is NAME.expected in the folder of the guest (tests/guest/riscv, x86, i386) or else beside the
source. Two modes ask somebody else whether it is right: native (guests of the host's own machine) and qemu.
The program's opening comment may hold lines "arguments:", "environment: NAME=VALUE", "status: N" (negative: a signal)
"reference: none (why)" or "reference: none for GUEST (why)" (qemu cannot run it), "emulated: none (why)" (tandem itself
cannot run it under an emulator), and "needs: 32-bit kernel for i386 (why)" or "needs: ptrace"; CMakeLists.txt reads the
others.
TANDEM_TEST_COMMAND in the environment is run instead of --tandem: another build of tandem, behind an emulator if it is
one for another machine. Ends with 77 (skipped) and a message where something that it needs is not there.
"""
import argparse
import difflib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import host

SKIPPED = 77
TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "guest")
FOLDERS = {"riscv64": "riscv", "aarch64": "aarch64", "x86_64": "x86", "i386": "i386"}
NOTE = r"^(?: \*|#|//) (arguments|environment|status|reference|emulated|needs): (.*?)(?: \*/)?$"
COMPILERS = {"i386": "i686"}
# Without --opt-threads=0 short programs end before their first region is there; mixed keeps the race, the others wait.
SOON = ["--tier=mixed", "--hot-threshold=20", "--opt-threads=0"]
MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    # small regions: every block heads one, and large ones would be mostly the same code
    "tier2": ["--tier=2", "--hot-threshold=1", "--opt-threads=0", "--llvm-level=1", "--region-blocks=8"],
    "mixed": ["--tier=mixed", "--hot-threshold=1", "--opt-share=0"],
    "warm": SOON,
    "cache1m": [*SOON, "--cache-size=1M"],
    "fail3": [*SOON, "--fail-one-in=3", "--take-out-one-in=2", "--exit-maps=0"],
    "regs": ["--tier=1", "--random-regs=20241"],
    "cached": [*SOON, "--cache=1"],  # twice, the second time with the regions of the first
    "precise": [*SOON, "--precise"],
    "fast": [*SOON, "--fp=fast"],
    "stats": [*SOON, "--stats", "--stats-file=/dev/null"],
}


def read_notes(source):
    """The "key: value" lines of the opening comment."""
    notes = {}
    with open(source) as f:
        for line in f.readlines()[:12]:
            match = re.match(NOTE, line.rstrip())
            if match:
                notes[match[1]] = match[2]
    return notes


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def expectation(source, guest):
    """The path of the stored output."""
    name = os.path.splitext(os.path.basename(source))[0] + ".expected"
    own = os.path.join(TESTS, FOLDERS[guest], name)
    return own if os.path.exists(own) else os.path.join(os.path.dirname(source), name)


def environment(args, notes):
    env = dict(os.environ, TANDEM_CACHE="0")  # but for the mode that says otherwise
    if "environment" in notes:
        env.update([notes["environment"].split("=", 1)])
    # Places in directories of ext4 have 64 bits, unless a 32-bit program asks the kernel itself. Those of tmpfs are
    # small.
    if args.guest == "i386" and not host.runs_32bit() and os.path.isdir("/dev/shm"):
        env["TMPDIR"] = "/dev/shm"
    return env


def qemu_command(args, notes, program):
    emulator = f"qemu-{args.guest}"
    if not shutil.which(emulator):
        skip(f"no {emulator} (package qemu-user)")
    if re.match(rf"none(?! for)|none for {args.guest}\b", notes.get("reference", "")):
        skip(f"{emulator} cannot serve as the reference of this program")
    return [emulator, *(["-L", args.sysroot] if args.sysroot else []), *program]


def native_command(args, program):
    if not host.runs(args.guest):
        skip(f"the host does not run programs for {args.guest}")
    if args.guest != "i386" or not args.sysroot:
        return program
    libraries = os.path.join(args.sysroot, "lib")
    return [os.path.join(libraries, "ld-linux.so.2"), "--library-path", libraries, *program]


def command_for(args, notes):
    if not args.program:
        compiler = COMPILERS.get(args.guest, args.guest)
        skip(f"no compiler for {args.guest} (packages gcc-{compiler}-linux-gnu, g++-{compiler}-linux-gnu)")
    if notes.get("needs", "").startswith(f"32-bit kernel for {args.guest}") and not host.runs_32bit():
        skip(notes["needs"])
    if notes.get("needs", "").startswith("ptrace") and not host.allows_ptrace():
        skip("the host allows no ptrace")
    program = [args.program, *shlex.split(notes.get("arguments", ""))]
    if args.mode == "native":
        return native_command(args, program)
    if args.mode == "qemu":
        return qemu_command(args, notes, program)
    tandem = shlex.split(os.environ.get("TANDEM_TEST_COMMAND", "")) or [args.tandem]
    if len(tandem) > 1 and notes.get("emulated", "").startswith("none"):
        skip("tandem under an emulator cannot run this: " + notes["emulated"])
    return [*tandem, *MODES[args.mode], *(["-L", args.sysroot] if args.sysroot else []), *program]


def run(command, env, timeout):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=env, timeout=timeout)
    except subprocess.TimeoutExpired as e:
        return None, (e.stdout or b"").decode(errors="replace"), f"no end after {timeout} s"
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def compare(expected, got):
    """A unified difference, shortened, or the empty string."""
    lines = list(difflib.unified_diff(expected.splitlines(), got.splitlines(), "expected", "got", lineterm="", n=1))
    return "\n".join(lines[:60])


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", default=os.environ.get("TANDEM", "build/default/tandem"))
    parser.add_argument("--mode", required=True, choices=[*MODES, "qemu", "native"])
    parser.add_argument("--guest", default="riscv64", choices=FOLDERS, help="the machine that the program is built for")
    parser.add_argument("--source", required=True, help="the program's source: tests/guest/any/NAME.c")
    parser.add_argument("--program", default="", help="the guest program; empty: it could not be built")
    parser.add_argument("--sysroot", help="-L of dynamic programs")
    parser.add_argument("--timeout", type=float, default=150)
    parser.add_argument("--repeat", type=int, default=1, help="run it this often")
    parser.add_argument("--update", metavar="FILE", help="store there what the mode prints")
    return parser.parse_args()


def main():
    args = parse_arguments()
    notes = read_notes(args.source)
    with tempfile.TemporaryDirectory() as cache:
        if args.mode == "cached":
            MODES["cached"].append(f"--cache-dir={cache}/tandem")
            args.repeat = max(args.repeat, 2)
        return run_turns(args, notes)


def run_turns(args, notes):
    """Runs the program as often as is asked for. The exit code."""
    command = command_for(args, notes)
    wanted = int(notes.get("status", "0"))
    stored = args.update or expectation(args.source, args.guest)
    for turn in range(args.repeat):
        status, out, err = run(command, environment(args, notes), args.timeout)
        if args.update:
            with open(stored, "w") as f:
                f.write(out)
        with open(stored) as f:
            difference = compare(f.read(), out)
        if status != wanted or difference:
            print(f"FAILED in run {turn + 1}: {shlex.join(command)}\nstatus {status}, expected {wanted}\n{difference}")
            print(err[-2000:])
            return 1
    print(f"ok: {shlex.join(command)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
