/* SPDX-License-Identifier: Apache-2.0 */
/* What a signal handler asks of the context that the kernel hands it (ucontext_t). Everything is async-signal-safe and
 * belongs to the thread that the signal interrupted.
 *
 * General registers and FP registers have the numbers that the host's instructions give them. */
#ifndef TANDEM_HOST_CONTEXT_H
#define TANDEM_HOST_CONTEXT_H

#include <ucontext.h>

#include "src/base/types.h"

enum host_fault {
    HOST_FAULT_WRITE = 1,
    HOST_FAULT_PRESENT = 2, /* the page is there, and does not allow it */
};

TANDEM_BEGIN_DECLS
uintptr_t host_context_pc(const ucontext_t *uc);
uintptr_t host_context_sp(const ucontext_t *uc);
uint64_t host_context_gpr(const ucontext_t *uc, unsigned n);
/* 16 bytes of vector register n; NULL: the context has none. */
const void *host_context_fpr(const ucontext_t *uc, unsigned n);
/* The lower 32 bytes of vector register n; those that the context lacks are 0. */
void host_context_vector(const ucontext_t *uc, unsigned n, uint8_t bytes[32]);
/* What faulted: bits of enum host_fault. For SIGSEGV and SIGBUS. */
unsigned host_context_fault(const ucontext_t *uc);
/* The FP environment (fpenv.h) of the interrupted code into *env; false: the context has none. */
bool host_context_fpenv(const ucontext_t *uc, uint32_t *env);
/* Returning from the handler loads env. */
void host_context_set_fpenv(ucontext_t *uc, uint32_t env);
/* The kernel gave the handler a fresh x87 unit. A thread that does not return from the handler goes on with control
 * word and flags of the interrupted code and an empty stack, which it has between blocks (src/base/cpu.h I3). Hosts
 * without that unit do nothing. */
void host_context_keep_fpx(const ucontext_t *uc);
TANDEM_END_DECLS

#endif
