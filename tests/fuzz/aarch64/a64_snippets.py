# SPDX-License-Identifier: Apache-2.0
"""Random snippets: a few units, each an instance of a row of the table with what it needs to be executed. A branch goes
forward, to the begin of a unit or behind the last one."""
from a64_program import BASES, INDEXES, SOURCES, TARGETS

NOP = 0xd503201f
# What QEMU in user mode, or the manual, leaves open: waiting for interrupts.
HINTS_LEFT_OUT = (3, )
# System registers (bits 19 to 5 of MRS) that say the same everywhere: fpcr, fpsr, tpidr, tpidrro, ctr, dczid,
# and ID registers.
READABLE = (0x5a20, 0x5a21, 0x5e82, 0x5e83, 0x5801, 0x5807, 0x4000, 0x4020, 0x4030, 0x4031)
WRITABLE = (0x5a21, 0x5e82)


class Unit:
    """Words, and for a branch: which of them, and how its target is put in."""

    def __init__(self, words, branch=None, jump=None):
        self.words, self.branch, self.jump = words, branch, jump


def integer(row, rng, **more):
    """An instance with sources and targets by chance."""
    values = {"n": rng.choice(SOURCES), "m": rng.choice(SOURCES), "a": rng.choice(SOURCES), "d": rng.choice(TARGETS)}
    if row.operands.startswith("%Sd") and values["d"] == 31: # not into sp
        values["d"] = 0
    return row.instance(rng, **{**values, **more})


def plain(row, rng):
    if row.id == "hint":
        return Unit([row.instance(rng, i=rng.choice([n for n in range(128) if n not in HINTS_LEFT_OUT]))])
    if "t" in row.fields: # mrs, msr of NZCV
        return Unit([row.instance(rng, t=rng.choice(TARGETS if row.name == "mrs" else SOURCES))])
    return Unit([integer(row, rng)])


def put(word, at, size, value):
    mask = (1 << size) - 1 << at
    return word & ~mask | value << at & mask


def branch(row, rng):
    word = row.instance(rng, t=rng.choice(SOURCES))
    at, size = row.fields["i"]
    return Unit([word], 0, lambda w, words: put(w, at, size, words))


def jump_register(row, rng):
    n = rng.randrange(23)
    adr = 0x10000000 | n
    return Unit([adr, row.instance(rng, n=n)], 0, lambda w, words: put(w, 5, 19, words))


def step_of(row, word):
    """Bytes that are written back, or None."""
    if "_post" not in row.lifter and "_pre" not in row.lifter:
        return None
    if row.fields["i"][1] == 9:
        return (word >> 12 & 0x1ff ^ 0x100) - 0x100
    size = 2 + (word >> 30 if word >> 26 & 1 else word >> 31)
    return ((word >> 15 & 0x7f ^ 0x40) - 0x40) << size


def memory(row, rng):
    """A load or store, plain: in the window, writing back to a base that need not stay aligned."""
    vector = row.feature not in ("BASE", "LSE", "LRCPC", "DCPOP")
    if row.name in ("dc", "ic"):
        return Unit([row.instance(rng, t=rng.choice(BASES[:3]))])
    if "_lit" in row.id:
        t = rng.randrange(32) if vector else rng.choice(TARGETS)
        return Unit([row.instance(rng, t=t, i=rng.randrange(-16, 16))])
    writes_back = "_post" in row.lifter or "_pre" in row.lifter
    ordered = row.lifter in ("ldar", "stlr")
    base = rng.choice((25, 31) if ordered else (26, 27, 31) if writes_back else BASES)
    pool = range(32) if vector else TARGETS if row.kind == "LOAD" else [n for n in SOURCES if n != base]
    t, u = rng.sample(list(pool), 2)
    option = rng.choice((2, 3, 6, 7))
    word = row.instance(rng, n=base, t=t, u=u, m=INDEXES[1] if option == 2 else rng.choice(INDEXES), o=option)
    step = step_of(row, word)
    if base == 31 and step is not None and step % 16:
        word = put(word, 5, 5, 26)
        if not vector and 26 in (t, u) and row.kind == "STORE":
            return None
    return Unit([word])


LDR = {0: 0x39400000, 1: 0x79400000, 2: 0xb9400000, 3: 0xf9400000} # of bytes to words of 64 bits


def compare_and_swap(row, rng):
    """Behind a load of what is compared with, mostly."""
    base, seen = rng.choice((25, 31)), rng.random() < 0.7
    if row.lifter == "casp":
        s, t = rng.sample(range(11), 2)
        word = row.instance(rng, n=base, s=s, t=t)
        load = (0xa9400000 if word >> 30 & 1 else 0x29400000) | 2 * s + 1 << 10 | base << 5 | 2 * s
    else:
        s = rng.choice(TARGETS[:23])
        word = row.instance(rng, n=base, s=s, t=rng.choice(SOURCES))
        load = LDR[word >> 30] | base << 5 | s
    return Unit([load, word] if seen else [word])


