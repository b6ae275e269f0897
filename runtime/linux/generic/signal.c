/* SPDX-License-Identifier: Apache-2.0 */
/* Signals, guest side: which signal is next, what its action is, frames on the guest's stack.
 *
 * I1  Runs on the signal's own thread at a block boundary, where cpu->guest is complete, with host signals blocked.
 * I2  The signal that the host's handler has caught is first: it came before what the thread has met since. Then a
 *     fault and other synchronous signals, then what the kernel lets in next. Each one delivered stacks its frame on
 *     the last, so the last one's handler runs first, as in the kernel.
 * I3  What becomes of an interrupted system call is decided by the first handler entered after it; without one it is
 *     made again. Its argument registers are untouched until then, so making it again is moving pc back. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/signal.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/signal_state.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/linux/generic/tracer.h"
#include "runtime/loader/loader.h"
#include "src/base/log.h"

enum { GUEST_FRAME_MAX = 8192 };

static bool take_own(struct linux_thread *lx, int signo, siginfo_t *info)
{
    if (!(__atomic_load_n(&lx->queued, __ATOMIC_ACQUIRE) & lx_sigbit(signo)))
        return false;
    *info = lx->slot[signo];
    __atomic_fetch_and(&lx->queued, ~lx_sigbit(signo), __ATOMIC_RELAXED);
    return true;
}

/* The instruction's own signal, if there is one. A caught one came before the instruction, which will fault again. */
static bool take_forced(struct thread *t, int *signo, siginfo_t *info)
{
    struct linux_thread *lx = t->lx;
    if (lx->sync.signo && lx->sync.again && signal_deliverable(t) & ~LX_SYNC_MASK)
        lx->sync.signo = 0;
    if (!lx->sync.signo)
        return false;
    *signo = info->si_signo = lx->sync.signo;
    info->si_code = lx->sync.code;
    info->si_addr = (void *)(uintptr_t)lx->sync.addr;
    lx->sync.signo = 0;
    return true;
}

/* Takes the next signal out: true and its number, siginfo. */
static bool next_signal(struct thread *t, int *signo, siginfo_t *info, bool *forced)
{
    struct linux_thread *lx = t->lx;
    memset(info, 0, sizeof *info);
    *forced = take_forced(t, signo, info);
    if (*forced)
        return true;
    if (traced_take_stop(t, info)) {
        *signo = SIGSTOP;
        return true;
    }
    uint64_t ready;
    while ((ready = signal_deliverable(t))) {
        const uint64_t caught = ready & ~LX_SYNC_MASK; /* I2 */
        *signo = __builtin_ctzll(caught ? caught : ready) + 1;
        if (take_own(lx, *signo, info) || sync_take(t->proc, *signo, info)) {
            sync_unmark(info);
            if (t->proc->lx->traces)
                tracer_correct(t, info);
            cpu_timers_taken(t->proc, info);
            return true;
        }
    }
    return false;
}

/* The action to take now; resets it if SA_RESETHAND. */
static struct lx_action take_action(struct process *proc, int signo)
{
    struct lx_action *slot = &proc->lx->actions[signo];
    pthread_mutex_lock(&proc->lx->actions_lock);
    struct lx_action a = *slot;
    if (a.handler > LX_SIG_IGN && (a.flags & (unsigned)SA_RESETHAND)) {
        slot->handler = LX_SIG_DFL;
        signal_host_install(proc, signo);
    }
    pthread_mutex_unlock(&proc->lx->actions_lock);
    return a;
}

/* SIG_DFL: ends the process, or leaves the rest (stop, continue) to the host kernel. */
static void default_action(struct thread *t, int signo)
{
    if (signal_default_kills(signo))
        signal_die(t->proc, signo);
    if (t->proc->lx->traced && signal_default_stops(signo))
        traced_group_stop(t, signo);
    else if (signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU) /* stops when signal_apply_mask unblocks it */
        host_call(LINUX_tgkill, (uint64_t)getpid(), (uint64_t)t->tid, (uint64_t)signo, 0, 0, 0);
}

static void decide_restart(struct thread *t, const struct lx_action *a)
{
    struct linux_thread *lx = t->lx;
    const struct guest *guest = t->proc->guest;
    if (lx->restart == LX_RESTART_NONE)
        return;
    if (lx->restart == LX_RESTART_NOINTR || !a || (lx->restart == LX_RESTART_SYS && (a->flags & SA_RESTART)))
        t->cpu->pc -= guest->abi->call.insn_bytes;
    else
        lx_set_result(t, -EINTR);
    lx->restart = LX_RESTART_NONE;
}

/* Where the frame goes; false if it would leave the alternate stack. */
static bool frame_place(const struct thread *t, const struct lx_action *a, gaddr_t *frame)
{
    const struct linux_thread *lx = t->lx;
    const struct guest *guest = t->proc->guest;
    gaddr_t sp = guest_get(t->cpu, guest, guest->abi->row_sp);
    bool nested = signal_on_altstack(lx, sp);
    sp -= guest->abi->sigframe.redzone;
    if ((a->flags & SA_ONSTACK) && lx->alt_size && !nested)
        sp = lx->alt_sp + lx->alt_size;
    *frame = (sp - guest->abi->sigframe.size) & ~(gaddr_t)(guest->abi->sigframe.align - 1);
    return !nested || signal_on_altstack(lx, *frame);
}

