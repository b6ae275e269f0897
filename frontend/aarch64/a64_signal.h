/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames; the functions of struct guest_sigframe with the same names. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_SIGNAL_H
#define TANDEM_FRONTEND_AARCH64_A64_SIGNAL_H

#include "frontend/guest_linux.h"

/* With the frame record above it. */
enum { A64_SIGFRAME_SIZE = 4704, A64_SIGFRAME_ALIGN = 16 };

TANDEM_BEGIN_DECLS
void a64_sigframe_fill(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
void a64_sigframe_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
bool a64_sigframe_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);
TANDEM_END_DECLS

#endif
