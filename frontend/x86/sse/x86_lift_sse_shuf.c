/* SPDX-License-Identifier: Apache-2.0 */
/* SSE and AVX: elements moved within and between vectors: shuffles by an immediate, blends, inserts and extracts. */
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/sse/x86_vec.h"
#include "src/ir/build/builder.h"

/* 2-bit selectors of an immediate as VSHUF has them; those of elements 2 and 3 plus `high`. */
static uint64_t selectors(unsigned imm, unsigned high)
{
    return (imm & 3) | (imm >> 2 & 3) << 4 | ((imm >> 4 & 3) + high) << 8 | ((imm >> 6 & 3) + high) << 12;
}

/* pshufd, vpermilps with an immediate */
void x86_lift_pshufd(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    struct x86_v a = x86_vread(l, 1);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = x86_vshuf(l, IR_I32, a.h[h], a.h[h], selectors(x86_imm8(l), 0));
    x86_vwrite(l, 0, a);
}

/* pshuflw, pshufhw (arg 1): one half shuffled, the other kept */
void x86_lift_pshufw(struct x86_lift *l, unsigned arg)
{
    uint64_t picks = selectors(x86_imm8(l), 0) | selectors(x86_imm8(l), 0) << 16;
    uint64_t imm = arg ? 0x3210 | ((picks & 0xffff) + 0x4444) << 16 : 0x76540000 | (picks & 0xffff);
    struct x86_v a = x86_vread(l, 1);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = x86_vshuf(l, IR_I16, a.h[h], a.h[h], imm);
    x86_vwrite(l, 0, a);
}

void x86_lift_shufps(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned src = x86_src(l);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = x86_vshuf(l, IR_I32, a.h[h], b.h[h], selectors(x86_imm8(l), 4));
    x86_vwrite(l, 0, a);
}

/* Two bits of the immediate for each half, the second selecting from b. */
static uint64_t pair(unsigned imm, unsigned half, unsigned high)
{
    imm >>= 2 * half;
    return (imm & 1) | ((imm >> 1 & 1) + high) << 4;
}

void x86_lift_shufpd(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned src = x86_src(l);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++)
        a.h[h] = x86_vshuf(l, IR_I64, a.h[h], b.h[h], pair(x86_imm8(l), h, 2));
    x86_vwrite(l, 0, a);
}

/* ---- blends ---- */

/* blendps, blendpd, vpblendd, pblendw: one bit of the immediate for each element, the same ones for both halves where
 * there are
 * 8. arg: the element */
void x86_lift_blend(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l), count = 128 / ir_type_bits((enum ir_type)arg);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src);
    for (unsigned h = 0; h < x86_halves(l); h++) {
        unsigned bits = count == 8 ? x86_imm8(l) : x86_imm8(l) >> h * count;
        uint64_t imm = 0;
        for (unsigned n = 0; n < count; n++)
            imm |= (uint64_t)(bits >> n & 1 ? n + count : n) << 4 * n;
        a.h[h] = x86_vshuf(l, (enum ir_type)arg, a.h[h], b.h[h], imm);
    }
    x86_vwrite(l, 0, a);
}

/* blendvps, blendvpd, pblendvb: by the sign bits of xmm0, or of the fourth operand. arg: the element */
void x86_lift_blendv(struct x86_lift *l, unsigned arg)
{
    unsigned src = x86_src(l);
    struct x86_v b = x86_vread(l, src + 1), a = x86_vread(l, src), m;
    if (x86_is_vex(l))
        m = x86_vread(l, 3);
    else
        m.h[0] = ir_get(l->b, X86_ROW_xmm0);
    for (unsigned h = 0; h < x86_halves(l); h++) {
        ir_ref mask = x86_v2(l, IR_VCMP_GTS, (enum ir_type)arg, x86_vzero(l), m.h[h]);
        a.h[h] = x86_vselect(l, mask, a.h[h], b.h[h]);
    }
    x86_vwrite(l, 0, a);
}

/* ---- elements ---- */

/* pextrb, pextrw, pextrd, pextrq, extractps: zero-extended into a register. arg: the element; pextrd and pextrq tell by
 * size */
void x86_lift_pextr(struct x86_lift *l, unsigned arg)
{
    enum ir_type type = (enum ir_type)arg;
    unsigned index = x86_imm8(l) & (128 / ir_type_bits(type) - 1);
    ir_ref v = x86_vget(l, type, x86_vread_half(l, 1, 0), index);
    if (x86_is_mem(l, 0))
        x86_store(l, x86_addr(l, 0), 0, v);
    else
        x86_put_reg(l, l->op[0].reg.value, x86_zext(l, type == IR_I64 ? IR_I64 : IR_I32, v));
}

/* pinsrb, pinsrw, pinsrd, pinsrq: from a register's low part, or memory. arg: the element */
void x86_lift_pinsr(struct x86_lift *l, unsigned arg)
{
    enum ir_type type = (enum ir_type)arg;
    unsigned src = x86_src(l), index = x86_imm8(l) & (128 / ir_type_bits(type) - 1);
    ir_ref v =
        x86_is_mem(l, src + 1) ? x86_load(l, type, x86_addr(l, src + 1), 0) : x86_zext(l, type, x86_read(l, src + 1));
    x86_vwrite128(l, 0, x86_vset(l, x86_vread_half(l, src, 0), v, index));
}

