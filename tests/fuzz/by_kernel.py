# SPDX-License-Identifier: Apache-2.0
"""What the fuzzers share that run one program by the host itself and under tandem: both must say the same."""
import argparse
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time

MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    "mixed": ["--tier=mixed", "--hot-threshold=1"],
}
COMPILERS = {"x86_64": "gcc", "i386": "i686-linux-gnu-gcc", "riscv64": "riscv64-linux-gnu-gcc",
             "aarch64": "aarch64-linux-gnu-gcc"}
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
        p.add_argument("--retry", action="store_true", help="run a seed that differs again, unless it does not end")
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
    """The lines that it prints, and one of how it ended. After the timeout, in seconds in which this process runs, all
    its processes are killed: a child may outlive it, and even be stopped."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", start_new_session=True) as process:
        for _ in range(max(1, int(timeout))):
            try:
                out, err = process.communicate(timeout=1)
                return out.splitlines() + [f"status {process.returncode} {err}"]
            except subprocess.TimeoutExpired:
                pass
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()[0].splitlines() + ["no end"]


def first_difference(want, got):
    """The index of the first line that differs, or None."""
    for i, (a, b) in enumerate(itertools.zip_longest(want, got)):
        if a != b:
            return i
    return None


def tell(seed, want, got, at, again, context=30):
    """Says where they differ, what came before it, and the command that makes it again."""
    print(f"seed {seed} differs\n  the kernel: {want[at] if at < len(want) else 'nothing'}")
    print(f"  tandem:     {got[at] if at < len(got) else 'nothing'}\nlines up to it:")
    for line in want[max(0, at - context):at]:
        print("  " + line)
    print("again:", *again, flush=True)


def compare(args, name, source, count=lambda lines: 0, oracle="x86_64", more=()):
    """Runs the program of source, whose arguments are seed, steps and more, for each seed; the host runs that of guest
    oracle. count takes what is counted out of the lines, and returns how many. The status of the test."""
    if lacking(args.guest):
        print(f"skipped: no {lacking(args.guest)}")
        return SKIPPED
    bad, once, counted, begin = 0, 0, 0, time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        native = [build(COMPILERS[oracle], source, directory)]
        command = tandem(args, build(COMPILERS[args.guest], source, directory))
        for done, seed in enumerate(range(args.first, args.first + args.count), 1):
            arguments = [str(seed), str(args.steps), *more]
            for turn in range(2 if args.retry else 1):
                want, got = (output([*c, *arguments], args.timeout) for c in (native, command))
                count(want)
                counted += count(got)
                at = len(want) - 1 if want[-1] == "no end" else first_difference(want, got)
                if at is None:
                    once += turn
                    break
                tell(seed, want, got, at, [*command[:-1], os.path.basename(source), *arguments])
                if got[-1] == "no end":
                    break
            bad += at is not None
            if args.progress and done % 50 == 0:
                print(f"{done}/{args.count} seeds, {counted} counted, {bad} differ, {once} once,",
                      f"{time.monotonic() - begin:.0f} s", flush=True)
    print(f"{name}, {args.guest}, {args.mode}: {args.count} x {args.steps} steps, {counted} counted,",
          f"{bad} seeds differ, {once} once only")
    return 1 if bad else 0
