#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tandem asks of the host fails (fail.c) while a program (hot.c) gets hot: memory, mappings, threads, files.

Right is the program's own output and status, or a message of tandem's and the status 126: no signal, no other output,
no run that does not end. The N-th call of a kind fails, for N up to the number of calls, more rarely the higher N is;
and then all from the N-th on.

By hand: fuzz_fail.py --tandem build/default/tandem --every 1. Ends with 77 (skipped) where there is no compiler for the
guest."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ["malloc", "mmap", "thread", "open", "write"]
COMPILERS = {"x86_64": "gcc", "i386": "i686-linux-gnu-gcc", "riscv64": "riscv64-linux-gnu-gcc"}
SKIPPED, CANNOT_RUN, SECONDS, FOREVER = 77, 126, 60, 1 << 40


class Runner:
    def __init__(self, tandem, guest, folder):
        self.folder = folder
        self.library, self.program = os.path.join(folder, "fail.so"), os.path.join(folder, "hot")
        subprocess.run(["gcc", "-O1", "-w", "-shared", "-fPIC", "-o", self.library, os.path.join(HERE, "fail.c"),
                        "-ldl"], check=True)
        subprocess.run([COMPILERS[guest], "-O1", "-w", "-static", "-o", self.program, os.path.join(HERE, "hot.c")],
                       check=True)
        self.command = [tandem, "--hot-threshold=50", "--cache=1", "--cache-dir=" + os.path.join(folder, "cache"),
                        self.program]
        self.right = self.run("", 0, 0)[:2]

    def run(self, kind, at, count):
        """Status, output, messages, and whether a call failed."""
        mark = os.path.join(self.folder, "mark")
        shutil.rmtree(os.path.join(self.folder, "cache"), ignore_errors=True)
        if os.path.exists(mark):
            os.remove(mark)
        environment = {"LD_PRELOAD": self.library, "FAIL_KIND": kind, "FAIL_AT": str(at), "FAIL_COUNT": str(count),
                       "FAIL_MARK": mark}
        try:
            done = subprocess.run(self.command, env=environment, capture_output=True, text=True, timeout=SECONDS,
                                  check=False)
        except subprocess.TimeoutExpired:
            return "no end", "", "", True
        return done.returncode, done.stdout, done.stderr, os.path.exists(mark)

    def complaint(self, kind, at, count):
        """None: right. And whether a call failed."""
        status, output, messages, failed = self.run(kind, at, count)
        if (status, output) == self.right or status == CANNOT_RUN and not output and messages.startswith("tandem: "):
            return None, failed
        return f"{kind} {at}{'' if count == 1 else ' and all after it'}: {status} {output}{messages}", failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", required=True)
    parser.add_argument("--guest", choices=COMPILERS, default="riscv64")
    parser.add_argument("--every", type=float, default=1.5, help="factor between one N and the next; 1: each N")
    args = parser.parse_args()
    for compiler in {"gcc", COMPILERS[args.guest]}:
        if not shutil.which(compiler):
            print(f"skipped: no {compiler}")
            return SKIPPED
    complaints, runs = [], 0
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(os.path.abspath(args.tandem), args.guest, folder)
        if not runner.right[1].startswith("sum "):
            print(f"the program does not run: {runner.right}")
            return 1
        for kind in KINDS:
            for count in (1, FOREVER):
                at, failed = 1, True
                while failed:
                    wrong, failed = runner.complaint(kind, at, count)
                    complaints += [wrong] if wrong else []
                    runs += 1
                    at = max(at + 1, int(at * args.every))
    print("\n".join(complaints))
    print(f"{runs} runs, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
