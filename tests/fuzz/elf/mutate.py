# SPDX-License-Identifier: Apache-2.0
"""ELF files with something wrong: the same mutation of the same file for each guest, by a seed.

A file is described as fields (Image), mutated as such, and only then put together for a guest of 32 or 64 bits."""
import copy
import random
import struct

PHDR, LOAD, DYNAMIC, INTERP, NOTE = 6, 1, 2, 3, 4
STACK, PROPERTY, RELRO = 0x6474E551, 0x6474E553, 0x6474E552
X, W, R = 1, 2, 4
PAGE, BASE = 0x1000, 0x400000
EXEC, DYN = 2, 3
LINKER, NOTES, DYNAMICS = 0xE00, 0xF00, 0xF40  # places on the first page
FILE_SIZE = 0x2100
FIELDS = ["type", "flags", "offset", "vaddr", "paddr", "filesz", "memsz", "align"]
FIELDS_32 = ["type", "offset", "vaddr", "paddr", "filesz", "memsz", "flags", "align"]
HEADER = ["type", "machine", "version", "entry", "phoff", "shoff", "flags", "ehsize", "phentsize", "phnum", "shentsize",
          "shnum", "shstrndx"]
OWN = [(4, 5), (18, 20), (48, 52), (PAGE, 2 * PAGE)]  # bytes of each guest alone: class, machine, flags, code
TASK = 1 << 47  # the kernel's and tandem's; what a program of x86-64 or riscv64 can have
MACHINES = {"x86_64": 62, "i386": 3, "riscv64": 243}
KINDS = ["exec", "pie", "dynamic", "linker"]  # what is mutated: a program, one with a dynamic linker, the linker


def segment(*values):
    return dict(zip(FIELDS, values))


class Image:
    """One file before it is put together. None in the header: what is right."""

    def __init__(self, kind, linker):
        base = BASE if kind == "exec" else 0
        self.base = base
        self.header = dict.fromkeys(HEADER)
        self.header["type"] = EXEC if kind == "exec" else DYN
        self.ident = {}
        self.linker = linker.encode() + b"\0"
        self.size = FILE_SIZE
        self.bytes = []  # (offset, value)
        rows = [(PHDR, R, 0x40, 0x200, 0x200, 8), (LOAD, R, 0, PAGE, PAGE, PAGE),
                (LOAD, R | X, PAGE, 0x800, 0x800, PAGE), (LOAD, R | W, 2 * PAGE, 0x10, 0x2F00, PAGE),
                (STACK, R | W, 0, 0, 0, 16), (NOTE, R, NOTES, 0x20, 0x20, 8), (PROPERTY, R, NOTES, 0x20, 0x20, 8),
                (DYNAMIC, R, DYNAMICS, 0x40, 0x40, 8)]
        if kind == "dynamic":
            rows.insert(1, (INTERP, R, LINKER, len(self.linker), len(self.linker), 1))
        self.segments = [segment(t, f, o, o + base, o + base, n, m, a) for t, f, o, n, m, a in rows]

    def is_of_guest(self):
        """Does what the kernel looks at depend on the guest, beyond the width? Its headers or a name lie in OWN."""
        def own(at, size):
            return any(at < end and first < at + size for first, end in OWN)
        tables = [(at, 1) for at, _ in self.bytes if at < 52]
        tables += [(s["offset"], s["filesz"]) for s in self.segments if s["type"] == INTERP]
        tables += [(self.header["phoff"] or 64, 56 * (self.header["phnum"] or len(self.segments)))]
        return 4 in self.ident or self.header["machine"] is not None or any(own(*t) for t in tables)

    def goes_astray(self):
        """Does the program begin somewhere in the code, or elsewhere?"""
        return self.header["entry"] is not None or any(24 <= at < 32 for at, _ in self.bytes)

    def first_bytes(self, guest):
        """The headers."""
        wide = guest != "i386"
        word, head, one = ("Q", 64, 56) if wide else ("I", 52, 32)
        mask = 2**64 - 1 if wide else 2**32 - 1
        right = {"machine": MACHINES[guest], "version": 1, "entry": self.base + PAGE, "phoff": head, "shoff": 0,
                 "flags": 5 if guest == "riscv64" else 0, "ehsize": head, "phentsize": one,
                 "phnum": len(self.segments), "shentsize": 0, "shnum": 0, "shstrndx": 0}
        value = {n: (right[n] if v is None else v) for n, v in self.header.items()}
        limits = dict(zip(HEADER, [2**16, 2**16, 2**32, mask + 1, mask + 1, mask + 1, 2**32] + [2**16] * 6))
        ident = bytearray(b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9))
        for at, v in self.ident.items():
            ident[at] = v
        blob = bytes(ident) + struct.pack("<HHI3" + word + "I6H", *(value[n] % limits[n] for n in HEADER))
        for s in self.segments:
            low = {n: v & (2**32 - 1) if n in ("type", "flags") else v & mask for n, v in s.items()}
            blob += struct.pack("<II6Q" if wide else "<8I", *(low[n] for n in (FIELDS if wide else FIELDS_32)))
        return blob

    def put_together(self, guest, code, data):
        blob = self.first_bytes(guest)
        page = bytearray(max(PAGE, len(blob)))
        page[LINKER:LINKER + len(self.linker)] = self.linker
        page[NOTES:NOTES + 0x20] = struct.pack("<3I4s4I", 4, 16, 5, b"GNU", 0xC0000002, 4, 3, 0)
        page[:len(blob)] = blob
        rest = code.ljust(PAGE, b"\xAA") + data.ljust(0x10, b"\0") + b"\xAA" * (FILE_SIZE - 0x2010)
        file = bytearray((page + rest)[:self.size])
        for at, v in self.bytes:
            if at < len(file):
                file[at] = v
        return bytes(file)


