#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Command lines of tandem after which no guest runs: exit code, message, and (in a build with AddressSanitizer) that
nothing leaks.
"""
import argparse
import os
import struct
import subprocess
import sys
import tempfile

# what the case is, words of the command line, exit code, what stderr has
CASES = [
    ("help", ["--help"], 0, ""),
    ("version", ["--version"], 0, ""),
    ("logs", ["-d", "help"], 0, ""),
    ("models", ["-cpu", "help"], 0, ""),
    ("cache", ["--cache-stat", "--cache-dir={empty}/cache"], 0, ""),
    ("no cache", ["--cache-dir=", "--cache-stat"], 1, "no folder"),
    ("cache is a file", ["--cache-dir={guest}", "--cache-stat"], 1, "cannot be opened"),
    ("empty cache", ["--cache-clear", "--cache-dir={empty}/cache"], 0, ""),
    ("unknown option", ["-E", "A=b", "--no-such-option"], 2, "no-such-option"),
    ("unknown log", ["-d", "no-such-log", "{guest}"], 2, "no-such-log"),
    ("no program", ["-U", "A", "{empty}/none"], 127, "none"),
    ("no guest's program", ["{script}"], 126, "script"),
    ("unknown model", ["-cpu", "no-such-model", "{guest}"], 2, "no-such-model"),
    ("timeline", ["--timeline={empty}/none/file", "{guest}"], 126, "cannot be written"),
    ("stack", ["-s", "99999999999999999", "--explain=main", "--timeline={empty}/file", "{guest}"], 126, "stack"),
]


def make_guest(path):
    """Writes a RISC-V program of one segment, which has nothing but its headers."""
    base, header, size = 0x10000, 64, 64 + 56
    machine, executable, load, readable = 243, 2, 1, 5
    with open(path, "wb") as file:
        file.write(b"\x7fELF\x02\x01\x01".ljust(16, b"\0"))
        file.write(struct.pack("<HHIQQQIHHHHHH", executable, machine, 1, base, header, 0, 0, header, 56, 1, 0, 0, 0))
        file.write(struct.pack("<IIQQQQQQ", load, readable, 0, base, base, size, size, 4096))
    os.chmod(path, 0o755)


def run_case(tandem, words, places):
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1:exitcode=99")
    return subprocess.run([tandem] + [w.format(**places) for w in words], env=environment, capture_output=True,
                          text=True, check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", required=True)
    args = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as empty:
        script, guest = os.path.join(empty, "script"), os.path.join(empty, "guest")
        make_guest(guest)
        with open(script, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n")
        os.chmod(script, 0o755)
        for name, words, code, text in CASES:
            done = run_case(args.tandem, words, {"guest": guest, "empty": empty, "script": script})
            if done.returncode != code or text not in done.stderr:
                failed += 1
                print(f"{name}: exit code {done.returncode}, not {code}, or no '{text}' in:\n{done.stderr}")
    print(f"{len(CASES)} command lines, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
