/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that wait for descriptors or futexes, several of them with a signal mask for the time of the wait.
 *
 * I1  The host gets a copy of the whole mask. Synchronous signals are blocked by it for the time of the call only
 *     (sync_signals.h).
 * I2  With a mask: the guest's mask is the temporary one from before the call until the call ends, or, if a signal
 *     ended it, until that signal has been delivered (signal_mask_restore). */
#include "runtime/linux/generic/sys_wait.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/convert.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/signal_state.h"
#include "runtime/linux/generic/wait.h"
#include "runtime/mem/mem_code.h"

/* A mask argument, read and made the guest's mask. *host is what to pass: &copy or 0. */
static long mask_begin(struct sys_ctx *c, gaddr_t addr, uint64_t size, uint64_t *copy, uint64_t *host)
{
    uint64_t mask;
    *host = 0;
    if (!addr)
        return 0;
    if (size != LX_SIGSET_SIZE)
        return -EINVAL;
    if (guest_read_u64(c->t, &mask, addr))
        return -EFAULT;
    signal_mask_temporary(c->t, mask);
    *copy = c->t->lx->mask;
    *host = (uintptr_t)copy;
    return 0;
}

long sys_ppoll(struct sys_ctx *c)
{
    uint64_t copy, host;
    long result = mask_begin(c, c->a[3], c->a[4], &copy, &host);
    if (result)
        return result;
    mem_prepare_write(c->t->proc->mem, c->a[0], c->a[1] < 65536 ? c->a[1] * sizeof(struct pollfd) : 0);
    struct wait_time time;
    result = wait_time_begin(c, &time, SYS_STRUCT_timespec, c->a[2]);
    if (!result) {
        result = host_call_intr(c->t, LINUX_ppoll, c->a[0], c->a[1], time.host, host, LX_SIGSET_SIZE, 0);
        wait_time_end(c, &time);
    }
    signal_mask_restore(c->t, result);
    return result;
}

long sys_pselect6(struct sys_ctx *c)
{
    uint64_t copy, host, set[2] = {0, 0}; /* the last argument points at { mask, size } */
    if (c->a[5] && abi_get(c, SYS_STRUCT_sigmask_pair, set, c->a[5]))
        return -EFAULT;
    long result = mask_begin(c, set[0], set[1], &copy, &host);
    if (result)
        return result;
    const uint64_t sigarg[2] = {host, LX_SIGSET_SIZE};
    result = wait_select(c, LINUX_pselect6, SYS_STRUCT_timespec, host ? (uintptr_t)sigarg : 0);
    signal_mask_restore(c->t, result);
    return result;
}

long sys_epoll_ctl(struct sys_ctx *c)
{
    struct generic_epoll_event g;
    struct epoll_event h;
    if (!c->a[3] || c->t->proc->guest->abi->packed_epoll) /* a packed struct epoll_event, as on the host */
        return sys_host(c);
    if (guest_read(c->t, &g, c->a[3], sizeof g))
        return (int)c->a[1] == EPOLL_CTL_DEL ? host_call(LINUX_epoll_ctl, c->a[0], c->a[1], c->a[2], 0, 0, 0) : -EFAULT;
    convert_epoll_to_host(&h, &g);
    return host_call(LINUX_epoll_ctl, c->a[0], c->a[1], c->a[2], (uintptr_t)&h, 0, 0);
}

static long give_events(struct sys_ctx *c, const struct epoll_event *events, long n)
{
    if (n > 0 && c->t->proc->guest->abi->packed_epoll)
        return guest_write(c->t, c->a[1], events, (size_t)n * sizeof *events) ? -EFAULT : n;
    for (long i = 0; i < n; i++) {
        struct generic_epoll_event g;
        convert_epoll_to_guest(&g, &events[i]);
        if (guest_write(c->t, c->a[1] + (uint64_t)i * sizeof g, &g, sizeof g))
            return i ? i : -EFAULT;
    }
    return n;
}

