/* SPDX-License-Identifier: Apache-2.0 */
/* A condition in the host's flags. */
#ifndef TANDEM_TCG_X86_64_COND_TYPE_H
#define TANDEM_TCG_X86_64_COND_TYPE_H

#include "tcg/common/context.h"
#include "tcg/x86_64/asm.h"

/* Conditions of FP compares that are like equality need the parity flag, too: cc && !P; cc || P. */
enum tcg_parity { TCG_PAR_NONE, TCG_PAR_AND_NP, TCG_PAR_OR_P };
struct tcg_cond {
    uint8_t cc;  /* enum hx_cc */
    uint8_t par; /* enum tcg_parity */
};

static inline struct tcg_cond tcg_cond_not(struct tcg_cond c)
{
    static const uint8_t opposite[] = {
        [TCG_PAR_NONE] = TCG_PAR_NONE, [TCG_PAR_AND_NP] = TCG_PAR_OR_P, [TCG_PAR_OR_P] = TCG_PAR_AND_NP};
    return (struct tcg_cond){c.cc ^ 1, opposite[c.par]};
}

#endif
