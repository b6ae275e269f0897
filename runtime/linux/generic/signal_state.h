/* SPDX-License-Identifier: Apache-2.0 */
/* Signal state of a guest thread: its mask, its alternate stack, the synchronous signal in waiting. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SIGNAL_STATE_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SIGNAL_STATE_H

#include "runtime/linux/base/state.h"

/* Replaces the guest's mask for the length of one call; signal_mask_restore undoes it unless a handler is to run first
 * (result -EINTR), when the frame takes the old mask along. */
void signal_mask_temporary(struct thread *t, uint64_t mask);
void signal_mask_restore(struct thread *t, long result);
/* Every change of the guest's mask; what it makes deliverable is delivered at the next block boundary. */
void signal_set_mask(struct thread *t, uint64_t mask);
/* Signals in waiting that t would take now, but for the forced one. */
uint64_t signal_deliverable(const struct thread *t);
bool signal_on_altstack(const struct linux_thread *lx, gaddr_t sp);
/* ss_flags as sigaltstack reports them with stack pointer sp. */
uint32_t signal_altstack_flags(const struct linux_thread *lx, gaddr_t sp);

/* Queues a synchronous signal for this thread (forced: if blocked or ignored, the default action ends the process).
 * Async-signal-safe when called from the fault handler. addr: si_addr. */
void signal_raise_sync(struct thread *t, int signo, int code, gaddr_t addr);
/* The same for what the guest's instruction at cpu->pc has raised. */
void signal_raise_trap(struct thread *t, enum ir_trap trap);

#endif
