/* SPDX-License-Identifier: Apache-2.0 */
/* Floating point in integers for any binary format of up to 64 bits of precision: one implementation for f32, f64 and
 * f80, and f16 for front ends. The reference interpreter uses it, and generated code on rare paths: rounding modes
 * that the host lacks, FMA on hosts without it. It is independent of the host's FPU, so that it can judge it. IEEE
 * 754-2019. Values travel as bit patterns in 128 bits. Pure functions but for struct softfp.
 *
 * I1  A finite non-zero number is sig * 2^(exp - 126) with bit 126 of sig set: one bit of room for a carry, and at
 *     least 62 bits below the precision for guard and sticky bits. "Jamming" keeps a bit that is shifted out as a one
 *     in bit 0.
 */
#ifndef TANDEM_IR_SOFTFP_CORE_H
#define TANDEM_IR_SOFTFP_CORE_H

#include "src/ir/int_ops.h"
#include "src/ir/softfp/softfp.h"

struct sf_format {
    uint8_t width; /* bits of the pattern */
    uint8_t frac;  /* precision - 1 */
    uint8_t exp_bits;
    bool explicit_one; /* f80: the leading one is stored */
};

enum sf_class { SF_ZERO, SF_FINITE, SF_INF, SF_QNAN, SF_SNAN, SF_UNSUPPORTED /* f80: not an encoding */ };
enum { SF_POINT = 126 }; /* I1 */

struct sf_num {
    enum sf_class cls;
    bool sign;
    bool subnormal; /* of the pattern, before DAZ */
    int32_t exp;
    int_u128 sig;
};

static inline bool sf_is_nan(const struct sf_num *x) { return x->cls >= SF_QNAN; }
static inline int32_t sf_bias(const struct sf_format *f) { return (1 << (f->exp_bits - 1)) - 1; }

/* a >> n, jamming; any n >= 0. */
static inline int_u128 sf_shift_jam(int_u128 a, int32_t n)
{
    if (n == 0)
        return a;
    if (n > 127)
        return a != 0;
    return a >> n | ((a & int_mask((unsigned)n)) != 0);
}

TANDEM_BEGIN_DECLS
extern const struct sf_format sf_format16, sf_format32, sf_format64, sf_format80;

/* --- softfp_pack.c --- */

/* Takes a pattern apart. DAZ turns a subnormal into zero. No flags but the Arm input-flush one. */
struct sf_num sf_unpack(struct softfp *s, const struct sf_format *f, int_u128 bits);
/* x86: subnormal operands raise FP_DE. To be called once it is known that no operand is a NaN. */
void sf_note_subnormal(struct softfp *s, const struct sf_num *x);
int_u128 sf_zero(const struct sf_format *f, bool sign);
int_u128 sf_inf(const struct sf_format *f, bool sign);
int_u128 sf_default_nan(const struct softfp *s, const struct sf_format *f);
/* Raises invalid and gives the default NaN. */
int_u128 sf_invalid(struct softfp *s, const struct sf_format *f);
/* The NaN that the rule chooses among count operands of which at least one is a NaN; a signalling one raises invalid.
 */
int_u128 sf_choose_nan(struct softfp *s, const struct sf_format *f, const int_u128 *bits, unsigned count);
/* sig at bit `drop` as the unit, rounded; the bits below are cleared. drop is 1 to 127. */
int_u128 sf_round_at(int_u128 sig, unsigned drop, bool sign, enum ir_rm rm);
/* Rounds sig * 2^(exp - 126), sig != 0 but not necessarily normal, and raises overflow, underflow and inexact. */
int_u128 sf_round_pack(struct softfp *s, const struct sf_format *f, bool sign, int32_t exp, int_u128 sig);

/* --- softfp_arith.c --- */

typedef int_u128 sf_binary(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b);
sf_binary sf_add, sf_sub, sf_mul, sf_div;
int_u128 sf_sqrt(struct softfp *s, const struct sf_format *f, int_u128 a);
int_u128 sf_fma(struct softfp *s, const struct sf_format *f, int_u128 a, int_u128 b, int_u128 c); /* not f80 */

/* --- softfp_conv.c --- */

/* IEEE minimumNumber and maximumNumber. */
sf_binary sf_min, sf_max;
/* fcond: enum ir_fcond with IR_FCOND_SIGNALING */
bool sf_cmp(struct softfp *s, const struct sf_format *f, unsigned fcond, int_u128 a, int_u128 b);
int_u128 sf_round_int(struct softfp *s, const struct sf_format *f, int_u128 a, bool exact);
int_u128 sf_convert(struct softfp *s, const struct sf_format *to, const struct sf_format *from, int_u128 a);
/* bits: 8..64; saturating; NaN -> largest. Zero-extended to 64 bits from its width. */
uint64_t sf_to_int(struct softfp *s, const struct sf_format *f, int_u128 a, unsigned bits, bool is_signed);
/* value: sign- or zero-extended to 64 bits by the caller */
int_u128 sf_from_int(struct softfp *s, const struct sf_format *f, uint64_t value, bool is_signed);
/* RISC-V fclass bits (unprivileged manual, table of F "classify") */
unsigned sf_classify(const struct sf_format *f, int_u128 a);
TANDEM_END_DECLS

#endif
