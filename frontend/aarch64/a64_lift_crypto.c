/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of AES and SHA in terms of x86's instructions, which hosts have.
 *
 * I1  AESE is AESENCLAST of d ^ n without a key; with the AESMC that follows nearly always it is one AESENC, and so for
 *     decryption: AESD, AESIMC.
 * I2  SHA1C, SHA1P, SHA1M get their words with the round's constant added, which SHA1RNDS4 adds itself, and the state
 *     in the other order. */
#include "frontend/aarch64/a64_fns.h"
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"

static ir_ref vn(struct a64_lift *l) { return a64_vget(l, a64_rn(l->i)); }
static ir_ref vd(struct a64_lift *l) { return a64_vget(l, a64_rd(l->i)); }
static ir_ref vm(struct a64_lift *l) { return a64_vget(l, a64_rm(l->i)); }
static void result(struct a64_lift *l, ir_ref v) { a64_vput(l, a64_rd(l->i), v); }

static ir_ref call(struct a64_lift *l, const struct ir_vec_fn *fn, ir_ref a, ir_ref b)
{
    return a64_vcall(l, fn, a, b, IR_NO_REF);
}

/* arg: 0 aese, 1 aesd */
void a64_lift_aes_round(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref state = a64_v2(l, IR_VXOR, IR_I64, vd(l), vn(l));
    result(l, call(l, i->row->arg ? &a64_fn_aesdeclast : &a64_fn_aesenclast, state, a64_vzero(l)));
}

/* Is v what that function gave, of a[0] and a zero key? */
static bool is_round(const struct a64_lift *l, ir_ref v, const struct ir_vec_fn *fn)
{
    const struct ir_insn *in = &l->b->insns[v];
    return in->op == IR_VFN && in->imm == (uint64_t)(uintptr_t)fn;
}

/* I1. Else mixing alone is a round of what undoes the other steps. */
void a64_lift_aesmc(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l), zero = a64_vzero(l);
    if (is_round(l, n, &a64_fn_aesenclast))
        result(l, call(l, &a64_fn_aesenc, l->b->insns[n].arg[0], zero));
    else
        result(l, call(l, &a64_fn_aesenc, call(l, &a64_fn_aesdeclast, n, zero), zero));
}

void a64_lift_aesimc(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref n = vn(l);
    if (is_round(l, n, &a64_fn_aesdeclast))
        result(l, call(l, &a64_fn_aesdec, l->b->insns[n].arg[0], a64_vzero(l)));
    else
        result(l, call(l, &a64_fn_aesimc, n, IR_NO_REF));
}

/* ---- SHA-1 ---- */

static ir_ref turned(struct a64_lift *l, ir_ref v, unsigned left)
{
    return a64_v2(l, IR_VOR, IR_I32, a64_vshift(l, IR_VSHL, IR_I32, v, left),
                  a64_vshift(l, IR_VSHR, IR_I32, v, 32 - left));
}

static ir_ref reversed(struct a64_lift *l, ir_ref v) { return a64_vshuf(l, IR_I32, v, v, 0x0123); }

/* I2. arg: 0 choose, 1 parity, 2 majority. The constant of parity is that of either of its two parts. */
void a64_lift_sha1_rounds(struct a64_lift *l, const struct a64_insn *i)
{
    static const uint32_t constants[3] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc};
    const unsigned which = i->row->arg;
    ir_ref e = a64_vscalar(l, a64_vgete(l, IR_I32, vn(l), 0));
    ir_ref words = a64_v2(l, IR_VSUB, IR_I32, vm(l), a64_vsplat(l, IR_I32, constants[which]));
    words = reversed(l, a64_v2(l, IR_VADD, IR_I32, words, e));
    ir_ref v = ir_emit(l->b, IR_VFN, IR_V128, (uint16_t)which, reversed(l, vd(l)), words, words,
                       (uint64_t)(uintptr_t)&a64_fn_sha1rnds4);
    result(l, reversed(l, v));
}

void a64_lift_sha1h(struct a64_lift *l, const struct a64_insn *i)
{
    result(l, a64_vscalar(l, ir_bini(l->b, IR_ROTL, a64_vgete(l, IR_I32, vn(l), 0), 30)));
}

void a64_lift_sha1su0(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref d = vd(l), v = a64_v2(l, IR_VXOR, IR_I64, a64_vext(l, d, vn(l), 8), d);
    result(l, a64_v2(l, IR_VXOR, IR_I64, v, vm(l)));
}

void a64_lift_sha1su1(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref zero = a64_vzero(l), t = a64_v2(l, IR_VXOR, IR_I64, vd(l), a64_vext(l, vn(l), zero, 4));
    ir_ref first = a64_vext(l, zero, t, 4); /* element 0 in the place of 3 */
    result(l, a64_v2(l, IR_VXOR, IR_I64, turned(l, t, 1), turned(l, first, 2)));
}

/* ---- SHA-256: SHA256RNDS2 has the state as f, e, b, a and h, g, d, c ---- */

/* Four rounds. arg: 0 sha256h: Rd is a to d, 1 sha256h2: Rd is e to h */
void a64_lift_sha256_rounds(struct a64_lift *l, const struct a64_insn *i)
{
    const bool second = i->row->arg;
    ir_ref abcd = second ? vn(l) : vd(l), efgh = second ? vd(l) : vn(l), words = vm(l);
    ir_ref feba = a64_vshuf(l, IR_I32, abcd, efgh, 0x0145), hgdc = a64_vshuf(l, IR_I32, abcd, efgh, 0x2367);
    ir_ref half = a64_vcall(l, &a64_fn_sha256rnds2, hgdc, feba, words);
    ir_ref all = a64_vcall(l, &a64_fn_sha256rnds2, feba, half, a64_vhighs(l, words, words));
    result(l, a64_vshuf(l, IR_I32, all, half, second ? 0x4501 : 0x6723));
}

void a64_lift_sha256su0(struct a64_lift *l, const struct a64_insn *i)
{
    result(l, call(l, &a64_fn_sha256msg1, vd(l), vn(l)));
}

void a64_lift_sha256su1(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref m = vm(l), sum = a64_v2(l, IR_VADD, IR_I32, vd(l), a64_vext(l, vn(l), m, 4));
    result(l, call(l, &a64_fn_sha256msg2, sum, m));
}
