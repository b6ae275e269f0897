/* SPDX-License-Identifier: Apache-2.0 */
/* What parent and child of a fork share. With CLONE_VFORK the parent also waits for the child's end or execve: here
 * for a child that is a copy; vfork itself is share.c's.
 *
 * I1  Parent and child talk through memory only: a guest may close every descriptor before it executes. The kernel
 *     itself tells the parent of execve and death: the child holds a robust futex, the only one on its host list. */
#include "runtime/linux/generic/vfork.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/state.h"

struct fork_shared *vfork_shared_create(void)
{
    void *p = mmap(NULL, sizeof(struct fork_shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void vfork_shared_drop(struct fork_shared *shared)
{
    if (shared)
        munmap(shared, sizeof *shared);
}

/* Waits until bit of the child's word is set, or the child is dead. */
void vfork_wait_for_bit(const uint32_t *word, uint32_t bit, long pid)
{
    const struct timespec check = {0, 50000000};
    uint32_t now;
    while (!((now = __atomic_load_n(word, __ATOMIC_ACQUIRE)) & bit)) {
        siginfo_t info = {0};
        long r = host_call(LINUX_futex, (uintptr_t)word, FUTEX_WAIT, now, (uintptr_t)&check, 0, 0);
        if (r == -ETIMEDOUT)
            r = host_call(LINUX_waitid, P_PID, (uint64_t)pid, (uintptr_t)&info, WEXITED | WNOHANG | WNOWAIT | __WALL, 0,
                          0);
        if (info.si_pid || r == -ECHILD) /* ECHILD: dead and forgotten, or somebody else's (CLONE_PARENT) */
            return;
    }
}

/* The child's side of a vfork: holds the futex. */
void vfork_begin(struct thread *t, struct fork_shared *shared)
{
    shared->owner = (uint32_t)t->tid | FUTEX_WAITERS;
    shared->head.list.next = &shared->link;
    shared->link.next = &shared->head.list;
    shared->head.futex_offset = (long)offsetof(struct fork_shared, owner) - (long)offsetof(struct fork_shared, link);
    host_call(LINUX_set_robust_list, (uintptr_t)&shared->head, sizeof shared->head, 0, 0, 0, 0);
    t->lx->vfork = shared;
}
