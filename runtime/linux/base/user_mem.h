/* SPDX-License-Identifier: Apache-2.0 */
/* Guest memory in system calls: 0 or -EFAULT, a bad address never faults. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_USER_MEM_H
#define TANDEM_RUNTIME_LINUX_BASE_USER_MEM_H

#include "runtime/linux/base/process.h"

long guest_read(struct thread *t, void *dst, gaddr_t src, size_t n);
long guest_write(struct thread *t, gaddr_t dst, const void *src, size_t n);
/* What a program has behind the fields of a structure that are known: 0 if n bytes are zero, else -E2BIG or -EFAULT. */
long guest_zeros(struct thread *t, gaddr_t at, uint64_t n);
/* A NUL-terminated string into buf: its length, -EFAULT, or -ENAMETOOLONG if it does not fit. */
long guest_string(struct thread *t, char *buf, size_t size, gaddr_t src);
static inline long guest_read_u64(struct thread *t, uint64_t *v, gaddr_t a) { return guest_read(t, v, a, 8); }
static inline long guest_write_u32(struct thread *t, gaddr_t a, uint32_t v) { return guest_write(t, a, &v, 4); }

#endif
