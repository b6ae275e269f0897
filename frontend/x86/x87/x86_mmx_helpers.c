/* SPDX-License-Identifier: Apache-2.0 */
/* MMX operations that are rare or that the IR has no words for: the host's own instruction. The host's x87 stack is
 * empty before and after (emms). */
#include "frontend/x86/x87/x86_lift_mmx.h"

#define MMX(name)                                                                                                      \
    static uint64_t do_##name(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)                         \
    {                                                                                                                  \
        __asm__ __volatile__("movq %0, %%mm0\n\tmovq %1, %%mm1\n\t" #name " %%mm1, %%mm0\n\tmovq %%mm0, %0\n\temms"    \
                             : "+r"(a)                                                                                 \
                             : "r"(b));                                                                                \
        return a;                                                                                                      \
    }
X86_MMX_PURE(MMX)
#undef MMX

static uint64_t do_cvtpi2ps(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    __asm__ __volatile__("movq %1, %%mm1\n\tcvtpi2ps %%mm1, %%xmm0\n\tmovq %%xmm0, %0\n\temms"
                         : "=r"(a)
                         : "r"(a)
                         : "xmm0");
    return a;
}

#define MMX(name)                                                                                                      \
    static uint64_t do_##name(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)                         \
    {                                                                                                                  \
        __asm__ __volatile__("movq %0, %%xmm0\n\tmovq %1, %%xmm1\n\tpunpcklqdq %%xmm1, %%xmm0\n\t" #name               \
                             " %%xmm0, %%mm0\n\tmovq %%mm0, %0\n\temms"                                                \
                             : "+r"(a)                                                                                 \
                             : "r"(b)                                                                                  \
                             : "xmm0", "xmm1");                                                                        \
        return a;                                                                                                      \
    }
MMX(cvtps2pi)
MMX(cvttps2pi)
MMX(cvtpd2pi)
MMX(cvttpd2pi)
#undef MMX

/* maskmovq: bytes of a whose mask b has bit 7 set go to memory at c. By the host's instruction: which faults masked
 * bytes cause is up to the CPU (SDM volume 2, MASKMOVQ). The x87 unit is left empty, as it was. */
static uint64_t maskmov(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    __asm__ __volatile__("movq %[a], %%mm0\n\tmovq %[b], %%mm1\n\tmaskmovq %%mm1, %%mm0\n\temms"
                         :
                         : [a] "r"(a), [b] "r"(b), "D"(c)
                         : "memory", "mm0", "mm1");
    return 0;
}

const struct ir_helper x86_mmx_helpers[X86_MMX_FN_COUNT] = {
#define MMX(name) [X86_MMX_##name] = {"mmx_" #name, do_##name, 2, IR_I64, IR_FX_PURE},
    X86_MMX_PURE(MMX)
#undef MMX
#define MMX(name) [X86_MMX_##name] = {"mmx_" #name, do_##name, 2, IR_I64, IR_FX_FPOBS | IR_FX_FPFLAG},
        X86_MMX_FP(MMX)
#undef MMX
};
const struct ir_helper x86_mmx_maskmov = {"mmx_maskmovq", maskmov, 3, IR_VOID,
                                          IR_FX_RSTATE | IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT};
