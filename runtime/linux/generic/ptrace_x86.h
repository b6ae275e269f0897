/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace requests that only x86 has: -EIO for tracees of other guests. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_PTRACE_X86_H
#define TANDEM_RUNTIME_LINUX_GENERIC_PTRACE_X86_H

#include "runtime/linux/generic/ptrace_regs.h"

/* Their numbers (uapi asm/ptrace-abi.h) */
enum {
    X86_GETREGS = 12,
    X86_SETREGS,
    X86_GETFPREGS,
    X86_SETFPREGS,
    X86_GETFPXREGS = 18,
    X86_SETFPXREGS,
    X86_ARCH_PRCTL = 30
};

long ptrace_x86_get_regs(struct ptrace_request *q);
long ptrace_x86_set_regs(struct ptrace_request *q);
long ptrace_x86_get_fpregs(struct ptrace_request *q);
long ptrace_x86_set_fpregs(struct ptrace_request *q);
long ptrace_x86_get_fpxregs(struct ptrace_request *q);
long ptrace_x86_set_fpxregs(struct ptrace_request *q);
long ptrace_x86_arch_prctl(struct ptrace_request *q);
/* PTRACE_PEEKUSR, PTRACE_POKEUSR */
long ptrace_x86_peek_user(struct ptrace_request *q);
long ptrace_x86_poke_user(struct ptrace_request *q);

#endif
