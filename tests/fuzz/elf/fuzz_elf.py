#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ELF files with something wrong (mutate.py), executed by the host itself and under tandem: both must say the same.

A program of the guest (launch.c) executes each file and tells the errno or how it ended. Where the host does not run
riscv64, the program for x86-64 with the same mutation is what the answer is compared with; i386 is then compared with
nothing, as its sums wrap elsewhere. From the command line tandem must say the same, or, where the kernel does not run a
file, a message and the status 126 or 127. No crash of tandem's own is ever right.

By hand: fuzz_elf.py --tandem build/default/tandem --count 100000 --progress. Ends with 77 (skipped) where there is no
compiler for the guest."""
import collections
import os
import re
import struct
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the tree stays clean
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [os.path.dirname(HERE), os.path.join(HERE, "..", "..", "scripts")]

import by_kernel
import host
import mutate

AT_ONCE = 64
FORBIDDEN = "signal 31"  # the kernel's answer to a call that launch.c does not allow
LATE = "signal 11"  # what is found when the old program is gone
LATE_FILE = "signal 7"  # x86 looks for a page's bytes in the file before it asks whether code may be there
NO_PLACE = "cannot have its addresses"  # tandem's words
BELOW_ZERO = "segment outside of the address space"  # the kernel loads a dynamic linker whose addresses begin below 0
FOUND = {  # seeds that tandem once answered otherwise
    20: "AT_PHDR where no segment has the headers", 83: "another class, of the dynamic linker", 188: "16 TiB of zeros",
    191: "an empty name of the dynamic linker", 219: "AT_PHDR where two segments have the headers",
    275: "another class", 446: "a segment far behind the end of the file", 637: "another type, of the dynamic linker",
    1448: "zeros over code", 11064: "nothing but a dynamic linker", 16016: "a name behind all that a file can have",
    1020972: "a first segment behind which no file has room for the others"}
JUDGE = (6, 6)  # the first kernel that loads zeros as is expected here


def kernel_judges():
    return tuple(int(n) for n in re.findall(r"\d+", os.uname().release)[:2]) >= JUDGE


def build_subject(guest, folder):
    """The machine code and the data of subject.c."""
    out = os.path.join(folder, "subject." + guest)
    medany = ["-mcmodel=medany"] if guest == "riscv64" else []
    subprocess.run([by_kernel.COMPILERS[guest], *medany, "-Os", "-w", "-ffreestanding", "-fno-stack-protector",
                    "-fPIE", "-nostdlib", "-static", "-Wl,-T," + os.path.join(HERE, "subject.ld"),
                    "-Wl,--build-id=none", "-o", out, os.path.join(HERE, "subject.c")], check=True)
    with open(out, "rb") as f:
        file = f.read()
    wide = file[4] == 2
    at, count = struct.unpack_from("<Q" if wide else "<I", file, 32 if wide else 28)[0], file[56 if wide else 44]
    parts = {}
    for i in range(count):
        if wide:
            kind, _, offset, vaddr, _, size = struct.unpack_from("<IIQQQQ", file, at + 56 * i)
        else:
            kind, offset, vaddr, _, size = struct.unpack_from("<5I", file, at + 32 * i)
        if kind == mutate.LOAD:
            parts[vaddr] = file[offset:offset + size]
    return parts[mutate.BASE + mutate.PAGE], parts[mutate.BASE + 2 * mutate.PAGE]


class Side:
    """One who executes files: the kernel, tandem for a program of the guest, or tandem from the command line."""

    def __init__(self, guest, folder, files, before, command):
        self.program = by_kernel.build(by_kernel.COMPILERS[guest], os.path.join(HERE, "launch.c"), folder)
        self.files, self.before, self.command = files, before, command

    def run(self, names):
        """What each file's execution said, and what it wrote."""
        if not names:
            return []
        environment = {"TANDEM_LOG": "page"}
        done = subprocess.run([*self.before, self.program, self.files, *self.command], input="\n".join(names) + "\n",
                              capture_output=True, text=True, env=environment, check=False)
        lines = done.stdout.splitlines()
        if len(lines) != len(names):
            raise RuntimeError(f"{self.program}: {len(lines)} answers for {len(names)} files: {done.stderr}")
        texts = []
        for n in names:
            with open(os.path.join(self.files, n + ".err"), encoding="utf-8", errors="replace") as f:
                texts.append(f.read())
        return list(zip(lines, texts))


class Guest:
    def __init__(self, name, folder, args):
        tandem = by_kernel.tandem(args)
        self.name, self.folder = name, os.path.join(folder, name)
        self.by_chance = set()  # seeds whose place the kernel leaves to chance
        self.in_tandems_place = set()  # seeds that ask for addresses where tandem itself is
        self.astray = set()  # seeds that begin somewhere in the code
        self.of_guest = set()  # seeds in which the kernel looks at what each guest has its own of
        os.makedirs(self.folder)
        self.code, self.data = build_subject(name, folder)
        own = name if host.runs(name) else "x86_64"
        self.kernel = Side(own, folder, self.folder, [], ["kernel"])
        self.direct = Side(own, folder, self.folder, [], tandem)
        self.inside = Side(name, folder, self.folder, tandem, [])
        self.write("linker", mutate.Image("pie", ""))
        self.write("self", mutate.Image("dynamic", "self"))
        for file, text, rights in [("text", "x" * 400, 0o755), ("short", "\x7fELF", 0o755), ("empty", "", 0o755),
                                   ("locked", "x", 0o644), ("script", "#!/bin/true\n", 0o755)]:
            with open(os.path.join(self.folder, file), "w", encoding="latin-1") as f:
                f.write(text)
            os.chmod(os.path.join(self.folder, file), rights)
        os.symlink("loop", os.path.join(self.folder, "loop"))

    def write(self, file, image):
        path = os.path.join(self.folder, file)
        contents = image.put_together(self.name, self.code, self.data)
        with open(path, "wb") as f:
            f.write(contents)
        os.chmod(path, 0o755)
        return contents

    def make(self, seed):
        """Writes the seed's file, and returns the name of what is executed."""
        kind, image = mutate.mutated(seed, "linker")
        contents = self.write(f"l{seed}" if kind == "linker" else str(seed), image)
        if kind == "linker":
            self.write(str(seed), mutate.Image("dynamic", f"l{seed}"))
        if image.is_of_guest():
            self.of_guest.add(str(seed))
        if image.goes_astray():
            self.astray.add(str(seed))
        if mutate.is_placed_by_chance(contents):
            self.by_chance.add(str(seed))
        if mutate.has_tandems_place(contents):
            self.in_tandems_place.add(str(seed))
        return str(seed)

    def forget(self, seed):
        for file in (f"{seed}", f"l{seed}", f"{seed}.err"):
            if os.path.exists(os.path.join(self.folder, file)):
                os.remove(os.path.join(self.folder, file))


