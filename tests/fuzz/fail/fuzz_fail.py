#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tandem asks of the host fails (fail.c) while a program (hot.c) gets hot: memory, mappings, threads, files.

Right is the program's own output and status, or a message of tandem's and the status 126: no signal, no other output,
no run that does not end. The N-th call of a kind fails, for N up to the number of calls, more rarely the higher N is;
and then all from the N-th on. --few: some N of each kind, those that once found something among them.

By hand: fuzz_fail.py --tandem build/default/tandem --every 1. Ends with 77 (skipped) where there is no compiler for the
guest."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the tree stays clean
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))

import by_kernel

KINDS = ["malloc", "strdup", "mmap", "thread", "open", "write"]
FEW = {"malloc": [1, 42, 94, 316], "strdup": [4, 5, 6], "mmap": [3, 30], "thread": [1], "open": [5], "write": [1]}
# The guest's memory is tandem's, too: what its C library does without it when it begins, as -strace shows.
ENDS_OF_GUEST = {(127, "Fatal glibc error: Cannot allocate TLS block\n"): "exit_group(127)",
                 (-signal.SIGSEGV, ""): "--- killed by signal 11 "}
CANNOT_RUN, FOREVER = 126, 1 << 40


class Runner:
    def __init__(self, args, folder):
        self.folder, self.timeout = folder, args.timeout
        self.library = os.path.join(folder, "fail.so")
        subprocess.run([by_kernel.COMPILERS["x86_64"], "-O1", "-w", "-shared", "-fPIC", "-o", self.library,
                        os.path.join(HERE, "fail.c"), "-ldl"], check=True)
        self.program = by_kernel.build(by_kernel.COMPILERS[args.guest], os.path.join(HERE, "hot.c"), folder)
        self.command = [os.path.abspath(args.tandem), "--hot-threshold=50", "--cache=1",
                        "--cache-dir=" + os.path.join(folder, "cache"), self.program]
        self.right = self.run("", 0, 0)[:2]

    def run(self, kind, at, count, *options):
        """Status, output, messages, and whether a call failed."""
        mark = os.path.join(self.folder, "mark")
        shutil.rmtree(os.path.join(self.folder, "cache"), ignore_errors=True)
        if os.path.exists(mark):
            os.remove(mark)
        environment = {"LD_PRELOAD": self.library, "FAIL_KIND": kind, "FAIL_AT": str(at), "FAIL_COUNT": str(count),
                       "FAIL_MARK": mark}
        try:
            done = subprocess.run([self.command[0], *options, *self.command[1:]], env=environment, capture_output=True,
                                  text=True, timeout=self.timeout, check=False)
        except subprocess.TimeoutExpired:
            return "no end", "", "", True
        return done.returncode, done.stdout, done.stderr, os.path.exists(mark)

    def complaint(self, kind, at, count):
        """None: right. And whether a call failed."""
        status, output, messages, failed = self.run(kind, at, count)
        right = (status, output) == self.right
        if status == CANNOT_RUN and output in ("", self.right[1]):
            right = messages.startswith("tandem: ")
        if kind == "mmap" and not output and (status, messages) in ENDS_OF_GUEST:
            again, _, calls, _ = self.run(kind, at, count, "-strace")
            right = again == status and ENDS_OF_GUEST[status, messages] in calls
        if right:
            return None, failed
        return f"{kind} {at}{'' if count == 1 else ' and all after it'}: {status} {output}{messages}", failed


def runs(runner, args):
    """Has the calls fail that are asked for: a complaint or None for each run."""
    for kind in KINDS:
        for count in (1, FOREVER):
            numbers, at, failed = list(FEW[kind]), 1, True
            while numbers if args.few else failed:
                at = numbers.pop(0) if args.few else at
                wrong, failed = runner.complaint(kind, at, count)
                yield wrong
                at = max(at + 1, int(at * args.every))


def main():
    parser = by_kernel.parser(__doc__, timeout=60)
    parser.add_argument("--every", type=float, default=1.5, help="factor between one N and the next; 1: each N")
    parser.add_argument("--few", action="store_true", help="some N only")
    args = parser.parse_args()
    if by_kernel.lacking(args.guest):
        print(f"skipped: no {by_kernel.lacking(args.guest)}")
        return by_kernel.SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(args, folder)
        if not runner.right[1].startswith("sum "):
            print(f"the program does not run: {runner.right}")
            return 1
        results = list(runs(runner, args))
    complaints = [wrong for wrong in results if wrong]
    print("\n".join(complaints))
    print(f"{len(results)} runs, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
