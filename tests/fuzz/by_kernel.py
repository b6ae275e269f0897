# SPDX-License-Identifier: Apache-2.0
"""What the fuzzers share that run one program by the host itself and under tandem: both must say the same."""
import argparse
import itertools
import os
import shutil
import subprocess

MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    "mixed": ["--tier=mixed", "--hot-threshold=1"],
}
COMPILERS = {"x86_64": "gcc", "i386": "i686-linux-gnu-gcc", "riscv64": "riscv64-linux-gnu-gcc"}
SKIPPED = 77


def parser(about, steps=None, timeout=None, count=None):
    """The arguments that all have, and those that most have: steps and count (of seeds) of a run, seconds that it may
    take."""
    p = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--tandem", required=True)
    p.add_argument("--guest", choices=COMPILERS, default="x86_64")
    if count:
        p.add_argument("--mode", choices=MODES, default="tier1")
        p.add_argument("--first", type=int, default=1, help="the first seed")
        p.add_argument("--count", type=int, default=count, help="how many seeds")
        p.add_argument("--progress", action="store_true")
    if steps:
        p.add_argument("--steps", type=int, default=steps)
    if timeout:
        p.add_argument("--timeout", type=float, default=timeout)
    return p


def lacking(guest):
    """The compiler that is not there, or None."""
    return next((c for c in (COMPILERS["x86_64"], COMPILERS[guest]) if not shutil.which(c)), None)


def build(compiler, source, directory):
    program = os.path.join(directory, os.path.basename(source) + "." + os.path.basename(compiler))
    if os.path.exists(program):
        return program
    subprocess.run([compiler, "-O1", "-w", "-static", "-pthread", "-o", program, source], check=True)
    return program


def tandem(args, *program):
    return [args.tandem, "--cache=0", *MODES[args.mode], *program]


def output(command, timeout):
    """The lines that it prints, and one of how it ended."""
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=timeout, text=True, errors="replace",
                              stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(errors="replace").splitlines() + ["no end"]
    return done.stdout.splitlines() + [f"status {done.returncode} {done.stderr}"]


def first_difference(want, got):
    """The index of the first line that differs, or None."""
    for i, (a, b) in enumerate(itertools.zip_longest(want, got)):
        if a != b:
            return i
    return None
