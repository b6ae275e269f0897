/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about signals. The guest's mask is changed here and applied to the host by signal_apply_mask. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/engine/invalidate.h"
#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/cpu_timers.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/sigcall.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/signal_state.h"
#include "runtime/linux/generic/ticks.h"
#include "runtime/linux/generic/wait.h"

enum { FRAME_MAX = 8192, KSA_RESTORER = 0x04000000 };

long sys_rt_sigprocmask(struct sys_ctx *c)
{
    struct thread *t = c->t;
    uint64_t old = t->lx->mask, set;
    if (c->a[3] != LX_SIGSET_SIZE)
        return -EINVAL;
    if (c->a[1]) {
        if (guest_read_u64(t, &set, c->a[1]))
            return -EFAULT;
        const long result = sigcall_mask(t, (int)c->a[0], set, ~0ull);
        if (result)
            return result;
    }
    return c->a[2] ? guest_write(t, c->a[2], &old, sizeof old) : 0;
}

long sys_rt_sigpending(struct sys_ctx *c)
{
    if (c->a[1] > LX_SIGSET_SIZE)
        return -EINVAL;
    uint64_t set = 0;
    const long result = sigcall_pending(c->t, &set);
    return result ? result : guest_write(c->t, c->a[0], &set, c->a[1]);
}

long sys_rt_sigsuspend(struct sys_ctx *c)
{
    struct thread *t = c->t;
    uint64_t mask;
    if (c->a[1] != LX_SIGSET_SIZE)
        return -EINVAL;
    if (guest_read_u64(t, &mask, c->a[0]))
        return -EFAULT;
    return sigcall_suspend(t, mask);
}

/* EINTR without a signal is the guest's after stop and continue. Not if one has come that is not for this thread any
 * more, or if another thread may have taken back what it had lent to the kernel (sync_signals.h). */
static bool was_faster(const struct thread *t, uint64_t set)
{
    const bool lent = set & LX_SYNC_MASK && __atomic_load_n(&t->proc->thread_count, __ATOMIC_RELAXED) > 1;
    return (lent || __atomic_load_n(&t->cpu->pending, __ATOMIC_RELAXED)) && !signal_deliverable(t);
}

static long wait_signal(struct thread *t, const uint64_t *set, siginfo_t *info, uint64_t time)
{
    long result;
    do {
        result = host_call_intr(t, LINUX_rt_sigtimedwait, (uintptr_t)set, (uintptr_t)info, time, LX_SIGSET_SIZE, 0, 0);
    } while (result > 0 ? ticks_is_one(info) : result == -EINTR && was_faster(t, *set));
    if (result > 0) {
        sync_unmark(info);
        cpu_timers_taken(t->proc, info);
    }
    return result;
}

long sys_rt_sigtimedwait(struct sys_ctx *c)
{
    struct thread *t = c->t;
    uint64_t set;
    siginfo_t info;
    if (c->a[3] != LX_SIGSET_SIZE)
        return -EINVAL;
    if (guest_read_u64(t, &set, c->a[0]))
        return -EFAULT;
    struct wait_time time;
    if (wait_time_begin(c, &time, SYS_STRUCT_timespec, c->a[2]))
        return -EFAULT;
    const long result = wait_signal(t, &set, &info, time.host);
    if (result > 0 && c->a[1] && abi_put(c, SYS_STRUCT_siginfo, c->a[1], &info))
        return -EFAULT;
    return result;
}

long sys_rt_tgsigqueueinfo(struct sys_ctx *c)
{
    siginfo_t info;
    const int signo = (int)c->a[2];
    if ((int)c->a[0] != getpid() || signo < 1 || signo > LX_NSIG || !(LX_SYNC_MASK & lx_sigbit(signo)))
        return sys_pass(c);
    if (abi_get(c, SYS_STRUCT_siginfo, &info, c->a[3]))
        return -EFAULT;
    sync_mark_thread(&info);
    return host_call_intr(c->t, LINUX_rt_tgsigqueueinfo, c->a[0], c->a[1], c->a[2], (uintptr_t)&info, 0, 0);
}

/* The guest's struct sigaction: { handler, flags, mask }, on some with a restorer before the mask. */
static bool has_restorer(const struct thread *t) { return t->proc->guest->abi->sigframe.has_restorer; }

static long read_action(struct sys_ctx *c, struct lx_action *a, gaddr_t from)
{
    uint64_t word[4];
    const bool restorer = has_restorer(c->t);
    if (restorer ? abi_get(c, SYS_STRUCT_sigaction, word, from) : guest_read(c->t, word, from, 24))
        return -EFAULT;
    *a = (struct lx_action){word[0], word[1], restorer ? word[2] : 0, word[restorer ? 3 : 2]};
    if (!restorer)
        a->flags &= ~(uint64_t)KSA_RESTORER;
    return 0;
}

