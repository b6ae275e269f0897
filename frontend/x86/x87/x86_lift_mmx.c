/* SPDX-License-Identifier: Apache-2.0 */
/* MMX (SDM volume 1, chapter 9): a register is a row of 64 bits; packed operations are done on the low half of a v128.
 *
 * I1  Operands in memory are accessed before the registers become MMX ones (x86_mmx_enter): if that faults, nothing
 *     happened. */
#include "frontend/x86/x87/x86_lift_mmx.h"

#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/sse/x86_vec.h"
#include "frontend/x86/x87/x86_x87_stack.h"

#include "src/ir/build/builder.h"

#define X86_MMX(mnemonic, lifter, arg) static x86_lift_fn lift_##lifter;
#include "frontend/x86/decode/x86_mmx_insns.def"

static bool is_mm(const ZydisDecodedOperand *op)
{
    return op->type == ZYDIS_OPERAND_TYPE_REGISTER && op->reg.value >= ZYDIS_REGISTER_MM0 &&
           op->reg.value <= ZYDIS_REGISTER_MM7;
}
static bool is_xmm(const ZydisDecodedOperand *op)
{
    return op->type == ZYDIS_OPERAND_TYPE_REGISTER && op->reg.value >= ZYDIS_REGISTER_XMM0 &&
           op->reg.value <= ZYDIS_REGISTER_XMM15;
}

bool x86_has_mm(const struct x86_decoded *d)
{
    for (unsigned n = 0; n < d->i.operand_count_visible; n++) {
        if (is_mm(&d->op[n]))
            return true;
    }
    return false;
}

bool x86_is_mmx(const struct x86_decoded *d)
{
    return x86_has_mm(d) || d->i.mnemonic == ZYDIS_MNEMONIC_CVTPI2PS || d->i.mnemonic == ZYDIS_MNEMONIC_CVTPI2PD;
}

/* ---- operands ---- */

static unsigned mm_row(const struct x86_lift *l, unsigned n)
{
    return X86_ROW_mm0 + (unsigned)(l->op[n].reg.value - ZYDIS_REGISTER_MM0);
}
static unsigned xmm_row(const struct x86_lift *l, unsigned n)
{
    return X86_ROW_xmm0 + (unsigned)(l->op[n].reg.value - ZYDIS_REGISTER_XMM0);
}

static ir_ref lane(struct x86_lift *l, ir_ref v, unsigned i)
{
    return ir_emit(l->b, IR_VGETE, IR_I64, IR_I64, v, IR_NO_REF, IR_NO_REF, i);
}
static ir_ref with_lane(struct x86_lift *l, ir_ref v, ir_ref x, unsigned i)
{
    return ir_emit(l->b, IR_VSETE, IR_V128, IR_I64, v, x, IR_NO_REF, i);
}
static ir_ref vector(struct x86_lift *l, ir_ref low) { return with_lane(l, ir_const128(l->b, IR_V128, 0, 0), low, 0); }
static ir_ref packed(struct x86_lift *l, unsigned arg, ir_ref a, ir_ref b)
{
    return ir_emit(l->b, (enum ir_op)(arg & 0xff), IR_V128, (uint16_t)(arg >> 8), a, b, IR_NO_REF, 0);
}

/* The last operand but one that is an immediate: 64 bits. Everything is MMX from here on (I1). */
static ir_ref source(struct x86_lift *l, unsigned n)
{
    ir_ref v =
        x86_is_mem(l, n) ? x86_zext(l, IR_I64, x86_load(l, x86_int_type(l->op[n].size), x86_addr(l, n), 0)) : IR_NO_REF;
    x86_mmx_enter(l);
    return v == IR_NO_REF ? ir_get(l->b, mm_row(l, n)) : v;
}
static ir_ref target(struct x86_lift *l) { return ir_get(l->b, mm_row(l, 0)); }
static void put(struct x86_lift *l, ir_ref v)
{
    ir_put(l->b, mm_row(l, 0), v);
    ir_put(l->b, mm_row(l, 0) - X86_ROW_mm0 + X86_ROW_st0,
           ir_const128(l->b, IR_F80, 0, 0xffff)); /* sign and exponent */
}
static unsigned imm(const struct x86_lift *l, unsigned n) { return (unsigned)l->op[n].imm.value.u & 0xff; }

/* ---- packed operations ---- */

static void lift_mmx_bin(struct x86_lift *l, unsigned arg)
{
    ir_ref b = vector(l, source(l, 1));
    put(l, lane(l, packed(l, arg, vector(l, target(l)), b), 0));
}

