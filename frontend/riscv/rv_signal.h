/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames of riscv64 Linux: the functions behind struct guest_sigframe. */
#ifndef TANDEM_FRONTEND_RISCV_RV_SIGNAL_H
#define TANDEM_FRONTEND_RISCV_RV_SIGNAL_H

#include "frontend/guest_linux.h"

/* The kernel's struct rt_sigframe: siginfo, struct ucontext (its layout is asserted in rv_signal.c). */
enum { RV_SIGFRAME_SIZE = 1088, RV_SIGFRAME_ALIGN = 16 };

void rv_sigframe_fill(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
void rv_sigframe_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
bool rv_sigframe_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);

#endif
