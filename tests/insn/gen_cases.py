# SPDX-License-Identifier: Apache-2.0
"""The instruction-test cases: for each instruction, operands that tell right from nearly right. See gen_rows.py."""
import itertools
import struct

MASK = (1 << 64) - 1


class Case:
    """One row: assembly (instructions separated by ';'), initial registers ({'a0': 1, 'a1': ('M', 8), ...}; 'M':
    relative to the memory buffer, 'P': relative to the case), result registers that are relative to the case; for what
    the emulator does not know, the encoding and the values it has to give."""

    def __init__(self, group, text, regs, pc_relative=(), expect=None, words=None):
        self.group, self.text, self.regs, self.pc_relative, self.expect = group, text, regs, pc_relative, expect or {}
        self.words = words
        self.code = ['nop'] if words else [line.strip() for line in text.split(';')]


M63, ALL1 = 1 << 63, MASK
PAIRS = [(0x0123456789abcdef, 0xfedcba9876543210), (M63, ALL1), (7, 0), (M63, 3), (ALL1, ALL1),
         (0xffffffff80000000, 0xffffffff), (0x7fffffff, 1), (0x8000000180000001, 0x3f),
         (0x5555aaaa5555aaaa, 0x2000000000000021), (0xffffffffffffff85, 7)]
SINGLES = [0, 1, ALL1, M63, 0x00ff00800001fe00, 0x0123456789abcdef, 0x80000000, 0xffff8000, 0xff7f, 0x100000000]


def rotate(values, start, count):
    return [values[(start + n) % len(values)] for n in range(count)]


def int_cases():
    rr = {
        'i': 'add sub sll slt sltu xor srl sra or and addw subw sllw srlw sraw',
        'm': 'mul mulh mulhsu mulhu div divu rem remu mulw divw divuw remw remuw',
        'b': 'sh1add sh2add sh3add add.uw sh1add.uw sh2add.uw sh3add.uw andn orn xnor min minu max maxu rol ror rolw '
             'rorw bclr bext binv bset clmul clmulh clmulr',
    }
    for group, names in rr.items():
        for n, name in enumerate(names.split()):
            count = 8 if group == 'm' else 6
            for a, c in rotate(PAIRS, 0 if group == 'm' else n, count):
                yield Case(group, f'{name} a0,a1,a2', {'a1': a, 'a2': c})
            yield Case(group, f'{name} s3,s3,s3', {'s3': PAIRS[n % len(PAIRS)][0]})
            yield Case(group, f'{name} zero,a1,a2', {'a1': 5, 'a2': 9})
            yield Case(group, f'{name} t6,zero,a2', {'t6': 3, 'a2': 0x1234567890})
            yield Case(group, f'{name} a1,a1,zero', {'a1': 0xffffffff89abcdef})
    unary = 'clz ctz cpop clzw ctzw cpopw sext.b sext.h zext.h orc.b rev8'
    for name in unary.split():
        for a in SINGLES:
            # QEMU before 8.0 looks at the high half where the low half is 0
            fixed = {'a0': 32} if name == 'ctzw' and a & 0xffffffff == 0 else None
            yield Case('b', f'{name} a0,a1', {'a1': a}, expect=fixed)