def same(want, got, exact, by_chance, astray):
    """exact: by this guest's own program. Another's has other code where it goes astray."""
    if astray and not exact:
        return ("errno" in want or "errno" in got) <= (want == got)
    if (want, got) == (LATE_FILE, LATE) or by_chance and "errno" not in want and got.startswith("status "):
        return True
    if want == got or exact:
        return want == got
    return want.split()[0] == got.split()[0] == "signal"


def is_own_crash(answer, text):
    """Died by a signal before the guest began, and said nothing."""
    return answer.startswith("signal") and "entry " not in text and "tandem: " not in text


def complaint(want, inside, direct, exact, by_chance, astray):
    """What is wrong with tandem's answers, or None. want: the kernel's, or None; direct: None if not asked; by_chance,
    astray: see mutate.py."""
    answer, text = inside
    if is_own_crash(answer, text):
        return f"own crash: {answer}"
    if want is not None and not same(want, answer, exact, by_chance, astray):
        return f"{answer}, not {want}"
    if direct is None:
        return None
    shown, text = direct
    if is_own_crash(shown, text):
        return f"own crash from the command line: {shown}"
    if shown == answer:
        return None
    if shown not in ("status 126", "status 127") or not answer.startswith("errno") and answer != LATE:
        return f"{shown} from the command line, {answer} by execve"
    return None if "tandem: " in text else f"{shown} from the command line without a message"


class Fuzzer:
    def __init__(self, args, folder):
        self.args = args
        self.guest = Guest(args.guest, folder, args)
        self.exact = host.runs(args.guest)
        self.oracle = None
        if self.exact:
            self.oracle = self.guest
        elif host.is_x86_64() and args.guest != "i386":
            self.oracle = Guest("x86_64", folder, args)
        self.ends = collections.Counter()

    def wanted(self, seeds):
        """The kernel's answers, by name."""
        names = [str(s) for s in seeds]
        if not self.oracle or not kernel_judges():
            return dict.fromkeys(names)
        for s in seeds:
            self.oracle.make(s)
        return {n: answer for n, (answer, _) in zip(names, self.oracle.kernel.run(names))}

    def block(self, seeds):
        want = self.wanted(seeds)
        names = [self.guest.make(s) for s in seeds]
        if self.exact:
            names = [n for n in names if want[n] != FORBIDDEN]
        bad = []
        inside = self.guest.inside.run(names)
        shown = dict(zip(names[::self.args.direct], self.guest.direct.run(names[::self.args.direct])))
        for n, inside in zip(names, inside):
            direct = shown.get(n)
            self.ends[inside[0].split()[0]] += 1
            judged = want[n] != FORBIDDEN and (self.exact or n not in self.guest.of_guest)
            if n in self.guest.in_tandems_place and NO_PLACE in inside[1]:
                judged = False
            if n in self.guest.by_chance and BELOW_ZERO in inside[1]:
                judged = False
            wrong = complaint(want[n] if judged else None, inside, direct, self.exact, n in self.guest.by_chance,
                              n in self.guest.astray)
            if wrong:
                bad.append(int(n))
                said = {t for t in (inside[1] + (direct or inside)[1]).splitlines() if "tandem: " in t}
                print(f"seed {n}: {wrong}.", " | ".join(said), flush=True)
        for s in seeds:
            for g in {self.guest, self.oracle} - {None}:
                if not (self.args.keep and s in bad):
                    g.forget(s)
        return bad


def main():
    parser = by_kernel.parser(__doc__, count=50)
    parser.add_argument("--found", action="store_true", help="first the seeds that found something")
    parser.add_argument("--direct", metavar="N", type=int, default=1, help="of N files, try one from the command line")
    parser.add_argument("--keep", help="new folder in which the files of complaints stay")
    args = parser.parse_args()
    args.tandem = os.path.abspath(args.tandem)
    if by_kernel.lacking(args.guest):
        print(f"skipped: no {by_kernel.lacking(args.guest)}")
        return by_kernel.SKIPPED
    bad, begin = [], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        if args.keep:
            os.makedirs(args.keep)
        fuzzer = Fuzzer(args, args.keep or folder)
        bad += fuzzer.block(sorted(FOUND)) if args.found else []
        end = args.first + args.count
        for first in range(args.first, end, AT_ONCE):
            last = min(first + AT_ONCE, end)
            bad += fuzzer.block(range(first, last))
            if args.progress:
                print(f"{last - args.first} files, {len(bad)} bad, {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{args.guest}: {args.count} files, {len(bad)} complaints;", dict(fuzzer.ends))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
