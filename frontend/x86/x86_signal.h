/* SPDX-License-Identifier: Apache-2.0 */
/* What the signal frames of both widths share. */
#ifndef TANDEM_FRONTEND_X86_X86_SIGNAL_H
#define TANDEM_FRONTEND_X86_X86_SIGNAL_H

#include "frontend/guest.h"
#include "frontend/x86/x86_fpstate.h"

enum { X86_FXSAVE_SIZE = 512, X86_SA_RESTORER = 0x04000000 };

/* What exception a synchronous signal is; the error code and address of a page fault. */
struct x86_cause {
    uint32_t trapno, err;
    gaddr_t cr2;
};
struct x86_cause x86_signal_cause(const struct cpu *cpu, const struct guest_signal *sig, int code, gaddr_t addr);

/* The XSAVE area of a frame, with the marks by which sigreturn knows it; before: bytes of FP state that lie before
 * it. */
void x86_sigframe_put_fp(const struct cpu *cpu, struct x86_xsave *fp, uint32_t *magic2, size_t before);
/* The reverse. False if MXCSR has bits that do not exist. Not there: the initial state. */
bool x86_sigframe_take_fp(struct cpu *cpu, const struct x86_xsave *fp, uint32_t magic2, bool there);

#endif
