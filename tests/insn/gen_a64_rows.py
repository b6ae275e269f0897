#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes rows_a64.def: instances of each integer row of the AArch64 front end's table, with numbers that matter, and
what qemu-aarch64 makes of them, so that the judge of every row is an emulator that this project did not write.

usage: gen_a64_rows.py [OUTPUT_DIRECTORY]     needs qemu-aarch64 and aarch64-linux-gnu-objdump
"""
import os
import random
import struct
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
FUZZ = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fuzz", "aarch64")
sys.path.insert(0, FUZZ)

import a64_table
from a64_program import MSR_NZCV, RESULT_INT, Program, mov, special
from fuzz_a64 import REFERENCE, listing

EACH = 4  # instances of a row
COLUMNS = 120
NZCV_PLACE = 28  # in what a snippet appends


def is_plain(row):
    """Does it work on registers and flags alone, wherever it is?"""
    return row.kind == "INT" and row.name not in ("adr", "adrp", "prfm", "prfum", "mrs") and \
        ("d" in row.fields or row.flags != "NONE")


def cases():
    """(word, x0 to x3, nzcv): x0 is the target, the others are sources."""
    rng = random.Random(1)
    made = []
    for row in filter(is_plain, a64_table.load()):
        for _ in range(EACH):
            word = None
            while word is None:
                word = row.instance(rng, d=0, n=1, m=2, a=3, t=1)
            made.append((word, [special(rng) for _ in range(4)], rng.getrandbits(4) << 28))
    return made


def run(made):
    """x0 and nzcv behind each case."""
    snippets = [[*mov(0, nzcv), MSR_NZCV, *(w for n in range(4) for w in mov(n, x[n])), word] for word, x, nzcv in made]
    with tempfile.NamedTemporaryFile(delete=False) as f:
        f.write(Program(0, snippets, False).elf())
    os.chmod(f.name, 0o755)
    out = subprocess.run([*REFERENCE, f.name], stdout=subprocess.PIPE, check=True).stdout
    os.unlink(f.name)
    for n in range(len(made)):
        values = struct.unpack_from("<32Q", out, n * RESULT_INT)
        yield values[0], values[NZCV_PLACE]


def main():
    made = cases()
    texts = [line.split("\t", 2)[2] for line in listing([c[0] for c in made]).splitlines()]
    lines = ["/* SPDX-License-Identifier: Apache-2.0 */",
             f"/* Made by gen_a64_rows.py; do not edit. The format is in a64_rows_test.cc. {len(made)} rows. */"]
    for (word, x, nzcv), (x0, flags), text in zip(made, run(made), texts):
        text = " ".join(text.split("//")[0].split())
        parts = [f'A64_ROW("{text}", {word:#x},', f'IN({", ".join(f"{v:#x}" for v in x)}, {nzcv >> 28:#x}),',
                 f"OUT({x0:#x}, {flags >> 28:#x}))"]
        line = parts[0]
        for part in parts[1:]:
            if len(line) + 1 + len(part) <= COLUMNS:
                line += " " + part
            else:
                lines.append(line)
                line = "        " + part
        lines.append(line)
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(directory, "rows_a64.def"), "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
