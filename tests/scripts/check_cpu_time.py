#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that --stats accounts for the CPU time that a process has used.

Each case runs the guest program cpu_time one way. The times of the account add up to the process's CPU time, what the
kernel says to the parent is no more, and most of the time is where the case spends it.
"""
import argparse
import json
import os
import subprocess
import sys

PART = 0.03  # of the CPU time may be missing, or be in no thread's account
GUEST = ["time_tier1_ns", "time_tier2_ns", "time_interp_ns", "time_helper_ns", "time_lookup_ns", "time_translate_ns",
         "time_system_ns"]
TIER2 = ["llvm_load_ns", "region_select_ns", "llvm_emit_ns", "llvm_optimize_ns", "llvm_codegen_ns", "link_ns",
         "time_queue_ns"]
OTHER = ["time_start_ns", "time_ticker_ns", "time_cache_ns"]
CODE = ["time_tier1_ns", "time_tier2_ns"]
# (what the program does, options of tandem, processes, names of times, least share of the CPU time that they have; each
# block that is interpreted is looked up)
CASES = [
    ("compute", ["--tier=1"], 1, ["time_tier1_ns"], 0.8),
    ("compute", ["--tier=2"], 1, TIER2, 0.5),
    ("compute", ["--tier=interp"], 1, ["time_interp_ns", "time_lookup_ns"], 0.8),
    ("compute", [], 1, CODE, 0.5),
    ("compute", ["--hot-threshold=1", "--opt-threads=2"], 1, TIER2, 0.1),
    ("calls", ["--tier=1"], 1, ["time_system_ns"], 0.8),
    ("threads", [], 1, CODE, 0.5),
    ("fork", [], 2, CODE, 0.5),
    ("exec", ["--tier=1"], 1, ["time_start_ns"], 0.4),
]


def run(tandem, options, program, how):
    """(accounts of all processes, CPU seconds that the kernel counted)"""
    before = os.times()
    done = subprocess.run([tandem, "--stats=json", *options, program, how], stderr=subprocess.PIPE, text=True,
                          timeout=120)
    after = os.times()
    if done.returncode:
        raise SystemExit(f"{how}: status {done.returncode}: {done.stderr}")
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")], seconds


def complaints(case, accounts, seconds):
    _, _, processes, names, share = case
    if len(accounts) != processes:
        yield f"{len(accounts)} accounts"
    total = sum(a["cpu_ms"] for a in accounts) / 1e3
    if abs(total - seconds) > PART * seconds + 0.02:  # os.times counts in hundredths
        yield f"CPU time {total:.3f} s, the kernel says {seconds:.3f} s"
    for a in accounts:
        times = {name: a[name] / 1e6 for name in [*OTHER, *GUEST, *TIER2]}
        known = sum(times.values())
        if abs(a["cpu_ms"] - known) > PART * a["cpu_ms"]:
            yield f"{known:.1f} ms of {a['cpu_ms']:.1f} ms are known: {times}"
        if abs(a["cpu_ms"] - known - a["time_other_ns"] / 1e6) > PART * a["cpu_ms"]:
            yield f"everything else is {a['time_other_ns'] / 1e6:.1f} ms"
        part = sum(times[name] for name in names) / a["cpu_ms"]
        if part < share:
            yield f"{' + '.join(names)}: {part:.2f} of the CPU time: {times}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tandem", required=True)
    parser.add_argument("--program", required=True, help="the guest program cpu_time")
    args = parser.parse_args()
    failed = 0
    for case in CASES:
        found = list(complaints(case, *run(os.path.abspath(args.tandem), case[1], args.program, case[0])))
        print("FAILED" if found else "ok    ", case[0], *case[1], *[f"\n  {c}" for c in found])
        failed += bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
