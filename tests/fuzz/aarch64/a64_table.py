# SPDX-License-Identifier: Apache-2.0
"""The rows of the AArch64 front end's table, read from its files, and random instances of them."""
import os
import re

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "frontend", "aarch64")
FILES = ("a64_insns.def", "a64_ldst.def", "a64_scalar.def", "a64_simd.def", "a64_simd_fp.def", "a64_simd_half.def",
         "a64_simd_mem.def")
ROW = re.compile(r'^A64_INSN\((\w+),\s*"([^"]*)",\s*"([^"]*)",\s*"([^"]*)",\s*(\w+),\s*(\w+),\s*(\w+),\s*(\w+),'
                 r'\s*(\w+),\s*(.*?),\s*"([^"]*)"\)', re.M)


class Row:
    """One row: its names as the table has them, and where the fields of its pattern are."""

    def __init__(self, match):
        (self.id, self.name, self.pattern, self.operands, self.feature, self.kind, self.flags, self.check, self.lifter,
         self.arg, self.section) = match.groups()
        self.match = int("".join("1" if c == "1" else "0" for c in self.pattern), 2)
        self.mask = int("".join("1" if c in "01" else "0" for c in self.pattern), 2)
        self.fields = {}
        for field in set(self.pattern) - set("01-"):
            first = self.pattern.index(field)
            last = self.pattern.rindex(field)
            if self.pattern[first:last + 1] == field * (last + 1 - first):
                self.fields[field] = (31 - last, last + 1 - first)
        self.ignored = [31 - n for n, c in enumerate(self.pattern) if c not in "01"]

    def __contains__(self, word):
        return word & self.mask == self.match

    def instance(self, random, **values):
        """A word of the row: fields by name as given, all other bits by chance. None if the row's check fails."""
        word = self.match
        for bit in self.ignored:
            word |= random.getrandbits(1) << bit
        for name, value in values.items():
            if name in self.fields:
                at, size = self.fields[name]
                word = word & ~((1 << size) - 1 << at) | (value & (1 << size) - 1) << at
        return word if holds(self.check, word) else None


def holds(check, word):
    """The row's check, as a64_decode.c has it."""
    sf, shift, imms, immr = word >> 31, word >> 22 & 3, word >> 10 & 63, word >> 16 & 63
    if check in ("AMOUNT", "SHIFT"):
        return (sf or imms < 32) and (check == "AMOUNT" or shift != 3)
    if check == "EXTEND":
        return (word >> 10 & 7) <= 4
    if check == "FIELD":
        return (word >> 22 & 1) == sf and (sf or (imms < 32 and immr < 32))
    if check == "MASK":
        return (sf or not word >> 22 & 1) and is_mask(word >> 22 & 1, imms)
    if check == "WIDE":
        return sf or (word >> 21 & 3) < 2
    if check == "OPTION":
        return bool(word >> 14 & 1)
    return check == "NONE" or vector_holds(check, word)


def vector_holds(check, word):
    """Those of vectors: size, Q, the place of the highest one of immh or of the lowest one of imm5."""
    size, q, immh, elem = word >> 22 & 3, word >> 30 & 1, word >> 19 & 15, (word >> 16 & 15 | 16)
    elem = (elem & -elem).bit_length() - 1
    rules = {
        "V": size < 3 or q,
        "V_BHS": size < 3,
        "V_HS": size in (1, 2),
        "V_BH": size < 2,
        "V_BD": size in (0, 3),
        "V_RED": size < 2 or (size == 2 and q),
        "V_SZ": not size & 1 or q,
        "V_IMM5": elem < 3 or (elem == 3 and q),
        "V_SMOV": elem < 2 or (elem == 2 and q),
        "V_UMOV": elem == 3 if q else elem < 3,
        "V_EXT": q or not word >> 14 & 1,
        "V_LDN": q or (word >> 10 & 3) < 3,
        "V_SHIFT": immh and (immh < 8 or q),
        "V_NARROW": immh and immh < 8,
        "V_FSHIFT": immh >= 4 and (immh < 8 or q),
        "V_SCALAR": immh,
        "V_FSCALAR": immh >= 4,
        "V_FELEM": not size & 1 or (not word >> 21 & 1 and (q or word >> 28 & 1)),
        "FIXED": word >> 31 or word >> 15 & 1,
    }
    return bool(rules[check])


def is_mask(n, imms):
    kind = n << 6 | (~imms & 63)
    if kind < 2:
        return False
    size = 1 << (kind.bit_length() - 1)
    return imms & (size - 1) != size - 1


def load():
    """All rows, in table order."""
    rows = []
    for name in FILES:
        with open(os.path.join(FOLDER, name), encoding="utf-8") as f:
            rows += [Row(m) for m in ROW.finditer(f.read())]
    return rows


def row_of(rows, word):
    """The row that decodes word, or None."""
    for row in rows:
        if word in row and holds(row.check, word):
            return row
    return None