static bool push_frame(struct thread *t, int signo, const siginfo_t *info, const struct lx_action *a, bool sync)
{
    struct linux_thread *lx = t->lx;
    const struct guest *guest = t->proc->guest;
    uint8_t buf[GUEST_FRAME_MAX];
    gaddr_t frame;
    if (!frame_place(t, a, &frame) || guest->abi->sigframe.size > sizeof buf)
        return false;
    const bool rt = a->flags & SA_SIGINFO || !guest->abi->sigframe.old.restore;
    const struct sys_ctx plain = {.t = t};
    uint8_t guest_info[sizeof *info];
    abi_narrow(&plain, SYS_STRUCT_siginfo, guest_info, info);
    const struct guest_signal sig = {
        .signo = signo,
        .handler = a->handler,
        .restorer = a->restorer,
        .sa_flags = a->flags,
        .mask = lx->has_saved ? lx->saved_mask : lx->mask,
        .siginfo = guest_info,
        .altstack_sp = lx->alt_sp,
        .altstack_size = lx->alt_size,
        .altstack_flags = lx->alt_flags,
        .trampoline = t->proc->lx->image->vdso_code[rt ? GUEST_VDSO_RT_SIGRETURN : GUEST_VDSO_SIGRETURN],
        .fault_pc = t->cpu->pc,
        .sync = sync,
        .fault = sync ? lx->sync.fault : 0,
    };
    guest->fp.to_guest(t->cpu);
    guest->abi->sigframe.fill(t->cpu, &sig, frame, buf);
    if (guest_write(t, frame, buf, guest->abi->sigframe.size))
        return false;
    guest->abi->sigframe.enter(t->cpu, &sig, frame);
    t->cpu->mode = guest->cpu.mode(t->cpu);
    t->cpu->resv.addr = ~0ull;
    if (lx->alt_flags & (uint32_t)LX_SS_AUTODISARM) {
        lx->alt_sp = lx->alt_size = 0;
        lx->alt_flags = SS_DISABLE;
    }
    return true;
}

static void deliver(struct thread *t, int signo, siginfo_t *info, bool forced)
{
    struct linux_thread *lx = t->lx;
    const int sent = signo;
    if (traced(t))
        signo = traced_signal(t, signo, info);
    if (!signo)
        return;
    forced = forced && signo == sent;
    struct lx_action a = take_action(t->proc, signo);
    if (log_on(LOG_STRACE) && a.handler != LX_SIG_IGN)
        log_printf("--- SIG%s {si_signo=%d, si_code=%d, si_addr=%p} ---\n",
                   sigabbrev_np(signo) ? sigabbrev_np(signo) : "RT", signo, info->si_code, info->si_addr);
    if (forced && (a.handler == LX_SIG_IGN || (lx->mask & lx_sigbit(signo))))
        signal_die(t->proc, signo);
    if (a.handler == LX_SIG_IGN)
        return;
    if (a.handler == LX_SIG_DFL) {
        default_action(t, signo);
        return;
    }
    decide_restart(t, &a);
    if (!push_frame(t, signo, info, &a, forced)) {
        if (signo == SIGSEGV)
            signal_die(t->proc, signo);
        t->lx->sync.signo = SIGSEGV; /* as the kernel: no address */
        t->lx->sync.code = SI_KERNEL;
        t->lx->sync.addr = 0;
        t->lx->sync.fault = 0;
        t->lx->sync.again = false;
        return;
    }
    lx->has_saved = false;
    signal_set_mask(t, lx->mask | a.mask | (a.flags & SA_NODEFER ? 0 : lx_sigbit(signo)));
}

/* What is there now. False: nothing was. */
static bool deliver_all(struct thread *t)
{
    struct linux_thread *lx = t->lx;
    __atomic_store_n(&t->cpu->pending, 0, __ATOMIC_SEQ_CST); /* before looking: a handler sets queued, then pending */
    if (traced_has_news(t))
        traced_deliver(t);
    const bool ready = lx->sync.signo || signal_deliverable(t) || traced_asks(t);
    if (!ready && !lx->has_saved && lx->restart == LX_RESTART_NONE && !lx->to_route)
        return false;
    host_block_all(NULL);
    int signo;
    siginfo_t info;
    bool forced;
    bool missed = ready;
    for (; next_signal(t, &signo, &info, &forced); missed = false)
        deliver(t, signo, &info, forced);
    decide_restart(t, NULL);
    if (lx->has_saved)
        signal_mask_restore(t, 0);
    sync_route(t);
    if (missed) /* another thread has it, and is about to send it here */
        sync_settle(t->proc);
    signal_apply_mask(t);
    return true;
}

void signal_deliver(struct thread *t)
{
    while (deliver_all(t) && __atomic_load_n(&t->cpu->pending, __ATOMIC_SEQ_CST)) /* what the kernel has let in now */
        ;
}
