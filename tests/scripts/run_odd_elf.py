#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Unusual ELF files that the kernel loads, as packers and hand-written programs make them: tandem must run each.

run_odd_elf.py --tandem FILE

Each program ends with status 42, or by the signal that its row says. What the host runs also runs natively: the kernel
is the reference there."""
import argparse
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile

import host

LOAD, STACK = 1, 0x6474E551
X, W, R = 1, 2, 4
BASE, PAGE = 0x400000, 4096
ALL = "all"  # the whole file: headers and code
STATUS = 42


class Arch:
    def __init__(self, name, machine, bits, code, on_stack, flags=0):
        self.name, self.machine, self.bits, self.flags = name, machine, bits, flags
        self.code = bytes.fromhex(code)
        self.on_stack = bytes.fromhex(on_stack) + self.code

    def header(self, kind, entry, headers):
        ident = b"\x7fELF" + bytes([2 if self.bits == 64 else 1, 1, 1]) + bytes(9)
        word, size, one = ("Q", 64, 56) if self.bits == 64 else ("I", 52, 32)
        return ident + struct.pack("<HHI3" + word + "I6H", kind, self.machine, 1, entry, size, 0, self.flags, size, one,
                                   headers, 0, 0, 0)

    def segment(self, kind, rights, offset, address, in_file, in_memory, align):
        if self.bits == 64:
            return struct.pack("<II6Q", kind, rights, offset, address, address, in_file, in_memory, align)
        return struct.pack("<8I", kind, offset, address, address, in_file, in_memory, rights, align)


ARCHS = [
    # exit_group(42): mov edi/ebx, 42; mov eax, number; syscall / int 0x80, and li a0, 42; li a7, 94; ecall
    # before it, on_stack: push 0xc3 (ret); call rsp/esp, and li t0, 0x8067 (ret); push it; fence.i; jalr sp
    Arch("x86_64", 62, 64, "bf2a000000b8e70000000f05", "68c3000000ffd4"),
    Arch("i386", 3, 32, "bb2a000000b8fc000000cd80", "68c3000000ffd4"),
    Arch("riscv64", 243, 64, "1305a0029308e00573000000", "b782000093827206130101ff232051000f100000e7000100", flags=5),
]

CODE = (LOAD, R | X, 0, BASE, ALL, ALL, PAGE)
STACK_RW, STACK_RWX = (STACK, R | W, 0, 0, 0, 0, 16), (STACK, R | W | X, 0, 0, 0, 0, 16)
# name: segments, and what differs: kind of file, its base, bytes of the header, which code, the end (a status, or minus
# a signal; per guest if a dict), the first kernel that does so
PROGRAMS = {
    "plain": ([CODE], {}),
    "position independent without a dynamic section": ([(LOAD, R | X, 0, 0, ALL, ALL, PAGE)], {"kind": 3, "base": 0}),
    "more bytes than the file has": ([(LOAD, R | X, 0, BASE, 8000, 8000, PAGE)], {}),
    "segments in descending order": (
        [(LOAD, R | X, 0, BASE + 0x10000, ALL, ALL, PAGE), (LOAD, R | W, 0, BASE, ALL, ALL, PAGE)],
        {"base": BASE + 0x10000}),
    "two segments for one page": ([CODE, CODE], {}),
    "a segment of zeros inside of another": ([(LOAD, R | W | X, 0, BASE, ALL, 0x3000, PAGE),
                                             (LOAD, R | W, 0, BASE + 0x1000, 0, 0x1000, PAGE)], {}),
    "alignment 3": ([(LOAD, R | X, 0, BASE, ALL, ALL, 3)], {}),
    "alignment of 2 MiB": ([(LOAD, R | X, 0, 0, ALL, ALL, 1 << 21)], {"kind": 3, "base": 0}),
    "zeros at an odd address": ([CODE, (LOAD, R | W, 0, BASE + 0x10123, 0, 8192, PAGE)], {}),
    "no bytes at an offset behind the end": ([CODE, (LOAD, R | W, 0xFFFF0, BASE + 0x10000, 0, 8192, PAGE)], {}),
    "a segment without rights": ([CODE, (LOAD, 0, 0, BASE + 0x10000, ALL, ALL, PAGE)], {}),
    "code that may only be executed": ([(LOAD, X, 0, BASE, ALL, ALL, PAGE)], {}),
    "an empty segment first": ([(LOAD, R, 0, 0, 0, 0, PAGE), CODE], {}),
    "nine hundred headers": ([CODE] + [(0, 0, 0, 0, 0, 0, 0)] * 900, {}),
    "another order of bytes": ([CODE], {"ident": {5: 2}}),
    "another class": ([CODE], {"ident": {4: 3}, "end": {"riscv64": 126, "": STATUS}}),
    "zeros over the code": ([CODE, (LOAD, R | W, 8, BASE + 8, 0, 1, PAGE)],
                            {"end": -signal.SIGSEGV, "since": (6, 6)}),
    "the i486's number": ([CODE], {"ident": {18: 6}, "end": {"i386": STATUS, "": 126}}),
    "code on a stack of two kinds": ([CODE, STACK_RW, STACK_RWX], {"code": "on_stack"}),
    "code on a stack of two other kinds": ([CODE, STACK_RWX, STACK_RW], {"code": "on_stack", "end": -signal.SIGSEGV}),
    "code in data, and nothing said of the stack": ([(LOAD, R | W, 0, BASE, ALL, ALL, PAGE)],
                                                    {"end": {"i386": STATUS, "": -signal.SIGSEGV}}),
    "code in data, and a stack that is none": ([(LOAD, R | W, 0, BASE, ALL, ALL, PAGE), STACK_RW],
                                               {"end": -signal.SIGSEGV}),
}


def build(arch, segments, more):
    kind, base, code = more.get("kind", 2), more.get("base", BASE), getattr(arch, more.get("code", "code"))
    one, size = (56, 64) if arch.bits == 64 else (32, 52)
    at = (size + one * len(segments) + 15) & ~15
    total = at + len(code)
    headers = b"".join(arch.segment(*(total if v == ALL else v for v in s)) for s in segments)
    head = bytearray(arch.header(kind, base + at, len(segments)) + headers)
    for place, value in more.get("ident", {}).items():
        head[place] = value
    return head + bytes(at - len(head)) + code


def short_header():
    """An i386 program of 45 bytes: its program header begins in its ELF header, and the file ends in both."""
    base, entry = 0x10000, 0x10020
    return (b"\x7fELF" + struct.pack("<4I", 1, 0, base, 3 << 16 | 2) + struct.pack("<3I", entry, entry, 4) +
            bytes.fromhex("b32a31c040cd8000") + struct.pack("<HHB", 52, 32, 1))


def run(command):
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    except OSError as e:
        return subprocess.CompletedProcess(command, 126, b"", str(e).encode())


def kernel_is(since):
    return tuple(int(n) for n in re.findall(r"\d+", os.uname().release)[:2]) >= since


def check(tandem, arch, name, data, want, folder, since=(0, 0)):
    path = os.path.join(folder, "program")
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, 0o755)
    complaints = []
    if host.runs(arch.name) and kernel_is(since) and run([path]).returncode != want:
        complaints.append(f"{arch.name}, {name}: the kernel does not end it with {want}")
    got = run([tandem, "--cache=0", path])
    if got.returncode != want:
        text = got.stderr.decode(errors="replace").strip()
        complaints.append(f"{arch.name}, {name}: ended with {got.returncode}, expected {want}. {text}")
    os.remove(path)
    return complaints


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tandem", required=True)
    args = parser.parse_args()
    complaints, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for arch in ARCHS:
            for name, (segments, more) in PROGRAMS.items():
                end = more.get("end", STATUS)
                want = end.get(arch.name, end.get("")) if isinstance(end, dict) else end
                data = build(arch, segments, more)
                complaints += check(args.tandem, arch, name, data, want, folder, more.get("since", (0, 0)))
                count += 1
        complaints += check(args.tandem, ARCHS[1], "45 bytes", short_header(), STATUS, folder)
        count += 1
    for c in complaints:
        print(c)
    print(f"{count} programs, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
