/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames of i386 Linux: the functions behind struct guest_sigframe. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_SIGNAL32_H
#define TANDEM_FRONTEND_X86_ABI_X86_SIGNAL32_H

#include "frontend/guest_linux.h"

enum {
    X86_SIGFRAME32_SIZE = 784 + 112 + 832 + 4,
    X86_SIGFRAME32_ALIGN = 64,
    X86_SIGFRAME32_CORE = 268,
    X86_SIGFRAME32_OLD_CORE = 732
};
void x86_sigframe32_fill(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf);
void x86_sigframe32_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame);
bool x86_sigframe32_part(const uint8_t *buf, struct guest_sigframe_part *part);
bool x86_sigframe32_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);
bool x86_sigframe32_old_part(const uint8_t *buf, struct guest_sigframe_part *part);
bool x86_sigframe32_old_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out);

#endif
