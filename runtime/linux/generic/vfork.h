/* SPDX-License-Identifier: Apache-2.0 */
/* What parent and child of a fork share until both know what they need. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_VFORK_H
#define TANDEM_RUNTIME_LINUX_GENERIC_VFORK_H

#include <linux/futex.h>

#include "runtime/linux/base/state.h"

/* Shared memory; made by the parent, each side drops its mapping. */
struct fork_shared {
    uint32_t copied;              /* futex: 1 when the child has its own code cache */
    uint32_t owner;               /* vfork: robust futex of the child */
    struct robust_list_head head; /* linux/futex.h */
    struct robust_list link;
};
/* NULL: out of memory. */
struct fork_shared *vfork_shared_create(void);
void vfork_shared_drop(struct fork_shared *shared);
/* Waits until bit of the child's word is set, or the child is dead. */
void vfork_wait_for_bit(const uint32_t *word, uint32_t bit, long pid);
/* The child's side of a vfork: holds the futex. */
void vfork_begin(struct thread *t, struct fork_shared *shared);

#endif