def imm_cases():
    for name in 'addi slti sltiu xori ori andi addiw'.split():
        for n, imm in enumerate((0, 1, -1, 2047, -2048, 0x555)):
            yield Case('i', f'{name} a0,a1,{imm}', {'a1': SINGLES[(n + 2) % len(SINGLES)]})
        yield Case('i', f'{name} a0,zero,-7', {'a0': 1})
    shifts = {'i': 'slli srli srai', 'b': 'rori slli.uw bclri bexti binvi bseti'}
    for group, names in shifts.items():
        for name in names.split():
            for n in (0, 1, 31, 32, 33, 63):
                yield Case(group, f'{name} a0,a1,{n}', {'a1': 0xc123456789abcde5})
    for group, names in {'i': 'slliw srliw sraiw', 'b': 'roriw'}.items():
        for name in names.split():
            for n in (0, 1, 15, 31):
                yield Case(group, f'{name} a0,a1,{n}', {'a1': 0x6123456789abcde5})
    for imm in (0, 1, 0x7ffff, 0x80000, 0xfffff):
        yield Case('i', f'lui a0,{imm}', {})
        yield Case('i', f'auipc a0,{imm}', {}, pc_relative=('a0',))
    for text in ('prefetch.r 32(a0)', 'prefetch.w -64(a0)', 'prefetch.i 0(a0)', 'prefetch.r 0(a0)',
                 'prefetch.r -2048(a0)', 'prefetch.w 0(zero)', 'prefetch.w 2016(a0)', 'pause', 'fence rw,rw',
                 'fence w,w', 'fence.tso', 'fence i,o', 'nop'):
        yield Case('i', text, {'a0': 0x1000})


def zicond_cases():
    """Not in QEMU 7.2: czero.eqz rd = rs2 == 0 ? 0 : rs1; czero.nez the reverse."""
    for f3, name in ((5, 'czero.eqz'), (7, 'czero.nez')):
        for a, c in [(5, 0), (5, 1), (ALL1, M63), (ALL1, 0), (0, 3), (0x1234, 0x100000000)]:
            result = a if (c != 0) == (f3 == 5) else 0
            word = 0x07 << 25 | 12 << 20 | 11 << 15 | f3 << 12 | 10 << 7 | 0x33
            yield Case('zicond', f'{name} a0,a1,a2', {'a0': 99, 'a1': a, 'a2': c}, expect={'a0': result}, words=[word])


def mem_cases():
    data = {'m0': 0x8182838485868788, 'm1': 0x0102030405060708, 'm2': 0xfff0000000000001, 'm3': 0x7fa00001ffc00000}
    for name in 'lb lh lw ld lbu lhu lwu'.split():
        for off, base in ((0, 0), (4, 0), (-8, 16), (3, 0), (2047, -2040)):
            yield Case('i', f'{name} a0,{off}(a1)', {**data, 'a1': ('M', base), 'a0': 1})
        yield Case('i', f'{name} a1,8(a1)', {**data, 'a1': ('M', 8)})
        yield Case('i', f'{name} zero,0(a1)', {**data, 'a1': ('M', 8)})
    for name in 'sb sh sw sd'.split():
        for off, base in ((0, 0), (4, 0), (-8, 16), (3, 0), (-2048, 2064)):
            yield Case('i', f'{name} a0,{off}(a1)', {**data, 'a1': ('M', base), 'a0': 0xf1e2d3c4b5a69788})
        yield Case('i', f'{name} zero,8(a1)', {**data, 'a1': ('M', 8)})
    for name in ('flw', 'fld'):
        for off in (0, 4, 8, 16, 24, 30):
            yield Case('f' if name == 'flw' else 'd', f'{name} fa0,{off}(a1)', {**data, 'a1': ('M', 0)})
    for name in ('fsw', 'fsd'):
        for value in (0x3ff0000000000000, 0x7ff0000000000001, 0xffffffff7f800001, 0x123456789abcdef0):
            yield Case('f' if name == 'fsw' else 'd', f'{name} fa0,12(a1)', {**data, 'a1': ('M', 0), 'fa0': value})


