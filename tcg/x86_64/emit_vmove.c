/* SPDX-License-Identifier: Apache-2.0 */
/* Moves of elements of 128-bit vectors: to and from scalars, permutations, sign masks.
 *
 * I1  A scalar float is the lowest element of its register, whatever the others are: element 0 of a vector shares the
 *     vector's register.
 */
#include "tcg/common/cold.h"
#include "tcg/common/facts.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/move.h"
#include "tcg/x86_64/simd.h"

/* An instruction with an immediate: op(d, a, b), imm */
static void vec3_imm(struct tcg *t, unsigned op, unsigned w, int d, int a, int b, unsigned imm)
{
    if (t->features & TCG_HAS_AVX) {
        hx_vrr(&t->a, op, w, d, a, b);
    } else {
        if (d != a)
            tcg_move(t, d, a);
        hx_rr(&t->a, op, w, d, b);
    }
    hx_u8(&t->a, imm);
}

static void vec2_imm(struct tcg *t, unsigned op, unsigned w, int reg, int rm, unsigned imm)
{
    tcg_fp2(t, op, w, reg, rm);
    hx_u8(&t->a, imm);
}

/* ---- scalar to vector ---- */

static int scalar_in_xmm(struct tcg *t, const struct ir_insn *in, int e)
{
    int r = ra_use(t, in->arg[0]);
    if (r >= HX_XMM0)
        return r;
    int x = ra_tmp(t, TCG_RC_FPR);
    tcg_fp2(t, HX_MOVD_XR, e == 3, x, r);
    return x;
}

void tcg_emit_vsplat(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int e = tcg_elem_index(ir_vec_elem(in->aux));
    if (in->type != IR_V128 || e < 0 || (e == 0 && !tcg_has(t, TCG_HAS_AVX2))) {
        tcg_fallback(t, in);
        return;
    }
    int x = scalar_in_xmm(t, in, e), d = ra_def(t, x, TCG_NO_REG, 0);
    if (e < 2 && tcg_has(t, TCG_HAS_AVX2)) {
        tcg_fp2(t, e ? HX_PBROADCASTW : HX_PBROADCASTB, 0, d, x);
    } else if (e == 3) {
        tcg_fp3(t, HX_PUNPCKLQDQ, d, x, x);
    } else {
        if (e == 1)
            vec2_imm(t, HX_PSHUFLW, 0, d, x, 0);
        vec2_imm(t, HX_PSHUFD, 0, d, e == 1 ? d : x, 0);
    }
}

/* The rest of the vector is zero: the move clears it. */
static void insert_into_zero(struct tcg *t, const struct ir_insn *in, int s, int e)
{
    int d = ra_def(t, TCG_NO_REG, TCG_NO_REG, tcg_bit(s));
    if (s < HX_XMM0) {
        tcg_fp2(t, HX_MOVD_XR, e == 3, d, s);
    } else if (e == 3) {
        tcg_fp2(t, HX_MOVQ_XX, 0, d, s);
    } else {
        tcg_fp3(t, HX_XORPS, d, d, d);
        tcg_fp3(t, HX_MOVSS_RM, d, d, s);
    }
}

static bool is_zero(const struct tcg *t, ir_ref v)
{
    uint64_t lo, hi;
    return tcg_const_vec(t, v, &lo, &hi) && (lo | hi) == 0;
}

static void insert_float(struct tcg *t, int d, int a, int s, unsigned i, int e)
{
    if (e == 3 && i == 1)
        tcg_fp3(t, HX_PUNPCKLQDQ, d, a, s);
    else if (i == 0)
        tcg_fp3(t, e == 3 ? HX_MOVSD_RM : HX_MOVSS_RM, d, a, s);
    else
        vec3_imm(t, HX_INSERTPS, 0, d, a, s, i << 4);
}

static void insert_int(struct tcg *t, int d, int a, int s, unsigned i, int e)
{
    static const uint16_t ops[4] = {HX_PINSRB, HX_PINSRW, HX_PINSRD, HX_PINSRD};
    vec3_imm(t, ops[e], e == 3, d, a, s, i);
}

