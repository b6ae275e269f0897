/* SPDX-License-Identifier: Apache-2.0 */
/* What parent and child of a fork share until both know what they need, and the end of a vfork child. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_VFORK_H
#define TANDEM_RUNTIME_LINUX_GENERIC_VFORK_H

#include <linux/futex.h>

#include "runtime/linux/base/state.h"

enum { VFORK_WINDOW = 32 << 10 }; /* bytes of the parent's stack that a vfork child can change */

/* Shared memory; made by the parent, each side drops its mapping. */
struct fork_shared {
    uint32_t copied;              /* futex: 1 when the child has its own code cache */
    uint32_t owner;               /* vfork: robust futex of the child */
    struct robust_list_head head; /* linux/futex.h */
    struct robust_list link;
    gaddr_t window_start;
    uint64_t window_size; /* 0: nothing to take over */
    uint8_t window[VFORK_WINDOW];
};
/* NULL: out of memory. */
struct fork_shared *vfork_shared_create(void);
void vfork_shared_drop(struct fork_shared *shared);
/* Waits until bit of the child's word is set, or the child is dead. */
void vfork_wait_for_bit(const uint32_t *word, uint32_t bit, long pid);
/* The child's side of a vfork: holds the futex, remembers the parent's stack pointer. */
void vfork_begin(struct thread *t, struct fork_shared *shared);
/* A process that may be a vfork child ends without execve: hands what it wrote on the stack to its parent. */
void vfork_report(struct thread *t);
/* In the parent: what the child has written to the stack. */
void vfork_take(struct thread *t, const struct fork_shared *shared);

#endif