/* insertps: bits 7-6 of the immediate select the source element (not of memory), 5-4 where it goes, 3-0 what becomes
 * zero */
void x86_lift_insertps(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    unsigned src = x86_src(l), imm = x86_imm8(l);
    ir_ref v = x86_is_mem(l, src + 1) ? x86_load(l, IR_I32, x86_addr(l, src + 1), 0)
                                      : x86_vget(l, IR_I32, x86_vread_half(l, src + 1, 0), imm >> 6);
    ir_ref r = x86_vset(l, x86_vread_half(l, src, 0), v, imm >> 4 & 3);
    uint64_t keep[2] = {(imm & 1 ? 0 : 0xffffffff) | (uint64_t)(imm & 2 ? 0 : 0xffffffff) << 32,
                        (imm & 4 ? 0 : 0xffffffff) | (uint64_t)(imm & 8 ? 0 : 0xffffffff) << 32};
    if (imm & 15)
        r = x86_v2(l, IR_VAND, IR_I32, r, ir_const128(l->b, IR_V128, keep[0], keep[1]));
    x86_vwrite128(l, 0, r);
}

/* ---- AVX: between the halves ---- */

/* vbroadcastss, vpbroadcastb, ...: element 0 everywhere. arg: the element */
void x86_lift_broadcast(struct x86_lift *l, unsigned arg)
{
    ir_ref v = x86_v1(l, IR_VSPLAT, (enum ir_type)arg, x86_sread(l, 1, (enum ir_type)arg));
    x86_vwrite(l, 0, (struct x86_v){{v, v}});
}

void x86_lift_broadcast128(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref v = x86_vread_half(l, 1, 0);
    x86_vwrite(l, 0, (struct x86_v){{v, v}});
}

void x86_lift_insert128(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_ref v = x86_vread_half(l, 2, 0);
    struct x86_v a = x86_vread(l, 1);
    a.h[x86_imm8(l) & 1] = v;
    x86_vwrite(l, 0, a);
}

void x86_lift_extract128(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_vwrite128(l, 0, x86_vread_half(l, 1, x86_imm8(l) & 1));
}

/* vperm2f128, vperm2i128: 4 bits of the immediate for each half of the result */
void x86_lift_perm128(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    struct x86_v b = x86_vread(l, 2), a = x86_vread(l, 1), r;
    for (unsigned h = 0; h < 2; h++) {
        unsigned pick = x86_imm8(l) >> 4 * h & 15;
        r.h[h] = pick & 8 ? x86_vzero(l) : pick & 2 ? b.h[pick & 1] : a.h[pick & 1];
    }
    x86_vwrite(l, 0, r);
}

/* vpermq, vpermpd: any of the four elements everywhere */
void x86_lift_permq(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    struct x86_v a = x86_vread(l, 1), r;
    for (unsigned h = 0; h < 2; h++) {
        unsigned imm = x86_imm8(l) >> 4 * h;
        r.h[h] = x86_vshuf(l, IR_I64, a.h[0], a.h[1], (imm & 3) | (imm >> 2 & 3) << 4);
    }
    x86_vwrite(l, 0, r);
}

/* vpermilpd with an immediate (vpermilps: pshufd) or, for both, with a vector of selectors. arg: the element */
void x86_lift_permil(struct x86_lift *l, unsigned arg)
{
    if (l->op[2].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && arg == IR_I32) {
        x86_lift_pshufd(l, 0);
        return;
    }
    struct x86_v a = x86_vread(l, 1), s;
    if (l->op[2].type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        for (unsigned h = 0; h < x86_halves(l); h++)
            a.h[h] = x86_vshuf(l, IR_I64, a.h[h], a.h[h], pair(x86_imm8(l), h, 0));
    } else {
        s = x86_vread(l, 2);
        for (unsigned h = 0; h < x86_halves(l); h++)
            a.h[h] = x86_vcall(l, arg == IR_I32 ? X86_FN_permilps : X86_FN_permilpd, a.h[h], s.h[h], IR_NO_REF, 0);
    }
    x86_vwrite(l, 0, a);
}

/* vpermd, vpermps: 8 elements of 32 bits by a vector of indices (operand 1), whose bit 2 chooses the half */
void x86_lift_permd(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    struct x86_v a = x86_vread(l, 2), index = x86_vread(l, 1), r;
    for (unsigned h = 0; h < 2; h++) {
        ir_ref low = x86_vcall(l, X86_FN_permilps, a.h[0], index.h[h], IR_NO_REF, 0);
        ir_ref high = x86_vcall(l, X86_FN_permilps, a.h[1], index.h[h], IR_NO_REF, 0);
        ir_ref bit = x86_vshift(l, IR_VSHL, IR_I32, index.h[h], 29);
        r.h[h] = x86_vselect(l, x86_vshift(l, IR_VSAR, IR_I32, bit, 31), low, high);
    }
    x86_vwrite(l, 0, r);
}
