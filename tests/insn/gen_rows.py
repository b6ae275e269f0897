#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the instruction-test rows rows_*.def: assembles each case, runs it under qemu-riscv64, and records which
registers, memory and flags it left changed, so that the judge of every row is an emulator that this project did not
write.

usage: gen_rows.py [OUTPUT_DIRECTORY]     needs riscv64-linux-gnu-gcc and qemu-riscv64

Rows whose extension the emulator lacks (Zicond in QEMU 7.2) carry expected values computed here from the manual.
The cases themselves are in gen_cases.py."""
import os
import struct
import subprocess
import sys
import tempfile

from gen_cases import all_cases

ARCH = 'rv64imafdc_zicsr_zifencei_zba_zbb_zbc_zbs_zicbop_zihintpause'
XREGS = ('zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6').split()
FREGS = ('ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 '
         'fs11 ft8 ft9 ft10 ft11').split()
GP, TP = 3, 4                   # the harness's own: cases do not touch them
FCSR, MEM, WORDS = 64, 65, 73   # layout of a state in 64-bit words: x0..31 f0..31 fcsr mem0..7
PADS = 16                       # landing pads on each side of a case, 4 bytes each
MASK = (1 << 64) - 1
COLUMNS = 120                   # of the files that this makes

HARNESS = r'''
#include <stdint.h>
#include <stdio.h>
#include <string.h>
struct state { uint64_t x[32], f[32], fcsr, mem[8]; };
struct row { struct state in; uint64_t start, end; };
extern struct row rows[];
extern uint64_t row_count;
extern uint64_t membuf[8];
void run_row(const struct state *in, struct state *out, uint64_t code);
int main(void)
{
    for (uint64_t i = 0; i < row_count; i++) {
        static struct state out;
        uint64_t head[4] = {rows[i].start, rows[i].end, (uint64_t)membuf, 0};
        uint8_t code[256] = {0};
        memcpy(membuf, rows[i].in.mem, sizeof membuf);
        run_row(&rows[i].in, &out, rows[i].start);
        memcpy(out.mem, membuf, sizeof membuf);
        memcpy(code, (void *)rows[i].start, rows[i].end - rows[i].start);
        fwrite(head, sizeof head, 1, stdout);
        fwrite(code, sizeof code, 1, stdout);
        fwrite(&rows[i].in, sizeof out, 1, stdout);
        fwrite(&out, sizeof out, 1, stdout);
    }
    return 0;
}
'''


def reg_index(name):
    """Place of a register in the state."""
    if name == 'fcsr':
        return FCSR
    if name[0] == 'm' and name[1:].isdigit():
        return MEM + int(name[1:])
    return XREGS.index(name) if name in XREGS else 32 + FREGS.index(name)


def glue():
    """Assembly that loads all registers, jumps to a case, and stores all registers where the case left off."""
    saved = [r for r in XREGS if r in ('ra', 'gp', 'tp') or (r[0] == 's' and r != 'sp')]
    others = [n for n in range(1, 32) if n not in (GP, TP)]
    t = ['.text', '.globl run_row', 'run_row:', 'addi sp,sp,-256']
    t += [f'sd {r},{8 * n}(sp)' for n, r in enumerate(saved)]
    t += ['la t0,context', 'sd sp,0(t0)', 'sd a1,8(t0)', 'la t1,dummy', 'sc.w t2,zero,(t1)', 'mv tp,a0', 'mv gp,a2']
    t += [f'ld t0,{8 * FCSR}(tp)', 'fscsr t0']
    t += [f'fld f{n},{8 * (32 + n)}(tp)' for n in range(32)]
    t += [f'ld x{n},{8 * n}(tp)' for n in others] + ['jr gp']
    t += ['save:', 'la tp,context', 'ld tp,8(tp)']
    t += [f'sd x{n},{8 * n}(tp)' for n in others + [GP]]
    t += [f'fsd f{n},{8 * (32 + n)}(tp)' for n in range(32)]
    t += ['frcsr t0', f'sd t0,{8 * FCSR}(tp)', 'fscsr zero', 'la t0,context', 'ld sp,0(t0)']
    t += [f'ld {r},{8 * n}(sp)' for n, r in enumerate(saved)]
    t += ['addi sp,sp,256', 'ret', '.data', '.balign 64', '.globl membuf', 'membuf: .zero 64', 'context: .dword 0,0',
          'dummy: .dword 0']
    return t


def dword(value, row):
    if isinstance(value, tuple):
        return f'membuf+{value[1]}' if value[0] == 'M' else f'row{row}+({value[1]})'
    return hex(value & MASK)


def program(cases):
    """The assembly program that holds all cases and their initial states."""
    t = ['.option norelax'] + glue()
    for n, case in enumerate(cases):
        pads = ['.option push', '.option norvc'] + ['jal gp,save'] * PADS + ['.option pop']
        form = '.option rvc' if case.group == 'c' else '.option norvc'
        t += ['.text', '.balign 4'] + pads + [form, f'row{n}:'] + case.code + [f'end{n}:'] + pads
    t += ['.data', '.balign 8', '.globl rows', 'rows:']
    for n, case in enumerate(cases):
        state = [0] * WORDS
        for name, value in case.regs.items():
            state[reg_index(name)] = value
        t += ['.dword ' + ','.join(dword(v, n) for v in state), f'.dword row{n},end{n}']
    return '\n'.join(t + ['.globl row_count', f'row_count: .dword {len(cases)}', ''])


def run(cases):
    """Output of the harness, one record a case."""
    with tempfile.TemporaryDirectory() as d:
        for name, text in (('h.c', HARNESS), ('rows.s', program(cases))):
            with open(os.path.join(d, name), 'w') as f:
                f.write(text)
        subprocess.run(['riscv64-linux-gnu-gcc', '-O1', '-static', '-march=' + ARCH, '-o', 't', 'h.c', 'rows.s'], cwd=d,
                       check=True)
        out = subprocess.run(['qemu-riscv64', '-cpu', 'rv64', './t'], cwd=d, check=True, stdout=subprocess.PIPE).stdout
    size = 32 + 256 + 2 * 8 * WORDS
    assert len(out) == size * len(cases)
    return [out[n * size:(n + 1) * size] for n in range(len(cases))]


def words_of(code):
    """Splits code bytes into instructions."""
    at, words = 0, []
    while at < len(code):
        size = 4 if code[at] & 3 == 3 else 2
        words.append(int.from_bytes(code[at:at + size], 'little'))
        at += size
    return words


def token(index, value, start, membuf, pc_relative):
    """One value in the spelling of insn_runner.h."""
    if index == FCSR:
        return f'FCSR({value:#x})'
    if index >= MEM:
        return f'M({index - MEM}, {value:#x})'
    if index >= 32:
        return f'F({index - 32}, {value:#x})'
    signed = lambda v: v - (1 << 64) if v >> 63 else v
    if membuf - 4096 <= value < membuf + 4096:
        return f'XM({index}, {signed((value - membuf) & MASK)})'
    if pc_relative:
        return f'XP({index}, {signed((value - start) & MASK)})'
    return f'X({index}, {value:#x})'


def wrap(parts):
    """The parts of a row on as few lines of COLUMNS as they fit in; a part that is longer is cut at spaces."""
    lines = []
    for part in parts:
        if lines and len(lines[-1]) + 1 + len(part) <= COLUMNS:
            lines[-1] += ' ' + part
        else:
            lines.append(' ' * 9 * bool(lines) + part)
        while len(lines[-1]) > COLUMNS:
            cut = lines[-1].rfind(' ', 0, COLUMNS)
            lines[-1:] = [lines[-1][:cut], ' ' * 12 + lines[-1][cut + 1:]]
    return '\n'.join(lines)


def row_text(case, record):
    start, end, membuf, _ = struct.unpack('<4Q', record[:32])
    words = case.words or words_of(record[32:32 + end - start])
    before = list(struct.unpack(f'<{WORDS}Q', record[288:288 + 8 * WORDS]))
    after = list(struct.unpack(f'<{WORDS}Q', record[288 + 8 * WORDS:]))
    pc = (after[GP] - 4 - start) & MASK
    pc_offset = pc - (1 << 64) if pc >> 63 else pc
    for name, value in case.expect.items():
        after[reg_index(name)] = value & MASK
    pc_regs = [reg_index(r) for r in case.pc_relative]
    tuples = [reg_index(r) for r, v in case.regs.items() if isinstance(v, tuple) and v[0] == 'P']
    inputs = [token(n, before[n], start, membuf, n in tuples) for n in range(1, WORDS) if before[n]]
    outputs = [token(n, after[n], start, membuf, n in pc_regs) for n in range(1, WORDS)
               if n not in (GP, TP) and after[n] != before[n]]
    if pc_offset != end - start:
        outputs.append(f'PC({pc_offset})')
    code = ', '.join(f'{w:#x}' for w in words)
    return wrap([f'INSN_ROW("{case.text}", CODE({code}),', f'IN({" ".join(inputs)}),', f'OUT({" ".join(outputs)}))'])


def main():
    where = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    cases = all_cases()
    files = {}
    for case, record in zip(cases, run(cases)):
        files.setdefault(case.group, []).append(row_text(case, record))
    for group, rows in files.items():
        with open(os.path.join(where, f'rows_{group}.def'), 'w') as f:
            f.write('/* SPDX-License-Identifier: Apache-2.0 */\n')
            f.write(f'/* Made by gen_rows.py; do not edit. The format is in insn_runner.h. {len(rows)} rows. */\n')
            f.write('\n'.join(rows) + '\n')
        print(f'rows_{group}.def: {len(rows)} rows')


if __name__ == '__main__':
    main()
