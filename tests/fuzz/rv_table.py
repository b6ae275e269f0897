# SPDX-License-Identifier: Apache-2.0
"""RV64GC, Zba, Zbb and Zbs instructions as the fuzzer writes them, taken from the manual and from nothing in this tree.

ROWS: name -> (kind, fixed bits). The kinds say where operands go; encode() puts them there.
"""


def _r(opcode, f3, f7):
    return opcode | f3 << 12 | f7 << 25


ROWS = {}


def _add(kind, rows):
    for name, bits in rows.items():
        ROWS[name] = (kind, bits)


OP, OP32, IMM, IMM32, FP = 0x33, 0x3B, 0x13, 0x1B, 0x53

_add("rrr", {name: _r(OP, f3, f7) for name, f3, f7 in [
    ("add", 0, 0), ("sub", 0, 0x20), ("sll", 1, 0), ("slt", 2, 0), ("sltu", 3, 0), ("xor", 4, 0), ("srl", 5, 0),
    ("sra", 5, 0x20), ("or", 6, 0), ("and", 7, 0), ("mul", 0, 1), ("mulh", 1, 1), ("mulhsu", 2, 1), ("mulhu", 3, 1),
    ("div", 4, 1), ("divu", 5, 1), ("rem", 6, 1), ("remu", 7, 1), ("sh1add", 2, 0x10), ("sh2add", 4, 0x10),
    ("sh3add", 6, 0x10), ("andn", 7, 0x20), ("orn", 6, 0x20), ("xnor", 4, 0x20), ("min", 4, 5), ("minu", 5, 5),
    ("max", 6, 5), ("maxu", 7, 5), ("rol", 1, 0x30), ("ror", 5, 0x30), ("bclr", 1, 0x24), ("bext", 5, 0x24),
    ("binv", 1, 0x34), ("bset", 1, 0x14)]})
_add("rrr", {name: _r(OP32, f3, f7) for name, f3, f7 in [
    ("addw", 0, 0), ("subw", 0, 0x20), ("sllw", 1, 0), ("srlw", 5, 0), ("sraw", 5, 0x20), ("mulw", 0, 1),
    ("divw", 4, 1), ("divuw", 5, 1), ("remw", 6, 1), ("remuw", 7, 1), ("add.uw", 0, 4), ("sh1add.uw", 2, 0x10),
    ("sh2add.uw", 4, 0x10), ("sh3add.uw", 6, 0x10), ("rolw", 1, 0x30), ("rorw", 5, 0x30)]})
_add("rri", {name: IMM | f3 << 12 for name, f3 in [
    ("addi", 0), ("slti", 2), ("sltiu", 3), ("xori", 4), ("ori", 6), ("andi", 7)]} | {"addiw": IMM32})
_add("shift6", {"slli": IMM | 1 << 12, "srli": IMM | 5 << 12, "srai": IMM | 5 << 12 | 0x400 << 20,
                "rori": IMM | 5 << 12 | 0x600 << 20,
                "slli.uw": IMM32 | 1 << 12 | 0x080 << 20, "bclri": IMM | 1 << 12 | 0x480 << 20,
                "bexti": IMM | 5 << 12 | 0x480 << 20,
                "binvi": IMM | 1 << 12 | 0x680 << 20, "bseti": IMM | 1 << 12 | 0x280 << 20})
_add("shift5", {"slliw": IMM32 | 1 << 12, "srliw": IMM32 | 5 << 12, "sraiw": IMM32 | 5 << 12 | 0x400 << 20,
                "roriw": IMM32 | 5 << 12 | 0x600 << 20})
# Without ctzw: qemu before 8.0 looks beyond the low word when that is 0; tests/guest/ctzw.c has it.
_add("rr", {"clz": IMM | 1 << 12 | 0x600 << 20, "ctz": IMM | 1 << 12 | 0x601 << 20, "cpop": IMM | 1 << 12 | 0x602 << 20,
            "sext.b": IMM | 1 << 12 | 0x604 << 20, "sext.h": IMM | 1 << 12 | 0x605 << 20,
            "zext.h": OP32 | 4 << 12 | 0x080 << 20,
            "clzw": IMM32 | 1 << 12 | 0x600 << 20, "cpopw": IMM32 | 1 << 12 | 0x602 << 20,
            "orc.b": IMM | 5 << 12 | 0x287 << 20, "rev8": IMM | 5 << 12 | 0x6B8 << 20})
