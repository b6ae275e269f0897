# SPDX-License-Identifier: Apache-2.0
"""A tandem against another one, of an earlier commit: ratios new/baseline from one interleaved run. Below 1 is better.

Times are the least of all repetitions: what disturbs only adds.
"""
import os
import shutil
import sys

from extras import guest_stats
from measure import geomean
from report import GROUPS

MODES = {"base-tier1": "tier1", "base-mixed": "mixed"}  # mode of the baseline -> mode that it is compared with
REPETITIONS = 5  # of what takes less than a second
PYTHON = ["-S", "-c", "pass"]


def find(path):
    """The baseline's absolute path, or the end with a message."""
    found = shutil.which(path)
    if not found:
        raise SystemExit(f"bench: --baseline: {path} is no program")
    return os.path.abspath(found)


def ratios(results, new, old, classes, key):
    """Mode new over mode old of each program that both got right; classes: None for all."""
    for p in results["programs"]:
        a, b = p["modes"].get(new), p["modes"].get(old)
        if (classes is None or p["class"] in classes) and a and b and a["ok"] and b["ok"]:
            yield min(a[key]) / max(min(b[key]), 1e-4)


def compute(results):
    """Geometric means of the ratios by wall and CPU time."""
    wanted = {"integer": ("mixed", GROUPS["integer"]), "floating point": ("mixed", GROUPS["fp"] + GROUPS["fpenv"]),
              "tier 1 only": ("tier1", None)}
    old = {mode: base for base, mode in MODES.items()}
    return {name: {key: geomean(ratios(results, mode, old[mode], classes, key)) for key in ("walls", "cpus")}
            for name, (mode, classes) in wanted.items()}


def _least_ns(stats):
    """Nanoseconds of translation for a guest instruction."""
    return (stats["lift_ns"] + stats["tcg_ns"]) / stats["block_guest_insns"] if stats.get("block_guest_insns") else None


def _interleaved(tandem, baseline, commands):
    """(new, baseline): for each command the stats of the repetition that translated fastest; both take turns."""
    best = ([], [])
    for command in commands:
        runs = ([], [])
        for _ in range(REPETITIONS):
            for side, binary in enumerate((tandem, baseline)):
                stats = guest_stats([binary, *command], ["--tier=1"])
                if _least_ns(stats):
                    runs[side].append(stats)
        if runs[0] and runs[1]:
            for side in range(2):
                best[side].append(min(runs[side], key=_least_ns))
    return best


def translation(programs, tandem, baseline):
    """Translation time of short runs of all programs, and of python3's start-up also the size of tier 1's code."""
    short = _interleaved(tandem, baseline, [[p.guest, p.quick] for p in programs if p.guest])
    python = _interleaved(tandem, baseline, [[os.path.realpath(sys.executable), *PYTHON]])
    sizes = [[s["block_host_bytes"] / s["block_guest_insns"] for s in side] for side in python]
    return {
        "translation, programs": geomean(_least_ns(a) / _least_ns(b) for a, b in zip(*short)),
        "translation, python3": geomean(_least_ns(a) / _least_ns(b) for a, b in zip(*python)),
        "code size, python3": geomean(a / b for a, b in zip(*sizes)),
    }


def text(figures):
    def cell(value):
        return f"{value:8.3f}" if value else f"{'-':>8}"
    lines = [f"{'new / baseline':<24}{'wall':>8}{'CPU':>8}"]
    for name, row in figures["times"].items():
        lines.append(f"{name:<24}{cell(row['walls'])}{cell(row['cpus'])}")
    for name, value in figures["translation"].items():
        lines.append(f"{name:<24}{cell(value)}")
    return "\n".join(lines)
