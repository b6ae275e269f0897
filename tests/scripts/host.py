# SPDX-License-Identifier: Apache-2.0
"""What the machine that runs the tests can do. Tests ask here, and skip or judge otherwise where it cannot.

TANDEM_TEST_NO_COMPAT32=1, TANDEM_TEST_NO_FSGSBASE=1 and TANDEM_TEST_NO_PTRACE=1 make a machine look like one whose
kernel runs no 32-bit programs, whose programs may not use rdfsbase and its kin, and may not trace others. The C++ tests
read the same variables (tests/harness/host.h).
"""
import ctypes
import os
import platform
import struct
import subprocess
import tempfile
from functools import lru_cache

# mov $1, %eax; mov $42, %ebx; int $0x80
EXIT_42 = bytes.fromhex("b801000000bb2a000000cd80")
BASE = 0x08048000


def features():
    """The CPU's features as /proc/cpuinfo names them."""
    with open("/proc/cpuinfo") as f:
        found = next((set(line.split(":")[1].split()) for line in f if line.startswith("flags")), set())
    return found - ({"fsgsbase"} if os.environ.get("TANDEM_TEST_NO_FSGSBASE") else set())


def is_x86_64():
    return platform.machine() == "x86_64"


def tiny_i386_program():
    """An ELF file of 32 bits that ends with status 42."""
    header, segment = 52, 32
    size = header + segment + len(EXIT_42)
    elf = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01" + bytes(9), 2, 3, 1, BASE + header + segment, header,
                      0, 0, header, segment, 1, 40, 0, 0)
    return elf + struct.pack("<8I", 1, 0, BASE, BASE, size, size, 5, 4096) + EXIT_42


@lru_cache(maxsize=None)
def runs_32bit():
    """Does the kernel run i386 programs?"""
    if os.environ.get("TANDEM_TEST_NO_COMPAT32") or not is_x86_64():
        return False
    with tempfile.NamedTemporaryFile(delete=False, suffix=".i386") as f:
        f.write(tiny_i386_program())
    try:
        os.chmod(f.name, 0o700)
        return subprocess.run([f.name], check=False).returncode == 42
    except OSError:
        return False
    finally:
        os.unlink(f.name)


def runs(guest):
    """Does the host run programs of this guest (riscv64, aarch64, x86_64, i386) by itself?"""
    return {"x86_64": is_x86_64, "i386": runs_32bit}.get(guest, lambda: False)()


@lru_cache(maxsize=None)
def allows_ptrace():
    """May a process trace its child? (Containers may forbid it.)"""
    if os.environ.get("TANDEM_TEST_NO_PTRACE"):
        return False
    seize = 0x4206
    with subprocess.Popen(["sleep", "10"]) as child:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        allowed = libc.ptrace(seize, child.pid, None, None) == 0
        child.kill()
    return allowed
