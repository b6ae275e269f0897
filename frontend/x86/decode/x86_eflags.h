/* SPDX-License-Identifier: Apache-2.0 */
/* The bits of EFLAGS. Zydis names the flags that an instruction tests and changes by the same bits. */
#ifndef TANDEM_FRONTEND_X86_DECODE_X86_EFLAGS_H
#define TANDEM_FRONTEND_X86_DECODE_X86_EFLAGS_H

/* Bits of EFLAGS (SDM volume 1, 3.4.3). */
enum x86_eflags {
    X86_CF = 1 << 0,
    X86_ONE = 1 << 1,
    X86_PF = 1 << 2,
    X86_AF = 1 << 4,
    X86_ZF = 1 << 6,
    X86_SF = 1 << 7,
    X86_TF = 1 << 8,
    X86_IF = 1 << 9,
    X86_DF = 1 << 10,
    X86_OF = 1 << 11,
    X86_NT = 1 << 14,
    X86_AC = 1 << 18,
    X86_ID = 1 << 21,
    X86_STATUS = X86_CF | X86_PF | X86_AF | X86_ZF | X86_SF | X86_OF
};

#endif
