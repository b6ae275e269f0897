# SPDX-License-Identifier: Apache-2.0
"""Random AArch64 programs: an ELF file of snippets, each of which begins with registers by chance, runs some random
instructions, and appends the registers to what the program prints in the end, behind which comes the memory.

Registers: x28 points at what the program itself needs, x30 is the link register: no instruction is given these. x25,
x26, x27 and sp point into a window of memory, x23 and x24 are small numbers, x24 not negative: nothing is computed into
these.
"""
import random
import struct

CODE, DATA, WINDOW, OUT = 0x400000, 0x10000000, 0x20000000, 0x30000000
WINDOW_SIZE, WINDOW_DUMP = 0x40000, 0x40000
STATES, STATE_BYTES = 64, 1024  # inputs; x0..x31 (28, 30 unused; 31 is sp), nzcv, then v0..v31 from 512 on
# Half of the snippets come to where the flags are read by so many nops: farther than a translator looks.
FAR, NOP = 60, 0xd503201f
RESULT_INT, RESULT_ALL = 256, 768  # bytes that a snippet appends: registers (nzcv for x28, fpsr for x30), vectors
BASES, INDEXES = (25, 26, 27, 31), (23, 24)
SOURCES = [n for n in range(32) if n not in (28, 30)]
TARGETS = [n for n in range(23)] + [29, 31]
CONTROL = DATA  # [0] where the next result goes, [8] the next input, [16] [24] spilled registers
INPUTS = DATA + 0x1000

# ---- an assembler for what the frame needs ----


def ldr(t, n, offset, bits=64):
    return {64: 0xf9400000, 32: 0xb9400000}[bits] | offset // (bits // 8) << 10 | n << 5 | t


def str_(t, n, offset):
    return 0xf9000000 | offset // 8 << 10 | n << 5 | t