/* punpckh: what the low form makes of the upper elements */
static void lift_mmx_high(struct x86_lift *l, unsigned arg)
{
    ir_ref b = vector(l, source(l, 1));
    put(l, lane(l, packed(l, arg, vector(l, target(l)), b), 1));
}

static void lift_mmx_pack(struct x86_lift *l, unsigned arg)
{
    ir_ref b = source(l, 1), both = with_lane(l, vector(l, target(l)), b, 1);
    put(l, lane(l, packed(l, arg, both, both), 0));
}

static void lift_mmx_shift(struct x86_lift *l, unsigned arg)
{
    ir_ref count;
    if (l->op[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        x86_mmx_enter(l);
        count = ir_const(l->b, IR_I8, imm(l, 1));
    } else {
        count = x86_zext(l, IR_I8, ir_bin(l->b, IR_MIN_U, source(l, 1), ir_const(l->b, IR_I64, 255)));
    }
    put(l, lane(l, packed(l, arg, vector(l, target(l)), count), 0));
}

static void lift_mmx_fn(struct x86_lift *l, unsigned fn)
{
    ir_ref b = source(l, 1);
    put(l, ir_call(l->b, &x86_mmx_helpers[fn], target(l), b, IR_NO_REF, IR_NO_REF));
}

/* palignr: 64 bits of target:source from byte imm on */
static void lift_mmx_align(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned bits = 8 * imm(l, 2);
    ir_ref b = source(l, 1), a = target(l), r = ir_const(l->b, IR_I64, 0);
    if (bits == 0)
        r = b;
    else if (bits < 64)
        r = ir_bin(l->b, IR_OR, ir_bini(l->b, IR_SHR, b, bits), ir_bini(l->b, IR_SHL, a, 64 - bits));
    else if (bits < 128)
        r = ir_bini(l->b, IR_SHR, a, bits - 64);
    put(l, r);
}

static void lift_mmx_shuffle(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    uint64_t order = 0;
    for (unsigned i = 0; i < 4; i++)
        order |= (uint64_t)(imm(l, 2) >> 2 * i & 3) << 4 * i;
    ir_ref v = vector(l, source(l, 1));
    put(l, lane(l, ir_emit(l->b, IR_VSHUF, IR_V128, IR_I16, v, v, IR_NO_REF, order), 0));
}

static void lift_mmx_insert(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref v = x86_zext(l, IR_I64, x86_read(l, 1));
    x86_mmx_enter(l);
    put(l, ir_emit(l->b, IR_DEPOSIT, IR_I64, ir_bits(16 * (imm(l, 2) & 3), 16), target(l), v, IR_NO_REF, 0));
}

static void lift_mmx_extract(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref v = source(l, 1);
    v = ir_emit(l->b, IR_EXTRACT, IR_I64, ir_bits(16 * (imm(l, 2) & 3), 16), v, IR_NO_REF, IR_NO_REF, 0);
    x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), v));
}

static void lift_mmx_mask(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref m = ir_emit(l->b, IR_VMOVMSK, IR_I32, IR_I8, vector(l, source(l, 1)), IR_NO_REF, IR_NO_REF, 0);
    x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), m));
}

static void lift_mmx_maskmov(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref mask = source(l, 1);
    ir_ref address = x86_zext(l, x86_int_type(l->i->address_width), ir_get(l->b, X86_ROW_rdi));
    ZydisRegister segment = l->i->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_FS   ? ZYDIS_REGISTER_FS
                            : l->i->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS ? ZYDIS_REGISTER_GS
                                                                             : ZYDIS_REGISTER_DS;
    address = x86_segmented(l, segment, x86_zext(l, IR_I64, address));
    ir_call(l->b, &x86_mmx_maskmov, target(l), mask, address, IR_NO_REF);
}

/* ---- moves ---- */

/* movd, movq, movntq, movq2dq, movdq2q: to or from an MMX register */
static void lift_mmx_mov(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    if (is_mm(&l->op[0])) {
        ir_ref v = is_xmm(&l->op[1])  ? lane(l, ir_get(l->b, xmm_row(l, 1)), 0)
                   : is_mm(&l->op[1]) ? source(l, 1)
                                      : x86_zext(l, IR_I64, x86_read(l, 1));
        x86_mmx_enter(l);
        put(l, v);
        return;
    }
    if (x86_is_mem(l, 0)) { /* I1 */
        if (!(l->mode & X86_MODE_MMX))
            ir_call(l->b, &x86_x87_helper_to_mmx, IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF);
        x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), ir_get(l->b, mm_row(l, 1))));
        x86_mmx_enter(l);
        return;
    }
    ir_ref v = source(l, 1);
    if (is_xmm(&l->op[0]))
        ir_put(l->b, xmm_row(l, 0), vector(l, v));
    else
        x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), v));
}

