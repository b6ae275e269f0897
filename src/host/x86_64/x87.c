/* SPDX-License-Identifier: Apache-2.0 */
/* x87.h on x86-64: the thread's own unit, whose stack every function leaves empty. */
#include "src/host/x87.h"

uint16_t host_x87_flags(const struct cpu *cpu)
{
    uint16_t status;
    __asm__ __volatile__("fnstsw %0" : "=a"(status));
    return status & HOST_X87_FLAGS;
}

uint16_t host_x87_control(const struct cpu *cpu)
{
    uint16_t control;
    __asm__ __volatile__("fnstcw %0" : "=m"(control));
    return control;
}

void host_x87_set_control(struct cpu *cpu, uint16_t control)
{
    control |= HOST_X87_MASKS;
    __asm__ __volatile__("fldcw %0" : : "m"(control));
}

void host_x87_raise(struct cpu *cpu, uint16_t flags)
{
    struct {
        uint32_t control, status, rest[5];
    } environment;
    if (!(flags & ~host_x87_flags(cpu)))
        return;
    __asm__ __volatile__("fnstenv %0" : "=m"(environment));
    environment.status |= flags & HOST_X87_FLAGS;
    __asm__ __volatile__("fldenv %0" : : "m"(environment));
}

void host_x87_clear(struct cpu *cpu) { __asm__ __volatile__("fnclex"); }

void host_x87_reset(struct cpu *cpu, uint16_t control)
{
    __asm__ __volatile__("fninit");
    if ((control | HOST_X87_MASKS) != HOST_X87_CONTROL_INIT)
        host_x87_set_control(cpu, control);
}

/* ---- functions ---- */

#define ONE(name, insn)                                                                                                \
    static uint16_t name(const void *a, const void *b, void *r)                                                        \
    {                                                                                                                  \
        uint16_t status;                                                                                               \
        __asm__ __volatile__("fldt (%1)\n\t" insn "\n\tfnstsw %0\n\tfstpt (%2)"                                        \
                             : "=a"(status)                                                                            \
                             : "r"(a), "r"(r)                                                                          \
                             : "memory");                                                                              \
        return status;                                                                                                 \
    }
#define TWO(name, insn)                                                                                                \
    static uint16_t name(const void *a, const void *b, void *r)                                                        \
    {                                                                                                                  \
        uint16_t status;                                                                                               \
        __asm__ __volatile__("fldt (%2)\n\tfldt (%1)\n\t" insn "\n\tfnstsw %0\n\tfstpt (%3)"                           \
                             : "=a"(status)                                                                            \
                             : "r"(a), "r"(b), "r"(r)                                                                  \
                             : "memory");                                                                              \
        return status;                                                                                                 \
    }
ONE(two_to_x_minus_1, "f2xm1")
ONE(sine, "fsin")
ONE(cosine, "fcos")
TWO(y_log2_x, "fyl2x")
TWO(y_log2_x_plus_1, "fyl2xp1")
TWO(arctangent, "fpatan")

uint16_t host_x87_compute(struct cpu *cpu, enum host_x87_function fn, const void *a, const void *b, void *r)
{
    enum { CODES = 0x4700 };
    static uint16_t (*const functions[])(const void *a, const void *b, void *r) = {
        [HOST_X87_2XM1] = two_to_x_minus_1,
        [HOST_X87_SIN] = sine,
        [HOST_X87_COS] = cosine,
        [HOST_X87_YL2X] = y_log2_x,
        [HOST_X87_YL2XP1] = y_log2_x_plus_1,
        [HOST_X87_PATAN] = arctangent,
    };
    return functions[fn](a, b, r) & CODES;
}