def loads_of(file):
    """The type of a file, and address, bytes in the file and in memory of each PT_LOAD; none if the headers are not
    there."""
    wide = file[18:19] != b"\3"
    one = "<II6Q" if wide else "<8I"
    try:
        kind, = struct.unpack_from("<H", file, 16)
        at, = struct.unpack_from("<Q" if wide else "<I", file, 32 if wide else 28)
        count, = struct.unpack_from("<H", file, 56 if wide else 44)
        rows = list(struct.iter_unpack(one, file[at:at + count * struct.calcsize(one)]))
    except struct.error:
        return 0, []
    return kind, [(s[3], s[5], s[6]) if wide else (s[2], s[4], s[5]) for s in rows if s[0] == LOAD]


def is_placed_by_chance(file):
    """Is the file position independent, and its first segment without bytes or not the lowest one? The kernel then maps
    the others over what is there. Tandem finds room for all. Or so large that the kernel, which takes a place at two
    thirds of the addresses, has no room, and tandem, which looks for a place, may have?"""
    kind, loads = loads_of(file)
    if kind != DYN or not loads:
        return False
    span = max(at + size for at, _, size in loads) - min(loads)[0]
    return loads[0][1] == 0 or min(loads)[0] < loads[0][0] or span > TASK // 3 - (1 << 40)


def has_tandems_place(file):
    """Does the file ask for addresses where tandem itself is? It is said then, and the program does not run."""
    kind, loads = loads_of(file)
    return kind == EXEC and bool(loads) and max(at + size for at, _, size in loads) > TASK * 2 // 3 - (1 << 40)


def value_near(r, old, size):
    """A value that is likely to be looked at wrongly."""
    return r.choice([
        lambda: 0, lambda: 1, lambda: r.choice([2, 3, 7, 8, 16, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 1 << 21]),
        lambda: old + r.choice([-1, 1, 2, 8, -8, 16, 0x100, PAGE, -PAGE, 2 * PAGE, 16 * PAGE]),
        lambda: old ^ 1 << r.randrange(size), lambda: 1 << r.randrange(size),
        lambda: (1 << r.choice([12, 16, 30, 31, 32, 46, 47, 48, 62, 63, 64])) - r.choice([1, PAGE, 0, 2 * PAGE]),
        lambda: FILE_SIZE + r.choice([-1, 0, 1, PAGE, -PAGE, 0x100]), lambda: r.getrandbits(size),
        lambda: r.randrange(0, 8 * PAGE), lambda: BASE + r.randrange(0, 8) * PAGE])() % 2**64


