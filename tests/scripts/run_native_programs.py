#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs programs of this machine under tandem and natively, and compares output and status.

Each runs in a fresh directory with the same files. A program that is not installed is named and left out; none at all:
77 (skipped).
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
MODES = {"interp": ["--tier=interp"], "tier1": ["--tier=1"], "mixed": []}
SQL = "create table t(a,b);insert into t values(1,'x'),(2,'y');select sum(a),group_concat(b) from t;"
C_SOURCE = '#include <stdio.h>\nint main(void) { printf("%d %.3f\\n", 6 * 7, 1 / 3.0); return 3; }\n'

# (program that must be there, shell commands). Slow ones are not for the interpreter.
PROGRAMS = [
    ("true", "true"),
    ("false", "false"),
    ("echo", "echo one 'two three'"),
    ("ls", "ls -l /usr /etc/passwd"),
    ("cat", "cat words words | head -50"),
    ("sort", "sort -k2n words; sort -r words | uniq -c"),
    ("bash", "for i in 1 2 3; do echo $((i * 7)) $(echo sub | tr a-z A-Z); done; trap 'echo bye' EXIT; exit 9"),
    ("sed", "sed -n 's/1/one/gp' words"),
    ("grep", "grep -c 7 words; grep -E '^w[0-9]2' words"),
    ("awk", "awk '{s += $2; n[$1 % 3]++} END {print s, sin(1), length(n)}' words"),
    ("tar", "tar cf - words | tar tvf - | wc -l; tar cf a.tar words && rm words && tar xf a.tar && cksum words"),
    ("gzip", "gzip -c9 words | gzip -dc | cksum"),
    ("xz", "xz -c words | xz -dc | cksum"),
    ("bzip2", "bzip2 -c words | bzip2 -dc | cksum"),
    ("perl",
     "perl -e 'print join(\",\", map {$_ ** 2} 1..50), \"\\n\"; printf \"%.3f %s\\n\", sqrt 2, scalar reverse \"abc\"; "
     "exit 4'"),
    ("python3",
     "python3 -c 'import json, hashlib; "
     "print(json.dumps({\"a\": [1, 2.5]}), hashlib.sha256(b\"x\" * 1000).hexdigest())'"),
    ("openssl",
     "openssl dgst -sha256 words; "
     "openssl enc -aes-128-cbc -K 00112233445566778899aabbccddeeff -iv 0 -in words | cksum"),
    ("sqlite3", f"sqlite3 :memory: \"{SQL}\""),
    ("git", "git init -q r && cd r && cp ../words . && git add words && "
            "git -c user.name=a -c user.email=b commit -qm m --date 2020-01-01T00:00:00Z && "
            "git ls-tree HEAD && git status --short"),
    ("make", "printf 'all: b\\n\\techo done\\nb:\\n\\ttouch b\\n' > Makefile && make && make -s"),
    ("gcc", "gcc -O2 c.c -o c && ./c"),
]
NOT_INTERPRETED = {"gcc", "git"}


def run(prefix, script):
    """(status, output, errors) of a shell script in a fresh directory; the shell itself runs under prefix, and so all
    it starts."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="programs") as parent:
        place = os.path.join(parent, "p")
        os.mkdir(place)
        with open(os.path.join(place, "words"), "w") as f:
            f.writelines(f"w{i * 7919 % 1000} {i * 31 % 97}\n" for i in range(1000))
        os.utime(os.path.join(place, "words"), (1000000, 1000000))
        with open(os.path.join(place, "c.c"), "w") as f:
            f.write(C_SOURCE)
        env = {"PATH": os.environ["PATH"], "HOME": place, "LC_ALL": "C", "TZ": "UTC", "TANDEM_CACHE": "0"}
        try:
            done = subprocess.run([*prefix, shutil.which("bash"), "-c", script], cwd=place, env=env,
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
        except subprocess.TimeoutExpired:
            return None, b"", b"no end after 120 s"
        return done.returncode, done.stdout, done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tandem", required=True)
    parser.add_argument("--mode", required=True, choices=MODES)
    parser.add_argument("--only", help="one program")
    args = parser.parse_args()
    if not shutil.which("bash"):
        print("skipped: no bash")
        return SKIPPED
    failed = 0
    for name, script in PROGRAMS:
        if args.only not in (None, name):
            continue
        if not shutil.which(name):
            print(f"left out: {name} is not installed")
            continue
        if args.mode == "interp" and name in NOT_INTERPRETED:
            print(f"left out: {name} takes too long in the interpreter")
            continue
        status, out, err = run([], script)
        got = run([os.path.abspath(args.tandem), *MODES[args.mode]], script)
        same = got[:2] == (status, out)
        failed += not same
        print("ok    " if same else "FAILED", name)
        if not same:
            print(f"  status {got[0]}, natively {status}\n  {got[1][-300:]}\n  natively {out[-300:]}")
            print(f"  {got[2][-500:]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
