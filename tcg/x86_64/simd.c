/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions on XMM registers, as VEX encodings where the host has AVX, else as SSE with the moves that two operands
 * need.
 *
 * I1  Without AVX, packed instructions take memory operands only where they are aligned; here they take none.
 */
#include "tcg/x86_64/simd.h"

#include "tcg/common/regalloc.h"
#include "tcg/x86_64/move.h"
#include "tcg/x86_64/operand.h"

/* ---- one instruction ---- */

void tcg_fp3(struct tcg *t, unsigned op, int d, int a, int b)
{
    if (t->features & TCG_HAS_AVX) {
        hx_vrr(&t->a, op, 0, d, a, b);
        return;
    }
    assert(d != b || d == a);
    if (d != a)
        hx_rr(&t->a, HX_MOVAPS, 0, d, a);
    hx_rr(&t->a, op, 0, d, b);
}

void tcg_fp3_m(struct tcg *t, unsigned op, int d, int a, struct tcg_mem m)
{
    if (t->features & TCG_HAS_AVX) {
        hx_vrm(&t->a, op, 0, d, a, m);
        return;
    }
    if (d != a)
        hx_rr(&t->a, HX_MOVAPS, 0, d, a);
    hx_rm(&t->a, op, 0, d, m);
}

void tcg_fp2(struct tcg *t, unsigned op, unsigned w, int reg, int rm)
{
    if (t->features & TCG_HAS_AVX)
        hx_vrr(&t->a, op, w, reg, 0, rm);
    else
        hx_rr(&t->a, op, w, reg, rm);
}

void tcg_fp2_m(struct tcg *t, unsigned op, int reg, struct tcg_mem m)
{
    if (t->features & TCG_HAS_AVX)
        hx_vrm(&t->a, op, 0, reg, 0, m);
    else
        hx_rm(&t->a, op, 0, reg, m);
}

/* ---- the current operation ---- */

bool tcg_has(const struct tcg *t, uint32_t features) { return (t->features & features) == features; }

int tcg_vec_rm(struct tcg *t, ir_ref v, struct tcg_mem *m)
{
    return t->features & TCG_HAS_AVX ? tcg_use_rm(t, v, m) : ra_use(t, v);
}

void tcg_vec3(struct tcg *t, unsigned op, int d, int a, int b, struct tcg_mem m)
{
    if (b < 0)
        tcg_fp3_m(t, op, d, a, m);
    else
        tcg_fp3(t, op, d, a, b);
}

tcg_regset tcg_vec_avoid(const struct tcg *t, int a, int b)
{
    return !(t->features & TCG_HAS_AVX) && a != b ? tcg_bit(b) : 0;
}

void tcg_vec_binary(struct tcg *t, unsigned op, ir_ref va, ir_ref vb)
{
    struct tcg_mem m = {0};
    int a = ra_use(t, va), b = tcg_vec_rm(t, vb, &m);
    tcg_vec3(t, op, ra_def(t, a, b, tcg_vec_avoid(t, a, b)), a, b, m);
}

void tcg_vec_shift_imm(struct tcg *t, unsigned op, unsigned digit, int d, int a, unsigned count)
{
    if (t->features & TCG_HAS_AVX) {
        hx_vrr(&t->a, op, 0, digit, d, a);
    } else {
        if (d != a)
            tcg_move(t, d, a);
        hx_rr(&t->a, op, 0, digit, d);
    }
    hx_u8(&t->a, count);
}
