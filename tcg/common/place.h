/* SPDX-License-Identifier: Apache-2.0 */
/* Places of values: host registers, memory, and the widths of what is moved between them. */
#ifndef TANDEM_TCG_COMMON_PLACE_H
#define TANDEM_TCG_COMMON_PLACE_H

#include "src/base/types.h"

/* Host registers as every host numbers them: general ones from 0, floating-point and vector ones from TCG_FPR0. */
enum { TCG_FPR0 = 32, TCG_HOST_REGS = 64, TCG_NO_REG = -1 };
typedef uint64_t tcg_regset;
static inline tcg_regset tcg_bit(int reg) { return reg >= 0 ? (tcg_regset)1 << reg : 0; }
static inline int tcg_first_reg(tcg_regset set) { return __builtin_ctzll(set); }

/* A place in memory: [base + (index << shift) + disp]. Without a base, disp is the address; a host may give negative
 * bases other than TCG_NO_REG a meaning of its own. */
struct tcg_mem {
    int8_t base, index;
    uint8_t shift;
    int64_t disp;
};
#define TCG_MEM(b, d) ((struct tcg_mem){.base = (b), .index = TCG_NO_REG, .disp = (d)})

/* Widths of integers, as powers of two bytes */
enum { TCG_SZ8, TCG_SZ16, TCG_SZ32, TCG_SZ64 };

#endif
