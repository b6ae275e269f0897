# SPDX-License-Identifier: Apache-2.0
"""Random RISC-V programs: made from a seed as a tree of units, written as static ELF files without any tool.

A program loads all registers with random values, runs its units (instructions, skips forward, bounded loops, calls,
jumps through a table) and writes its memory buffer, all registers and fcsr to standard output. A unit that is in
`without` is left out, and everything else stays as it was: this is what makes a failing program smaller.

Data, seen from the base register B: buffer [-256, 256) across a page boundary, results from 512 (x, f, fcsr), first
values from 1040 (x, f), jump table from 1552.
"""
import random
import struct

import rv_table as rv

CODE, BASE = 0x10000, 0x201000
RESULT_X, RESULT_F, RESULT_FCSR, FIRST_X, FIRST_F, TABLE = 512, 768, 1024, 1040, 1296, 1552
OUTPUT = (BASE - 256, 256 + 1032)
INTERESTING = [0, 1, 2, 3, 31, 32, 63, 64, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
               1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1, 0xFFFFFFFF80000000, 0xAAAAAAAAAAAAAAAA]
DOUBLES = [0, 1 << 63, 0x3FF0000000000000, 0xBFF0000000000000, 1, 0x000FFFFFFFFFFFFF, 0x0010000000000000,
           0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0xFFF8000000000123,
           0x7FF0000000000001, 0x41DFFFFFFFC00000, 0xC1E0000000000000, 0x43E0000000000000, 0x3FD5555555555555,
           0x4008000000000000]
FLOATS = [0, 1 << 31, 0x3F800000, 0xBF800000, 1, 0x007FFFFF, 0x00800000, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000,
          0xFFC00123, 0x7F800001, 0x4EFFFFFF, 0xCF000000, 0x5F000000, 0x3EAAAAAB, 0x40400000]


class Unit:
    """A leaf (parts: instructions as (name, operands)) or a tree node with body."""

    def __init__(self, number, what, parts=(), body=(), **details):
        self.number, self.what, self.parts, self.body, self.details = number, what, list(parts), list(body), details

    def walk(self):
        yield self
        for unit in self.body:
            yield from unit.walk()