def exclusive(row, rng, rows):
    """Load, something with registers alone, store; or the store alone, which fails."""
    pair = "p" in row.lifter
    load = rng.choice([r for r in rows if r.lifter == ("ldxp" if pair else "ldxr")])
    store = rng.choice([r for r in rows if r.lifter == ("stxp" if pair else "stxr")])
    size, base = rng.randrange(2 if pair else 4), rng.choice((25, 31))
    t, u, status, t2 = rng.sample(range(22), 4)
    words = [load.instance(rng, z=size, n=base, t=t, u=u)]
    between = [r for r in rows if r.kind == "INT" and r.feature == "BASE" and "d" in r.fields]
    for _ in range(rng.randrange(3)):
        word = integer(rng.choice(between), rng, d=t2)
        words += [word] if word is not None else []
    words.append(store.instance(rng, z=size, n=base, t=rng.choice((t2, u)), u=rng.choice((t2, t)), s=status))
    return Unit(words if rng.random() < 0.9 else words[-1:])


def read_modify_write(row, rng):
    return Unit([row.instance(rng, n=rng.choice((25, 31)), s=rng.choice(SOURCES), t=rng.choice(TARGETS))])


def system(row, rng):
    if row.name == "ic":
        return memory(row, rng)
    if row.name == "mrs":
        return Unit([row.instance(rng, i=rng.choice(READABLE), t=rng.choice(TARGETS))])
    return Unit([row.instance(rng, i=rng.choice(WRITABLE), t=rng.choice(SOURCES))])


def general(row, field):
    """Is the field a general register in the row's operands?"""
    return any(kind + field in row.operands for kind in ("%X", "%W", "%R"))


def floating(row, rng):
    """Vector registers from few, mostly, so that results are operands again; sometimes behind another FPCR."""
    values = {f: rng.randrange(4) if rng.random() < 0.7 else rng.randrange(32) for f in "nmad"}
    values.update({"n": rng.choice(SOURCES)} if general(row, "n") else {})
    values.update({"d": rng.choice(TARGETS[:22])} if general(row, "d") else {})
    word = row.instance(rng, **values)
    if row.lifter[:2] not in ("f_", "h_") or rng.random() < 0.7:
        return Unit([word])
    fpcr = rng.randrange(2) << 3 | rng.randrange(4) << 6 | rng.randrange(8) << 8 # FZ16; rounding; FZ, DN, AHP
    return Unit([0xd2a00000 | fpcr << 5 | 22, 0xd51b4400 | 22, word])


def chain(rows, rng):
    """Arithmetic on scalars of one size, mostly into few registers, so that few of the results are seen, with others
    between that look at them; sometimes with the default NaN."""
    links = [r for r in rows if r.lifter in ("f_binary", "f_madd") and r.id.startswith("f_")] + \
        [r for r in rows if r.id == "f_fsqrt"]
    others = [r for r in rows if r.id.startswith("f_") and r.lifter in ("f_unary", "f_cmp", "f_csel", "f_round")] + \
        [r for r in rows if r.id in ("f_fmov_w_s", "f_fmov_x_d")]
    size, few = rng.randrange(2), rng.choice((2, 2, 6))
    words = [0xd2a00000 | rng.randrange(2) << 9 << 5 | 22, 0xd51b4400 | 22]
    for _ in range(rng.randrange(4, 14)):
        row = rng.choice(others if rng.random() < 0.15 else links)
        values = {f: rng.randrange(8) if rng.random() < 0.4 else rng.randrange(2) for f in "nma"}
        words.append(row.instance(rng, s=size, d=rng.randrange(few), **values))
    return words


def structure(row, rng):
    """Of vectors; what is added to the address is small, or the size of what is accessed."""
    base = rng.choice((26, 27) if row.id.endswith("_post") else BASES)
    return Unit([row.instance(rng, n=base, t=rng.randrange(32), m=rng.choice((*INDEXES, 31)))])


def unit(row, rng, rows):
    """A unit with the row, or None if chance found none."""
    if row.kind == "INT":
        made = plain(row, rng)
    elif row.kind == "FP":
        made = floating(row, rng)
    elif row.lifter.startswith(("v_ld", "v_st")):
        made = structure(row, rng)
    elif row.kind in ("LOAD", "STORE"):
        made = memory(row, rng)
    elif row.kind in ("BRANCH", "JUMP"):
        made = branch(row, rng)
    elif row.kind == "JUMP_REG":
        made = jump_register(row, rng)
    elif row.kind == "SYS":
        made = system(row, rng)
    elif row.lifter in ("cas", "casp"):
        made = compare_and_swap(row, rng)
    elif row.lifter in ("ldxr", "stxr", "ldxp", "stxp"):
        made = exclusive(row, rng, rows)
    elif row.kind == "ATOMIC":
        made = read_modify_write(row, rng)
    else:
        return None
    return None if made is None or None in made.words else made


def executable(row):
    """Can the row be in a snippet? Traps cannot, nor what QEMU 7.2 has not in user mode, nor what it has wrong: fcvtzs
    of a scalar half with fraction bits leaves more than 16 bits."""
    return row.kind != "TRAP" and row.id not in ("dc_cvap", "hs_fcvtzs_i")


def snippet(rng, rows, about, length):
    """length units, among them one of each row of about."""
    chosen = list(about) + [rng.choice(rows) for _ in range(length - len(about))]
    rng.shuffle(chosen)
    units = []
    for row in chosen:
        made = None
        while made is None:
            made = unit(row, rng, rows)
        units.append(made)
    starts, at = [], 0
    for one in units:
        starts.append(at)
        at += len(one.words)
    starts.append(at)
    words = []
    for number, one in enumerate(units):
        if one.branch is not None:
            target = starts[min(number + 1 + rng.randrange(3), len(units))]
            one.words[one.branch] = one.jump(one.words[one.branch], target - starts[number] - one.branch)
        words += one.words
    return words