_add("upper", {"lui": 0x37, "auipc": 0x17})
_add("load", {name: 0x03 | f3 << 12 for name, f3 in [("lb", 0), ("lh", 1), ("lw", 2), ("ld", 3), ("lbu", 4), ("lhu", 5),
                                                     ("lwu", 6)]})
_add("store", {name: 0x23 | f3 << 12 for name, f3 in [("sb", 0), ("sh", 1), ("sw", 2), ("sd", 3)]})
_add("branch", {name: 0x63 | f3 << 12 for name, f3 in [("beq", 0), ("bne", 1), ("blt", 4), ("bge", 5), ("bltu", 6),
                                                       ("bgeu", 7)]})
_add("amo", {f"{name}.{w}": 0x2F | f3 << 12 | f5 << 27 for w, f3 in [("w", 2), ("d", 3)] for name, f5 in [
    ("amoadd", 0), ("amoswap", 1), ("amoxor", 4), ("amoor", 8), ("amoand", 12), ("amomin", 16), ("amomax", 20),
    ("amominu", 24), ("amomaxu", 28)]})
_add("lr", {"lr.w": 0x2F | 2 << 12 | 2 << 27, "lr.d": 0x2F | 3 << 12 | 2 << 27})
_add("sc", {"sc.w": 0x2F | 2 << 12 | 3 << 27, "sc.d": 0x2F | 3 << 12 | 3 << 27})
_add("fload", {"flw": 0x07 | 2 << 12, "fld": 0x07 | 3 << 12})
_add("fstore", {"fsw": 0x27 | 2 << 12, "fsd": 0x27 | 3 << 12})
for _suffix, _fmt in (("s", 0), ("d", 1)):
    _add("fff_rm", {f"{name}.{_suffix}": _r(FP, 0, f5 << 2 | _fmt)
                    for name, f5 in [("fadd", 0), ("fsub", 1), ("fmul", 2), ("fdiv", 3)]})
    _add("ff_rm", {f"fsqrt.{_suffix}": _r(FP, 0, 11 << 2 | _fmt)})
    _add("fff", {f"{name}.{_suffix}": _r(FP, f3, f5 << 2 | _fmt) for name, f5, f3 in [
        ("fsgnj", 4, 0), ("fsgnjn", 4, 1), ("fsgnjx", 4, 2), ("fmin", 5, 0), ("fmax", 5, 1)]})
    _add("rff", {f"{name}.{_suffix}": _r(FP, f3, 20 << 2 | _fmt) for name, f3 in [("fle", 0), ("flt", 1), ("feq", 2)]})
    _add("rf", {f"fclass.{_suffix}": _r(FP, 1, 28 << 2 | _fmt)})
    _add("ffff_rm", {f"{name}.{_suffix}": opcode | _fmt << 25 for name, opcode in [
        ("fmadd", 0x43), ("fmsub", 0x47), ("fnmsub", 0x4B), ("fnmadd", 0x4F)]})
    for _i, _n in enumerate(("w", "wu", "l", "lu")):
        _add("rf_rm", {f"fcvt.{_n}.{_suffix}": _r(FP, 0, 24 << 2 | _fmt) | _i << 20})
        _add("fr_rm", {f"fcvt.{_suffix}.{_n}": _r(FP, 0, 26 << 2 | _fmt) | _i << 20})
_add("ff_rm", {"fcvt.s.d": _r(FP, 0, 8 << 2) | 1 << 20, "fcvt.d.s": _r(FP, 0, 8 << 2 | 1)})
_add("rf", {"fmv.x.w": _r(FP, 0, 28 << 2), "fmv.x.d": _r(FP, 0, 28 << 2 | 1)})
_add("fr", {"fmv.w.x": _r(FP, 0, 30 << 2), "fmv.d.x": _r(FP, 0, 30 << 2 | 1)})
# CSR writes that keep the rounding mode valid: fflags from anything, frm from an immediate below 5.
_add("csr", {f"{name} fflags": 0x73 | f3 << 12 | 1 << 20 for name, f3 in [("csrrw", 1), ("csrrs", 2), ("csrrc", 3)]})
_add("csri", {f"{name} fflags": 0x73 | f3 << 12 | 1 << 20
              for name, f3 in [("csrrwi", 5), ("csrrsi", 6), ("csrrci", 7)]})
