#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures unmodified programs of Debian: natively, under qemu-user and under tandem, interleaved, outputs compared.

Native means the amd64 package of the same suite. Packages are unpacked below the results folder, once; inputs are made
there, too. After each run the results file is written: --resume goes on where an earlier call ended.
"""
import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

sys.dont_write_bytecode = True  # the tree stays clean

import baseline
import programs as progs
import real_inputs
import real_runs
import real_table
import report
from bench import ROOT, TANDEM_MODES, find_tandem, keep_out_of_git, say
from measure import geomean, median, run

HOST = "x86_64"  # the guest whose packages this machine runs itself
LOADER = "lib64/ld-linux-x86-64.so.2"
WARM = "--cache-dir"  # the option that mode cached needs


@dataclass(frozen=True)
class Mode:
    """What runs the program: native, emulator, tandem or baseline (a tandem), with these options."""
    runner: str
    options: tuple = ()
    warm: bool = False  # translations of an earlier run are there


BOTH = tuple(TANDEM_MODES["mixed"])
TIER1 = tuple(TANDEM_MODES["tier1"])
MODES = {
    "native": Mode("native"),
    "qemu": Mode("emulator"),
    "tier1": Mode("tandem", TIER1),
    "both": Mode("tandem", BOTH),
    "cached": Mode("tandem", BOTH, warm=True),
    "base-tier1": Mode("baseline", TIER1),
    "base-both": Mode("baseline", BOTH),
    "base-cached": Mode("baseline", BOTH, warm=True),
}
DEFAULT_MODES = "native,qemu,tier1,both,cached"
KINDS = tuple(dict.fromkeys(row.kind for row in real_table.ROWS))
GROUPS = {"all": KINDS} | {kind: (kind,) for kind in KINDS}
GUESTS = [name for name, guest in progs.GUESTS.items() if guest.debian]


class Place:
    """The results folder: unpacked packages by guest, inputs, what programs write."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.inputs, self.work = os.path.join(self.folder, "inputs"), os.path.join(self.folder, "work")
        for path in (self.inputs, self.work):
            os.makedirs(path, exist_ok=True)

    def fetch(self, guest):
        """Unpacks the packages for a guest unless they are there."""
        say(f"packages for {guest}")
        subprocess.run([os.path.join(ROOT, "spec-scripts/fetch_guest.sh"), os.path.join(self.folder, guest),
                        *real_table.packages()], check=True, stdout=sys.stderr,
                       env=os.environ | {"GUEST_ARCH": progs.GUESTS[guest].debian})

    def versions(self, guest):
        """{package: version}"""
        with open(os.path.join(self.folder, guest, "unpacked")) as f:
            names = [line.strip().removeprefix("./").split("_") for line in f.readlines()[1:]]
        return {name[0]: name[1].replace("%3a", ":") for name in names}

    def root(self, guest):
        return os.path.join(self.folder, guest, "root")

    def out(self, row):
        return os.path.join(self.work, row.name + ".out")

    def libraries(self, guest, row, root):
        base = f"{root}/usr/lib/{progs.GUESTS[guest].triplet}"
        return ":".join([base] + [f"{base}/{name}" for name in row.libs])

    def fill(self, text, row, guest):
        return (text.replace("{in}", self.inputs).replace("{out}", self.out(row)).replace("{root}", self.root(guest))
                .replace("{triplet}", progs.GUESTS[guest].triplet))

    def native(self, program, row=None):
        """The beginning of the command of a native program: its own loader and libraries."""
        root = self.root(HOST)
        libraries = self.libraries(HOST, row, root) if row else f"{root}/usr/lib/{progs.GUESTS[HOST].triplet}"
        return [os.path.join(root, LOADER), "--library-path", libraries, os.path.join(root, program)]

    def command(self, row, mode, length, guest, binaries):
        program, *words = row.words(length)
        if mode.runner == "native":
            return self.native(program, row) + [self.fill(word, row, HOST) for word in words]
        options = list(mode.options) + ([f"{WARM}={self.cache(row, mode, guest)}", "--cache=1"] if mode.warm else [])
        libraries = ["-E", "LD_LIBRARY_PATH=" + self.libraries(guest, row, "")] if row.libs else []
        root = self.root(guest)
        return [binaries[mode.runner], *options, "-L", root, *libraries, os.path.join(root, program),
                *(self.fill(word, row, guest) for word in words)]

    def cache(self, row, mode, guest):
        return os.path.join(self.folder, "cache", mode.runner, guest, row.name)

    def environment(self, row, guest):
        own = {name: self.fill(value, row, guest) for name, value in row.env.items()}
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": self.work, "TMPDIR": self.work,
                "TANDEM_CACHE": "0"} | own


