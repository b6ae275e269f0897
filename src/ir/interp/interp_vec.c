/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter's integer vectors: element-wise operations expanded from vec_ops.def, and moves of elements.
 *
 * I1  Results are built in a local and copied at the end, since the result may share memory with an operand.
 * I2  Permutations of v256 act on its two 128-bit lanes separately.
 */
#include "src/ir/interp/ev.h"

static unsigned elem_bits(const struct ir_ev *e) { return ir_type_bits(ir_vec_elem(e->in->aux)); }

static void finish(struct ir_ev *e, const union ir_value *out) { memcpy(e->r, out, ir_ev_width(e) / 8); }

static int_u128 saturate_s(int_s128 v, unsigned w)
{
    int_s128 max = (int_s128)int_mask(w - 1);
    return (int_u128)(v > max ? max : v < -max - 1 ? -max - 1 : v);
}

static int_u128 saturate_u(int_s128 v, unsigned w)
{
    int_s128 max = (int_s128)int_mask(w);
    return (int_u128)(v > max ? max : v < 0 ? 0 : v);
}

enum { SIGNED = 1, ROUND = 2, SATURATE = 4 };

/* a by the signed lowest byte of b */
static int_u128 shift_signed(int_u128 a, int_u128 b, unsigned w, unsigned how)
{
    int count = (int8_t)b;
    int_s128 v = how & SIGNED ? int_sx(a, w) : (int_s128)a;
    if (count < 0) {
        int right = -count > 64 ? 65 : -count; /* more does the same */
        return (int_u128)(((v * 2 >> right) + (how & ROUND ? 1 : 0)) >> 1);
    }
    if (!(how & SATURATE))
        return count < (int)w ? (int_u128)v << count : 0;
    int left = count > (int)w ? (int)w : count; /* what is not zero saturates then */
    int_s128 most = how & SIGNED ? (int_s128)int_mask(w - 1) : (int_s128)int_mask(w);
    if (v > most >> left)
        return (int_u128)most;
    if (v < 0 && (left == (int)w || v < (-most - 1) >> left))
        return (int_u128)(-most - 1);
    return (int_u128)v << left;
}

#define VEC(name, expr)                                                                                                \
    void ir_ev_##name(struct ir_ev *e)                                                                                 \
    {                                                                                                                  \
        const unsigned w = elem_bits(e);                                                                               \
        union ir_value out;                                                                                            \
        for (unsigned i = 0; i < ir_ev_width(e) / w; i++) {                                                            \
            const int_u128 a = ir_elem_get(e->a[0], w, i), b = ir_elem_get(e->a[1], w, i);                             \
            ir_elem_set(&out, w, i, (uint64_t)(expr));                                                                 \
        }                                                                                                              \
        finish(e, &out);                                                                                               \
    }
#define VEC1(name, expr)                                                                                               \
    void ir_ev_##name(struct ir_ev *e)                                                                                 \
    {                                                                                                                  \
        const unsigned w = elem_bits(e);                                                                               \
        union ir_value out;                                                                                            \
        for (unsigned i = 0; i < ir_ev_width(e) / w; i++) {                                                            \
            const int_u128 a = ir_elem_get(e->a[0], w, i);                                                             \
            ir_elem_set(&out, w, i, (uint64_t)(expr));                                                                 \
        }                                                                                                              \
        finish(e, &out);                                                                                               \
    }
#define VECC(name, expr)                                                                                               \
    void ir_ev_##name(struct ir_ev *e)                                                                                 \
    {                                                                                                                  \
        const unsigned w = elem_bits(e), n = e->a[1]->u8[0];                                                           \
        union ir_value out;                                                                                            \
        for (unsigned i = 0; i < ir_ev_width(e) / w; i++) {                                                            \
            const int_u128 a = ir_elem_get(e->a[0], w, i);                                                             \
            ir_elem_set(&out, w, i, (uint64_t)(expr));                                                                 \
        }                                                                                                              \
        finish(e, &out);                                                                                               \
    }
#include "src/ir/vec_ops.def"

/* --- between scalars and vectors --- */

void ir_ev_VSPLAT(struct ir_ev *e)
{
    unsigned w = elem_bits(e);
    union ir_value out;
    for (unsigned i = 0; i < ir_ev_width(e) / w; i++)
        ir_elem_set(&out, w, i, e->a[0]->u64[0]);
    finish(e, &out);
}

void ir_ev_VGETE(struct ir_ev *e) { ir_ev_result(e, ir_elem_get(e->a[0], elem_bits(e), (unsigned)e->in->imm)); }

void ir_ev_VSETE(struct ir_ev *e)
{
    union ir_value out;
    memcpy(&out, e->a[0], ir_ev_width(e) / 8);
    ir_elem_set(&out, elem_bits(e), (unsigned)e->in->imm, e->a[1]->u64[0]);
    finish(e, &out);
}

void ir_ev_VMOVMSK(struct ir_ev *e)
{
    unsigned w = elem_bits(e);
    uint64_t mask = 0;
    for (unsigned i = 0; i < ir_type_bits(ir_ev_arg_type(e, 0)) / w; i++)
        mask |= (ir_elem_get(e->a[0], w, i) >> (w - 1)) << i;
    ir_ev_result(e, mask);
}

