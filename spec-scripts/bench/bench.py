#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures programs natively, under qemu-user and under tandem, all modes interleaved in one run.

Every output is compared with the native one. Wall time and CPU time (user and system, all threads) are medians.
"""
import argparse
import json
import os
import platform
import shutil
import sys
import time

sys.dont_write_bytecode = True  # the tree stays clean

import baseline
import extras
import fp_cost
import programs as progs
import report
from measure import run

ROOT = os.path.dirname(os.path.dirname(progs.HERE))
TANDEM_MODES = {
    "interp": ["--tier=interp"],
    "tier1": ["--tier=1"],
    "tier2": ["--tier=2"],
    "mixed": ["--tier=mixed"],
    "tier1-fast": ["--tier=1", "--fp=fast"],
    "mixed-fast": ["--tier=mixed", "--fp=fast"],
    "sync": ["--tier=mixed", "--opt-threads=0"],
}
DEFAULT_MODES = "native,qemu,tier1,mixed"
FP_COST_MODES = "native,qemu,tier1,tier1-fast,mixed,mixed-fast"
FP_CLASSES = ("fp", "fpenv")


def say(text):
    """Progress goes to stderr: one line that is overwritten on a terminal."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def find_tandem(given):
    for path in (given, os.environ.get("TANDEM"), os.path.join(ROOT, "build/default/tandem")):
        if path and os.access(path, os.X_OK):
            return os.path.abspath(path)
    return None


def make_modes(args, tandem):
    """name -> function(program) giving the command without size argument; says which modes are left out, and why."""
    modes = {}
    guest = progs.GUESTS[args.guest]
    extra = dict(m.split("=", 1) for m in args.mode)
    for name in args.modes.split(",") + list(extra):
        if name == "native" and (guest.can_build() or not guest.on_host):
            modes[name] = lambda p: [p.native]
        elif not guest.can_build():
            print(f"bench: {name} left out: no {guest.compiler}", file=sys.stderr)
        elif name == "qemu":
            if shutil.which(guest.emulator):
                modes[name] = lambda p: [guest.emulator, p.guest]
            else:
                print(f"bench: qemu left out: no {guest.emulator}", file=sys.stderr)
        elif name in extra:
            modes[name] = lambda p, words=extra[name].split(): [*words, p.guest]
        elif name in baseline.MODES:
            options = TANDEM_MODES[baseline.MODES[name]]
            modes[name] = lambda p, options=options: [args.baseline, *options, p.guest]
        elif name not in TANDEM_MODES:
            raise SystemExit(f"bench: no such mode: {name} (native, qemu, {', '.join(TANDEM_MODES)})")
        elif tandem:
            modes[name] = lambda p, options=TANDEM_MODES[name]: [tandem, *options, p.guest]
        else:
            print(f"bench: {name} left out: no tandem (build it, or set TANDEM)", file=sys.stderr)
    return modes


def leave_out_native(modes, program, guest):
    """Takes mode native out, with a message, where this machine does not run the guest's programs."""
    try:
        if "native" in modes:
            run(modes["native"](program) + [program.quick])
    except OSError as e:
        del modes["native"]
        instead = next(iter(modes), None)
        print(f"bench: native left out: this machine does not run programs for {guest} ({e.strerror})" +
              (f"; slowdowns are against {instead}" if instead else ""), file=sys.stderr)
    if not modes:
        raise SystemExit("bench: nothing is left to measure")


def measure_programs(programs, modes, args):
    """All modes of all programs, repetition by repetition, so that a disturbance hits every mode alike."""
    runs = {p.name: {m: [] for m in modes} for p in programs}
    def wanted(p, m, repetition):
        return not args.fp_cost or fp_cost.wanted(p.kind, m, repetition)

    done, total = 0, sum(wanted(p, m, r) for p in programs for m in modes for r in range(args.runs))
    for repetition in range(args.runs):
        for p in programs:
            for m, command in modes.items():
                if not wanted(p, m, repetition):
                    continue
                done += 1
                say(f"[{done}/{total}] run {repetition + 1}: {p.name} {m}")
                size = [p.quick] if args.quick else []
                runs[p.name][m].append(run(command(p) + size, timeout=args.timeout))
    return runs


def summarize(programs, modes, runs):
    """Medians, slowdowns and correctness; returns (results, number of wrong program/mode pairs)."""
    out, wrong = [], 0
    judge = next((m for m in ("native", "qemu") if m in modes), next(iter(modes)))
    for p in programs:
        by_mode = {}
        expected = next((r.output for r in runs[p.name][judge] if r.status == 0), None)
        for m in modes:
            rs = runs[p.name][m]
            if not rs:
                continue
            ok = all(r.status == 0 and (expected is None or r.output == expected) for r in rs)
            if not ok:
                wrong += 1
                bad = next(r for r in rs if r.status != 0 or r.output != expected)
                print(f"bench: {p.name} under {m}: status {bad.status}, output {bad.output[-300:]!r}", file=sys.stderr)
            by_mode[m] = report.entry(rs, ok)
        report.add_slowdowns(by_mode)
        out.append({"name": p.name, "class": p.kind, "text": p.text, "modes": by_mode})
    results = {"modes": list(modes), "programs": out}
    report.add_geomeans(results)
    return results, wrong