static bool can_insert(const struct tcg *t, int e, unsigned i, bool is_float)
{
    return e == 1 || tcg_has(t, TCG_HAS_SSE41) || (is_float && (e == 3 || i == 0));
}

void tcg_emit_vsete(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int e = tcg_elem_index(ir_vec_elem(in->aux));
    unsigned i = (unsigned)in->imm;
    bool is_float = tcg_class(t->val[in->arg[1]].type) == TCG_RC_FPR;
    if (in->type != IR_V128 || e < 0 || i >= 16u >> e || !can_insert(t, e, i, is_float)) {
        tcg_fallback(t, in);
        return;
    }
    if (i == 0 && e >= 2 && is_zero(t, in->arg[0])) {
        insert_into_zero(t, in, ra_use(t, in->arg[1]), e);
        return;
    }
    int a = ra_use(t, in->arg[0]), s = ra_use(t, in->arg[1]);
    int d = ra_def(t, a, TCG_NO_REG, is_float && s != a ? tcg_vec_avoid(t, a, s) : 0);
    if (is_float)
        insert_float(t, d, a, s, i, e);
    else
        insert_int(t, d, a, s, i, e);
}

/* ---- vector to scalar ---- */

/* Element i of the vector, which is only in memory. */
static void load_element(struct tcg *t, const struct ir_insn *in, struct tcg_mem m, int e)
{
    m.disp += (int64_t)in->imm << e;
    if (tcg_class(in->type) == TCG_RC_GPR)
        t->val[t->cur].flags |= TCG_VF_ZX;
    tcg_load(t, in->type, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), m);
}

static void extract_float(struct tcg *t, const struct ir_insn *in, unsigned i, int e)
{
    if (i == 0) { /* I1 */
        ra_def_alias(t, in->arg[0]);
        return;
    }
    int a = ra_use(t, in->arg[0]), d = ra_def(t, a, TCG_NO_REG, 0);
    vec2_imm(t, HX_PSHUFD, 0, d, a, e == 3 ? 0xee : i * 0x55);
}

static void extract_int(struct tcg *t, const struct ir_insn *in, unsigned i, int e)
{
    int a = ra_use(t, in->arg[0]), d = ra_def(t, TCG_NO_REG, TCG_NO_REG, 0);
    t->val[t->cur].flags |= TCG_VF_ZX;
    if (i == 0 && e >= 2)
        tcg_fp2(t, HX_MOVD_RX, e == 3, a, d);
    else if (e == 1)
        vec2_imm(t, HX_PEXTRW, 0, d, a, i);
    else
        vec2_imm(t, e == 0 ? HX_PEXTRB : HX_PEXTRD, e == 3, a, d, i);
}

void tcg_emit_vgete(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int e = tcg_elem_index(ir_vec_elem(in->aux));
    unsigned i = (unsigned)in->imm;
    const struct tcg_val *v = &t->val[in->arg[0]];
    if (v->type != IR_V128 || e < 0 || i >= 16u >> e || (8u << e) != ir_type_bits((enum ir_type)in->type))
        tcg_fallback(t, in);
    else if (v->reg < 0 && v->home != TCG_HOME_NONE &&
             !(i == 0 && tcg_class(in->type) == TCG_RC_FPR && tcg_dies(t, in->arg[0])))
        load_element(t, in, ra_home_mem(t, in->arg[0]), e);
    else if (tcg_class(in->type) == TCG_RC_FPR)
        extract_float(t, in, i, e);
    else if (e == 1 || (e >= 2 && i == 0) || tcg_has(t, TCG_HAS_SSE41))
        extract_int(t, in, i, e);
    else
        tcg_fallback(t, in);
}

void tcg_emit_vmovmsk(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    static const uint16_t ops[4] = {HX_PMOVMSKB, 0, HX_MOVMSKPS, HX_MOVMSKPD};
    int e = tcg_elem_index(ir_vec_elem(in->aux));
    if (t->val[in->arg[0]].type != IR_V128 || e < 0 || !ops[e]) {
        tcg_fallback(t, in);
        return;
    }
    int a = ra_use(t, in->arg[0]);
    t->val[t->cur].flags |= TCG_VF_ZX;
    tcg_fp2(t, ops[e], 0, ra_def(t, TCG_NO_REG, TCG_NO_REG, 0), a);
}

