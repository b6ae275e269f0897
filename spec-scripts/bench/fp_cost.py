# SPDX-License-Identifier: Apache-2.0
"""What exact floating point costs: CPU time of a mode over that of the same mode with --fp=fast; and how programs that
live on exactness (class fpenv) fare against qemu-riscv64.
"""
from measure import geomean

FAST = "-fast"


def pairs(modes):
    """Modes that were measured with --fp=fast, too."""
    return [m for m in modes if m + FAST in modes]


def wanted(kind, mode, repetition):
    """Is this run worth its time? fpenv programs show that --fp=fast drops what they look at; qemu takes minutes."""
    if mode == "qemu":
        return kind == "fpenv" and repetition == 0
    return kind == "fp" or not mode.endswith(FAST)


def _ratio(entry, mode, other):
    """CPU time, the least of all repetitions: what disturbs only adds. None: one of them was not measured or gave a
    wrong result."""
    a, b = entry["modes"].get(mode), entry["modes"].get(other)
    return min(a["cpus"]) / max(min(b["cpus"]), 1e-4) if a and b and a["ok"] and b["ok"] else None


def compute(results):
    """{"exact_over_fast": {mode: {program: x, "geomean": x}}, "over_qemu": {mode: {program: x}}}"""
    out = {"exact_over_fast": {}, "over_qemu": {}}
    for mode in pairs(results["modes"]):
        row = {p["name"]: _ratio(p, mode, mode + FAST) for p in results["programs"] if p["class"] == "fp"}
        row = {name: x for name, x in row.items() if x}
        if row:
            out["exact_over_fast"][mode] = row | {"geomean": geomean(row.values())}
        row = {p["name"]: _ratio(p, mode, "qemu") for p in results["programs"] if p["class"] == "fpenv"}
        out["over_qemu"][mode] = {name: x for name, x in row.items() if x}
    return out


def text(cost):
    lines = []
    for title, key in (("exact over fast, CPU time", "exact_over_fast"), ("exact over qemu, CPU time", "over_qemu")):
        rows = {mode: row for mode, row in cost[key].items() if row}
        if not rows:
            continue
        lines.append(f"{title:<29}" + "".join(f"{mode:>12}" for mode in rows))
        for name in next(iter(rows.values())):
            cells = (f"{row[name]:>12.2f}" if name in row else f"{'-':>12}" for row in rows.values())
            lines.append(f"  {name:<27}" + "".join(cells))
    return "\n".join(lines)