/* --- permutations (I2) --- */

void ir_ev_VTBL(struct ir_ev *e)
{
    union ir_value out;
    for (unsigned i = 0; i < ir_ev_width(e) / 8; i++) {
        uint8_t index = e->a[1]->u8[i];
        out.u8[i] = index & 0x80 ? 0 : e->a[0]->u8[(i & 16u) + (index & 15)];
    }
    finish(e, &out);
}

void ir_ev_VSHUF(struct ir_ev *e)
{
    unsigned w = elem_bits(e), lane = 128 / w;
    union ir_value out;
    for (unsigned i = 0; i < ir_ev_width(e) / w; i++) {
        unsigned pick = (unsigned)(e->in->imm >> 4 * (i % lane)) & 15, base = i / lane * lane;
        pick %= 2 * lane;
        ir_elem_set(&out, w, i,
                    pick < lane ? ir_elem_get(e->a[0], w, base + pick) : ir_elem_get(e->a[1], w, base + pick - lane));
    }
    finish(e, &out);
}

void ir_ev_VEXT(struct ir_ev *e)
{
    unsigned w = elem_bits(e), lane = 128 / w, first = (unsigned)e->in->imm;
    union ir_value out;
    for (unsigned i = 0; i < ir_ev_width(e) / w; i++) {
        unsigned pick = i % lane + first, base = i / lane * lane;
        ir_elem_set(&out, w, i,
                    pick < lane ? ir_elem_get(e->a[0], w, base + pick) : ir_elem_get(e->a[1], w, base + pick - lane));
    }
    finish(e, &out);
}

/* half: 0 the low halves of the lanes, 1 the high ones */
static void zip(struct ir_ev *e, unsigned half)
{
    unsigned w = elem_bits(e), lane = 128 / w;
    union ir_value out;
    for (unsigned i = 0; i < ir_ev_width(e) / w; i++) {
        unsigned from = i / lane * lane + half * lane / 2 + i % lane / 2;
        ir_elem_set(&out, w, i, ir_elem_get(e->a[i & 1], w, from));
    }
    finish(e, &out);
}

void ir_ev_VZIPLO(struct ir_ev *e) { zip(e, 0); }

void ir_ev_VZIPHI(struct ir_ev *e) { zip(e, 1); }

typedef int_u128 saturate_fn(int_s128 v, unsigned w);

static void narrow(struct ir_ev *e, saturate_fn *saturate)
{
    unsigned w = elem_bits(e), lane = 128 / w;
    union ir_value out;
    for (unsigned i = 0; i < ir_ev_width(e) / w * 2; i++) {
        unsigned in_lane = i % (2 * lane), source = i / (2 * lane) * lane + in_lane % lane;
        int_u128 v = ir_elem_get(e->a[in_lane / lane], w, source);
        ir_elem_set(&out, w / 2, i, (uint64_t)saturate(int_sx(v, w), w / 2));
    }
    finish(e, &out);
}

/* --- products and sums of neighbors --- */

static int_u128 extended(const struct ir_ev *e, unsigned arg, unsigned w, unsigned i, bool is_signed)
{
    int_u128 v = ir_elem_get(e->a[arg], w, i);
    return is_signed ? (int_u128)int_sx(v, w) : v;
}

static void multiply_even(struct ir_ev *e, bool is_signed, bool add_odd)
{
    unsigned w = elem_bits(e);
    union ir_value out;
    for (unsigned i = 0; i < ir_ev_width(e) / w; i += 2) {
        int_u128 v = extended(e, 0, w, i, is_signed) * extended(e, 1, w, i, is_signed);
        if (add_odd)
            v += extended(e, 0, w, i + 1, is_signed) * extended(e, 1, w, i + 1, is_signed);
        ir_elem_set(&out, 2 * w, i / 2, (uint64_t)v);
    }
    finish(e, &out);
}

void ir_ev_VMULE_S(struct ir_ev *e) { multiply_even(e, true, false); }

void ir_ev_VMULE_U(struct ir_ev *e) { multiply_even(e, false, false); }

void ir_ev_VDOT_S(struct ir_ev *e) { multiply_even(e, true, true); }

void ir_ev_VSAD(struct ir_ev *e)
{
    union ir_value out = {.u64 = {0}};
    for (unsigned i = 0; i < ir_ev_width(e) / 8; i++) {
        uint8_t a = e->a[0]->u8[i], b = e->a[1]->u8[i];
        out.u64[i / 8] += a > b ? (unsigned)(a - b) : (unsigned)(b - a);
    }
    finish(e, &out);
}

/* --- C functions --- */

void ir_ev_VFN(struct ir_ev *e)
{
    const struct ir_vec_fn *f = (const struct ir_vec_fn *)(uintptr_t)e->in->imm;
    union ir_value out;
    f->fn(&out, e->a, e->in->aux);
    finish(e, &out);
}

void ir_ev_VPACK_SS(struct ir_ev *e) { narrow(e, saturate_s); }

void ir_ev_VPACK_SU(struct ir_ev *e) { narrow(e, saturate_u); }