static long write_action(struct sys_ctx *c, const struct lx_action *a, gaddr_t to)
{
    const uint64_t generic[3] = {a->handler, a->flags, a->mask};
    const uint64_t with_restorer[4] = {a->handler, a->flags, a->restorer, a->mask};
    return has_restorer(c->t) ? abi_put(c, SYS_STRUCT_sigaction, to, with_restorer)
                              : guest_write(c->t, to, generic, sizeof generic);
}

long sys_rt_sigaction(struct sys_ctx *c)
{
    struct lx_action new, old;
    if (c->a[3] != LX_SIGSET_SIZE)
        return -EINVAL;
    if (c->a[1] && read_action(c, &new, c->a[1]))
        return -EFAULT;
    const long err = sigcall_action(c->t, (int)c->a[0], c->a[1] ? &new : NULL, &old);
    return err || !c->a[2] ? err : write_action(c, &old, c->a[2]);
}

struct generic_stack {
    uint64_t sp;
    uint32_t flags, pad;
    uint64_t size;
};

static uint64_t least_altstack(const struct thread *t)
{
    const unsigned least = t->proc->guest->abi->min_signal_stack;
    return least ? least : LX_MINSIGSTKSZ;
}

static long set_altstack(struct thread *t, const struct generic_stack *ss, gaddr_t sp)
{
    struct linux_thread *lx = t->lx;
    uint32_t mode = ss->flags & ~(uint32_t)LX_SS_AUTODISARM;
    if (signal_on_altstack(lx, sp))
        return -EPERM;
    if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
        return -EINVAL;
    if (mode != SS_DISABLE && ss->size < least_altstack(t))
        return -ENOMEM;
    lx->alt_sp = mode == SS_DISABLE ? 0 : ss->sp;
    lx->alt_size = mode == SS_DISABLE ? 0 : ss->size;
    lx->alt_flags = ss->flags;
    return 0;
}

long sys_sigaltstack(struct sys_ctx *c)
{
    struct linux_thread *lx = c->t->lx;
    const struct guest *guest = c->t->proc->guest;
    gaddr_t sp = guest_get(c->t->cpu, guest, guest->abi->row_sp);
    const struct generic_stack old = {lx->alt_sp, signal_altstack_flags(lx, sp), 0, lx->alt_size};
    struct generic_stack ss;
    if (c->a[0]) {
        if (abi_get(c, SYS_STRUCT_stack, &ss, c->a[0]))
            return -EFAULT;
        long err = set_altstack(c->t, &ss, sp);
        if (err)
            return err;
    }
    return c->a[1] ? abi_put(c, SYS_STRUCT_stack, c->a[1], &old) : 0;
}

/* The frame at the stack pointer, in buf. */
static bool read_frame(struct thread *t, const struct guest_sigreturn_frame *kind, uint8_t *buf)
{
    const struct guest *guest = t->proc->guest;
    struct guest_sigframe_part part;
    gaddr_t frame = guest_get(t->cpu, guest, guest->abi->row_sp) + (uint64_t)kind->sp_offset;
    if (guest->abi->sigframe.size > FRAME_MAX)
        return false;
    if (!kind->part)
        return guest_read(t, buf, frame, guest->abi->sigframe.size) == 0;
    memset(buf, 0, guest->abi->sigframe.size);
    if (guest_read(t, buf, frame, kind->core))
        return false;
    return !kind->part(buf, &part) || guest_read(t, buf + part.offset, part.at, part.size) == 0 ||
           guest_read(t, buf + part.offset, part.at, part.least) == 0;
}

static long frame_return(struct sys_ctx *c, const struct guest_sigreturn_frame *kind)
{
    struct thread *t = c->t;
    const struct guest *guest = t->proc->guest;
    uint8_t buf[FRAME_MAX];
    struct guest_sigreturn back;
    memset(&back, 0, sizeof back);
    if (!sigcall_may_change(t))
        return LX_RESTARTNOINTR;
    if (!read_frame(t, kind, buf) || !kind->restore(t->cpu, buf, &back)) {
        signal_apply_mask(t);
        signal_raise_sync(t, SIGSEGV, SI_KERNEL, 0);
        return LX_NO_RESULT;
    }
    guest->fp.from_guest(t->cpu);
    t->cpu->mode = guest->cpu.mode(t->cpu);
    t->cpu->resv.addr = ~0ull;
    const struct generic_stack ss = {back.altstack_sp, back.altstack_flags, 0, back.altstack_size};
    if (back.has_altstack)
        set_altstack(t, &ss, guest_get(t->cpu, guest, guest->abi->row_sp)); /* errors are ignored, as in the kernel */
    sigcall_adopt_mask(t, back.mask);
    return LX_NO_RESULT;
}

long sys_rt_sigreturn(struct sys_ctx *c) { return frame_return(c, &c->t->proc->guest->abi->sigframe.rt); }
long sys_sigreturn(struct sys_ctx *c) { return frame_return(c, &c->t->proc->guest->abi->sigframe.old); }

long sys_restart_syscall(struct sys_ctx *c) { return -EINTR; }