def field(r, image):
    s = r.choice(image.segments)
    if r.random() < 0.6:
        loads = [s for s in image.segments if s["type"] == LOAD]
        s = r.choice(loads) if loads else s
    name = r.choice(FIELDS)
    if name == "type":
        s[name] = r.choice([0, LOAD, DYNAMIC, INTERP, NOTE, 5, PHDR, 7, STACK, PROPERTY, RELRO, r.getrandbits(32)])
    elif name == "flags":
        s[name] = r.choice([*range(8), 8, r.getrandbits(32)])
    else:
        s[name] = value_near(r, s[name], 64)


def header(r, image):
    if r.random() < 0.2:
        image.ident[r.randrange(16)] = r.choice([0, 1, 2, 3, 255, r.randrange(256)])
        return
    name = r.choice(HEADER)
    right = {"entry": image.base + PAGE, "phoff": 64, "phnum": len(image.segments), "phentsize": 56}
    image.header[name] = value_near(r, right.get(name, 0), 64 if name in ("entry", "phoff", "shoff") else 16)
    if name == "type":
        image.header[name] = r.choice([0, 1, 2, 3, 4, 0xFE00, 0xFFFF])


def order(r, image):
    how = r.randrange(5)
    at = r.randrange(len(image.segments))
    if how == 0:
        r.shuffle(image.segments)
    elif how == 1 and len(image.segments) > 1:
        del image.segments[at]
    elif how == 2:
        image.segments.insert(r.randrange(len(image.segments) + 1), copy.copy(image.segments[at]))
    elif how == 3:
        image.segments += [dict.fromkeys(FIELDS, 0) for _ in range(r.choice([10, 30, 900, 1162, 1163, 2000]))]
    else:
        image.segments.reverse()


def more(r, image):
    """A new segment over, beside or far from those there are."""
    place = image.base + r.randrange(0, 12) * PAGE + r.choice([0, 0, 0, 8, 0x123])
    in_file = r.choice([0, 0, 8, PAGE, 0x2100, 3 * PAGE])
    s = segment(r.choice([LOAD, LOAD, LOAD, NOTE, INTERP]), r.randrange(8),
                r.choice([place % PAGE, place % PAGE + PAGE, place % PAGE + 2 * PAGE, 16 * PAGE]), place, place,
                in_file, in_file + r.choice([0, 0, 1, PAGE, 5 * PAGE]), PAGE)
    image.segments.insert(r.randrange(len(image.segments) + 1), s)


def path(r, image):
    there = [s for s in image.segments if s["type"] == INTERP]
    if not there:
        there = [segment(INTERP, R, LINKER, LINKER, LINKER, 10, 10, 1)]
        image.segments.insert(0, there[0])
    image.linker = r.choice([b"", b"\0", b".\0", b"/\0", b"none\0", b"none/none\0", b"\xff\xfe\0", b"/dev/null\0",
                             image.linker[:-1], b"text\0", b"short\0", b"empty\0", b"loop\0", b"locked\0", b"script\0",
                             b"./self\0", b"linker\0x\0", b"linker/\0", b"x" * 255, b"a" * 200 + b"\0"])
    there[0]["filesz"] = len(image.linker) + r.choice([0, 0, 0, 0, 1, -1])


def stack(r, image):
    for s in image.segments:
        if s["type"] == STACK:
            s["flags"] = r.randrange(8)
            s["memsz"] = r.choice([0, PAGE, 1 << 20, 1 << 40])
            s["align"] = r.choice([0, 16, 3, PAGE])


def truncate(r, image):
    image.size = r.choice([0, 1, 4, 20, 51, 52, 63, 64, 65, 100, 0x200, 0x800, PAGE, 0x1001, 0x1100, 0x1FFF, 0x2000,
                           0x2001, 0x2008, 0x2010, r.randrange(FILE_SIZE)])


def garbage(r, image):
    image.bytes += [(r.randrange(0x240), r.randrange(256)) for _ in range(r.choice([1, 1, 2, 8]))]


def mutated(seed, linker):
    """The seed's kind of file and its image."""
    r = random.Random(seed)
    kind = r.choice(KINDS)
    image = Image(kind, linker)
    ways = [field] * 8 + [header] * 3 + [order, order, more, more, path, stack, truncate, garbage, garbage]
    for _ in range(r.choice([1, 1, 1, 2, 2, 3])):
        r.choice(ways)(r, image)
    return kind, image
