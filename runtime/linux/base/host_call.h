/* SPDX-License-Identifier: Apache-2.0 */
/* Host system calls made for the guest and for tandem itself. Any thread; async-signal-safe. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_HOST_CALL_H
#define TANDEM_RUNTIME_LINUX_BASE_HOST_CALL_H

#include "runtime/linux/base/state.h"

/* A host system call, straight (no glibc, errno untouched): result or -errno; -ENOSYS if the host has no such call. */
long host_call(enum linux_call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);
/* The same for calls that may block on the guest's behalf: not begun, or ended, if a signal for the guest arrives; then
 * LX_RESTARTNOINTR (not begun) or what the kernel said: LX_RESTARTSYS or -EINTR. The host's mask is the guest's
 * meanwhile, with the synchronous signals (sync_signals.h). */
long host_call_intr(struct thread *t, enum linux_call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                    uint64_t f);
long host_sigmask(int how, const uint64_t *set, uint64_t *old);
/* Blocks all signals but the synchronous ones; *old receives the mask. */
void host_block_all(uint64_t *old);

#endif
