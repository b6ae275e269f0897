#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random x86 code full of status flags and forward branches: what it leaves must be the same on this machine and under
tandem in several modes, as x86-64 and as i386 code.

A program is made from its number alone: fuzz_branches.py --first N --count 1 makes a failure again. Its functions are
the same text for both widths, so this machine judges both. Ends with 77 (skipped) where there is no compiler."""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
REGS = ['eax', 'ecx', 'edx', 'ebx', 'esi', 'edi']
BYTES = ['al', 'cl', 'dl', 'bl', 'ah', 'ch', 'dh', 'bh']
WORDS = ['ax', 'cx', 'dx', 'bx', 'si', 'di']
CONDITIONS = ['o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g']
MODES = {
    'interp': ['--tier=interp'],
    'tier1': ['--tier=1'],
    'none': ['--tier=1', '--block-branches=0'],
    'short': ['--tier=1', '--block-branches=2', '--block-insns=9'],
    'regs': ['--tier=1', '--random-regs=1'],
    'tier2': ['--tier=2', '--region-blocks=4'],
    'mixed': ['--hot-threshold=1'],
    'warm': ['--hot-threshold=20', '--opt-threads=0'],
}


class Function:
    """One function's code; labels are numbers, and every jump goes forward but that of its loop."""

    def __init__(self, rng, name):
        self.rng, self.name, self.lines, self.wanted = rng, name, [], {}

    def reg(self):
        return '%' + self.rng.choice(REGS)

    def place(self):
        return f'memory+{self.rng.randrange(15) * 4 + self.rng.choice([0, 0, 0, 1])}'

    def operand(self):
        kind = self.rng.randrange(5)
        if kind == 0:
            return self.place()
        if kind == 1:
            return f'${self.rng.choice([0, 1, 2, -1, 5, 0x7f, -128, 0x12345, 0x7fffffff])}'
        return self.reg()

    def sized(self, op):
        """op on two operands of some width."""
        kind = self.rng.randrange(8)
        if kind == 0:
            return f'{op}b %{self.rng.choice(BYTES)}, %{self.rng.choice(BYTES)}'
        if kind == 1:
            return f'{op}w %{self.rng.choice(WORDS)}, %{self.rng.choice(WORDS)}'
        if kind == 2:
            return f'{op}l {self.reg()}, {self.place()}'
        return f'{op}l {self.operand()}, {self.reg()}'

    def label(self, at):
        """A label a few units from here on."""
        target = at + 1 + min(int(self.rng.expovariate(0.25)), 20)
        return self.wanted.setdefault(target, f'{self.name}_{target}')

    def flags(self):
        """One that sets flags, all of them defined but A."""
        return self.rng.choice([
            lambda: self.sized('cmp'), lambda: self.sized('cmp'), lambda: self.sized('add'),
            lambda: self.sized('sub'), lambda: self.sized('adc'), lambda: self.sized('sbb'),
            lambda: self.sized('and'), lambda: self.sized('or'), lambda: self.sized('xor'),
            lambda: f'testl {self.reg()}, {self.reg()}', lambda: f'testl $0x80ff, {self.reg()}',
            lambda: f'incl {self.reg()}', lambda: f'decl {self.reg()}', lambda: f'negl {self.reg()}',
            lambda: f'incw {self.place()}', lambda: f'decb %{self.rng.choice(BYTES)}',
            lambda: self.rng.choice(['stc', 'clc', 'cmc']),
            lambda: f'shll $1, {self.reg()}', lambda: f'sarl $1, {self.reg()}', lambda: f'shrl $1, {self.reg()}',
            lambda: f'rcll $1, {self.reg()}', lambda: f'rorl $1, {self.reg()}',
            lambda: f'cmpxchgl {self.reg()}, {self.place()}', lambda: f'lock xaddl {self.reg()}, {self.place()}',
            lambda: 'ucomisd %xmm1, %xmm0', lambda: 'comiss %xmm0, %xmm1',
        ])()

    def other(self):
        """Several instructions: what reads flags, keeps some, may fault, or leaves them alone."""
        rng = self.rng
        dest = self.reg()
        count = rng.choice([f'shl %cl, {dest}', f'shr %cl, {dest}', f'sar %cl, {dest}', f'rcr %cl, {dest}',
                            f'rol %cl, {dest}', f'shld %cl, {self.reg()}, {dest}'])
        return rng.choice([
            lambda: [f'set{rng.choice(CONDITIONS)} %{rng.choice(BYTES)}'],
            lambda: [f'cmov{rng.choice(CONDITIONS)} {self.reg()}, {self.reg()}'],
            lambda: ['movl %ecx, %ebp', 'andl $1, %ecx', rng.choice(['stc', 'cmp %edx, %esi']), count,
                     'movl %ebp, %ecx'],
            lambda: ['lahf', 'and $0xc5, %ah'],
            lambda: ['mov %dl, %ah', 'sahf'],
            lambda: [('FULL', 'pushf; pop ', 'bp', ''), 'andl $0x8c5, %ebp', 'xorl %ebp, %esi'],
            lambda: ['movl %edx, %ebp', 'andl $0x8c5, %ebp', 'orl $0x202, %ebp', ('FULL', 'push ', 'bp', '; popf')],
            lambda: [f'movl {self.reg()}, {self.place()}'],
            lambda: [f'movl {self.place()}, {self.reg()}'],
            lambda: [f'leal 5({self.reg()}, {self.reg()}, 2), {self.reg()}'],
            lambda: [f'movzbl %{rng.choice(["al", "cl", "dl", "bl"])}, {self.reg()}'],
            lambda: [f'notl {self.reg()}'],
            lambda: [f'movd {self.reg()}, %xmm{rng.randrange(2)}'],
            lambda: [f'cvtsi2sd {self.reg()}, %xmm{rng.randrange(2)}'],
            lambda: [('FAULT',)],
            lambda: ['call f_' + rng.choice(['adc', 'stc', 'cmp', 'keep'])],
            lambda: [f'mov $memory, %esi; mov $memory+32, %edi; mov ${rng.randrange(4)}, %ecx',
                     rng.choice(['repe cmpsb', 'repne scasb', 'cmpsl', 'rep movsl']), 'mov $1, %esi; mov $2, %edi'],
        ])()

    def branch(self, at):
        rng = self.rng
        kind = rng.randrange(14)
        if kind == 0:
            return [f'jecxz {self.label(at)}']
        if kind == 1:
            return [('LOOP', f'{rng.choice(["loop", "loope", "loopne"])} {self.label(at)}')]
        if kind == 2:
            return [f'jmp {self.label(at)}']
        if kind == 3:
            return ['ret']
        return [f'j{rng.choice(CONDITIONS)} {self.label(at)}']

    def unit(self, at):
        kind = self.rng.randrange(10)
        return [self.flags()] if kind < 4 else self.branch(at) if kind < 7 else self.other()

    def text(self, units):
        loops = self.rng.randrange(3) == 0
        if loops:
            self.lines += ['movl $5, counter', f'{self.name}_again:']
        for at in range(units):
            if at in self.wanted:
                self.lines.append(f'{self.wanted.pop(at)}:')
            self.lines += self.unit(at)
        self.lines += [f'{label}:' for label in self.wanted.values()]
        if loops:
            self.lines += ['decl counter', f'jnz {self.name}_again']
        return self.lines + ['ret']


