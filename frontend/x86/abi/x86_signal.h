/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames of x86-64 Linux, and what those of both widths share. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_SIGNAL_H
#define TANDEM_FRONTEND_X86_ABI_X86_SIGNAL_H

#include "frontend/guest_linux.h"
#include "frontend/x86/x87/x86_fpstate.h"

enum { X86_FXSAVE_SIZE = 512, X86_SA_RESTORER = 0x04000000 };

/* Notes what exception a synchronous signal is. */
void x86_note_cause(struct cpu *cpu, const struct guest_signal *sig, int code, gaddr_t addr);

/* The XSAVE area of a frame, with the marks by which sigreturn knows it; before: bytes of FP state that lie before
 * it. */
void x86_sigframe_put_fp(const struct cpu *cpu, struct x86_xsave *fp, uint32_t *magic2, size_t before);
/* The reverse. False if MXCSR has bits that do not exist. Not there: the initial state. */
bool x86_sigframe_take_fp(struct cpu *cpu, const struct x86_xsave *fp, uint32_t magic2, bool there);

/* ---- the functions behind struct guest_linux ---- */
enum { X86_SIGFRAME_CORE = 448, X86_SIGFRAME_SIZE = X86_SIGFRAME_CORE + 832 + 16, X86_SIGFRAME_ALIGN = 64 };
void x86_sigframe_fill(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
void x86_sigframe_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
void x86_trap(const struct cpu *cpu, enum ir_trap trap, struct guest_trap *out);
/* struct guest_linux, steps. */
bool x86_steps(const struct cpu *cpu);
bool x86_sigframe_part(const uint8_t *buf, struct guest_sigframe_part *part);
bool x86_sigframe_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);

#endif
