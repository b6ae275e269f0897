#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs i386 programs of a Debian root directory under tandem -L and elsewhere, and compares output and status.

Elsewhere is the host itself, through the root's own dynamic linker, or qemu-i386 where the host's kernel runs no 32-bit
programs. The root comes from
  GUEST_ARCH=i386 spec-scripts/fetch_guest.sh build/guest-i386 bash coreutils perl python3 sqlite3 xz-utils bzip2
Without it, or where neither the host nor qemu-i386 runs them: 77 (skipped).
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import host

SKIPPED, LINKER = 77, "lib/ld-linux.so.2"
MODES = {"tier1": ["--tier=1"], "mixed": []}
BASH = r"""echo hi $((3*7)); for i in a b c; do x=$x$i; done; echo ${x^^}
printf '%05d %s %x\n' 42 foo 255; set -- 1 2 3; echo $# "${@:2}"
[[ abc =~ b(.) ]] && echo ${BASH_REMATCH[1]}; (exit 3); echo $?; trap 'echo bye' EXIT
echo $(echo a | { read l; echo $l$l; }); kill -USR1 $$ & wait; exit 5"""
PERL = r"""print join(",", map {$_*$_} 1..10), "\n"; printf "%.10f %s\n", sqrt 2, scalar reverse "abc";
my %h; $h{$_ % 97}++ for 1..10000;
print scalar(keys %h), "\n", 1/3, " ", 2**40, " ", 10**20, "\n"; print "ok\n" if "foobar" =~ /^(fo+)(?=b)/;
opendir D, "/usr"; my @d = readdir D; print @d > 3, "\n"; $SIG{ALRM} = sub { print "alarm\n" };
alarm 1; sleep 5; print -s "words", "\n"; exit 4"""
PYTHON = r"""import sys, json, hashlib, zlib, struct, math, random, threading, os, socket
random.seed(1)
print(sys.maxsize, json.dumps([1.5, {"a": 2}]), hashlib.sha256(b"x").hexdigest(), zlib.crc32(b"abc"))
print(math.pi**10, random.random(), 3**200, struct.calcsize("P"))
r = []
ts = [threading.Thread(target=lambda i=i: r.append(i * i)) for i in range(8)]
[t.start() for t in ts]; [t.join() for t in ts]
print(sorted(r), sum(i * i for i in range(100000)), "%.17g" % (0.1 + 0.2), float("1e308") * 10, int("123456789" * 5))
a, b = socket.socketpair(); a.sendall(b"x" * 1000)
print(len(b.recv(2000)), os.stat("words").st_size, os.statvfs("/proc").f_namemax)
if os.fork() == 0: os._exit(7)
print(os.waitstatus_to_exitcode(os.wait()[1]))"""
SQL = """create table t(a, b); with recursive c(x) as (select 1 union all select x+1 from c where x < 5000)
insert into t select x, x*1.5 from c;
select sum(a), sum(b), count(*) from t where a % 7 = 0;
select group_concat(a) from (select a from t order by b desc limit 5); select sqrt(2.0);"""

# (program, arguments); each runs in a directory with the same file "words".
PROGRAMS = [
    ("bash", "-c", BASH),
    ("perl", "-e", PERL),
    ("python3", "-c", PYTHON),
    ("sqlite3", ":memory:", SQL),
    ("xz", "-zc", "words"),
    ("bzip2", "-zc", "words"),
    ("sort", "-rnk2", "words"),
    ("ls", "-ln", "--time-style=+", "/proc/self/fd/0", "words"),
    ("stat", "-c", "%n %s %F %i %Y", "words", "/dev/null"),
    ("sha256sum", "words"),
    ("date", "-u", "-d", "@1234567890"),
    ("factor", "1234567890123"),
    ("seq", "-s,", "1", ".5", "4"),
    ("wc", "words"),
    ("od", "-tx1", "-N32", "words"),
    ("df", "--output=target", "/proc"),
    ("timeout", "0.2", "sleep", "5"),
    ("truncate", "-s", "5G", "large"),
    ("dd", "if=words", "bs=100", "count=3", "status=none"),
    ("env", "-i", "A=b", "printenv"),
    ("cp", "words", "copy"),
]


def run(command):
    """(status, output, names and sizes of the files that are there afterwards) in a fresh directory of the same
    name."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="root") as parent:
        place = os.path.join(parent, "p")
        os.mkdir(place)
        with open(os.path.join(place, "words"), "w") as f:
            f.writelines(f"w{i * 7919 % 1000} {i * 31 % 97}\n" for i in range(3000))
        os.utime(os.path.join(place, "words"), (1000000, 1000000))
        env = {"PATH": "/usr/bin:/bin", "HOME": place, "LC_ALL": "C", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1",
               "TANDEM_CACHE": "0"}
        try:
            done = subprocess.run(command, cwd=place, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=120)
        except subprocess.TimeoutExpired:
            return (None, b"", []), b"no end after 120 s"
        files = sorted((e.name, e.stat().st_size) for e in os.scandir(place))
        return (done.returncode, done.stdout, files), done.stderr


def without_inode(program, result):
    return result if program != "stat" else (result[0], [w for w in result[1].split() if not w.isdigit()], result[2])


def find_judge(root):
    """The command before a program of the root that runs it without tandem, or None."""
    libraries = ":".join(os.path.join(root, p) for p in ("usr/lib/i386-linux-gnu", "lib/i386-linux-gnu"))
    natively = [os.path.join(root, LINKER), "--library-path", libraries]
    if host.runs_32bit():
        return natively
    return ["qemu-i386", *natively] if shutil.which("qemu-i386") else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", required=True)
    parser.add_argument("--root", required=True)
    parser.add_argument("--mode", required=True, choices=MODES)
    parser.add_argument("--only", help="one program")
    args = parser.parse_args()
    root = os.path.abspath(args.root)
    if not os.path.exists(os.path.join(root, LINKER)):
        print(f"skipped: no {os.path.join(root, LINKER)}\n{__doc__}")
        return SKIPPED
    judge = find_judge(root)
    if not judge:
        print("skipped: the host runs no i386 programs, and there is no qemu-i386 (package qemu-user)")
        return SKIPPED
    failed = 0
    for name, *arguments in PROGRAMS:
        if args.only not in (None, name):
            continue
        program = os.path.join(root, "usr/bin", name)
        if not os.path.exists(program):
            print(f"left out: {name} is not in the root")
            continue
        right, _ = run([*judge, program, *arguments])
        got, err = run([os.path.abspath(args.tandem), *MODES[args.mode], "-L", root, program, *arguments])
        same = without_inode(name, got) == without_inode(name, right)
        failed += not same
        print("ok    " if same else "FAILED", name)
        if not same:
            print(f"  got       {got[0]} {got[1][-600:]} {got[2]}\n  elsewhere {right[0]} {right[1][-600:]} {right[2]}")
            print(f"  {err[-500:]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
