# SPDX-License-Identifier: Apache-2.0
"""Turns the results of bench.py into a text table and an SVG picture.

results: {"modes": [name], "programs": [{"name", "class", "modes": {mode: {"wall", "cpu", "wall_x", "cpu_x", "ok"}}}],
"geomeans": {group: {mode: {"wall_x", "cpu_x"}}}}; *_x is the slowdown against native.
"""
from xml.sax.saxutils import escape

from measure import geomean, median

# Group -> classes: what the mission calls integer and floating point, and each class by itself.
GROUPS = {
    "integer": ("int", "call", "indirect"),
    "int": ("int",),
    "call": ("call",),
    "indirect": ("indirect",),
    "fp": ("fp",),
    "fpenv": ("fpenv",),
    "threads": ("threads",),
}


def entry(runs, ok):
    """A mode's figures of a program from its runs (measure.Run)."""
    return {"wall": median(r.wall for r in runs), "cpu": median(r.cpu for r in runs),
            "rss_mb": max(r.rss_kb for r in runs) / 1024, "ok": ok,
            "walls": [round(r.wall, 4) for r in runs], "cpus": [round(r.cpu, 4) for r in runs]}


def add_slowdowns(by_mode):
    """Fills in wall_x and cpu_x of a program's modes: against native, else against the first mode."""
    base = by_mode.get("native") or next(iter(by_mode.values()), None)
    for figures in by_mode.values():
        figures["wall_x"] = figures["wall"] / base["wall"]
        figures["cpu_x"] = figures["cpu"] / max(base["cpu"], 1e-4)


def add_geomeans(results, groups=None):
    """Fills in results["geomeans"] from the programs that every mode got right; groups: like GROUPS."""
    table = results["geomeans"] = {}
    for group, classes in (groups or GROUPS).items():
        members = [p for p in results["programs"] if p["class"] in classes]
        row = {}
        for mode in results["modes"]:
            good = [p["modes"][mode] for p in members if p["modes"].get(mode, {}).get("ok")]
            if good:
                row[mode] = {"wall_x": geomean(m["wall_x"] for m in good), "cpu_x": geomean(m["cpu_x"] for m in good),
                             "count": len(good), "of": len(members)}
        if row:
            table[group] = row


def _cell(entry):
    if not entry:
        return f"{'-':>15}"
    if "wall" in entry and not entry["ok"]:
        return f"{'WRONG':>15}"
    missing = "" if entry.get("count") == entry.get("of") else "*"
    return f"{entry['wall_x']:6.2f} ({entry['cpu_x']:5.2f}){missing}".rjust(15)


def table(results):
    """Slowdown against native (else the first mode) by wall time and, in brackets, by CPU time of all threads."""
    base = "native" if "native" in results["modes"] else results["modes"][0]
    others = [m for m in results["modes"] if m != base]
    wide = max([9] + [len(p["class"]) + 2 for p in results["programs"]])
    lines = [f"{'program':<11}{'class':<{wide}}{base + ' s':>9}" + "".join(f"{m:>15}" for m in others)]
    for p in results["programs"]:
        native = p["modes"].get(base)
        lines.append(f"{p['name']:<11}{p['class']:<{wide}}{native['wall'] if native else 0:>9.3f}" +
                     "".join(_cell(p["modes"].get(m)) for m in others))
    lines.append("")
    for group, row in results["geomeans"].items():
        lines.append(f"{'geomean ' + group:<{20 + wide}}" + "".join(_cell(row.get(m)) for m in others))
    lines.append(f"Slowdown against {base}: wall time (CPU time of all threads); "
                 "* not all programs of the group counted.")
    return "\n".join(lines)


COLOURS = ["#8a8f98", "#d08a2e", "#3b7dd8", "#2f9e6b", "#9a5bc7", "#c7504f"]


def svg(results):
    """A bar for each program and mode: slowdown against native by wall time; the line is native speed."""
    modes = [m for m in results["modes"] if m != "native"]
    rows = [(p["name"], p["modes"]) for p in results["programs"]]
    rows += [("geomean " + g, results["geomeans"][g]) for g in ("integer", "fp") if g in results["geomeans"]]
    worst = max((e["wall_x"] for _, by_mode in rows for m, e in by_mode.items() if m in modes and e.get("ok", True)),
                default=1.0)
    left, width, bar, top = 130, 620, 9, 40
    group = bar * len(modes) + 8
    height = top + group * len(rows) + 30
    scale = width / max(worst, 1.0)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + width + 70}" height="{height}" '
           'font-family="sans-serif" font-size="11">', '<rect width="100%" height="100%" fill="white"/>']
    for i, mode in enumerate(modes):
        x = left + i * 110
        out.append(f'<rect x="{x}" y="12" width="10" height="10" fill="{COLOURS[i % len(COLOURS)]}"/>'
                   f'<text x="{x + 15}" y="21">{escape(mode)}</text>')
    for r, (name, by_mode) in enumerate(rows):
        y = top + r * group
        out.append(f'<text x="{left - 6}" y="{y + group / 2}" text-anchor="end">{escape(name)}</text>')
        for i, mode in enumerate(modes):
            entry = by_mode.get(mode)
            if not entry or not entry.get("ok", True):
                continue
            x = entry["wall_x"]
            out.append(f'<rect x="{left}" y="{y + i * bar}" width="{x * scale:.1f}" height="{bar - 1}" '
                       f'fill="{COLOURS[i % len(COLOURS)]}"/>'
                       f'<text x="{left + x * scale + 3:.1f}" y="{y + i * bar + 8}" font-size="8">{x:.2f}</text>')
    one = left + scale
    out.append(f'<line x1="{one:.1f}" y1="{top - 6}" x2="{one:.1f}" y2="{height - 26}" stroke="black" '
               'stroke-dasharray="3 3"/>')
    out.append(f'<text x="{left}" y="{height - 8}">slowdown against native (wall time, median); '
               'dashed: native speed</text></svg>')
    return "\n".join(out) + "\n"
