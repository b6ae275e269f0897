/* SPDX-License-Identifier: Apache-2.0 */
/* What old and new calls about signals share (sys_signal.c, compat32/sys32_signal.c). The guest's mask is changed here
 * and applied to the host by signal_apply_mask. */
#include "runtime/linux/generic/sigcall.h"

#include <errno.h>

#include "runtime/engine/invalidate.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/signal_state.h"

bool sigcall_may_change(struct thread *t)
{
    host_block_all(NULL);
    if (!signal_deliverable(t))
        return true;
    signal_apply_mask(t);
    return false;
}

void sigcall_adopt_mask(struct thread *t, uint64_t mask)
{
    signal_set_mask(t, mask);
    if (!signal_deliverable(t)) /* else the synchronous ones before what the kernel keeps: signal_deliver applies it */
        signal_apply_mask(t);
}

bool sigcall_change_mask(struct thread *t, uint64_t mask)
{
    if (!sigcall_may_change(t))
        return false;
    sigcall_adopt_mask(t, mask);
    return true;
}

long sigcall_mask(struct thread *t, int how, uint64_t set, uint64_t reach)
{
    const uint64_t old = t->lx->mask;
    uint64_t mask;
    switch (how) {
    case SIG_BLOCK:
        mask = old | set;
        break;
    case SIG_UNBLOCK:
        mask = old & ~set;
        break;
    case SIG_SETMASK:
        mask = (old & ~reach) | set;
        break;
    default:
        return -EINVAL;
    }
    return sigcall_change_mask(t, mask) ? 0 : LX_RESTARTNOINTR;
}

long sigcall_pending(struct thread *t, uint64_t *set)
{
    const long result = host_call_intr(t, LINUX_rt_sigpending, (uintptr_t)set, LX_SIGSET_SIZE, 0, 0, 0, 0);
    if (result)
        return result;
    *set |= __atomic_load_n(&t->lx->queued, __ATOMIC_ACQUIRE) | sync_waiting(t->proc);
    *set &= t->lx->mask;
    return 0;
}

long sigcall_suspend(struct thread *t, uint64_t mask)
{
    signal_mask_temporary(t, mask);
    long result = host_call_intr(t, LINUX_rt_sigsuspend, (uintptr_t)&t->lx->mask, LX_SIGSET_SIZE, 0, 0, 0, 0);
    signal_mask_restore(t, result);
    return result;
}

long sigcall_action(struct thread *t, int signo, const struct lx_action *new, struct lx_action *old)
{
    struct process *proc = t->proc;
    if (signo < 1 || signo > LX_NSIG || (new && (signo == SIGKILL || signo == SIGSTOP)))
        return -EINVAL;
    if (new &&new->handler > LX_SIG_IGN && (LX_SYNC_MASK & lx_sigbit(signo)) && !proc->lx->precise) {
        proc->lx->precise = true;
        engine_set_precise(proc->engine);
    }
    uint64_t mask;
    host_block_all(&mask); /* the lock is not to be held when a signal ends this thread's turn */
    pthread_mutex_lock(&proc->lx->actions_lock);
    struct lx_action *slot = &proc->lx->actions[signo];
    *old = *slot;
    if (new) {
        *slot = *new;
        slot->mask &= ~(lx_sigbit(SIGKILL) | lx_sigbit(SIGSTOP));
        signal_host_install(proc, signo);
        if (new->handler == LX_SIG_IGN && (LX_SYNC_MASK & lx_sigbit(signo)))
            sync_discard(t, signo);
    }
    pthread_mutex_unlock(&proc->lx->actions_lock);
    host_sigmask(SIG_SETMASK, &mask, NULL);
    return 0;
}
