/* SPDX-License-Identifier: Apache-2.0 */
/* System calls of the host, straight: no glibc, errno untouched, a result or -errno. And copies of guest memory that
 * may fault. Both are in assembly, because signal handlers must know exactly which instruction they interrupted.
 *
 * Numbers are the host's (SYS_*). Any thread; async-signal-safe. */
#ifndef TANDEM_HOST_CALL_H
#define TANDEM_HOST_CALL_H

#include <ucontext.h>

#include "src/base/types.h"

/* Results of host_call_unless that no system call gives. */
enum { HOST_CALL_RESTART = -512, HOST_CALL_NOT_BEGUN = -513 };

/* i386's numbers, for host_call32 */
enum { HOST32_LSEEK = 19, HOST32_LLSEEK = 140, HOST32_GETDENTS64 = 220, HOST32_SET_ROBUST_LIST = 311 };

TANDEM_BEGIN_DECLS
long host_syscall(long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f);

/* A call as the host's own 32-bit programs make it (i386's number, pointers below 4 GiB), for the little that the
 * kernel remembers or decides by the width of the caller. -ENOSYS where the host runs no such programs. */
long host_call32(long nr, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e);

/* The call nr(args[0..5]), begun only if *pending is 0, and ended if a signal arrives whose handler calls
 * host_call_interrupt. HOST_CALL_NOT_BEGUN, or what the kernel says; HOST_CALL_RESTART: a signal ended a call that the
 * kernel would make again. */
long host_call_unless(const uint32_t *pending, long nr, const uint64_t args[6]);
/* In a signal handler: if the interrupted code is in host_call_unless and has not begun its call, or the kernel is
 * about to make it again, that call returns as said above. */
void host_call_interrupt(ucontext_t *uc);

/* In the handler of a signal that the guest is not to notice: if the kernel ended host_call_unless's call with -EINTR,
 * that call is made again. A signal that calls host_call_interrupt before it has begun makes it return -EINTR. */
void host_call_resume(ucontext_t *uc);

/* clone3(args, size) with a stack in args, and no CLONE_SETTLS: the child does main(arg) there, which must not return.
 * The child's pid, or -errno. */
long host_clone3(const void *args, size_t size, int (*main)(void *), void *arg);

/* Copies n bytes; returns how many were not copied because of a fault. */
size_t host_copy(void *dst, const void *src, size_t n);
/* In a handler of SIGSEGV or SIGBUS: if host_copy or host_call32 faulted, returning makes it fail. False: neither. */
bool host_call_fixup(ucontext_t *uc);

/* What a signal handler returns to: the rt_sigreturn of sa_restorer. Not to be called. */
void host_sigreturn(void);

/* One past the last address that user space can have. Above it some hosts report faults without an address. */
uint64_t host_user_end(void);
TANDEM_END_DECLS

#endif