def jump_cases():
    for name in 'beq bne blt bge bltu bgeu'.split():
        for a, c in ((1, 2), (2, 1), (3, 3), (ALL1, 1), (1, ALL1), (M63, 0)):
            yield Case('i', f'{name} a0,a1,.+12', {'a0': a, 'a1': c})
        yield Case('i', f'{name} a0,zero,.-20', {'a0': ALL1})
        yield Case('i', f'{name} zero,zero,.+24', {})
    yield Case('i', 'jal ra,.+8', {}, pc_relative=('ra',))
    yield Case('i', 'jal t0,.-16', {}, pc_relative=('t0',))
    yield Case('i', 'jal a5,.+40', {}, pc_relative=('a5',))
    yield Case('i', 'jal zero,.+16', {})
    for text, base in (('jalr ra,0(a5)', 8), ('jalr ra,0(ra)', 12), ('jalr zero,0(ra)', -8), ('jalr zero,-4(a5)', 16),
                       ('jalr t0,4(t1)', 9), ('jalr t0,0(ra)', 21), ('jalr ra,0(t0)', 8), ('jalr a5,-1(a5)', 13),
                       ('jalr zero,0(t0)', 12)):
        reg = text[text.index('(') + 1:-1]
        link = text.split()[1].split(',')[0]
        yield Case('i', text, {reg: ('P', base)}, pc_relative=(reg, link) if link != 'zero' else (reg,))


def atomic_cases():
    ops = 'amoswap amoadd amoxor amoand amoor amomin amomax amominu amomaxu'
    values = [(0x0123456789abcdef, 0x7000000070000000), (0x8000000080000000, 1), (5, ALL1), (ALL1, 5),
              (0x7fffffff, 0xffffffff80000000)]
    for name in ops.split():
        for width in ('w', 'd'):
            for n, (old, new) in enumerate(values):
                order = ('', '.aq', '.rl', '.aqrl', '')[n]
                yield Case('a', f'{name}.{width}{order} a0,a1,(a2)', {'m1': old, 'a1': new, 'a2': ('M', 8)})
            for rd in ('a1', 'zero'):
                yield Case('a', f'{name}.{width} {rd},a1,(a2)',
                           {'m0': 0x1111111180000000, 'a1': 0x7700000077, 'a2': ('M', 0)})
        yield Case('a', f'{name}.w a2,a1,(a2)', {'m1': 0x8000000012345678, 'a1': 0x87654321, 'a2': ('M', 12)})
    for w in ('w', 'd'):
        mem = {'m1': 0x89abcdef80000001, 'a2': ('M', 8), 'a1': 0x55667788aabbccdd}
        for order in ('', '.aq', '.aqrl'):
            yield Case('a', f'lr.{w}{order} a0,(a2)', mem)
        for order in ('', '.rl', '.aqrl'):
            yield Case('a', f'sc.{w}{order} a0,a1,(a2)', mem)
        yield Case('a', f'lr.{w} a0,(a2); sc.{w} a3,a1,(a2)', mem)
        yield Case('a', f'lr.{w} a0,(a2); addi a4,a0,1; sc.{w} a0,a4,(a2)', mem)
        yield Case('a', f'lr.{w} a0,(a2); sc.{w} a3,a1,(a2); sc.{w} a4,a1,(a2)', mem)
        yield Case('a', f'lr.{w} a0,(a2); mv a5,a2; sc.{w} a3,a1,(a5)', mem)
        yield Case('a', f'lr.{w} a2,(a2); addi a2,a2,1', mem)
        for expected in (0xffffffff80000001, 0x89abcdef80000001, 5):
            yield Case('a', f'1: lr.{w}.aq a0,(a2); bne a0,a3,2f; sc.{w}.rl a4,a1,(a2); bnez a4,1b; 2: mv a6,a0',
                       {**mem, 'a3': expected, 'a4': 7})
        yield Case('a', f'1: lr.{w} a0,(a2); and a4,a0,a1; not a4,a4; sc.{w} a4,a4,(a2); bnez a4,1b', mem)
        yield Case('a', f'1: lr.{w} a0,(a2); sub a4,a0,a1; sc.{w} a3,a4,(a2); beqz a3,2f; j 1b; 2: nop', mem)
    sub = {'m1': 0x89abcdef80007fff, 'a2': ('M', 8), 'a1': 0x10000, 'a5': 0xff0000, 'a6': 0xffffffffff00ffff}
    yield Case('a',
               '1: lr.w a0,(a2); add a3,a0,a1; and a3,a3,a5; and a4,a0,a6; or a4,a4,a3; sc.w a4,a4,(a2); bnez a4,1b',
               sub)
    yield Case('a',
               '1: lr.w a0,(a2); and a3,a0,a5; bne a3,a1,2f; and a4,a0,a6; or a4,a4,a1; sc.w a4,a4,(a2); bnez a4,1b; '
               '2: nop', sub)