/* ---- permutations ---- */

void tcg_emit_vtbl(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    if (in->type != IR_V128 || !tcg_has(t, TCG_HAS_SSSE3))
        tcg_fallback(t, in);
    else
        tcg_vec_binary(t, HX_PSHUFB, in->arg[0], in->arg[1]);
}

/* A permutation by bytes: byte i of the result is byte from[i] of a++b. */
struct perm {
    uint8_t from[16];
};

static struct perm perm_of(const struct ir_insn *in, int e)
{
    struct perm p;
    unsigned count = 16u >> e, size = 1u << e;
    for (unsigned i = 0; i < 16; i++) {
        unsigned pick = (unsigned)(in->imm >> 4 * (i / size)) & 15 & (2 * count - 1);
        p.from[i] = (uint8_t)(pick * size + i % size);
    }
    return p;
}

/* Moves units of size bytes: unit i comes from unit pick[i]. */
static bool in_units(const struct perm *p, unsigned size, uint8_t *pick)
{
    for (unsigned i = 0; i < 16; i++) {
        if (i % size == 0)
            pick[i / size] = p->from[i] / (uint8_t)size;
        if (p->from[i] != pick[i / size] * size + i % size)
            return false;
    }
    return true;
}

static unsigned imm2(const uint8_t *pick)
{
    return (pick[0] & 3u) | (pick[1] & 3u) << 2 | (pick[2] & 3u) << 4 | (pick[3] & 3u) << 6;
}

static void cold_mask(struct tcg *t, const struct tcg_cold *c)
{
    struct perm p = perm_of(&t->insns[c->imm], tcg_elem_index(ir_vec_elem(t->insns[c->imm].aux)));
    while ((uintptr_t)tcg_buf_here(&t->a) & 15)
        hx_u8(&t->a, 0xcc);
    hx_bind(&t->a, c->x);
    for (unsigned i = 0; i < 16; i++)
        hx_u8(&t->a, c->r[0] < 0 || p.from[i] / 16 == c->r[0] ? p.from[i] & 15u : 0x80);
}

/* d := the bytes that the permutation takes from source (0, 1; -1: both are one), which is in a. */
static void shuffle_bytes(struct tcg *t, int d, int a, int source)
{
    if (d != a && !(t->features & TCG_HAS_AVX))
        tcg_move(t, d, a);
    if (t->features & TCG_HAS_AVX)
        hx_vrm(&t->a, HX_PSHUFB, 0, d, a, HX_ADDR(tcg_buf_here(&t->a)));
    else
        hx_rm(&t->a, HX_PSHUFB, 0, d, HX_ADDR(tcg_buf_here(&t->a)));
    struct tcg_cold *c = tcg_cold_add(t, cold_mask, 0);
    c->x = (uint32_t)tcg_buf_off(&t->a), c->imm = t->cur, c->r[0] = (int8_t)source;
}

/* All bytes from one operand, whose bytes are numbered 0..15 */
static void shuffle_one(struct tcg *t, const struct ir_insn *in, ir_ref v, const struct perm *p, int source)
{
    uint8_t d4[4], w8[8];
    bool dwords = in_units(p, 4, d4), words = in_units(p, 2, w8);
    bool low = words && w8[4] == 4 && w8[5] == 5 && w8[6] == 6 && w8[7] == 7;
    bool high = words && w8[0] == 0 && w8[1] == 1 && w8[2] == 2 && w8[3] == 3;
    for (unsigned k = 0; k < 4 && words; k++)
        low = low && w8[k] < 4, high = high && w8[4 + k] >= 4;
    if (!dwords && !low && !high && !tcg_has(t, TCG_HAS_SSSE3)) {
        tcg_fallback(t, in);
        return;
    }
    int a = ra_use(t, v), d = ra_def(t, a, TCG_NO_REG, 0);
    if (dwords)
        vec2_imm(t, HX_PSHUFD, 0, d, a, imm2(d4));
    else if (low)
        vec2_imm(t, HX_PSHUFLW, 0, d, a, imm2(w8));
    else if (high)
        vec2_imm(t, HX_PSHUFHW, 0, d, a, imm2(w8 + 4));
    else
        shuffle_bytes(t, d, a, source);
}

