#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo's measurements: real programs and kernels natively, under qemu-riscv64 and under tandem, with a table at the
end."""
import argparse
import os
import shutil
import sys
from dataclasses import dataclass, field

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "bench"))

import programs as bench_programs  # noqa: E402
from measure import median, run  # noqa: E402

KERNELS = ("sha256", "lzpack", "vm_goto", "bintree", "nbody", "psum")


@dataclass
class Work:
    """One row: commands by mode. same_as_native: the native program is the same version, so its output must be equal,
    too."""
    name: str
    native: list
    guest: list
    same_as_native: bool = True
    runs: dict = field(default_factory=dict)


def write_sample(path, megabytes):
    """Text with repetitions, always the same."""
    state, out = 1, bytearray()
    words = [f"word{i * 7919 % 1009:x}" for i in range(400)]
    while len(out) < megabytes << 20:
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        line = " ".join(words[(state >> s) % 400] for s in (11, 19, 27, 35, 43, 51)) + f" {state >> 44}\n"
        out += line.encode()
    with open(path, "wb") as f:
        f.write(out)


def archive_work(root, directory):
    """Programs of the unpacked archive, unmodified; their native namesakes are other versions in the case of perl and
    xz."""
    sample = os.path.join(directory, "sample.txt")
    write_sample(sample, 3)
    script = os.path.join(HERE, "work.pl")
    rows = [("perl", ["perl", script, "60"], True), ("xz -9", ["xz", "-9", "-T1", "-c", sample], False),
            ("xz -d", ["xz", "-d", "-c", sample + ".xz"], True), ("bzip2 -9", ["bzip2", "-9", "-c", sample], True)]
    packed = run(["xz", "-6", "-c", sample])
    with open(sample + ".xz", "wb") as f:
        f.write(packed.output)
    works = []
    for name, command, same in rows:
        guest = os.path.join(root, "usr/bin", command[0])
        if shutil.which(command[0]) and os.path.exists(guest):
            works.append(Work(name, command, [guest, *command[1:]], same))
    return works


def kernel_work(directory):
    programs = bench_programs.discover(set(KERNELS))
    bench_programs.build(programs, "riscv64", directory, lambda text: print("  " + text, flush=True))
    return [Work(p.name, [p.native], [p.guest]) for p in programs if p.guest]


def modes(tandem, root):
    prefix = ["-L", root] if root else []
    found = {"native": []}
    if shutil.which("qemu-riscv64"):
        found["qemu"] = ["qemu-riscv64", *prefix]
    found["tandem"] = [tandem, *prefix]
    return found


def check(work):
    """A word on the outputs of all modes: equal, or what is not."""
    by_mode = {m: {(r.status, r.output) for r in rs} for m, rs in work.runs.items()}
    for mode, outputs in by_mode.items():
        if len(outputs) != 1 or next(iter(outputs))[0] != 0:
            return f"{mode} failed"
    guests = {next(iter(o)) for m, o in by_mode.items() if m != "native" or work.same_as_native}
    return "equal" if len(guests) == 1 else "DIFFERENT"


def print_table(works, names):
    print(f"\n{'work':<12}" + "".join(f"{m + ' s':>12}" for m in names) +
          "".join(f"{m + '/native':>15}" for m in names if m != "native") + "   outputs")
    wrong = 0
    for w in works:
        wall = {m: median(r.wall for r in w.runs[m]) for m in names}
        verdict = check(w)
        wrong += verdict != "equal"
        print(f"{w.name:<12}" + "".join(f"{wall[m]:12.3f}" for m in names) +
              "".join(f"{wall[m] / wall['native']:15.2f}" for m in names if m != "native") + f"   {verdict}")
    print("Wall time, median. Outputs are compared byte for byte"
          + (" (xz -9: among the guests; the native xz is another version)."
             if any(not w.same_as_native for w in works) else "."))
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tandem", required=True)
    parser.add_argument("--build-dir", required=True)
    parser.add_argument("--root", default="", help="unpacked guest packages; empty: kernels only")
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    os.makedirs(args.build_dir, exist_ok=True)
    works = archive_work(args.root, args.build_dir) if args.root else []
    guest = bench_programs.GUESTS["riscv64"]
    if guest.can_build():
        works += kernel_work(args.build_dir)
    else:
        print(f"No {guest.compiler}: the kernels are left out.")
    if not works:
        print("Nothing to run: neither the archive's programs nor a cross compiler for the kernels.")
        return 1
    commands = modes(args.tandem, args.root)
    for turn in range(args.runs):
        for w in works:
            print(f"  run {turn + 1} of {args.runs}: {w.name}", flush=True)
            for mode, prefix in commands.items():
                w.runs.setdefault(mode, []).append(run(w.native if mode == "native" else [*prefix, *w.guest]))
    return 1 if print_table(works, list(commands)) else 0


if __name__ == "__main__":
    sys.exit(main())