/* All kinds of wait: timeout is a number of milliseconds or the address of a timespec. */
static long epoll_wait_common(struct sys_ctx *c)
{
    enum { EVENTS = 512 }; /* more wait for the next call */
    struct epoll_event events[EVENTS];
    uint64_t copy, host;
    int max = (int)c->a[2];
    if (max <= 0)
        return -EINVAL;
    long result = mask_begin(c, c->a[4], c->a[5], &copy, &host);
    if (result)
        return result;
    result = host_call_intr(c->t, c->row->host, c->a[0], (uintptr_t)events, max < EVENTS ? (unsigned)max : EVENTS,
                            c->a[3], host, LX_SIGSET_SIZE);
    signal_mask_restore(c->t, result);
    return give_events(c, events, result);
}

long sys_epoll_pwait(struct sys_ctx *c) { return epoll_wait_common(c); }
long sys_epoll_pwait2(struct sys_ctx *c)
{
    struct sys_ctx timed = *c;
    struct wait_time time;
    long result = wait_time_begin(c, &time, SYS_STRUCT_timespec, c->a[3]);
    timed.a[3] = time.host;
    return result ? result : epoll_wait_common(&timed);
}

long sys_epoll_wait(struct sys_ctx *c)
{
    struct sys_ctx without_mask = *c;
    without_mask.a[4] = 0;
    return epoll_wait_common(&without_mask);
}

long sys_signalfd4(struct sys_ctx *c)
{
    uint64_t set;
    if (c->a[2] != LX_SIGSET_SIZE)
        return -EINVAL;
    if (guest_read_u64(c->t, &set, c->a[1]))
        return -EFAULT;
    return host_call(LINUX_signalfd4, c->a[0], (uintptr_t)&set, LX_SIGSET_SIZE, c->a[3], 0, 0);
}

/* Is the fourth argument a time? */
static bool futex_has_time(unsigned op)
{
    return op == FUTEX_WAIT || op == FUTEX_LOCK_PI || op == FUTEX_LOCK_PI2 || op == FUTEX_WAIT_BITSET ||
           op == FUTEX_WAIT_REQUEUE_PI;
}

/* A signal never ends the wait for a lock (futex(2), FUTEX_LOCK_PI). The host's result does not tell. */
static long futex_call(struct sys_ctx *c, unsigned op)
{
    const bool lock = op == FUTEX_LOCK_PI || op == FUTEX_LOCK_PI2 || op == FUTEX_WAIT_REQUEUE_PI;
    const long result = sys_host(c);
    return lock && result == LX_RESTARTSYS ? LX_RESTARTNOINTR : result;
}

long sys_futex(struct sys_ctx *c)
{
    unsigned op = (unsigned)c->a[1] & FUTEX_CMD_MASK;
    if (op != FUTEX_WAIT && op != FUTEX_WAKE && op != FUTEX_WAIT_BITSET) { /* those do not write */
        mem_prepare_write(c->t->proc->mem, c->a[0], 4);
        mem_prepare_write(c->t->proc->mem, c->a[4], 4);
    }
    if (!lx_narrow(c->t) || !futex_has_time(op))
        return futex_call(c, op);
    struct sys_ctx timed = *c;
    struct wait_time time;
    long result = wait_time_begin(c, &time, SYS_STRUCT_timespec, c->a[3]);
    timed.a[3] = time.host;
    return result ? result : futex_call(&timed, op);
}

long sys_recvmmsg(struct sys_ctx *c)
{
    struct sys_ctx one = *c;
    static const struct sys_row as_recvmsg = {.arg = {ARG_MSG_OUT}};
    one.row = &as_recvmsg;
    for (uint64_t i = 0; i < c->a[2] && i < 1024; i++) {
        one.a[0] = c->a[1] + i * sizeof(struct mmsghdr);
        sys_prepare_outputs(&one);
        mem_prepare_write(c->t->proc->mem, one.a[0], sizeof(struct mmsghdr));
    }
    return sys_pass(c);
}
