/* SPDX-License-Identifier: Apache-2.0 */
/* x87_exec.h: a function of each form in assembly, called between fxrstor and fxsave. */
#include "src/host/x87_exec.h"

#include <string.h>

/* The memory forms find their operand at [rdx]. */
__asm__(".pushsection .text, \"ax\"\n"
        "\t.balign 16\n"
        "host_x87_forms:\n"
        "\t.set form, 0\n"
        "\t.rept 512\n"
        "\t.byte 0xd8 + form / 64, 0xc0 + form % 64, 0xc3, 0x90\n"
        "\t.set form, form + 1\n"
        "\t.endr\n"
        "\t.set form, 0\n"
        "\t.rept 64\n"
        "\t.byte 0xd8 + form / 8, (form % 8) * 8 + 2, 0xc3, 0x90\n"
        "\t.set form, form + 1\n"
        "\t.endr\n"
        "\t.set form, 0\n"
        "\t.rept 64\n"
        "\t.byte 0x66, 0xd8 + form / 8, (form % 8) * 8 + 2, 0xc3\n"
        "\t.set form, form + 1\n"
        "\t.endr\n"
        "\t.popsection\n");
enum { FORM_BYTES = 4 };
extern const uint8_t host_x87_forms[];

enum { IMAGE = 512, CONTROL = 24, REGISTERS_AT = 32, REGISTERS = 128 }; /* bytes; between them is MXCSR */

static void copy_state(uint8_t *to, const uint8_t *from)
{
    memcpy(to, from, CONTROL);
    memcpy(to + REGISTERS_AT, from + REGISTERS_AT, REGISTERS);
}

uint64_t host_x87_execute(unsigned form, uint64_t address, uint64_t rflags, void *area)
{
    TANDEM_ALIGNED(16) uint8_t image[IMAGE];
    __asm__ __volatile__("fxsave (%0)" : : "r"(image) : "memory"); /* MXCSR is the guest's */
    copy_state(image, area);
    __asm__ __volatile__("lea -128(%%rsp), %%rsp\n\t" /* the red zone */
                         "fxrstor (%[image])\n\t"
                         "push %[flags]\n\t"
                         "popfq\n\t"
                         "call *%[form]\n\t"
                         "pushfq\n\t"
                         "pop %[flags]\n\t"
                         "fxsave (%[image])\n\t"
                         "lea 128(%%rsp), %%rsp"
                         : [flags] "+r"(rflags)
                         : [form] "r"(host_x87_forms + FORM_BYTES * form), [image] "r"(image), "d"(address)
                         : "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                           "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    copy_state(area, image);
    return rflags;
}
