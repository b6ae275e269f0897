#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs unmodified Debian programs in roots of packages, natively and under tandem, and compares what they say.

Rows are scripts (rows.py); --list names them. A row passes in a mode if output and status are those of the native run
of the same version: of the guest's own root where this machine runs it, else of amd64's. Each run has namespaces of
its own (spec-scripts/enter_root.py): nothing that it begins outlives it, what it writes is gone, ports are free.
Without packages (a call with --fetch gets them, with --configure it also runs their scripts), or where this machine
allows no namespaces: 77 (skipped).
"""
import argparse
import concurrent.futures
import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True  # the tree stays clean
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests/scripts"))

import host
import rows as table

SCRIPTS = os.path.join(TOP, "spec-scripts")
SKIPPED, CANNOT = 77, 125
DEBIAN = {"riscv64": "riscv64", "aarch64": "arm64", "x86_64": "amd64", "i386": "i386"}
MODES = {
    "tier1": ["--tier=1", "--cache=0"],
    "both": ["--cache=0"],
    "threshold1": ["--tier=mixed", "--hot-threshold=1", "--cache=0"],
    "cached": ["--cache=1", "--cache-dir=/cache"],
}
NATIVE_TIMEOUT = 300
THRESHOLD1 = 3  # as much longer as the others
KEPT = 4000  # bytes of output and messages that the results file has


class Runner:
    """Runs rows in the roots of one folder; keeps the results of native runs."""

    def __init__(self, args):
        self.args, self.lock, self.locks, self.natives = args, threading.Lock(), {}, {}

    def root(self, guest):
        return os.path.join(self.args.dir, DEBIAN[guest], "root")

    def native_guest(self):
        return self.args.guest if host.runs(self.args.guest) else "x86_64"

    def once(self, row, guest, options, cache=None):
        """(status or None, output, messages, seconds); options: of tandem, None: natively."""
        command = [os.path.join(SCRIPTS, "enter_root.py"), "--bind", f"{os.path.dirname(row.path)}=row"]
        if options is not None:
            command += ["--tandem", self.args.tandem] + [f"--option={o}" for o in options]
        if cache:
            command += ["--bind", f"{cache}=cache"]
        timeout = NATIVE_TIMEOUT if options is None else row.timeout * (THRESHOLD1 if MODES["threshold1"] == options
                                                                        else 1)
        command += [self.root(guest), "/bin/sh", f"/row/{row.name}.sh"]
        start = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
            try:
                status = child.wait(timeout)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                if child.returncode is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
            seconds = time.monotonic() - start
            texts = []
            for f in (out, err):
                f.seek(0)
                texts.append(f.read().decode(errors="replace"))
        return (status, *texts, seconds)

    def native(self, row):
        """What once() gave natively; whoever asks first runs it."""
        with self.lock:
            lock = self.locks.setdefault(row.name, threading.Lock())
        with lock:
            if row.name not in self.natives:
                self.natives[row.name] = self.once(row, self.native_guest(), None)
            return self.natives[row.name]

    def judge(self, row, mode):
        """The record of one row in one mode."""
        right = self.native(row)
        record = {"row": row.name, "kind": row.kind, "guest": self.args.guest, "mode": mode,
                  "native_seconds": round(right[3], 2)}
        if right[0] != 0 or not right[1].strip():
            return record | {"result": "no judge", "status": right[0], "output": right[1][-KEPT:],
                             "messages": right[2][-KEPT:]}
        cache = tempfile.mkdtemp(prefix="tandem-programs-") if mode == "cached" else None
        try:
            for _ in range(2 if cache else 1):
                got = self.once(row, self.args.guest, MODES[mode], cache)
                if got[:2] != right[:2]:
                    break
        finally:
            if cache:
                shutil.rmtree(cache, ignore_errors=True)
        same = got[:2] == right[:2]
        record |= {"result": "ok" if same else "timeout" if got[0] is None else "FAILED", "status": got[0],
                   "seconds": round(got[3], 2)}
        if not same:
            record |= {"output": got[1][-KEPT:], "messages": got[2][-KEPT:], "difference": difference(right[1], got[1])}
        return record


def difference(right, got):
    lines = difflib.unified_diff(right.splitlines(), got.splitlines(), "native", "tandem", lineterm="", n=1)
    return "\n".join(lines)[:KEPT]


def summary(records, modes, rows):
    """A line for each kind with the rows that passed in each mode, and the names of those that did not."""
    by_key = {(r["row"], r["mode"]): r["result"] for r in records}
    lines = [f"{'':<12}" + "".join(f"{mode:>14}" for mode in modes)]
    kinds = dict.fromkeys(row.kind for row in rows)
    for kind in [*kinds, "all"]:
        cells = []
        for mode in modes:
            results = [by_key.get((row.name, mode)) for row in rows if kind in ("all", row.kind)]
            results = [r for r in results if r]
            cells.append(f"{results.count('ok')}/{len(results)}")
        lines.append(f"{kind:<12}" + "".join(f"{cell:>14}" for cell in cells))
    for row in rows:
        bad = [f"{mode}: {by_key[row.name, mode]}" for mode in modes if by_key.get((row.name, mode), "ok") != "ok"]
        if bad:
            lines.append(f"  {row.name}: {', '.join(bad)}")
    return "\n".join(lines)


def save(path, records):
    with open(path + ".new", "w") as f:
        json.dump(records, f, indent=1)
    os.replace(path + ".new", path)


def show(record, done, total, verbose):
    print(f"[{done}/{total}] {record['row']:<16}{record['mode']:<12}{record['result']:<9}"
          f"{record.get('seconds', 0):7.1f} s (natively {record['native_seconds']:.1f} s)", flush=True)
    if record["result"] != "ok" and verbose:
        for name in ("difference", "output", "messages"):
            if record.get(name):
                print("    " + record[name][-1500:].replace("\n", "\n    "))


def fetch(args, rows):
    """Makes the roots of this guest and of the judge."""
    for guest in dict.fromkeys((args.guest, args.guest if host.runs(args.guest) else "x86_64")):
        options = ["--configure"] if args.configure else []
        subprocess.run([os.path.join(SCRIPTS, "root.sh"), *options,
                        *(["--tandem", args.tandem] if guest != "x86_64" else []), DEBIAN[guest],
                        os.path.join(args.dir, DEBIAN[guest]), *table.packages(rows)], check=True)
    return 0


def may_enter(args, guest):
    """Does this machine let us run something in the root? If not, why."""
    root = os.path.join(args.dir, DEBIAN[guest], "root")
    if not os.path.exists(os.path.join(root, "usr/bin/sh")):
        return f"no {root} (--fetch makes it)"
    tandem = ["--tandem", args.tandem] if guest == args.guest else []
    done = subprocess.run([os.path.join(SCRIPTS, "enter_root.py"), *tandem, root, "/bin/sh", "-c", "exit 3"],
                          capture_output=True, text=True, check=False)
    return None if done.returncode == 3 else f"cannot run programs in {root}: {done.stderr.strip()}"


def choose(args):
    rows = [row for row in table.load() if args.guest in row.guests]
    if args.subset:
        rows = [row for row in rows if row.subset]
    if args.only:
        wanted = args.only.split(",")
        unknown = set(wanted) - {row.name for row in rows} - {row.kind for row in rows}
        if unknown:
            raise SystemExit(f"run.py: no row or kind for {args.guest}: {', '.join(sorted(unknown))}")
        rows = [row for row in rows if row.name in wanted or row.kind in wanted]
    return rows


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guest", choices=DEBIAN, default="riscv64", help="whose programs (default riscv64)")
    parser.add_argument("--modes", default=",".join(MODES), help=f"of {','.join(MODES)} (default all)")
    parser.add_argument("--only", help="rows or kinds, comma-separated")
    parser.add_argument("--subset", action="store_true", help="only the small rows that every run of the tests has")
    parser.add_argument("--jobs", type=int, default=1, help="runs at the same time (default 1)")
    parser.add_argument("--tandem", default=os.path.join(TOP, "build/default/tandem"))
    parser.add_argument("--dir", default=os.path.join(TOP, "build/programs"),
                        help="where the roots lie (default build/programs)")
    parser.add_argument("--json", metavar="FILE", help="results, after each run (default DIR/GUEST.json)")
    parser.add_argument("--resume", action="store_true", help="keep what the results file has as ok; run the rest")
    parser.add_argument("--fetch", action="store_true", help="get the packages (all: 4 GB a guest), and end")
    parser.add_argument("--configure", action="store_true", help="with --fetch: run the packages' own scripts, too")
    parser.add_argument("--list", action="store_true", help="say which rows there are, and end")
    parser.add_argument("--verbose", "-v", action="store_true", help="show how outputs differ")
    args = parser.parse_args()
    args.tandem, args.dir = os.path.abspath(args.tandem), os.path.abspath(args.dir)
    args.json = args.json or os.path.join(args.dir, args.guest + ".json")
    args.modes = args.modes.split(",")
    if set(args.modes) - set(MODES):
        parser.error(f"no such mode: {', '.join(set(args.modes) - set(MODES))}")
    return args


def run_all(args, rows):
    """The records of all rows in all modes; each is in the results file once it is known."""
    records = []
    if args.resume and os.path.exists(args.json):
        with open(args.json) as f:
            records = [r for r in json.load(f) if r["result"] == "ok"]
    there = {(r["row"], r["mode"]) for r in records}
    jobs = [(row, mode) for row in rows for mode in args.modes if (row.name, mode) not in there]
    runner = Runner(args)
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        futures = [pool.submit(runner.judge, row, mode) for row, mode in jobs]
        for done, future in enumerate(concurrent.futures.as_completed(futures), 1):
            record = future.result()
            records.append(record)
            save(args.json, records)
            show(record, done, len(jobs), args.verbose)
    return records


def main():
    args = parse_arguments()
    rows = choose(args)
    if args.list:
        for row in rows:
            print(f"{row.kind:<12}{row.name:<16}{' '.join(row.packages)}\n    {row.about}")
        return 0
    if args.fetch:
        return fetch(args, rows)
    for guest in dict.fromkeys((args.guest, args.guest if host.runs(args.guest) else "x86_64")):
        reason = may_enter(args, guest)
        if reason:
            print(f"skipped: {reason}")
            return SKIPPED
    records = run_all(args, rows)
    print(summary(records, args.modes, rows))
    names = {row.name for row in rows}
    return 1 if any(r["result"] != "ok" for r in records if r["row"] in names) else 0


if __name__ == "__main__":
    sys.exit(main())
