#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the loops that the guest program runs (assembly) and a table of them for the host program.

Which instructions there are comes from frontend/riscv/rv_insns.def: a new FP row is in the proof by itself. How they
are encoded comes from tests/fuzz/rv_table.py, which was written from the manual.

A kernel is a function (a0 = operands, 3 words a case; a1 = values, 1 word a case; a2 = cases, a multiple of GROUP; a3 =
flags).
Variants:
  exact  flags cleared before and read after each case: a byte of flags a case
  group  flags cleared and read every GROUP cases; the result overwrites one of the operands; registers that tier 1 does
  not pin
  chain  the result is carried to the next case and shown there only, or feeds an addition; flags as for group
  merge  a register is carried that holds a result, or a double or single from memory, or what it held before; shown as
  it is, or
         by its class, its negative, its double; flags as for group
  feed   the first operand is the sum of the case's first and third one, not stored anywhere; flags as for group
"""
import argparse
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "fuzz"))
import rv_table  # noqa: E402

GROUP = 16
DYN = 7
STATIC = range(5)
ROW = re.compile(r'^RV_INSN\((\w+), "([\w.]+)", .*?, (\w+), "([^"]*)", (F|D), (FP|LOAD|STORE), (NONE|RM), ')
A0, A1, T1, T2 = 10, 11, 6, 7  # operands, values, integer operand, integer result


class Insn:
    def __init__(self, name, operands, kind, check):
        self.name, self.kind, self.has_rm = name, kind, check == "RM"
        self.int_dest, self.int_source = "d" in operands, "s" in operands and kind == "FP"
        self.fp_sources = sum(operands.count(c) for c in "STR") if kind == "FP" else 0
        parts = name.split(".")
        formats = {"s": "s", "d": "d", "w": "s"}  # w where a register is moved
        self.dest = formats.get(parts[1] if len(parts) > 1 else "")    # format of an FP result
        self.source = formats.get(parts[-1] if len(parts) > 1 else "") # and of FP operands

    def word(self, rm, rd=13, sources=(10, 11, 12), int_dest=T2):
        """The encoding; sources are FP registers."""
        if self.kind == "LOAD":
            return rv_table.encode(self.name, rd=rd, rs1=A0)[0]
        if self.kind == "STORE":
            return rv_table.encode(self.name, rs1=A1, rs2=sources[0])[0]
        rs1 = T1 if self.int_source else sources[0]
        rs2, rs3 = (sources[1] if self.fp_sources > 1 else 0), (sources[2] if self.fp_sources > 2 else 0)
        return rv_table.encode(self.name, rd=int_dest if self.int_dest else rd, rs1=rs1, rs2=rs2, rs3=rs3, rm=rm)[0]


def read_insns(path):
    with open(path) as f:
        rows = [ROW.match(line) for line in f]
    return [Insn(m[2], m[4], m[6], m[7]) for m in rows if m]


def load(insn, sources, force=0):
    """Operands of the case at a0."""
    if insn.int_source:
        return [f"ld x{T1}, 0(a0)"]
    return [f"fld f{r}, {8 * i}(a0)" for i, r in enumerate(sources)
            if i < max(insn.fp_sources, force) or insn.kind == "STORE" and i == 0]


def store(insn, rd):
    if insn.kind == "STORE":
        return []
    return [f"sd x{T2}, 0(a1)"] if insn.int_dest else [f"fsd f{rd}, 0(a1)"]


def op(insn, word):
    clear = ["sd zero, 0(a1)"] if insn.kind == "STORE" else []
    return [*clear, f".insn {word:#010x}"]


def each(body):
    """A loop over all cases."""
    return ["1:", *body, "addi a0, a0, 24", "addi a1, a1, 8", "addi a3, a3, 1", "addi a2, a2, -1", "bnez a2, 1b", "ret"]


def grouped(before, body):
    return [*before, "1:", "csrw fflags, zero", f"li t3, {GROUP}", "2:", *body, "addi a0, a0, 24", "addi a1, a1, 8",
            "addi t3, t3, -1",
            "bnez t3, 2b", "csrr t0, fflags", "sb t0, 0(a3)", "addi a3, a3, 1", f"addi a2, a2, -{GROUP}", "bnez a2, 1b",
            "ret"]


def exact(insn, rm, number):
    word = insn.word(rm)
    return word, each([*load(insn, (10, 11, 12)), "csrw fflags, zero", *op(insn, word), "csrr t0, fflags",
                       *store(insn, 13), "sb t0, 0(a3)"])


def group(insn, rm, number):
    sources = (18, 19, 20)
    rd = sources[number % insn.fp_sources] if insn.fp_sources else 21
    word = insn.word(rm, rd, sources)
    return word, grouped([], [*load(insn, sources), *op(insn, word), *store(insn, rd)])


def chain(insn, rm, number):
    f = insn.dest
    x = "w" if f == "s" else "d"
    word = insn.word(rm, 4)
    body = [*load(insn, (10, 11, 12)), f".insn {word:#010x}", "ld t4, 0(a0)", "andi t4, t4, 1", "beqz t4, 3f",
            f"fadd.{f} ft5, fa5, ft4", "fsd ft5, 0(a1)", "j 4f",
            "3:", f"fmv.x.{x} t5, fa5", f"fclass.{f} t6, ft4", "xor t5, t5, t6", "sd t5, 0(a1)",
            "4:", f"fmv.{f} fa5, ft4"]
    return word, grouped([f"fmv.{x}.x fa5, zero"], body)


def merge(insn, rm, number):
    f = insn.dest
    word = insn.word(rm, 15)
    choose = ["ld t4, 8(a0)", "srli t5, t4, 9", "xor t4, t4, t5", "andi t5, t4, 7", "srli t4, t4, 3", "andi t4, t4, 3"]
    show = ["beqz t4, 3f", "li t6, 2", "beq t4, t6, 4f", "bgtu t4, t6, 5f",
            f"fadd.{f} ft5, fa5, fa5", "fsd ft5, 0(a1)", "j 6f",
            "3:", "fsd fa5, 0(a1)", "j 6f",
            "4:", f"fneg.{f} ft5, fa5", "fsd ft5, 0(a1)", "j 6f",
            "5:", f"fclass.{f} t6, fa5", "sd t6, 0(a1)"]
    change = ["6:", "beqz t5, 7f", "li t6, 2", "beq t5, t6, 8f", "bltu t5, t6, 9f",
              *load(insn, (10, 11, 12)), f".insn {word:#010x}", "j 9f",
              "7:", "fld fa5, 16(a0)", "j 9f",
              "8:", "flw fa5, 16(a0)",
              "9:"]
    return word, grouped([f"fmv.{'w' if f == 's' else 'd'}.x fa5, zero"], [*choose, *show, *change])


def feed(insn, rm, number):
    word = insn.word(rm, 13, (6, 11, 12))
    return word, grouped([], [*load(insn, (10, 11, 12), 3), f"fadd.{insn.source} ft6, fa0, fa2", *op(insn, word),
                              *store(insn, 13)])


def kernels(insns):
    """(instruction number, rounding mode, variant, function)."""
    for number, insn in enumerate(insns):
        for rm in [*STATIC, DYN] if insn.has_rm else [DYN]:
            yield number, rm, "exact", exact
            yield number, rm, "group", group
        if insn.kind == "FP" and not insn.int_dest:
            yield number, DYN, "chain", chain
            yield number, DYN, "merge", merge
        if insn.fp_sources:
            yield number, DYN, "feed", feed


def illegal_words(insns):
    """(word, least frm, traps): what must raise SIGILL under every frm from there to 7, or (traps = 0) must not."""
    for insn in insns:
        if insn.has_rm:
            yield insn.word(5), 0, 1
            yield insn.word(6), 0, 1
            yield insn.word(DYN), 5, 1
            yield insn.word(0), 5, 0
        elif insn.kind == "FP":
            yield insn.word(DYN), 5, 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--insns", required=True, help="rv_insns.def")
    parser.add_argument("--asm", help="assembly to write")
    parser.add_argument("--table", help="table to write")
    args = parser.parse_args()
    insns = read_insns(args.insns)
    asm = [".option norelax", ".text"]
    table = [f'FP_INSN("{i.name}", {int(i.has_rm)})' for i in insns]
    addresses = []
    for count, (number, rm, variant, make) in enumerate(kernels(insns)):
        word, lines = make(insns[number], rm, number)
        asm += [".balign 4", f"kernel_{count}: # {insns[number].name} rm={rm} {variant}",
                *("    " + line for line in lines)]
        table.append(f"FP_KERNEL({number}, {rm}, {variant.upper()}, {word:#010x})")
        addresses.append(f"    .dword kernel_{count}")
    asm += [".section .rodata", ".balign 8", ".globl kernels", "kernels:", *addresses, ".globl kernel_count",
            "kernel_count:", f"    .dword {len(addresses)}"]
    asm += [".text", ".balign 4", ".globl illegal_code", "illegal_code:"]
    words = list(illegal_words(insns))
    asm += [f"    .word {word:#010x}\n    ret\n    .balign 4" for word, _, _ in words]
    asm += [".section .rodata", ".globl illegal_rules", "illegal_rules:",
            *(f"    .word {first}, {traps}" for _, first, traps in words),
            ".balign 8", ".globl illegal_count", "illegal_count:", f"    .dword {len(words)}"]
    for path, lines in ((args.asm, asm), (args.table, table)):
        if path:
            with open(path, "w") as f:
                f.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
