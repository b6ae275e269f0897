/* SPDX-License-Identifier: Apache-2.0 */
/* Host system calls made for the guest and for tandem itself. Any thread; async-signal-safe. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_HOST_CALL_H
#define TANDEM_RUNTIME_LINUX_BASE_HOST_CALL_H

#include <ucontext.h>

#include "runtime/linux/base/state.h"

/* A host system call, straight (no glibc, errno untouched): result or -errno; -ENOSYS if the host has no such call. */
long host_call(enum linux_call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);
/* A call as the host's own 32-bit programs make it (i386's number, pointers below 4 GiB), for the little that the
 * kernel remembers or decides by the width of the caller. -ENOSYS also where the host runs no such programs. */
long host_call32(long nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e);
enum { HOST32_LSEEK = 19, HOST32_LLSEEK = 140, HOST32_GETDENTS64 = 220, HOST32_SET_ROBUST_LIST = 311 };
/* The same for calls that may block on the guest's behalf: not begun, or ended, if a signal for the guest arrives; then
 * LX_RESTARTNOINTR (not begun) or what the kernel said: LX_RESTARTSYS or -EINTR. */
long host_call_intr(struct thread *t, enum linux_call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                    uint64_t f);
/* In a host signal handler: if the interrupted code is about to begin a call of host_call_intr, makes it not begin. */
void host_call_interrupt(ucontext_t *uc);
/* In a fault handler: if a guest memory copy or host_call32 faulted, makes it fail. */
bool host_copy_fixup(ucontext_t *uc);
long host_sigmask(int how, const uint64_t *set, uint64_t *old);
/* Blocks all signals but the synchronous ones; *old receives the mask. */
void host_block_all(uint64_t *old);

/* Copies n bytes and returns how many were not copied because an address was bad. */
size_t host_copy_stub(void *dst, const void *src, size_t n);

#endif
