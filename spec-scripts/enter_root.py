#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command in a root directory of packages (root.sh makes it), under tandem or natively.

The command sees the root as /, with /proc, /dev, /sys and empty /tmp, /run and /work of its own; has network on
loopback alone; and is the first of a tree of processes, none of which outlives it, this script, or the thread that
began the script. What it writes is gone afterwards but with --writable. Status: the command's, 128 and the signal if
it died of one, 125 with a message if this machine lets nobody do that (it takes root, or user namespaces).
"""
import argparse
import ctypes
import fcntl
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys

CANNOT = 125
NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, BIND, REC, PRIVATE, DETACH = 1, 2, 0x1000, 0x4000, 0x40000, 2
PR_SET_PDEATHSIG = 1
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
EMPTY = {"tmp": "1777", "run": "755", "work": "1777", "var/tmp": "1777"}
INSIDE = "opt/tandem"  # the folder of the tandem binary, in the root
libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result < 0:
        err = ctypes.get_errno()
        raise OSError(err, f"{what}: {os.strerror(err)}")


def mount(source, target, kind=None, flags=0, data=None):
    text = [None if t is None else os.fsencode(t) for t in (source, target, kind, data)]
    check(libc.mount(*text[:3], ctypes.c_ulong(flags), text[3]), f"mount {target}")


def unshare():
    """New namespaces; without root rights in a user namespace, as its root."""
    ids = os.getuid(), os.getgid()
    user = NEWUSER if ids[0] else 0
    check(libc.unshare(user | NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET), "unshare")
    if user:
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {ids[0]} 1"), ("gid_map", f"0 {ids[1]} 1")):
            with open(f"/proc/self/{name}", "w") as f:
                f.write(text)


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        request = struct.pack("16sH14x", b"lo", 1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(s, 0x8914, request)  # SIOCSIFFLAGS


def host_libraries(binary):
    """Files that the host's program needs, its dynamic linker among them."""
    text = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False).stdout
    return re.findall(r"(/\S+) \(0x", text)


def lend_libraries(root, binary):
    """Puts the libraries that tandem needs where its dynamic linker looks for them, unless the root has its own: a
    root of amd64 has a newer C library, which serves."""
    folder = os.path.dirname(binary)
    needed = [f for name in (os.path.basename(binary), "libtandem-llvm.so")
              for f in host_libraries(os.path.join(folder, name)) if os.path.exists(os.path.join(folder, name))]
    for path in dict.fromkeys(needed):
        target = root + path
        if not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            fresh = f"{target}.{os.getpid()}"
            shutil.copy(path, fresh)
            os.replace(fresh, target)


def fill_dev(root):
    mount("tmpfs", f"{root}/dev", "tmpfs", NOSUID, "mode=755")
    for name in DEVICES:
        with open(f"{root}/dev/{name}", "w"):
            pass
        mount(f"/dev/{name}", f"{root}/dev/{name}", None, BIND)
    for name in ("pts", "shm"):
        os.mkdir(f"{root}/dev/{name}")
    mount("devpts", f"{root}/dev/pts", "devpts", NOSUID, "newinstance,ptmxmode=666,mode=620")
    mount("tmpfs", f"{root}/dev/shm", "tmpfs", NOSUID, "mode=1777")
    for name, target in (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"),
                         ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")):
        os.symlink(target, f"{root}/dev/{name}")


def make_view(args, binds):
    """Mounts all of it; the folder that is to be the root."""
    mount("none", "/", None, REC | PRIVATE)
    root = args.root
    for name in [*EMPTY, "proc", "dev", "sys", INSIDE, *binds]:
        os.makedirs(os.path.join(root, name), exist_ok=True)
    if not args.writable:
        # The folder is not /tmp, where the source of a mount may lie.
        place = "/mnt"
        mount("tmpfs", place, "tmpfs", 0, "mode=755")
        for name in ("upper", "work", "root"):
            os.mkdir(f"{place}/{name}")
        mount("overlay", f"{place}/root", "overlay", 0,
              f"lowerdir={root},upperdir={place}/upper,workdir={place}/work")
        root = f"{place}/root"
    for name, mode in EMPTY.items():
        mount("tmpfs", f"{root}/{name}", "tmpfs", NOSUID, f"mode={mode}")
    mount("proc", f"{root}/proc", "proc")
    mount("/sys", f"{root}/sys", None, BIND | REC)
    fill_dev(root)
    for name, source in binds.items():
        os.makedirs(f"{root}/{name}", exist_ok=True)
        mount(source, f"{root}/{name}", None, BIND)
    return root


def run_first(args, command, root):
    """The first process of the namespace: waits for all the others, ends with the command."""
    os.chroot(root)
    os.chdir("/work")
    main = os.fork()
    if main == 0:
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        try:
            os.execve(command[0], command, dict(e.split("=", 1) for e in args.env))
        except OSError as e:
            print(f"enter_root: {command[0]}: {e}", file=sys.stderr)
            os._exit(127)
    while True:
        pid, status = os.wait()
        if pid == main:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", metavar="BINARY", help="run the command under this tandem")
    parser.add_argument("--option", action="append", default=[], help="an option of tandem's; may be repeated")
    parser.add_argument("--writable", action="store_true", help="what the command writes stays in the root")
    parser.add_argument("--bind", action="append", default=[], metavar="FOLDER=NAME",
                        help="a folder of the machine that is NAME in the root; may be repeated")
    parser.add_argument("--env", action="append", metavar="NAME=VALUE", help="the environment: nothing else is in it",
                        default=["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                                 "LC_ALL=C.UTF-8", "TZ=UTC"])
    parser.add_argument("root")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    args.root = os.path.abspath(args.root)
    if not args.command:
        parser.error("no command")
    return args


def main():
    args = parse_arguments()
    command = args.command
    binds = {name.strip("/"): os.path.abspath(source) for source, name in (b.split("=", 1) for b in args.bind)}
    if args.tandem:
        binary = os.path.realpath(args.tandem)
        binds[INSIDE] = os.path.dirname(binary)
        command = [f"/{INSIDE}/{os.path.basename(binary)}", *args.option, *command]
        lend_libraries(args.root, binary)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        unshare()
    except OSError as e:
        print(f"enter_root: {e}", file=sys.stderr)
        return CANNOT
    first = os.fork()
    if first == 0:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        try:
            loopback_up()
            root = make_view(args, binds)
        except OSError as e:
            print(f"enter_root: {e}", file=sys.stderr)
            os._exit(CANNOT)
        run_first(args, command, root)
    return os.waitstatus_to_exitcode(os.waitpid(first, 0)[1]) % 256


if __name__ == "__main__":
    sys.exit(main())