def csr_cases():
    for text in ('csrrw a0,fflags,a1', 'csrrs a0,fflags,a1', 'csrrc a0,fflags,a1', 'csrrw a0,frm,a1', 'csrrs a0,frm,a1',
                 'csrrc a0,frm,a1', 'csrrw a0,fcsr,a1', 'csrrs a0,fcsr,a1', 'csrrc a0,fcsr,a1', 'csrrw zero,fcsr,a1',
                 'csrrs a0,fcsr,zero', 'csrrw a0,frm,zero'):
        for fcsr, value in ((0, 0x1f), (0x1f, 0x3), (0x35, 0xffffffffffffff62)):
            yield Case('zicsr', text, {'fcsr': fcsr, 'a1': value})
    for text in ('csrrwi a0,fflags,21', 'csrrsi a0,fflags,2', 'csrrci a0,fflags,17', 'csrrwi a0,frm,3',
                 'csrrsi a0,frm,1', 'csrrci a0,frm,2', 'csrrwi a0,fcsr,31', 'csrrsi a0,fcsr,0', 'csrrci a0,fcsr,9'):
        for fcsr in (0, 0x1f, 0x4a):
            yield Case('zicsr', text, {'fcsr': fcsr})


def f32(x):
    return struct.unpack('<I', struct.pack('<f', x))[0]


def f64(x):
    return struct.unpack('<Q', struct.pack('<d', x))[0]


def box(bits):
    return 0xffffffff00000000 | bits


INF = float('inf')
# finite and special operands: as float, or as (f32 bits, f64 bits)
QNAN, SNAN = (0x7fc00123, 0x7ff8000000000123), (0x7f800001, 0x7ff0000000000001)
NEG_QNAN = (0xffc00000, 0xfff8000000000000)
TINY, SUBNORMAL = (0x00800000, 0x0010000000000000), (0x00000003, 0x0000000000000003)
HUGE = (0x7f7fffff, 0x7fefffffffffffff)
NEXT1 = (0x3f800001, 0x3ff0000000000001)


def bits(value, fmt):
    if isinstance(value, tuple):
        return box(value[0]) if fmt == 's' else value[1]
    return box(f32(value)) if fmt == 's' else f64(value)


FP_PAIRS = [(1.5, 2.25), (1.0, 3.0), (-1.0, 3.0), (0.0, -0.0), (INF, -INF), (INF, 0.0), (1.0, 0.0), (0.0, 0.0),
            (QNAN, 1.0), (1.0, SNAN), (SNAN, QNAN), (NEG_QNAN, QNAN), (HUGE, HUGE), (HUGE, -1.0), (TINY, 0.5),
            (SUBNORMAL, 0.25), (TINY, NEXT1), (1.0, TINY), (-0.0, -0.0), (TINY, SUBNORMAL)]
RM = {'rne': 0, 'rtz': 1, 'rdn': 2, 'rup': 3, 'rmm': 4}