class Measurer:
    """measure(row, mode name) -> Run with the output that counts."""

    def __init__(self, place, args, binaries):
        self.place, self.args, self.binaries, self.warmed = place, args, binaries, set()

    def measure(self, row, name):
        mode = MODES[name]
        if mode.warm and (row.name, name) not in self.warmed:
            os.makedirs(self.place.cache(row, mode, self.args.guest), exist_ok=True)
            self._once(row, mode)
            self.warmed.add((row.name, name))
        return self._once(row, mode)

    def _once(self, row, mode):
        guest = HOST if mode.runner == "native" else self.args.guest
        out = self.place.out(row)
        if os.path.exists(out):
            os.remove(out)
        result = run(self.place.command(row, mode, self.args.length, guest, self.binaries), timeout=self.args.timeout,
                     env=self.place.environment(row, guest))
        if os.path.exists(out):
            with open(out, "rb") as f:
                result.output += f.read()
            os.remove(out)
        return result


def knows_cache(binary):
    """Can this tandem keep translations for the next run?"""
    text = subprocess.run([binary, "--help"], capture_output=True, text=True, check=False).stdout
    return re.search(re.escape(WARM) + r"\b", text) is not None


def choose_modes(wanted, binaries, knows):
    """The modes of wanted that can be run; the others are left out with a word. binaries: {runner: path or None};
    knows(binary): has it a cache?"""
    chosen = []
    for name in wanted:
        if name not in MODES:
            raise SystemExit(f"real: no such mode: {name} ({', '.join(MODES)})")
        mode = MODES[name]
        binary = binaries.get(mode.runner)
        if mode.runner != "native" and not binary:
            print(f"real: {name} left out: no {mode.runner}", file=sys.stderr)
        elif mode.warm and not knows(binary):
            print(f"real: {name} left out: {binary} has no {WARM}", file=sys.stderr)
        else:
            chosen.append(name)
    if not chosen:
        raise SystemExit("real: nothing is left to measure")
    return chosen


def digest(path):
    if not path:
        return None
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def spread_text(results):
    """How far the runs of a program lie apart, as a part of their median."""
    lines = []
    for mode in results["modes"]:
        walls = [p["modes"][mode]["walls"] for p in results["programs"] if mode in p["modes"]]
        parts = [(max(w) - min(w)) / max(median(w), 1e-4) for w in walls if len(w) > 1]
        if parts:
            lines.append(f"spread {mode:<12}{median(parts):7.1%} (median of programs), {max(parts):.1%} (worst)")
    return "\n".join(lines)


def baseline_figures(results):
    """Ratios new/baseline for baseline.text."""
    times = {}
    for mode in ("tier1", "both", "cached"):
        ratios = {key: geomean(baseline.ratios(results, mode, "base-" + mode, None, key)) for key in ("walls", "cpus")}
        if ratios["walls"]:
            times[mode] = ratios
    return {"times": times, "translation": {}}


