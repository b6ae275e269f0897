# SPDX-License-Identifier: Apache-2.0
"""The runs of real.py: kept in a file from which a later call goes on, judged by their outputs, and how long they will
still take.

A run is a record {"program", "mode", "run", "command", "wall", "cpu", "rss_kb", "status", "size", "digest", "tail"}.
Of the output that counts it keeps length and digest.
"""
import hashlib
import json
import os
import re

from measure import Run, geomean
from report import entry

NEAR = 0.02  # lengths of outputs that are natively rounded in another way
FIRST_GUESS = {"native": 1.0, "qemu": 7.0}  # times native, until it is measured
GUESS = 2.5


class Store:
    """Records of one results file; settings are what all of them have in common."""

    def __init__(self, path, settings, resume):
        self.path, self.settings, self.records = path, settings, []
        if os.path.exists(path):
            if resume:
                self._read()
            else:
                os.replace(path, path + ".old")

    def _read(self):
        with open(self.path) as f:
            old = json.load(f)
        other = [key for key, value in self.settings.items() if old["settings"].get(key) != value]
        if other:
            raise SystemExit(f"real: --resume: {self.path} was measured with another {', '.join(other)}")
        self.records = old["records"]

    def has(self, program, mode, run, command):
        """Was this measured, with the same command line?"""
        return any((r["program"], r["mode"], r["run"], r["command"]) == (program, mode, run, command)
                   for r in self.records)

    def add(self, record):
        """Keeps the record; whatever happens next, the file has it."""
        key = ("program", "mode", "run")
        self.records = [r for r in self.records if any(r[k] != record[k] for k in key)] + [record]
        self.save()

    def save(self, **more):
        fresh = self.path + ".new"
        with open(fresh, "w") as f:
            json.dump({"settings": self.settings, "records": self.records} | more, f, indent=1)
        os.replace(fresh, self.path)

    def of(self, program, mode):
        return [r for r in self.records if r["program"] == program and r["mode"] == mode]


def make_record(row, mode, number, command, run):
    """run: what measure.run gave, with the output that counts."""
    output = run.output
    if row.keep:
        output = b"\n".join(line for line in output.splitlines() if re.search(row.keep.encode(), line))
    if row.compare == "sorted":
        output = b"\n".join(sorted(output.splitlines()))
    return {"program": row.name, "mode": mode, "run": number, "command": command, "wall": round(run.wall, 4),
            "cpu": round(run.cpu, 4), "rss_kb": run.rss_kb, "status": run.status, "size": len(output),
            "digest": hashlib.sha256(output).hexdigest(), "tail": run.output[-200:].decode(errors="replace")}


def is_right(row, record, native, guest):
    """native, guest: the first record that a run without a translator and one with a translator gave, or None."""
    if record["status"] != row.status or not record["size"]:
        return False
    if row.compare != "near":
        return record["digest"] == (native or guest)["digest"]
    if record["mode"] == "native":
        return record["digest"] == native["digest"]
    close = not native or abs(record["size"] - native["size"]) <= NEAR * native["size"]
    return close and record["digest"] == guest["digest"]


def _first(store, row, modes):
    return next((r for m in modes for r in store.of(row.name, m) if r["status"] == row.status), None)


def summarize(rows, modes, store):
    """(programs as report.py wants them, the wrong records)"""
    programs, wrong = [], []
    for row in rows:
        native = _first(store, row, [m for m in modes if m == "native"])
        guest = _first(store, row, [m for m in modes if m != "native"])
        by_mode = {}
        for mode in modes:
            records = store.of(row.name, mode)
            bad = [r for r in records if not is_right(row, r, native, guest)]
            wrong += bad
            if records:
                runs = [Run(r["wall"], r["cpu"], r["rss_kb"], r["status"], b"") for r in records]
                by_mode[mode] = entry(runs, not bad)
        programs.append({"name": row.name, "class": row.kind, "text": row.argv, "modes": by_mode})
    return programs, wrong


class Clock:
    """How long the runs that are left will take: native seconds of a program times what the mode costs so far."""

    def __init__(self, store, length):
        self.store, self.length = store, float(length)

    def _native(self, program):
        walls = [r["wall"] for r in self.store.of(program, "native")]
        return min(walls) if walls else self.length

    def left(self, jobs):
        """Seconds for jobs (row, mode, number)."""
        factors = {}
        for mode in {mode for _, mode, _ in jobs}:
            done = [r for r in self.store.records if r["mode"] == mode]
            factors[mode] = (geomean(r["wall"] / self._native(r["program"]) for r in done) or
                             FIRST_GUESS.get(mode, GUESS))
        return sum(self._native(row.name) * factors[mode] for row, mode, _ in jobs)


def minutes(seconds):
    """90 -> 1:30"""
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def measure_all(rows, modes, store, runs, length, measure_one, say):
    """Runs what the store does not have yet: all modes of a program after one another, then the next program, then all
    again. measure_one(row, mode) gives a measure.Run."""
    commands = {row.name: row.words(length) for row in rows}
    every = [(row, mode, number) for number in range(runs) for row in rows for mode in modes]
    jobs = [(row, mode, n) for row, mode, n in every if not store.has(row.name, mode, n, commands[row.name])]
    clock = Clock(store, length)
    for done, (row, mode, number) in enumerate(jobs):
        say(f"[{len(every) - len(jobs) + done + 1}/{len(every)}] run {number + 1}: {row.name} {mode}; "
            f"{minutes(clock.left(jobs[done:]))} left")
        store.add(make_record(row, mode, number, commands[row.name], measure_one(row, mode)))