def fp_arith_cases():
    for fmt in 'sd':
        group = 'f' if fmt == 's' else 'd'
        for name in ('fadd', 'fsub', 'fmul', 'fdiv'):
            for a, c in FP_PAIRS:
                yield Case(group, f'{name}.{fmt} fa0,fa1,fa2', {'fa1': bits(a, fmt), 'fa2': bits(c, fmt)})
            for rm, frm in RM.items():
                for sign in (1.0, -1.0):
                    regs = {'fa1': bits(sign, fmt), 'fa2': bits((0x40400001, 0x4008000000000001), fmt)}
                    yield Case(group, f'{name}.{fmt} fa0,fa1,fa2,{rm}', regs)
                    yield Case(group, f'{name}.{fmt} fa0,fa1,fa2', {**regs, 'fcsr': frm << 5 | 2})
                huge = {'fa1': bits(HUGE, fmt), 'fa2': bits((0x7f000001, 0x7fe0000000000001), fmt)}
                yield Case(group, f'{name}.{fmt} fa0,fa1,fa2', {**huge, 'fcsr': frm << 5})
        for a in (4.0, 2.0, -1.0, -0.0, INF, QNAN, SNAN, SUBNORMAL, 0.0, -INF):
            yield Case(group, f'fsqrt.{fmt} fa0,fa1', {'fa1': bits(a, fmt)})
        for rm in RM:
            yield Case(group, f'fsqrt.{fmt} fa0,fa1,{rm}', {'fa1': bits(3.0, fmt)})
            yield Case(group, f'fsqrt.{fmt} fa0,fa1', {'fa1': bits(3.0, fmt), 'fcsr': RM[rm] << 5})
        for name in ('fmin', 'fmax', 'fsgnj', 'fsgnjn', 'fsgnjx'):
            for a, c in FP_PAIRS:
                yield Case(group, f'{name}.{fmt} fa0,fa1,fa2', {'fa1': bits(a, fmt), 'fa2': bits(c, fmt)})
            yield Case(group, f'{name}.{fmt} fa0,fa1,fa1', {'fa1': bits(-2.5, fmt)})
            yield Case(group, f'{name}.{fmt} fa1,fa1,fa1', {'fa1': bits(NEG_QNAN, fmt)})
        for name in ('feq', 'flt', 'fle'):
            for a, c in FP_PAIRS:
                yield Case(group, f'{name}.{fmt} a0,fa1,fa2', {'fa1': bits(a, fmt), 'fa2': bits(c, fmt), 'a0': 9})
        for a in (1.0, -1.0, 0.0, -0.0, INF, -INF, QNAN, SNAN, NEG_QNAN, SUBNORMAL, (0x80000001, 0x8000000000000001)):
            yield Case(group, f'fclass.{fmt} a0,fa1', {'fa1': bits(a, fmt)})
    # operands that are not NaN-boxed
    for name in ('fadd.s', 'fsgnj.s', 'fmin.s', 'fsgnjx.s', 'fmul.s'):
        for a in (0x3f800000, 0xfffffffe3f800000, 0x00000000ffc00000):
            yield Case('f', f'{name} fa0,fa1,fa2', {'fa1': a, 'fa2': box(f32(2.0))})
            yield Case('f', f'{name} fa0,fa2,fa1', {'fa1': a, 'fa2': box(f32(2.0))})
    for name in ('fclass.s a0,fa1', 'fmv.x.w a0,fa1', 'fcvt.d.s fa0,fa1', 'fsqrt.s fa0,fa1', 'fsgnj.s fa0,fa1,fa1',
                 'fsgnjn.s fa0,fa1,fa1'):
        yield Case('f', name, {'fa1': 0x3f800000})


