# SPDX-License-Identifier: Apache-2.0
"""The benchmark programs: found by their opening comment, built for host and guest, cached by source and flags.

A program's second comment says its class (int, call, indirect, fp, fpenv, threads, startup) and the argument of a quick
run.
"""
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "progs")
# No contraction: a guest with fused multiply-add would otherwise print other sums than this host.
FLAGS = ["-O2", "-ffp-contract=off", "-Wall", "-Wextra"]
LIBS = ["-lpthread", "-lm"]
HOST_CC = os.environ.get("CC", "gcc")


@dataclass
class Guest:
    """An instruction set to measure: its compiler, the emulator to compare with."""
    compiler: str
    emulator: str
    on_host: bool = False  # this machine runs the guest's own binary, which then is what "native" means
    debian: str = ""  # its name in Debian's archive, where whole packages of it are measured
    triplet: str = ""

    def can_build(self):
        return shutil.which(self.compiler) is not None


GUESTS = {
    "riscv64": Guest(os.environ.get("GUEST_CC", "riscv64-linux-gnu-gcc"), "qemu-riscv64", debian="riscv64",
                     triplet="riscv64-linux-gnu"),
    "aarch64": Guest("aarch64-linux-gnu-gcc", "qemu-aarch64", debian="arm64", triplet="aarch64-linux-gnu"),
    "x86_64": Guest(HOST_CC, "qemu-x86_64", on_host=True, debian="amd64", triplet="x86_64-linux-gnu"),
    "i386": Guest("i686-linux-gnu-gcc", "qemu-i386", on_host=True),
}
ABOUT = re.compile(r"/\* (?P<name>\w+): (?P<text>.*?)\n \* class (?P<kind>\w+); quick (?P<quick>\d+) \*/", re.S)


@dataclass
class Program:
    name: str
    kind: str
    text: str
    quick: str
    native: str = ""
    guest: str = ""


def discover(only=None):
    """All programs, in the order of their classes; only: a set of names, or None for all."""
    order = ["int", "call", "indirect", "fp", "fpenv", "threads", "startup"]
    found = []
    for entry in sorted(os.listdir(SOURCES)):
        with open(os.path.join(SOURCES, entry)) as f:
            match = ABOUT.search(f.read())
        if match:
            text = " ".join(match["text"].replace("*", " ").split())
            found.append(Program(match["name"], match["kind"], text, match["quick"]))
    unknown = (only or set()) - {p.name for p in found}
    if unknown:
        raise SystemExit(f"bench: no such program: {', '.join(sorted(unknown))}")
    found.sort(key=lambda p: order.index(p.kind))
    return [p for p in found if not only or p.name in only]


def _source_hash():
    digest = hashlib.sha256(" ".join(FLAGS).encode())
    for entry in sorted(os.listdir(SOURCES)):
        if entry.endswith(".h"):
            with open(os.path.join(SOURCES, entry), "rb") as f:
                digest.update(f.read())
    return digest


def _build_one(compiler, extra, program, directory, common):
    source = os.path.join(SOURCES, program.name + ".c")
    digest = common.copy()
    with open(source, "rb") as f:
        digest.update(f.read())
    digest.update(" ".join([compiler] + extra).encode())
    out = os.path.join(directory, f"{program.name}-{digest.hexdigest()[:12]}")
    if not os.path.exists(out):
        subprocess.run([compiler, *FLAGS, *extra, "-o", out + ".tmp", source, *LIBS], check=True)
        os.replace(out + ".tmp", out)
    return out


def build(programs, guest_name, directory, say):
    """Builds what is not built yet into directory/native and directory/GUEST; fills in native and guest of each
    program."""
    guest = GUESTS[guest_name]
    for sub in ("native", guest_name):
        os.makedirs(os.path.join(directory, sub), exist_ok=True)
    common = _source_hash()
    for i, p in enumerate(programs):
        say(f"building {p.name} ({i + 1}/{len(programs)})")
        if guest.can_build():
            p.guest = _build_one(guest.compiler, ["-static"], p, os.path.join(directory, guest_name), common)
        p.native = p.guest if guest.on_host else _build_one(HOST_CC, [], p, os.path.join(directory, "native"), common)
