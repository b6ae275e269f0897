# SPDX-License-Identifier: Apache-2.0
"""What the fuzzers share that run one program by the host itself and under tandem: both must say the same."""
import argparse
import itertools
import os
import shutil
import signal
import subprocess

MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    "mixed": ["--tier=mixed", "--hot-threshold=1"],
}
COMPILERS = {"x86_64": "gcc", "i386": "i686-linux-gnu-gcc", "riscv64": "riscv64-linux-gnu-gcc"}
SKIPPED = 77


def parser(about, steps, timeout):
    """The arguments that all have, with how many steps a seed and seconds a run has."""
    p = argparse.ArgumentParser(description=about)
    p.add_argument("--tandem", required=True)
    p.add_argument("--guest", choices=COMPILERS, default="x86_64")
    p.add_argument("--mode", choices=MODES, default="tier1")
    p.add_argument("--first", type=int, default=1, help="the first seed")
    p.add_argument("--count", type=int, default=10, help="how many seeds")
    p.add_argument("--steps", type=int, default=steps)
    p.add_argument("--timeout", type=float, default=timeout)
    p.add_argument("--progress", action="store_true")
    return p


def lacking(guest):
    """The compiler that is not there, or None."""
    return next((c for c in (COMPILERS["x86_64"], COMPILERS[guest]) if not shutil.which(c)), None)


def build(compiler, source, directory):
    program = os.path.join(directory, os.path.basename(source) + "." + os.path.basename(compiler))
    subprocess.run([compiler, "-O1", "-w", "-static", "-pthread", "-o", program, source], check=True)
    return program


def tandem(args, program):
    return [args.tandem, "--cache=0", *MODES[args.mode], program]


def output(command, timeout):
    """The lines that it prints, and one of how it ended. A child of its own may outlive it, and even be stopped."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", start_new_session=True) as p:
        try:
            out, err = p.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            return p.communicate()[0].splitlines() + ["no end"]
    return out.splitlines() + [f"status {p.returncode} {err}"]


def first_difference(want, got):
    """The index of the first line that differs, or None."""
    for i, (a, b) in enumerate(itertools.zip_longest(want, got)):
        if a != b:
            return i
    return None