class Program:
    def __init__(self, seed, size=120, fp=True):
        self.seed = seed
        self.random = random.Random(seed)
        self.count = 0
        r = self.random
        reserved = r.sample(range(1, 32), 4)
        self.base, self.counters, self.scratch = reserved[0], reserved[1:3], reserved[3]
        self.links = [1, 5]
        for link in self.links:  # calls need x1 and x5 for themselves
            while link in (self.base, self.scratch, *self.counters):
                fresh = r.choice([x for x in range(6, 32) if x not in (self.base, self.scratch, *self.counters)])
                if self.base == link:
                    self.base = fresh
                elif self.scratch == link:
                    self.scratch = fresh
                else:
                    self.counters[self.counters.index(link)] = fresh
        kept = {self.base, self.scratch, *self.counters, *self.links}
        self.writable = [x for x in range(32) if x not in kept]
        self.fp = fp
        self.x = [self._value(INTERESTING) for _ in range(32)]
        self.f = [self._fp_value() for _ in range(32)]
        self.buffer = bytes(r.randrange(256) for _ in range(512))
        self.rounding = r.randrange(5)
        self.functions = [self._leaf_run(r.randrange(2, 8)) for _ in range(4)]
        self.body = self._units(size, 0)

    # ---- making units ----

    def _value(self, special):
        r = self.random
        return r.choice(special) if r.random() < 0.4 else r.getrandbits(64) >> r.choice([0, 0, 16, 32, 48])

    def _fp_value(self):
        r = self.random
        if r.random() < 0.45:
            return 0xFFFFFFFF00000000 | r.choice(FLOATS)
        if r.random() < 0.7:
            return r.choice(DOUBLES)
        if r.random() < 0.5:
            return struct.unpack("<Q", struct.pack("<d", r.uniform(-1000, 1000)))[0]
        return r.getrandbits(64)

    def _unit(self, what, parts=(), body=(), **details):
        self.count += 1
        return Unit(self.count, what, parts, body, **details)

    def _any(self):
        return self.random.randrange(32)

    def _leaf_run(self, n):
        """A function's body: no atomics, which need the register that holds its return address."""
        return [self._leaf(atomics=False) for _ in range(n)]

    def _units(self, n, depth):
        units, r = [], self.random
        while n > 0:
            p = r.random()
            if depth < 2 and p < 0.035 and n > 6:
                inner = r.randrange(4, max(5, min(n, 24)))
                turns = r.choice([2, 5, 40, 200]) if depth == 0 else r.choice([2, 3, 9])
                units.append(self._unit("loop", body=self._units(inner, depth + 1), turns=turns,
                                        counter=self.counters[depth]))
                n -= inner
            elif p < 0.12 and n > 2:
                inner = r.randrange(1, min(n, 6))
                units.append(self._unit("skip", body=self._units(inner, 2), condition=(
                    r.choice(rv.KINDS["branch"]), self._any(), self._any())))
                n -= inner
            elif p < 0.16:
                units.append(self._unit("call", function=r.randrange(4), link=r.choice(self.links),
                                        direct=r.random() < 0.6, index=r.choice(self.writable)))
                n -= 1
            else:
                units.append(self._leaf())
                n -= 1
        return units

    def _leaf(self, atomics=True):
        r = self.random
        choices = [(self._integer, 10), (self._immediate, 7), (self._memory, 6), (self._compressed, 5),
                   (self._bytes, 1)]
        if atomics:
            choices.append((self._atomic, 1))
        if self.fp:
            choices += [(self._fp, 9), (self._fp_memory, 2), (self._csr, 1)]
        makers, weights = zip(*choices)
        return r.choices(makers, weights)[0]()

    def _integer(self):
        r = self.random
        name = r.choice(rv.KINDS["rrr"] if r.random() < 0.85 else rv.KINDS["rr"])
        return self._unit("leaf", [(name, dict(rd=r.choice(self.writable), rs1=self._any(), rs2=self._any()))])

    def _immediate(self):
        r = self.random
        kind = r.choice(["rri", "rri", "shift6", "shift5", "upper"])
        imm = r.choice([0, 1, -1, 2047, -2048]) if r.random() < 0.3 else r.randrange(-2048, 2048)
        if kind == "upper":
            imm = r.getrandbits(20)
        return self._unit("leaf", [(r.choice(rv.KINDS[kind]), dict(rd=r.choice(self.writable), rs1=self._any(),
                                                                   imm=imm))])

    def _memory(self):
        r = self.random
        offset = r.randrange(-256, 248)
        if r.random() < 0.5:
            return self._unit("leaf", [(r.choice(rv.KINDS["load"]), dict(rd=r.choice(self.writable), rs1=self.base,
                                                                         imm=offset))])
        return self._unit("leaf", [(r.choice(rv.KINDS["store"]), dict(rs1=self.base, rs2=self._any(), imm=offset))])

    def _bytes(self):
        """A value that is loaded byte by byte, or in pairs of bytes, and put together in either order."""
        r = self.random
        size = r.choice([1, 1, 1, 2])
        count = r.choice([2, 4, 4, 8]) // size
        big, offset = r.random() < 0.4, r.randrange(-256, 240)
        into = r.sample([x for x in self.writable if x], count)
        loads = [("lbu" if size == 1 else "lhu", dict(rd=into[i], rs1=self.base, imm=offset + i * size))
                 for i in range(count)]
        steps, order = [], r.sample(range(count), count)
        total = into[order[0]]
        for i in order:
            place = count - 1 - i if big else i
            word = count * size == 4 and place == count - 1 and r.random() < 0.7
            shift = ("slliw" if word else "slli", dict(rd=into[i], rs1=into[i], imm=8 * size * place))
            fresh = r.choice([into[i], total])
            either = ("or", dict(rd=fresh, rs1=into[i], rs2=total))
            steps.append([loads[i]] + [shift] * (place > 0) + [either] * (i != order[0]))
            total = fresh
        if r.random() < 0.1:  # in between, one of the bytes may change
            steps[-1].insert(0, ("sb", dict(rs1=self.base, rs2=self._any(), imm=offset + r.randrange(count * size))))
        if r.random() < 0.7:
            steps = [r.sample(loads, count)] + [step[1:] if step[0] in loads else [step[0]] + step[2:]
                                                for step in steps]
        return self._unit("leaf", [part for step in steps for part in step])

    def _fp_memory(self):
        r = self.random
        offset = r.randrange(-256, 248)
        if r.random() < 0.5:
            return self._unit("leaf", [(r.choice(rv.KINDS["fload"]), dict(rd=self._any(), rs1=self.base, imm=offset))])
        return self._unit("leaf", [(r.choice(rv.KINDS["fstore"]), dict(rs1=self.base, rs2=self._any(), imm=offset))])

    def _fp(self):
        r = self.random
        kind = r.choices(["fff_rm", "ffff_rm", "fff", "rff", "rf", "rf_rm", "fr_rm", "fr", "ff_rm"],
                         [8, 4, 4, 3, 2, 3, 3, 2, 2])[0]
        rd = r.choice(self.writable) if kind[0] == "r" else self._any()
        rm = r.choice([7, 7, 7, 7, 0, 1, 2, 3, 4])
        return self._unit("leaf", [(r.choice(rv.KINDS[kind]), dict(rd=rd, rs1=self._any(), rs2=self._any(),
                                                                   rs3=self._any(), rm=rm))])

    def _csr(self):
        r = self.random
        kind = r.choice(["csr", "csri", "csrm", "csrr", "csrr"])
        imm = r.randrange(5) if kind == "csrm" else r.randrange(32)
        return self._unit("leaf", [(r.choice(rv.KINDS[kind]), dict(rd=r.choice(self.writable), rs1=self._any(),
                                                                   imm=imm))])

    def _atomic(self):
        r = self.random
        parts = [("addi", dict(rd=self.scratch, rs1=self.base, imm=r.randrange(-32, 31) * 8))]
        if r.random() < 0.7:
            parts.append((r.choice(rv.KINDS["amo"]), dict(rd=r.choice(self.writable), rs1=self.scratch,
                                                          rs2=self._any())))
        else:
            w = r.choice("wd")
            parts.append((f"lr.{w}", dict(rd=r.choice(self.writable), rs1=self.scratch)))
            parts.append((f"sc.{w}", dict(rd=r.choice(self.writable), rs1=self.scratch, rs2=self._any())))
        return self._unit("leaf", parts)

    def _compressed(self):
        r = self.random
        kind = r.choice(["ci", "ci", "cshift", "cb_shift", "cb_imm", "ca", "ca", "cr", "cr", "clui"])
        low = [x for x in self.writable if 8 <= x < 16]
        full = [x for x in self.writable if x not in (0, 2)]
        if kind in ("cb_shift", "cb_imm", "ca") and not low:
            kind = "cr"
        rd = r.choice(low if kind in ("cb_shift", "cb_imm", "ca") else full)
        imm = r.randrange(1, 64) if "shift" in kind else r.randrange(-32, 32)
        if kind == "clui" and imm == 0:
            imm = 1
        rs2 = r.randrange(8, 16) if kind == "ca" else r.randrange(1, 32)
        return self._unit("leaf", [(r.choice(rv.KINDS[kind]), dict(rd=rd, rs2=rs2, imm=imm))])

    def numbers(self):
        """Every unit that may be left out."""
        return [u.number for top in self.body + sum(self.functions, []) for u in top.walk()]

    # ---- writing code ----

    def assemble(self, without=frozenset()):
        """(code bytes, addresses of the functions, listing)."""
        out = _Writer(without)
        self._prologue(out)
        for unit in self.body:
            self._emit(out, unit)
        self._epilogue(out)
        addresses = []
        for function in self.functions:
            addresses.append(CODE + out.size)
            out.note(f"function {len(addresses) - 1}:")
            for unit in function:
                self._emit(out, unit)
            out.put(rv.jalr(0, self.scratch), 4, f"jr x{self.scratch}")
        out.fix_calls(addresses)
        return out.bytes(), addresses, out.listing

    def _prologue(self, out):
        out.put(0x37 | self.base << 7 | BASE >> 12 << 12, 4, f"lui x{self.base}, {BASE >> 12:#x}")
        out.put(0x73 | 5 << 12 | 2 << 20 | self.rounding << 15, 4, f"csrwi frm, {self.rounding}")
        for i in range(32):
            out.put(*rv.encode("fld", rd=i, rs1=self.base, imm=FIRST_F + 8 * i), None)
        for i in range(1, 32):
            if i != self.base:
                out.put(*rv.encode("ld", rd=i, rs1=self.base, imm=FIRST_X + 8 * i), None)

    def _epilogue(self, out):
        out.note("end:")
        for i in range(32):
            out.put(*rv.encode("sd", rs1=self.base, rs2=i, imm=RESULT_X + 8 * i), None)
            out.put(*rv.encode("fsd", rs1=self.base, rs2=i, imm=RESULT_F + 8 * i), None)
        a0 = 10 if self.base != 10 else 11
        out.put(*rv.encode("csrr fcsr", rd=a0), None)
        out.put(*rv.encode("sd", rs1=self.base, rs2=a0, imm=RESULT_FCSR), None)
        out.put(*rv.encode("addi", rd=11, rs1=self.base, imm=-256), None)
        for rd, value in ((10, 1), (12, OUTPUT[1]), (17, 64)):
            out.put(*rv.encode("addi", rd=rd, imm=value), None)
        out.put(0x73, 4, "ecall (write)")
        out.put(*rv.encode("addi", rd=10, imm=0), None)
        out.put(*rv.encode("addi", rd=17, imm=93), None)
        out.put(0x73, 4, "ecall (exit)")

    def _emit(self, out, unit):
        if unit.number in out.without:
            return
        if unit.what == "leaf":
            for name, operands in unit.parts:
                out.put(*rv.encode(name, **operands), _text(name, operands))
        elif unit.what == "loop":
            self._emit_loop(out, unit)
        elif unit.what == "skip":
            name, a, b = unit.details["condition"]
            mark = out.reserve(f"{name} x{a}, x{b}, skip {unit.number}")
            for inner in unit.body:
                self._emit(out, inner)
            out.fill(mark, rv.encode(name, rs1=a, rs2=b, imm=out.size - mark)[0])
            out.note(f"skip {unit.number}:")
        else:
            self._emit_call(out, unit)

    def _emit_loop(self, out, unit):
        counter = unit.details["counter"]
        out.put(*rv.encode("addi", rd=counter, imm=unit.details["turns"]), f"li x{counter}, {unit.details['turns']}")
        top = out.size
        out.note(f"loop {unit.number}:")
        for inner in unit.body:
            self._emit(out, inner)
        out.put(*rv.encode("addi", rd=counter, rs1=counter, imm=-1), f"addi x{counter}, x{counter}, -1")
        out.put(*rv.encode("bne", rs1=counter, rs2=0, imm=top - out.size),
                f"bnez x{counter}, loop {unit.number}")

    def _emit_call(self, out, unit):
        """Functions return through scratch, so that x1 and x5 both serve as links without mattering to the callee."""
        link, function = unit.details["link"], unit.details["function"]
        if unit.details["direct"]:
            out.put(0x17 | self.scratch << 7, 4, f"auipc x{self.scratch}, 0")
            out.put(*rv.encode("addi", rd=self.scratch, rs1=self.scratch, imm=12),
                    f"addi x{self.scratch}, x{self.scratch}, 12")
            mark = out.reserve(f"jal x{link}, function {function}")
            out.calls.append((mark, link, function))
            return
        index = unit.details["index"]
        for name, operands in [("andi", dict(rd=self.scratch, rs1=index, imm=3)),
                               ("sh3add", dict(rd=self.scratch, rs1=self.scratch, rs2=self.base)),
                               ("ld", dict(rd=link, rs1=self.scratch, imm=TABLE))]:
            out.put(*rv.encode(name, **operands), _text(name, operands))
        out.put(0x17 | self.scratch << 7, 4, f"auipc x{self.scratch}, 0")
        out.put(*rv.encode("addi", rd=self.scratch, rs1=self.scratch, imm=12),
                f"addi x{self.scratch}, x{self.scratch}, 12")
        out.put(rv.jalr(link, link), 4, f"jalr x{link}, x{link}")

    def elf(self, without=frozenset()):
        code, functions, _ = self.assemble(without)
        data = bytearray(0x1000 + TABLE + 32)
        data[0x1000 - 256:0x1000 + 256] = self.buffer
        struct.pack_into("<32Q", data, 0x1000 + FIRST_X, *self.x)
        struct.pack_into("<32Q", data, 0x1000 + FIRST_F, *self.f)
        struct.pack_into("<4Q", data, 0x1000 + TABLE, *functions)
        return write_elf(code, bytes(data))

    def listing(self, without=frozenset()):
        return "\n".join(self.assemble(without)[2])