_add("csrm", {"csrrwi frm": 0x73 | 5 << 12 | 2 << 20})
_add("csrr", {"csrr fflags": 0x73 | 2 << 12 | 1 << 20, "csrr frm": 0x73 | 2 << 12 | 2 << 20,
              "csrr fcsr": 0x73 | 2 << 12 | 3 << 20})
# Compressed: kinds c* have 16 bits. Registers of cx_* kinds are x8..x15.
_add("ci", {"c.addi": 0x0001, "c.addiw": 0x2001, "c.li": 0x4001})
_add("cshift", {"c.slli": 0x0002})
_add("cb_shift", {"c.srli": 0x8001, "c.srai": 0x8401})
_add("cb_imm", {"c.andi": 0x8801})
_add("ca", {"c.sub": 0x8C01, "c.xor": 0x8C21, "c.or": 0x8C41, "c.and": 0x8C61, "c.subw": 0x9C01, "c.addw": 0x9C21})
_add("cr", {"c.mv": 0x8002, "c.add": 0x9002})
_add("clui", {"c.lui": 0x6001})

KINDS = {}
for _name, (_kind, _bits) in ROWS.items():
    KINDS.setdefault(_kind, []).append(_name)


def i_imm(imm):
    return (imm & 0xFFF) << 20


def s_imm(imm):
    return (imm & 0x1F) << 7 | (imm >> 5 & 0x7F) << 25


def b_imm(imm):
    return (imm >> 11 & 1) << 7 | (imm >> 1 & 15) << 8 | (imm >> 5 & 63) << 25 | (imm >> 12 & 1) << 31


def j_imm(imm):
    return (imm >> 12 & 0xFF) << 12 | (imm >> 11 & 1) << 20 | (imm >> 1 & 0x3FF) << 21 | (imm >> 20 & 1) << 31


def c_imm(imm):
    return (imm & 31) << 2 | (imm >> 5 & 1) << 12


def jal(rd, offset):
    return 0x6F | rd << 7 | j_imm(offset)


def jalr(rd, rs1, offset=0):
    return 0x67 | rd << 7 | rs1 << 15 | i_imm(offset)


def encode(name, rd=0, rs1=0, rs2=0, rs3=0, imm=0, rm=0):
    """(bits, length in bytes). Branches take their offset in imm."""
    kind, bits = ROWS[name]
    if kind[0] == "c" and not kind.startswith("csr"):
        return _encode_compressed(kind, bits, rd, rs2, imm), 2
    word = bits | rd << 7 | rs1 << 15
    if kind in ("rrr", "fff", "rff", "amo", "sc"):
        word |= rs2 << 20
    elif kind == "fff_rm":
        word |= rs2 << 20 | rm << 12
    elif kind == "ffff_rm":
        word |= rs2 << 20 | rs3 << 27 | rm << 12
    elif kind in ("ff_rm", "rf_rm", "fr_rm"):
        word |= rm << 12
    elif kind in ("rri", "load", "fload"):
        word |= i_imm(imm)
    elif kind == "shift6":
        word |= (imm & 63) << 20
    elif kind == "shift5":
        word |= (imm & 31) << 20
    elif kind == "upper":
        word = bits | rd << 7 | (imm & 0xFFFFF) << 12
    elif kind in ("store", "fstore"):
        word = bits | rs1 << 15 | rs2 << 20 | s_imm(imm)
    elif kind == "branch":
        word = bits | rs1 << 15 | rs2 << 20 | b_imm(imm)
    elif kind in ("csri", "csrm"):
        word = bits | rd << 7 | (imm & 31) << 15
    elif kind == "csrr":
        word = bits | rd << 7
    return word, 4


def _encode_compressed(kind, bits, rd, rs2, imm):
    if kind in ("ci", "cshift", "clui"):
        return bits | rd << 7 | c_imm(imm)
    if kind in ("cb_shift", "cb_imm"):
        return bits | (rd - 8) << 7 | c_imm(imm)
    if kind == "ca":
        return bits | (rd - 8) << 7 | (rs2 - 8) << 2
    return bits | rd << 7 | rs2 << 2  # cr
