/* SPDX-License-Identifier: Apache-2.0 */
/* Arithmetic on half precision; see a64_half.h. DDI 0487, shared/functions/float. */
#include "frontend/aarch64/a64_half.h"

#include "src/ir/softfp/softfp_core.h"

static const struct sf_format *const half = &sf_format16;

/* ---- minimum, maximum ---- */

static bool is_nan(uint64_t v) { return (v & 0x7fff) > 0x7c00; }
static bool is_quiet_nan(uint64_t v) { return is_nan(v) && v & 0x200; }

/* Subnormals are zero if they are flushed. */
static uint64_t flushed(struct softfp *s, uint64_t v) { return s->daz && !(v & 0x7c00) ? v & 0x8000 : v; }

static uint64_t min_or_max(struct softfp *s, bool max, bool number, uint64_t a, uint64_t b)
{
    if (number && is_quiet_nan(a) && !is_nan(b))
        a = b;
    else if (number && is_quiet_nan(b) && !is_nan(a))
        b = a;
    if (is_nan(a) || is_nan(b))
        return (uint64_t)sf_choose_nan(s, half, (int_u128[]){a, b}, 2);
    a = flushed(s, a);
    b = flushed(s, b);
    return (uint64_t)(max ? sf_max(s, half, a, b) : sf_min(s, half, a, b));
}

/* ---- compares ---- */

static bool holds(struct softfp *s, unsigned fcond, uint64_t a, uint64_t b) { return sf_cmp(s, half, fcond, a, b); }

static uint64_t nzcv(struct softfp *s, bool signaling, uint64_t a, uint64_t b)
{
    enum { N = 8, Z = 4, C = 2, V = 1, SHIFT = 28 };
    const unsigned how = signaling ? IR_FCOND_SIGNALING : 0;
    unsigned v = N;
    if (holds(s, IR_FUNO | how, a, b))
        v = C | V;
    else if (holds(s, IR_FEQ, a, b))
        v = Z | C;
    else if (holds(s, IR_FLT, b, a))
        v = C;
    return (uint64_t)v << SHIFT;
}

/* ---- integers ---- */

static unsigned int_bits(unsigned which) { return 1u << (which >> A64_HALF_INT_SHIFT & 7); }
static int fraction_bits(unsigned which) { return (int)(which >> A64_HALF_FRACTION_SHIFT & 0x7f); }

/* a * 2^n as a double, which is exact. */
static uint64_t scaled(struct softfp *s, uint64_t a, int n)
{
    struct sf_num x = sf_unpack(s, half, a);
    if (x.cls == SF_FINITE)
        return (uint64_t)sf_round_pack(s, &sf_format64, x.sign, x.exp + n, x.sig);
    return (uint64_t)(x.cls == SF_INF ? sf_inf(&sf_format64, x.sign) : sf_zero(&sf_format64, x.sign));
}

static uint64_t to_int(struct softfp *s, unsigned which, uint64_t a, bool is_signed)
{
    if (is_nan(a)) {
        s->flags |= FP_NV;
        return 0;
    }
    return sf_to_int(s, &sf_format64, scaled(s, a, fraction_bits(which)), int_bits(which), is_signed);
}

static uint64_t from_int(struct softfp *s, unsigned which, uint64_t v, bool is_signed)
{
    const unsigned bits = int_bits(which);
    if (bits < 64)
        v = is_signed ? (uint64_t)int_sx(v, bits) : v & (uint64_t)int_mask(bits);
    const bool sign = is_signed && v >> 63;
    const uint64_t size = sign ? -v : v;
    if (!size)
        return 0;
    return (uint64_t)sf_round_pack(s, half, sign, 63 - fraction_bits(which), (int_u128)size << (SF_POINT - 63));
}

/* ---- the rest ---- */

static uint64_t compare(struct softfp *s, unsigned which, uint64_t a, uint64_t b)
{
    switch (which & 0xff) {
    case A64_HALF_EQ:
        return holds(s, IR_FEQ, a, b) ? 0xffff : 0;
    case A64_HALF_GE:
        return holds(s, IR_FLE | IR_FCOND_SIGNALING, b, a) ? 0xffff : 0;
    case A64_HALF_GT:
        return holds(s, IR_FLT | IR_FCOND_SIGNALING, b, a) ? 0xffff : 0;
    default:
        return nzcv(s, which & A64_HALF_SIGNALING, a, b);
    }
}

static uint64_t arithmetic(struct softfp *s, unsigned which, uint64_t a, uint64_t b)
{
    switch (which & 0xff) {
    case A64_HALF_ADD:
        return (uint64_t)sf_add(s, half, a, b);
    case A64_HALF_SUB:
        return (uint64_t)sf_sub(s, half, a, b);
    case A64_HALF_MUL:
        return (uint64_t)sf_mul(s, half, a, b);
    case A64_HALF_DIV:
        return (uint64_t)sf_div(s, half, a, b);
    case A64_HALF_FMA:
        return (uint64_t)sf_fma(s, half, a & 0xffff, b, a >> 16 & 0xffff);
    case A64_HALF_SQRT:
        return (uint64_t)sf_sqrt(s, half, a);
    default:
        return (uint64_t)sf_round_int(s, half, a, which & A64_HALF_EXACT);
    }
}

uint64_t a64_half_run(struct softfp *s, unsigned which, uint64_t a, uint64_t b)
{
    const unsigned fn = which & 0xff, rm = which >> A64_HALF_RM_SHIFT & 7;
    if (rm != IR_RDYN)
        s->rm = (enum ir_rm)rm;
    if (fn >= A64_HALF_MAX && fn <= A64_HALF_MINNUM)
        return min_or_max(s, fn == A64_HALF_MAX || fn == A64_HALF_MAXNUM, fn >= A64_HALF_MAXNUM, a, b);
    if (fn >= A64_HALF_EQ && fn <= A64_HALF_NZCV)
        return compare(s, which, a, b);
    if (fn == A64_HALF_TO_S || fn == A64_HALF_TO_U)
        return to_int(s, which, a, fn == A64_HALF_TO_S);
    if (fn == A64_HALF_FROM_S || fn == A64_HALF_FROM_U)
        return from_int(s, which, a, fn == A64_HALF_FROM_S);
    return arithmetic(s, which, a, b);
}