class _Writer:
    def __init__(self, without):
        self.without, self.pieces, self.size, self.listing, self.calls = without, [], 0, [], []
        self.marks = {}

    def note(self, text):
        self.listing.append(text)

    def put(self, bits, length, text):
        if text is not None:
            self.listing.append(f"  {CODE + self.size:x}: {bits:0{2 * length}x}  {text}")
        self.pieces.append(bits.to_bytes(length, "little"))
        self.size += length

    def reserve(self, text):
        mark = self.size
        self.marks[mark] = len(self.pieces)
        self.put(0, 4, text)
        return mark

    def fill(self, mark, bits):
        self.pieces[self.marks[mark]] = bits.to_bytes(4, "little")

    def fix_calls(self, addresses):
        for mark, link, function in self.calls:
            self.fill(mark, rv.jal(link, addresses[function] - (CODE + mark)))

    def bytes(self):
        return b"".join(self.pieces)


def _text(name, operands):
    return name + " " + ", ".join(f"{k}={v}" for k, v in operands.items())


def write_elf(code, data):
    """A static RISC-V executable of two segments: code at CODE, data so that the buffer's middle is BASE."""
    header, segment = 64, 56
    code_at, data_at = 0x1000, 0x1000 + (len(code) + 0xFFF & ~0xFFF)
    e = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01" + bytes(9), 2, 243, 1, CODE, header, 0, 5, header,
                    segment, 2, 64, 0, 0)
    p1 = struct.pack("<IIQQQQQQ", 1, 5, code_at, CODE, CODE, len(code), len(code), 0x1000)
    p2 = struct.pack("<IIQQQQQQ", 1, 6, data_at, BASE - 0x1000, BASE - 0x1000, len(data), len(data), 0x1000)
    image = e + p1 + p2
    image += bytes(code_at - len(image)) + code
    return image + bytes(data_at - len(image)) + data


def describe(output):
    """Named parts of a program's output, for telling where two differ."""
    if len(output) != OUTPUT[1]:
        return {"length": len(output)}
    named = {}
    for i, q in enumerate(struct.unpack("<32Q", output[256 + RESULT_X:256 + RESULT_X + 256])):
        named[f"x{i}"] = f"{q:#x}"
    for i, q in enumerate(struct.unpack("<32Q", output[256 + RESULT_F:256 + RESULT_F + 256])):
        named[f"f{i}"] = f"{q:#x}"
    named["fcsr"] = f"{struct.unpack_from('<Q', output, 256 + RESULT_FCSR)[0]:#x}"
    for i in range(64):
        named[f"buffer[{8 * i - 256}]"] = output[8 * i:8 * i + 8].hex()
    return named