def report_all(rows, modes, store):
    """Prints what there is so far; the number of wrong runs."""
    programs, wrong = real_runs.summarize(rows, modes, store)
    for p in programs:
        report.add_slowdowns(p["modes"])
    results = {"modes": modes, "programs": [p for p in programs if p["modes"]]}
    report.add_geomeans(results, GROUPS)
    for r in wrong:
        print(f"real: {r['program']} under {r['mode']}: status {r['status']}, {r['size']} bytes, "
              f"ends {r['tail']!r}", file=sys.stderr)
    print(report.table(results))
    print(spread_text(results))
    figures = baseline_figures(results)
    if figures["times"]:
        print("\n" + baseline.text(figures))
    store.save(results=results, baseline=figures["times"])
    return len(wrong)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guest", choices=GUESTS, default="riscv64", help="whose packages (default riscv64)")
    parser.add_argument("--length", choices=real_table.LENGTHS, default="2",
                        help="about so many seconds natively (default 2)")
    parser.add_argument("--modes", default=DEFAULT_MODES, help=f"of {','.join(MODES)} (default {DEFAULT_MODES})")
    parser.add_argument("--runs", "-n", type=int, default=3, help="repetitions (default 3)")
    parser.add_argument("--only", help="program names, comma-separated")
    parser.add_argument("--tandem", help="the tandem binary (default: $TANDEM or build/default/tandem)")
    parser.add_argument("--baseline", metavar="BINARY", help="another tandem, measured in modes base-*; prints the "
                        "ratios new/baseline")
    parser.add_argument("--dir", default=os.path.join(ROOT, "build/real"),
                        help="where packages, inputs and results lie (default build/real)")
    parser.add_argument("--json", metavar="FILE", help="the results file (default DIR/GUEST-LENGTH.json; one that is "
                        "there becomes FILE.old)")
    parser.add_argument("--resume", action="store_true", help="measure only what the results file lacks")
    parser.add_argument("--timeout", type=float, help="seconds for one run (default 120 and 60 times the length)")
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    args = parser.parse_args()
    args.timeout = args.timeout or 120 + 60 * float(args.length)
    return args


def list_rows(rows):
    for row in rows:
        print(f"{row.name:<12}{row.kind:<13}{row.packages}\n    {row.argv[:110]}\n    n = {row.sizes}, {row.compare}")
    return 0


def prepare(place, rows, args, modes):
    """Packages and inputs. Inputs are made with native programs: those packages are always needed."""
    for guest in dict.fromkeys([HOST] + ([args.guest] if modes != ["native"] else [])):
        place.fetch(guest)
    for row in rows:
        for name in row.inputs(args.length):
            say(f"input {name}")
            real_inputs.make(name, place.inputs, place)
    ours, theirs = place.versions(HOST), place.versions(args.guest)
    differ = [f"{n} {ours[n]} {theirs[n]}" for n in real_table.packages() if n in theirs and ours[n] != theirs[n]]
    if differ:
        print(f"real: other versions natively and for {args.guest}: {'; '.join(differ)}", file=sys.stderr)


def main():
    args = parse_arguments()
    rows = real_table.choose(args.only)
    if args.list:
        return list_rows(rows)
    keep_out_of_git(args.dir)
    binaries = {"emulator": shutil.which(progs.GUESTS[args.guest].emulator), "tandem": find_tandem(args.tandem),
                "baseline": baseline.find(args.baseline) if args.baseline else None}
    wanted = args.modes.split(",")
    if args.baseline:
        wanted += ["base-" + m for m in wanted if "base-" + m in MODES]
    modes = choose_modes(wanted, binaries, knows_cache)
    place = Place(args.dir)
    path = args.json or os.path.join(place.folder, f"{args.guest}-{args.length}.json")
    store = real_runs.Store(path, {"guest": args.guest, "length": args.length, "tandem": digest(binaries["tandem"]),
                                   "baseline": digest(binaries["baseline"])}, args.resume)
    prepare(place, rows, args, modes)
    try:
        real_runs.measure_all(rows, modes, store, args.runs, args.length, Measurer(place, args, binaries).measure, say)
        say("\n")
    except KeyboardInterrupt:
        print(f"\nreal: stopped; --resume goes on with {path}", file=sys.stderr)
        report_all(rows, modes, store)
        return 130
    return 1 if report_all(rows, modes, store) else 0


if __name__ == "__main__":
    sys.exit(main())