def quoted(line):
    if line[0] == 'FAULT':
        return '    FAULT'
    if line[0] == 'LOOP':
        return f'    COUNT_ECX "{line[1]};"'
    if line[0] == 'FULL':
        return f'    "{line[1]}" FULL("{line[2]}") "{line[3]};"'
    return f'    "{line};"'


def program(number, functions, units):
    rng = random.Random(number)
    lines = ['#include "runner.h"', '__asm__(".data; counter: .long 0; .text;"']
    for n in range(functions):
        lines.append(f'    ".globl t{n}; t{n}:"')
        lines += [quoted(line) for line in Function(rng, f't{n}').text(rng.randrange(3, units))]
    lines.append(');')
    lines += [f'void t{n}(void);' for n in range(functions)]
    names = ', '.join(f't{n}' for n in range(functions))
    lines += ['int main(void)', '{', f'    static void (*const all[])(void) = {{{names}}};',
              f'    run_all(all, {functions});', '    return 0;', '}']
    return '\n'.join(lines) + '\n'


def compiler(guest):
    return shutil.which('i686-linux-gnu-gcc' if guest == 'i386' else 'gcc')


def build(directory, number, options):
    """Paths by guest, and the output of this machine."""
    source = os.path.join(directory, f'{number}.c')
    with open(source, 'w') as f:
        f.write(program(number, options.functions, options.units))
    paths = {}
    for guest in ['x86_64', 'i386']:
        if not compiler(guest):
            continue
        paths[guest] = os.path.join(directory, f'{number}.{guest}')
        flags = ['-O1', '-static', '-no-pie', '-fno-pie', '-I', HERE]
        subprocess.run([compiler(guest), *flags, '-o', paths[guest], source], check=True)
    return paths, output([paths['x86_64']], options)


def output(command, options):
    run = subprocess.run(command, capture_output=True, text=True, timeout=options.timeout)
    return run.stdout + (f'status {run.returncode}: {run.stderr}' if run.returncode else '')


def differences(number, directory, options):
    paths, want = build(directory, number, options)
    failures = []
    for guest, path in paths.items():
        for mode in options.modes:
            got = output([options.tandem, '--cache=0', *MODES[mode], path], options)
            if got != want:
                lines = [a for a, b in zip(got.splitlines(), want.splitlines()) if a != b]
                failures.append(f'program {number}, {guest}, {mode}: {len(lines)} functions, first {lines[:1]}, '
                                f'ends in {got[-100:]!r}')
        os.unlink(path)
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--tandem', default=os.path.join(HERE, '../../../build/default/tandem'))
    parser.add_argument('--first', type=int, default=1)
    parser.add_argument('--count', type=int, default=1, help='programs (0: until the time is over)')
    parser.add_argument('--seconds', type=float, default=0)
    parser.add_argument('--functions', type=int, default=40)
    parser.add_argument('--units', type=int, default=40, help='in a function at most')
    parser.add_argument('--modes', type=lambda s: s.split(','), default=list(MODES))
    parser.add_argument('--timeout', type=float, default=300)
    options = parser.parse_args()
    if not compiler('x86_64') or os.uname().machine != 'x86_64':
        print('skipped: no compiler for this machine, or it does not run x86-64 code')
        return 77
    end = time.monotonic() + options.seconds
    number, failed = options.first, 0
    with tempfile.TemporaryDirectory() as directory:
        while number < options.first + options.count if options.count else time.monotonic() < end:
            for failure in differences(number, directory, options):
                print(failure, flush=True)
                failed += 1
            number += 1
    print(f'{number - options.first} programs, {failed} failures')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
