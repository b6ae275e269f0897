/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that only x86 has: arch_prctl, and those about segment descriptors. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_ARCH_CALLS_H
#define TANDEM_FRONTEND_X86_ABI_X86_ARCH_CALLS_H

#include "frontend/guest_linux.h"

/* guest_linux.arch_syscall, for either width */
long x86_64_arch_syscall(const struct guest_arch_call *call);
long x86_i386_arch_syscall(const struct guest_arch_call *call);
/* guest_linux.read_tls and set_tls of i386: clone's thread pointer is the address of a struct user_desc. */
long x86_i386_read_tls(const struct guest_arch_call *call, gaddr_t address, struct guest_tls *tls);
void x86_i386_set_tls(struct cpu *cpu, const struct guest_tls *tls);

#endif