def fma_cases():
    triples = [(1.5, 2.0, 0.25), (1.0, 1.0, -1.0), (INF, 0.0, QNAN), (INF, 0.0, 1.0), (INF, 1.0, -INF),
               (SNAN, 1.0, 1.0), (1.0, QNAN, 1.0), (NEXT1, NEXT1, -1.0), (HUGE, 2.0, 1.0), (TINY, 0.5, SUBNORMAL),
               (0.0, 1.0, -0.0), (-0.0, 1.0, -0.0), (HUGE, 2.0, -INF), (NEXT1, TINY, (0x80800000, 0x8010000000000000))]
    for fmt in 'sd':
        for name in ('fmadd', 'fmsub', 'fnmsub', 'fnmadd'):
            for a, c, d in triples:
                regs = {'fa1': bits(a, fmt), 'fa2': bits(c, fmt), 'fa3': bits(d, fmt)}
                yield Case('fma', f'{name}.{fmt} fa0,fa1,fa2,fa3', regs)
            regs = {'fa1': bits(NEXT1, fmt), 'fa2': bits(3.0, fmt), 'fa3': bits(TINY, fmt)}
            for rm, frm in RM.items():
                yield Case('fma', f'{name}.{fmt} fa0,fa1,fa2,fa3,{rm}', regs)
                yield Case('fma', f'{name}.{fmt} fa0,fa1,fa2,fa3', {**regs, 'fcsr': frm << 5})


def cvt_cases():
    floats = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -1.5, -0.75, 2147483647.0, 2147483648.0, -2147483648.0, -2147483904.0,
              4294967295.0, 4294967296.0, 9223372036854775808.0, 18446744073709551616.0, -9223372036854775808.0, 1e30,
              INF, -INF, QNAN, SNAN, NEG_QNAN, SUBNORMAL, 1e9]
    ints = [0, 1, ALL1, 0x7fffffff, 0x80000000, 0xffffffff, M63, 0x7fffffffffffffff, 0xfffffffffffffc01, 0x1000001,
            0x20000000000001, 0x8000000000000401, 0xffffff7fffffffff]
    for fmt in 'sd':
        group = 'f' if fmt == 's' else 'd'
        for to in ('w', 'wu', 'l', 'lu'):
            for n, a in enumerate(floats):
                rm = ('rtz', 'rtz', 'rne', 'rup')[n % 4]
                yield Case(group, f'fcvt.{to}.{fmt} a0,fa1,{rm}', {'fa1': bits(a, fmt), 'a0': 7})
            for rm, frm in RM.items():
                for a in (2.5, -2.5, -0.25, 0.25):
                    yield Case(group, f'fcvt.{to}.{fmt} a0,fa1,{rm}', {'fa1': bits(a, fmt), 'a0': 7})
                yield Case(group, f'fcvt.{to}.{fmt} a0,fa1,dyn', {'fa1': bits(3.5, fmt), 'a0': 7, 'fcsr': frm << 5})
            for a in ints:
                yield Case(group, f'fcvt.{fmt}.{to} fa0,a1', {'a1': a})
        for to in ('w', 'l', 'lu') if fmt == 's' else ('l', 'lu'):
            for rm, frm in RM.items():
                for a in (0x7fffffffffffffff, 0x8000000000000401, 0x1000001):
                    yield Case(group, f'fcvt.{fmt}.{to} fa0,a1,{rm}', {'a1': a})
                yield Case(group, f'fcvt.{fmt}.{to} fa0,a1', {'a1': 0x7fffffffffffffff, 'fcsr': frm << 5})
    for a in (1.0, -0.0, INF, QNAN, SNAN, NEG_QNAN, SUBNORMAL, HUGE, 0.1):
        yield Case('d', 'fcvt.d.s fa0,fa1', {'fa1': bits(a, 's')})
        yield Case('d', 'fcvt.s.d fa0,fa1', {'fa1': bits(a, 'd')})
    for rm, frm in RM.items():
        for a in (0.1, -0.1, 1e300, 1e-44, 1e-310, 1.1754943157898258e-38):
            yield Case('d', f'fcvt.s.d fa0,fa1,{rm}', {'fa1': f64(a)})
        yield Case('d', 'fcvt.s.d fa0,fa1', {'fa1': f64(0.1), 'fcsr': frm << 5})
    for a in (0, 0xffffffff7f800001, 0x123456789abcdef0, 0x7ff0000000000001, M63):
        yield Case('d', 'fmv.x.d a0,fa1', {'fa1': a})
        yield Case('d', 'fmv.d.x fa0,a1', {'a1': a})
        yield Case('f', 'fmv.x.w a0,fa1', {'fa1': a})
        yield Case('f', 'fmv.w.x fa0,a1', {'a1': a})