/* ---- conversions ---- */

/* cvtpi2ps, cvtpi2pd (which is exact). With an operand in memory they leave the x87 state alone (cvtpi2ps only on
 * AMD's CPUs, SDM volume 2). arg: the result's elements */
static void lift_mmx_from_int(struct x86_lift *l, unsigned arg)
{
    ir_ref v = x86_is_mem(l, 1) ? x86_read(l, 1) : source(l, 1), old = ir_get(l->b, xmm_row(l, 0));
    if (l->mode & X86_MODE_SSE_TRAPS) /* see below */
        x86_fp_may_trap(l);
    if (arg == IR_F32) { /* of the zeros above it, too, which raises nothing */
        v = ir_fp(l->b, IR_FCVT_SF, IR_V128, x86_fp_aux(l, IR_F32), vector(l, v), IR_NO_REF, IR_NO_REF);
        ir_put(l->b, xmm_row(l, 0), with_lane(l, old, lane(l, v, 0), 0));
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        ir_ref x = x86_zext(l, IR_I32, i ? ir_bini(l->b, IR_SHR, v, 32) : v);
        x = ir_fp(l->b, IR_FCVT_SF, IR_F64, IR_RDYN, x, IR_NO_REF, IR_NO_REF);
        old = ir_emit(l->b, IR_VSETE, IR_V128, IR_F64, old, x, IR_NO_REF, i);
    }
    ir_put(l->b, xmm_row(l, 0), old);
}

/* The low two floats or both doubles as integers; memory operands of 128 bits are aligned. */
static ir_ref floats(struct x86_lift *l, bool wide)
{
    if (!x86_is_mem(l, 1))
        return ir_get(l->b, xmm_row(l, 1));
    ir_ref addr = x86_addr(l, 1);
    if (wide) {
        ir_ref bits = ir_bini(l->b, IR_AND, addr, 15);
        ir_trap_if(l->b, ir_icmp(l->b, IR_NE, bits, ir_const(l->b, IR_I64, 0)), IR_TRAP_PRIVILEGED, l->pc);
    }
    ir_ref v = vector(l, x86_load(l, IR_I64, addr, 0));
    return wide ? with_lane(l, v, x86_load(l, IR_I64, addr, 8), 1) : v;
}

/* cvtps2pi, cvtpd2pi, ... arg: the operand's elements | truncate << 8 */
static void lift_mmx_to_int(struct x86_lift *l, unsigned arg)
{
    bool wide = (arg & 0xff) == IR_F64;
    ir_ref v = floats(l, wide), r = ir_const(l->b, IR_I64, 0);
    x86_mmx_enter(l);
    if (l->mode & X86_MODE_SSE_TRAPS) /* if it traps, the registers are MMX ones all the same */
        x86_fp_may_trap(l);
    if (!wide) {
        v = vector(l, lane(l, v, 0));
        v = ir_fp(l->b, IR_FCVT_FS, IR_V128, x86_fp_to_int_aux(l, arg >> 8, IR_F32), v, IR_NO_REF, IR_NO_REF);
        put(l, lane(l, v, 0));
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        ir_ref x = ir_emit(l->b, IR_VGETE, IR_F64, IR_F64, v, IR_NO_REF, IR_NO_REF, i);
        x = ir_fp(l->b, IR_FCVT_FS, IR_I32, x86_fp_to_int_aux(l, arg >> 8, IR_VOID), x, IR_NO_REF, IR_NO_REF);
        r = ir_emit(l->b, IR_DEPOSIT, IR_I64, ir_bits(32 * i, 32), r, x86_zext(l, IR_I64, x), IR_NO_REF, 0);
    }
    put(l, r);
}

/* ---- rows ---- */

static const struct {
    uint16_t mnemonic;
    x86_lift_fn *lift;
    unsigned arg;
} rows[] = {
#define X86_MMX(mnemonic, lifter, arg) {ZYDIS_MNEMONIC_##mnemonic, lift_##lifter, arg},
#include "frontend/x86/decode/x86_mmx_insns.def"
};

bool x86_lift_mmx(struct x86_lift *l)
{
    for (unsigned n = 0; n < ARRAY_LEN(rows); n++) {
        if (rows[n].mnemonic == l->i->mnemonic) {
            rows[n].lift(l, rows[n].arg);
            return true;
        }
    }
    return false;
}