def ldp(t, u, n, offset):
    return 0xa9400000 | (offset // 8 & 127) << 15 | u << 10 | n << 5 | t


def stp(t, u, n, offset):
    return 0xa9000000 | (offset // 8 & 127) << 15 | u << 10 | n << 5 | t


def qpair(load, t, n, offset):
    return (0xad400000 if load else 0xad000000) | (offset // 16 & 127) << 15 | (t + 1) << 10 | n << 5 | t


def mov(d, value):
    """A 64-bit constant in four instructions."""
    return [(0xd2800000 if n == 0 else 0xf2800000) | n << 21 | (value >> 16 * n & 0xffff) << 5 | d for n in range(4)]


def add_imm(d, n, value):
    return 0x91000000 | value << 10 | n << 5 | d


def jump(link, words):
    return (0x94000000 if link else 0x14000000) | words & 0x3ffffff


MRS_FPSR, MRS_NZCV, MSR_NZCV, RET, SVC, CLREX = 0xd53b4420, 0xd53b4200, 0xd51b4200, 0xd65f03c0, 0xd4000001, 0xd5033f5f
MSR_FPCR_XZR, MSR_FPSR_XZR, MSR_TPIDR_XZR = 0xd51b441f, 0xd51b443f, 0xd51bd05f
MOV_X2_XZR, ANY_FPSR = 0xaa1f03e2, 1 << 21 | 31  # bits in which reads and writes of FPSR differ


def load_state(vectors, flags):
    code = [CLREX, MSR_TPIDR_XZR, MSR_FPCR_XZR, MSR_FPSR_XZR if flags else NOP, ldr(0, 28, 8)]
    if vectors:
        code += [add_imm(1, 0, 512)] + [qpair(True, n, 1, n * 16) for n in range(0, 32, 2)]
    code += [ldr(1, 0, 256), MSR_NZCV | 1, ldr(1, 0, 31 * 8), add_imm(31, 1, 0)]
    code += [ldp(n, n + 1, 0, n * 8) for n in range(2, 28, 2)] + [ldr(29, 0, 29 * 8), ldp(0, 1, 0, 0), RET]
    return code


def save_state(vectors, flags):
    size = RESULT_ALL if vectors else RESULT_INT
    code = [stp(0, 1, 28, 16), ldr(0, 28, 0), MRS_NZCV | 1]
    code += [stp(n, n + 1, 0, n * 8) for n in range(2, 28, 2)]
    code += [stp(1, 29, 0, 28 * 8), ldp(2, 3, 28, 16), stp(2, 3, 0, 0), add_imm(1, 31, 0),
             MRS_FPSR | 2 if flags else MOV_X2_XZR, stp(2, 1, 0, 30 * 8)]
    if vectors:
        code += [add_imm(1, 0, 256)] + [qpair(False, n, 1, n * 16) for n in range(0, 32, 2)]
    code += [add_imm(0, 0, size), str_(0, 28, 0)]
    # the next input, in a ring
    code += [ldr(1, 28, 8), add_imm(1, 1, STATE_BYTES), *mov(2, INPUTS), 0xcb020021, 0x92400000 | 15 << 10 | 1 << 5 | 1,
             0x8b020021, str_(1, 28, 8), RET]
    return code


assert STATES * STATE_BYTES == 1 << 16


def special(rng):
    """A number that is more interesting than most."""
    kind = rng.randrange(6)
    if kind == 0:
        return rng.randrange(-4, 5) & (1 << 64) - 1
    if kind == 1:
        return (1 << rng.randrange(65)) - rng.randrange(2) & (1 << 64) - 1
    if kind == 2:
        return rng.choice((0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000))
    if kind == 3:
        return rng.getrandbits(32)
    return rng.getrandbits(64)


def floats(rng):
    """A double, or two singles: of each kind that arithmetic tells apart."""
    if rng.random() < 0.5:
        return rng.choice(FLOATS64 + (rng.getrandbits(64), rng.getrandbits(60) | 0x3f << 56))
    low, high = (rng.choice(FLOATS32 + (rng.getrandbits(32), rng.getrandbits(27) | 0x7 << 27)) for _ in range(2))
    return high << 32 | low


# zero, one, infinity, NaNs that are quiet and not, subnormals, smallest normals, what does not fit integers
FLOATS32 = (0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fc12345, 0xffc00001,
            0x7f800001, 0xffa00000, 1, 0x80000001, 0x7fffff, 0x800000, 0x7f7fffff, 0x40490fdb, 0x4b800000, 0x4f000000,
            0xcf000000, 0x5f000000, 0x3f000000, 0xbf000001)
FLOATS64 = (0, 1 << 63, 0x3ff << 52, 0xbff << 52, 0x7ff << 52, 0xfff << 52, 0x7ff8 << 48, 0x7ff8123456789abc,
            0xfff8000000000001, 0x7ff0000000000001, 0xfff4 << 48, 1, 1 << 63 | 1, (1 << 52) - 1, 1 << 52,
            0x7fefffffffffffff, 0x400921fb54442d18, 0x433 << 52, 0x41e << 52, 0x43e << 52, 0xc3e << 52, 0x43f << 52,
            0x3fe << 52, 0x369 << 52, 0x380fffffffffffff, 0x47efffffffffffff, 0x36a0000000000001)


def window_address(rng, aligned):
    at = WINDOW + WINDOW_SIZE // 4 + 16 * rng.randrange(64)
    return at if aligned else at + rng.randrange(16)


def state(rng):
    x = [special(rng) for _ in range(32)]
    x[23], x[24] = rng.randrange(-64, 64) & (1 << 64) - 1, rng.randrange(64)
    x[25], x[31] = window_address(rng, True), window_address(rng, True)
    x[26], x[27] = window_address(rng, True), window_address(rng, False)
    vectors = [special(rng) if rng.random() < 0.5 else floats(rng) for _ in range(64)]
    return struct.pack("<32Q", *x) + struct.pack("<32Q", rng.getrandbits(4) << 28, *[0] * 31) + \
        struct.pack("<64Q", *vectors)


class Program:
    """snippets: lists of words. vectors: whether a snippet begins and ends with vector registers. flags: whether the
    program ever looks at FPSR; if not, floating point is another translation mode."""

    def __init__(self, seed, snippets, vectors, flags=True):
        self.seed, self.snippets, self.vectors, self.flags = seed, snippets, vectors, flags
        if not flags:
            self.snippets = [[NOP if word | ANY_FPSR == MRS_FPSR | ANY_FPSR else word for word in snippet]
                             for snippet in snippets]

    def elf(self, only=None):
        """The file; only: the numbers of the snippets that it has, with the inputs that they have in the whole one."""
        rng = random.Random(self.seed)
        inputs = b"".join(state(rng) for _ in range(STATES))
        window = rng.randbytes(WINDOW_SIZE)
        code = [*mov(28, CONTROL), 0]  # 0: over the functions
        load_at, load = len(code), load_state(self.vectors, self.flags)
        code += load
        far_at = len(code)
        code += [NOP] * FAR
        save_at = len(code)
        code += save_state(self.vectors, self.flags)
        code[4] = jump(False, len(code) - 4)
        for number, snippet in enumerate(self.snippets):
            if only is not None:
                if number not in only:
                    continue
                code += [*mov(0, INPUTS + number % STATES * STATE_BYTES), str_(0, 28, 8)]
            code.append(jump(True, load_at - len(code)))
            code += snippet
            code.append(jump(True, (far_at if number % 2 else save_at) - len(code)))
        code += self.ending(len(code))
        text = struct.pack(f"<{len(code)}I", *code)
        control = struct.pack("<4Q", OUT, INPUTS, 0, 0).ljust(0x1000, b"\0")
        size = (len(self.snippets) * (RESULT_ALL if self.vectors else RESULT_INT) + 0xffff) & ~0xffff
        return link(text, [(DATA, control + inputs, 0), (WINDOW, window, 0), (OUT, b"", size)])

    def ending(self, at):
        """Writes the results, then the window; write(2) may write less than it is asked."""
        code = []
        for end in (None, WINDOW + WINDOW_DUMP):
            code += mov(1, OUT if end is None else WINDOW)
            code += [ldr(3, 28, 0), *[NOP] * 3] if end is None else mov(3, end)
            # again: x2 = x3 - x1; b.le over; write; x1 += x0; b again
            code += [0xeb010062, 0x54000000 | 7 << 5 | 13, *mov(0, 1)[:1], 0xd2800800 | 8, SVC, 0x8b000021,
                     0xeb1f001f, 0x54000000 | ((-7) & 0x7ffff) << 5 | 12]
        return code + [0xd2800000, 0xd2800ba8, SVC]


def link(text, segments):
    """An ELF file of code at CODE and (address, bytes, further zeros)."""
    loads = [(5, CODE, text, 0)] + [(6, *s) for s in segments]
    head = 64 + 56 * len(loads)
    offset, headers, body = (head + 0xfff) & ~0xfff, b"", b""
    for flags, address, data, more in loads:
        headers += struct.pack("<IIQQQQQQ", 1, flags, offset + len(body), address, address, len(data), len(data) + more,
                               0x1000)
        body += data.ljust((len(data) + 0xfff) & ~0xfff, b"\0")
    elf = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01" + bytes(9), 2, 183, 1, CODE, 64, 0, 0, 64, 56,
                      len(loads), 64, 0, 0)
    return (elf + headers).ljust((head + 0xfff) & ~0xfff, b"\0") + body