def quiet_compare_cases():
    """What compilers make of C's quiet comparisons, and code that looks similar."""
    for fmt in 'sd':
        for n, (a, c) in enumerate(FP_PAIRS):
            regs = {'fa1': bits(a, fmt), 'fa2': bits(c, fmt), 'a0': 9, 'a4': 0x55, 'fcsr': 0x0c if n % 3 == 0 else 0}
            name = ('flt', 'fle')[n % 2]
            yield Case('quiet', f'frflags a4; {name}.{fmt} a0,fa1,fa2; fsflags a4', regs)
            yield Case('quiet', f'frflags a4; {name}.{fmt} a0,fa1,fa2; fsflags a4; li a4,3', regs)
            yield Case('quiet',
                       f'fdiv.{fmt} fa1,fa1,fa2; frflags a4; {name}.{fmt} a0,fa1,fa2; fsflags a4; '
                       f'fadd.{fmt} fa2,fa2,fa2; mv a1,a4', regs)
            yield Case('quiet',
                       f'frflags a4; {name}.{fmt} a0,fa1,fa2; fsflags a4; bnez a0,1f; fsqrt.{fmt} fa1,fa1; 1: li a4,3',
                       regs)
            yield Case('quiet', f'frflags a4; {name}.{fmt} a0,fa1,fa2; fsflags a4; bnez a0,1f; li a4,3; 1: nop', regs)
        for a, c in ((QNAN, 1.0), (1.0, SNAN)):
            regs = {'fa1': bits(a, fmt), 'fa2': bits(c, fmt), 'a4': 0x55}
            yield Case('quiet', f'frflags a4; flt.{fmt} zero,fa1,fa2; fsflags a4', regs)
            yield Case('quiet', f'frflags a4; feq.{fmt} a0,fa1,fa2; fsflags a4', regs)
            yield Case('quiet', f'frflags a4; flt.{fmt} a4,fa1,fa2; fsflags a4', regs)
            yield Case('quiet', f'frflags a4; flt.{fmt} a0,fa1,fa2; fsflags a3', regs)
            yield Case('quiet', f'frflags a4; flt.{fmt} a0,fa1,fa2; fsflags a3,a4', regs)
            yield Case('quiet',
                       f'frflags a4; flt.{fmt} a0,fa1,fa2; fsflags a4; frflags a4; fle.{fmt} a1,fa2,fa1; fsflags a4; '
                       'srli a4,a4,1', regs)
    yield Case('quiet', 'frflags a4; flt.s a0,fa1,fa2; fsflags a4', {'fa1': 0x3f800000, 'fa2': 0xfffffffe7f800001})


