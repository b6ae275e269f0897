# SPDX-License-Identifier: Apache-2.0
"""What a slowdown table cannot show: cost of start-up, memory, speed of translation, scaling and contended atomics."""
import json
import os
import shutil
import subprocess
import tempfile

from measure import median, run
from programs import HERE, HOST_CC


def _by_mode(modes, repetitions, command_of, value_of):
    """Interleaves repetitions runs of command_of(mode) and gives the median of value_of(run) by mode."""
    seen = {name: [] for name in modes}
    for _ in range(repetitions):
        for name in modes:
            r = run(command_of(name))
            if r.status == 0:
                seen[name].append(value_of(r))
    return seen


def build_launcher(directory):
    """The small C program that measures a child without this interpreter's memory in the figure."""
    out = os.path.join(directory, "launch")
    source = os.path.join(HERE, "launch.c")
    if not os.path.exists(out) or os.path.getmtime(out) < os.path.getmtime(source):
        subprocess.run([HOST_CC, "-O2", "-static", "-o", out, source], check=True)
    return out


def startup(program, modes, repetitions, directory):
    """hello: CPU and wall milliseconds and largest resident set in MB of each mode, interleaved."""
    launcher = build_launcher(directory)
    seen = {name: [] for name in modes}
    for _ in range(repetitions):
        for name in modes:
            command, *rest = modes[name](program)
            done = subprocess.run([launcher, shutil.which(command) or command, *rest], capture_output=True, text=True)
            wall, cpu, rss, status = map(int, done.stderr.split()[-4:])
            if status == 0:
                seen[name].append((cpu / 1e3, wall / 1e3, rss / 1024))
    return {m: {"cpu_ms": median(c for c, _, _ in v), "wall_ms": median(w for _, w, _ in v),
                "rss_mb": median(s for _, _, s in v)} for m, v in seen.items() if v}


def scaling(program, modes, repetitions, rounds):
    """Throughput of two threads against one: each thread does half of the same work."""
    def measure(threads):
        return _by_mode(modes, repetitions, lambda m: modes[m](program) + [rounds, str(threads)], lambda r: r.wall)
    one, two = measure(1), measure(2)
    return {m: {"one_s": median(one[m]), "two_s": median(two[m]), "gain": median(one[m]) / median(two[m])}
            for m in modes if one[m] and two[m]}


def contention(program, modes, repetitions, rounds):
    """Atomic operations on shared words by two threads: million rounds a second."""
    runs = _by_mode(modes, repetitions, lambda m: modes[m](program) + [rounds, "2"], lambda r: r.wall)
    return {m: {"wall_s": median(v), "mrounds_s": 2 * int(rounds) / 1e6 / median(v)} for m, v in runs.items() if v}


def flatten(value, prefix=""):
    """{"a": {"b": 1}} -> {"a.b": 1}; lists are left out."""
    if not isinstance(value, dict):
        return {prefix: value}
    flat = {}
    for key, inner in value.items():
        if not isinstance(inner, list):
            flat.update(flatten(inner, f"{prefix}.{key}" if prefix else key))
    return flat


def guest_stats(command, tandem_options):
    """The --stats=json of one run of tandem, flattened, or {}."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "stats.json")
        tandem, *rest = command
        run([tandem, "--stats=json", f"--stats-file={path}", *tandem_options, *rest])
        try:
            with open(path) as f:
                return flatten(json.load(f))
        except (OSError, ValueError):
            return {}


def translation_speed(programs, tandem):
    """Tier-1 translation: guest instructions and seconds summed over short runs of all programs."""
    insns = seconds = 0.0
    for p in programs:
        stats = guest_stats([tandem, p.guest, p.quick], ["--tier=1"])
        insns += stats.get("block_guest_insns", 0)
        seconds += (stats.get("lift_ns", 0) + stats.get("tcg_ns", 0)) / 1e9
    if not insns or not seconds:
        return None
    return {"guest_insns": insns, "seconds": seconds, "minsns_s": insns / seconds / 1e6}


def text(extra):
    """The lines that bench.py prints."""
    lines = []
    for m, v in extra.get("startup", {}).items():
        lines.append(f"hello       {m:<12} CPU {v['cpu_ms']:7.2f} ms   wall {v['wall_ms']:7.2f} ms   "
                     f"resident {v['rss_mb']:6.1f} MB")
    for m, v in extra.get("scaling", {}).items():
        lines.append(f"scaling     {m:<12} 1 thread {v['one_s']:6.3f} s   2 threads {v['two_s']:6.3f} s   "
                     f"gain {v['gain']:.2f}")
    for m, v in extra.get("contention", {}).items():
        lines.append(f"contention  {m:<12} {v['mrounds_s']:8.2f} million rounds/s (2 threads)")
    speed = extra.get("translation")
    if speed:
        lines.append(f"tier-1 translation: {speed['minsns_s']:.2f} million guest instructions/s "
                     f"({int(speed['guest_insns'])} in {speed['seconds'] * 1e3:.1f} ms)")
    return "\n".join(lines)