def measure_extras(modes, tandem, args, everything):
    by_name = {p.name: p for p in everything}
    say("start-up, scaling, contention, translation speed")
    quick = args.quick
    swift = {name: command for name, command in modes.items() if name not in ("interp", "tier2")}
    extra = {
        "startup": extras.startup(by_name["hello"], modes, 3 if quick else 21, args.build_dir),
        "scaling": extras.scaling(by_name["psum"], swift, args.runs, "1000" if quick else "8000"),
        "contention": extras.contention(by_name["contend"], swift, args.runs, "20000" if quick else "3000000"),
    }
    if tandem and progs.GUESTS[args.guest].can_build():
        extra["translation"] = extras.translation_speed(everything, tandem)
    return extra


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guest", choices=progs.GUESTS, default="riscv64",
                        help="the guest's instruction set (default riscv64); one that this machine runs is compared "
                             "with itself")
    parser.add_argument("--tandem", help="the tandem binary (default: $TANDEM or build/default/tandem)")
    parser.add_argument("--modes", default=DEFAULT_MODES,
                        help=f"of native,qemu,{','.join(TANDEM_MODES)} (default {DEFAULT_MODES})")
    parser.add_argument("--mode", action="append", default=[], metavar="NAME=COMMAND",
                        help="one more mode: COMMAND with the guest program as its last argument")
    parser.add_argument("--baseline", metavar="BINARY",
                        help="another tandem, of an earlier commit: measured in modes base-tier1 and base-mixed; "
                             "prints the ratios new/baseline")
    parser.add_argument("--runs", "-n", type=int, default=3, help="repetitions (default 3)")
    parser.add_argument("--only", help="program names, comma-separated")
    parser.add_argument("--fp-cost", action="store_true",
                        help="what exact floating point costs: the FP programs exact and with --fp=fast, in both tiers")
    parser.add_argument("--quick", action="store_true", help="small sizes: checks outputs, measures little")
    parser.add_argument("--no-extras", action="store_true", help="the table only: no start-up, scaling, contention")
    parser.add_argument("--timeout", type=float, default=300, help="seconds for one run (default 300)")
    parser.add_argument("--build-dir", default=os.path.join(ROOT, "build/bench"), help="where the programs are built")
    parser.add_argument("--json", metavar="FILE", help="write all figures there")
    parser.add_argument("--svg", metavar="FILE", help="draw the slowdowns there")
    parser.add_argument("--list", action="store_true", help="say what there is, and end")
    args = parser.parse_args()
    if args.fp_cost:
        args.modes, args.no_extras = FP_COST_MODES, True
    if args.baseline:
        args.baseline = baseline.find(args.baseline)
        args.modes += "".join(f",{m}" for m in baseline.MODES)
    return args


def keep_out_of_git(directory):
    """A build folder inside the tree is not to be seen by git; the tree itself has no .gitignore."""
    top = os.path.join(ROOT, "build")
    if os.path.commonpath([top, os.path.abspath(directory)]) == top:
        os.makedirs(top, exist_ok=True)
        with open(os.path.join(top, ".gitignore"), "w") as f:
            f.write("*\n")


def main():
    args = parse_arguments()
    os.environ.setdefault("TANDEM_CACHE", "0")  # each run compiles what it needs; real.py measures what a cache saves
    everything = progs.discover()
    if args.list:
        for p in everything:
            print(f"{p.name:<11}{p.kind:<9}{p.text}")
        return 0
    chosen = progs.discover(set(args.only.split(",")) if args.only else None)
    chosen = [p for p in chosen if p.kind != "startup" or args.only]
    if args.fp_cost:
        chosen = [p for p in chosen if p.kind in FP_CLASSES]
    tandem = find_tandem(args.tandem)
    modes = make_modes(args, tandem)
    keep_out_of_git(args.build_dir)
    wanted = {p.name: p for p in everything} | {p.name: p for p in chosen}
    progs.build(chosen if args.no_extras else list(wanted.values()), args.guest, args.build_dir, say)
    leave_out_native(modes, chosen[0], args.guest)
    start = time.time()
    results, wrong = summarize(chosen, modes, measure_programs(chosen, modes, args))
    results["machine"] = {"system": platform.platform(), "cpus": os.cpu_count(), "guest": args.guest, "runs": args.runs,
                          "quick": args.quick}
    if not args.no_extras:
        results["extras"] = measure_extras(modes, tandem, args, list(wanted.values()))
    say(f"measured in {time.time() - start:.0f} s\n")
    print(report.table(results))
    if fp_cost.pairs(results["modes"]):
        results["fp_cost"] = fp_cost.compute(results)
        print("\n" + fp_cost.text(results["fp_cost"]))
    if not args.no_extras:
        print("\n" + extras.text(results["extras"]))
    if args.baseline and tandem:
        say("translation, new and baseline")
        results["baseline"] = {"times": baseline.compute(results),
                               "translation": baseline.translation(chosen, tandem, args.baseline)}
        print("\n" + baseline.text(results["baseline"]))
    if args.json:
        with open(args.json, "w") as f:
            json.dump(results, f, indent=1)
    if args.svg:
        with open(args.svg, "w") as f:
            f.write(report.svg(results))
    if wrong:
        print(f"bench: {wrong} wrong or failed", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