def compressed_cases():
    v = 0xfedcba9876543210
    data = {'m0': 0x8182838485868788, 'm1': 0x0102030405060708, 'm4': 0x99aabbccddeeff00}
    for imm in (4, 16, 1020):
        yield Case('c', f'c.addi4spn a0,sp,{imm}', {'sp': 0x7f0})
    for name in ('c.addi', 'c.addiw'):
        for imm in (1, -1, 31, -32):
            yield Case('c', f'{name} s3,{imm}', {'s3': 0x7fffffff})
    for imm in (0, -1, 31, -32):
        yield Case('c', f'c.li t4,{imm}', {'t4': 1})
    for imm in (16, -512, 496):
        yield Case('c', f'c.addi16sp sp,{imm}', {'sp': 0x10000})
    for imm in (1, 31, 0xfffe0, 0xfffff):
        yield Case('c', f'c.lui a3,{imm}', {})
    for name in ('c.slli', 'c.srli', 'c.srai'):
        for n in (1, 31, 32, 63):
            yield Case('c', f'{name} a4,{n}', {'a4': v})
    for imm in (0, 1, -1, -32, 31):
        yield Case('c', f'c.andi a4,{imm}', {'a4': v})
    for name in 'c.sub c.xor c.or c.and c.subw c.addw'.split():
        for a, c in PAIRS[:4]:
            yield Case('c', f'{name} s0,a5', {'s0': a, 'a5': c})
    for a, c in PAIRS[:3]:
        yield Case('c', 'c.add t5,s11', {'t5': a, 's11': c})
        yield Case('c', 'c.mv t5,s11', {'t5': a, 's11': c})
    for text in ('c.lw a0,0(a1)', 'c.lw s1,4(a1)', 'c.lw a1,36(a1)', 'c.ld a0,0(a1)', 'c.ld s1,8(a1)', 'c.ld a1,32(a1)',
                 'c.fld fa0,0(a1)', 'c.fld fs0,8(a1)', 'c.fld fa5,32(a1)'):
        yield Case('c', text, {**data, 'a1': ('M', 0)})
    for text in ('c.sw a0,0(a1)', 'c.sw s1,4(a1)', 'c.sw s1,60(a1)', 'c.sd a0,0(a1)', 'c.sd s1,8(a1)', 'c.sd a0,56(a1)',
                 'c.fsd fa0,0(a1)', 'c.fsd fs0,8(a1)', 'c.fsd fa5,56(a1)'):
        yield Case('c', text, {**data, 'a1': ('M', 0), 'a0': v, 's1': 0x55, 'fa0': v, 'fs0': 0x77, 'fa5': M63})
    for text in ('c.lwsp a0,0(sp)', 'c.lwsp t3,12(sp)', 'c.lwsp ra,36(sp)', 'c.ldsp a0,0(sp)', 'c.ldsp t3,8(sp)',
                 'c.ldsp sp,32(sp)', 'c.fldsp fa0,0(sp)', 'c.fldsp ft9,8(sp)', 'c.fldsp fs1,32(sp)', 'c.swsp a0,0(sp)',
                 'c.swsp t3,12(sp)', 'c.swsp zero,36(sp)', 'c.sdsp a0,0(sp)', 'c.sdsp t3,8(sp)', 'c.sdsp zero,32(sp)',
                 'c.fsdsp fa0,0(sp)', 'c.fsdsp ft9,8(sp)', 'c.fsdsp fs1,32(sp)'):
        yield Case('c', text, {**data, 'sp': ('M', 0), 'a0': v, 't3': 0x55, 'fa0': v, 'ft9': 0x77})
    for imm in (6, 10, -16):
        yield Case('c', f'c.j .+{imm}' if imm > 0 else f'c.j .{imm}', {})
        for a in (0, 1, M63):
            for name in ('c.beqz', 'c.bnez'):
                yield Case('c', f'{name} a0,.{imm:+d}', {'a0': a})
    for base in (6, 10, -8):
        yield Case('c', 'c.jr a5', {'a5': ('P', base)}, pc_relative=('a5',))
        yield Case('c', 'c.jalr a5', {'a5': ('P', base)}, pc_relative=('a5', 'ra'))
        yield Case('c', 'c.jr ra', {'ra': ('P', base)}, pc_relative=('ra',))
        yield Case('c', 'c.jalr ra', {'ra': ('P', base)}, pc_relative=('ra',))
    for text in ('c.nop', '.insn 2, 0x0015', '.insn 2, 0x0082', '.insn 2, 0x8001', '.insn 2, 0x8401', '.insn 2, 0x4015',
                 '.insn 2, 0x6015', '.insn 2, 0x8022', '.insn 2, 0x9022'):
        yield Case('c', text, {'ra': 3, 's0': 4})


def all_cases():
    return list(itertools.chain(int_cases(), imm_cases(), zicond_cases(), mem_cases(), jump_cases(), atomic_cases(),
                                csr_cases(), fp_arith_cases(), fma_cases(), cvt_cases(), quiet_compare_cases(),
                                compressed_cases()))
