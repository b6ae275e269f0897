# SPDX-License-Identifier: Apache-2.0
"""The rows of the matrix of programs: files rows/KIND/NAME.sh, scripts that /bin/sh runs in a root of packages.

A row's opening comment has, beside what it is about, lines
  packages: NAME...     Debian packages that it needs
  guests: NAME...       where these packages exist and the row makes sense (all unless said)
  timeout: SECONDS      of one run under tandem (120 unless said)
  subset:               the row is small and quick enough for every run of the tests
Files of other names are what several rows of the folder use: it is /row there.
What it prints and its status have to be those of a native run, which has to print something and end with status 0.
"""
import os
import re
from dataclasses import dataclass

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rows")
GUESTS = ("riscv64", "aarch64", "x86_64", "i386")
# Every row's: the shell that runs it, and what scripts take for granted.
BASE = ("dash", "bash", "coreutils", "sed", "grep", "mawk", "findutils", "libc-bin", "procps", "util-linux")


@dataclass(frozen=True)
class Row:
    name: str
    kind: str
    path: str
    about: str
    packages: tuple
    guests: tuple = GUESTS
    timeout: float = 120
    subset: bool = False


def parse(path):
    """The row of a file. A line of its comment that is not understood is about what it does."""
    with open(path) as f:
        comment = re.match(r"(?:#.*\n)+", f.read()).group()
    said = dict(re.findall(r"^# (packages|guests|timeout|subset):[ ]*(.*)$", comment, re.M))
    about = [line for line in re.findall(r"^# (.*)$", comment, re.M)
             if not re.match(r"SPDX|packages:|guests:|timeout:|subset:", line)]
    kind, name = path.split(os.sep)[-2:]
    return Row(name.removesuffix(".sh"), kind, path, " ".join(about), tuple(said["packages"].split()),
               tuple(said.get("guests", " ".join(GUESTS)).split()), float(said.get("timeout", 120)), "subset" in said)


def load():
    """All rows, those of a kind together."""
    rows = [parse(os.path.join(FOLDER, kind, name)) for kind in sorted(os.listdir(FOLDER))
            for name in sorted(os.listdir(os.path.join(FOLDER, kind))) if name.endswith(".sh")]
    names = [row.name for row in rows]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"rows of the same name: {twice}"
    return rows


def packages(rows):
    return sorted({p for row in rows for p in row.packages} | set(BASE))
