/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 754 binary32/binary64 arithmetic in integers: every rounding mode, exact flags. Used by the reference
 * interpreter and, on rare paths, by generated code (rounding modes that the host lacks, FMA on hosts without it).
 * Independent of the host's FPU so that it can judge it. A NaN result is the default quiet NaN (positive, payload
 * zero): the RISC-V and Arm-DN rule. Pure functions but for *flags, to which enum fp_flag bits are added. IEEE
 * 754-2019; tininess is detected after rounding. */
#ifndef TANDEM_IR_SOFTFP_H
#define TANDEM_IR_SOFTFP_H

#include "src/ir/ir.h"

struct softfp {
    enum ir_rm rm;     /* never IR_RDYN */
    unsigned flags;    /* enum fp_flag, accumulated */
    bool tiny_before;  /* tininess before rounding */
    uint8_t nan_rule;  /* as IR_FP_NAN: 0 default NaN, 1 x86 (also raises FP_DE for subnormal operands), 2 Arm */
    bool daz, ftz;     /* subnormal operands, results become zero */
    bool tiny;         /* out: a result was tiny, exact or not */
    bool exact_scaled; /* out: the last tiny or overflowing result is exact with an exponent that has no limits */
};

TANDEM_BEGIN_DECLS
uint32_t sf32_add(struct softfp *s, uint32_t a, uint32_t b);
uint32_t sf32_sub(struct softfp *s, uint32_t a, uint32_t b);
uint32_t sf32_mul(struct softfp *s, uint32_t a, uint32_t b);
uint32_t sf32_div(struct softfp *s, uint32_t a, uint32_t b);
uint32_t sf32_sqrt(struct softfp *s, uint32_t a);
uint32_t sf32_fma(struct softfp *s, uint32_t a, uint32_t b, uint32_t c);
uint32_t sf32_round(struct softfp *s, uint32_t a, bool exact);
uint64_t sf64_add(struct softfp *s, uint64_t a, uint64_t b);
uint64_t sf64_sub(struct softfp *s, uint64_t a, uint64_t b);
uint64_t sf64_mul(struct softfp *s, uint64_t a, uint64_t b);
uint64_t sf64_div(struct softfp *s, uint64_t a, uint64_t b);
uint64_t sf64_sqrt(struct softfp *s, uint64_t a);
uint64_t sf64_fma(struct softfp *s, uint64_t a, uint64_t b, uint64_t c);
uint64_t sf64_round(struct softfp *s, uint64_t a, bool exact);
/* IEEE minimumNumber / maximumNumber; both NaN -> default NaN */
uint32_t sf32_min(struct softfp *s, uint32_t a, uint32_t b);
uint32_t sf32_max(struct softfp *s, uint32_t a, uint32_t b);
uint64_t sf64_min(struct softfp *s, uint64_t a, uint64_t b);
uint64_t sf64_max(struct softfp *s, uint64_t a, uint64_t b);
/* fcond: enum ir_fcond with IR_FCOND_SIGNALING */
bool sf32_cmp(struct softfp *s, unsigned fcond, uint32_t a, uint32_t b);
bool sf64_cmp(struct softfp *s, unsigned fcond, uint64_t a, uint64_t b);
uint64_t sf32_to_f64(struct softfp *s, uint32_t a);
uint32_t sf64_to_f32(struct softfp *s, uint64_t a);
/* bits: 8..64; saturating; NaN -> largest. Result zero-extended to 64 bits from its width. */
uint64_t sf32_to_int(struct softfp *s, uint32_t a, unsigned bits, bool is_signed);
uint64_t sf64_to_int(struct softfp *s, uint64_t a, unsigned bits, bool is_signed);
/* value: sign- or zero-extended to 64 bits by the caller */
uint32_t sf32_from_int(struct softfp *s, uint64_t value, bool is_signed);
uint64_t sf64_from_int(struct softfp *s, uint64_t value, bool is_signed);
/* RISC-V fclass bits (unprivileged manual, table of F "classify") */
unsigned sf32_class(uint32_t a);
unsigned sf64_class(uint64_t a);
TANDEM_END_DECLS

#endif