/* Two dwords of one operand, then two of the other: shufps. x: the operand of the first two */
static bool is_shufps(const uint8_t *pick, int *x)
{
    *x = pick[0] >= 4;
    return pick[1] / 4 == *x && pick[2] / 4 != *x && pick[3] / 4 != *x;
}

/* Each word stays where it is. mask: those of b */
static bool is_blend(const uint8_t *pick, unsigned *mask)
{
    *mask = 0;
    for (unsigned i = 0; i < 8; i++) {
        if (pick[i] % 8 != i)
            return false;
        *mask |= (unsigned)(pick[i] / 8) << i;
    }
    return true;
}

/* 16 bytes in a row */
static bool is_align(const struct perm *p)
{
    for (unsigned i = 1; i < 16; i++)
        if (p->from[i] != p->from[0] + i)
            return false;
    return true;
}

static void shuffle_two(struct tcg *t, const struct ir_insn *in, const struct perm *p)
{
    uint8_t d4[4], w8[8];
    unsigned mask;
    int x, a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]), tmp;
    if (in_units(p, 4, d4) && is_shufps(d4, &x)) {
        int first = x ? b : a, second = x ? a : b;
        vec3_imm(t, HX_SHUFPS, 0, ra_def(t, first, TCG_NO_REG, tcg_vec_avoid(t, first, second)), first, second,
                 imm2(d4));
    } else if (in_units(p, 2, w8) && is_blend(w8, &mask) && tcg_has(t, TCG_HAS_SSE41)) {
        vec3_imm(t, HX_PBLENDW, 0, ra_def(t, a, TCG_NO_REG, tcg_vec_avoid(t, a, b)), a, b, mask);
    } else if (is_align(p) && tcg_has(t, TCG_HAS_SSSE3)) {
        vec3_imm(t, HX_PALIGNR, 0, ra_def(t, b, TCG_NO_REG, tcg_vec_avoid(t, b, a)), b, a, p->from[0]);
    } else if (tcg_has(t, TCG_HAS_SSSE3)) {
        tmp = ra_tmp(t, TCG_RC_FPR);
        shuffle_bytes(t, tmp, b, 1);
        int d = ra_def(t, a, TCG_NO_REG, tcg_bit(tmp));
        shuffle_bytes(t, d, a, 0);
        tcg_fp3(t, HX_POR, d, d, tmp);
    } else {
        tcg_fallback(t, in);
    }
}

void tcg_emit_vext(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int e = tcg_elem_index(ir_vec_elem(in->aux));
    if (in->type != IR_V128 || e < 0 || !tcg_has(t, TCG_HAS_SSSE3)) {
        tcg_fallback(t, in);
        return;
    }
    int a = ra_use(t, in->arg[0]), b = ra_use(t, in->arg[1]);
    vec3_imm(t, HX_PALIGNR, 0, ra_def(t, b, TCG_NO_REG, tcg_vec_avoid(t, b, a)), b, a, (unsigned)in->imm << e);
}

void tcg_emit_vshuf(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    int e = tcg_elem_index(ir_vec_elem(in->aux));
    if (in->type != IR_V128 || e < 0) {
        tcg_fallback(t, in);
        return;
    }
    struct perm p = perm_of(in, e), low = p;
    bool from_a = in->arg[0] == in->arg[1], from_b = false;
    if (!from_a) {
        from_a = from_b = true;
        for (unsigned i = 0; i < 16; i++)
            from_a = from_a && p.from[i] < 16, from_b = from_b && p.from[i] >= 16;
    }
    for (unsigned i = 0; i < 16; i++)
        low.from[i] &= 15;
    if (!from_a && !from_b) {
        shuffle_two(t, in, &p);
    } else if (is_align(&low)) {
        ra_def_alias(t, in->arg[from_b]);
    } else {
        shuffle_one(t, in, in->arg[from_b], &low, in->arg[0] == in->arg[1] ? -1 : from_b);
    }
}
