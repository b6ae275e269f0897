/* SPDX-License-Identifier: Apache-2.0 */
/* MMX. */
#ifndef TANDEM_FRONTEND_X86_X87_X86_LIFT_MMX_H
#define TANDEM_FRONTEND_X86_X87_X86_LIFT_MMX_H

#include "frontend/x86/common/x86_context.h"

/* What is a C function in x86_mmx_helpers.c: MMX(name), of two 64-bit operands. */
#define X86_MMX_FNS(MMX)                                                                                               \
    MMX(pmaddwd)                                                                                                       \
    MMX(pmuludq)                                                                                                       \
    MMX(psadbw)                                                                                                        \
    MMX(pshufb)                                                                                                        \
    MMX(pmaddubsw)                                                                                                     \
    MMX(pmulhrsw)                                                                                                      \
    MMX(phaddw)                                                                                                        \
    MMX(phaddd)                                                                                                        \
    MMX(phaddsw)                                                                                                       \
    MMX(phsubw) MMX(phsubd) MMX(phsubsw) MMX(psignb) MMX(psignw) MMX(psignd) MMX(pabsb) MMX(pabsw) MMX(pabsd)
enum x86_mmx_fn {
#define MMX(name) X86_MMX_##name,
    X86_MMX_FNS(MMX)
#undef MMX
        X86_MMX_FN_COUNT
};

TANDEM_BEGIN_DECLS
extern const struct ir_helper x86_mmx_helpers[X86_MMX_FN_COUNT], x86_mmx_maskmov;
/* Has it an MMX register? */
bool x86_has_mm(const struct x86_decoded *d);
/* Is its row in x86_mmx_insns.def? */
bool x86_is_mmx(const struct x86_decoded *d);
/* Lifts it; false: there is no row. */
bool x86_lift_mmx(struct x86_lift *l);
TANDEM_END_DECLS

#endif
