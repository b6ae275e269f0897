/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of clone and clone3, checked as the kernel does before it looks at its own state.
 *
 * I1  What depends on the kernel's state or on privileges (namespaces, chosen ids, control groups) is left to the host
 *     kernel where it makes the process. Threads are made by the C library: what it cannot ask for is refused here. */
#include <errno.h>
#include <linux/sched.h>
#include <string.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/arch.h"
#include "runtime/linux/generic/fork.h"
#include "runtime/linux/generic/share.h"
#include "runtime/linux/generic/thread.h"
#include "runtime/mem/mem_types.h"

/* Where the thread pointer is more than a number, tls is an address. */
static long read_tls(struct sys_ctx *c, struct lx_clone *args)
{
    const struct guest_linux *abi = c->t->proc->guest->abi;
    if (!(args->flags & CLONE_SETTLS) || !abi->read_tls)
        return 0;
    const struct guest_arch_call call = arch_call_of(c, LINUX_clone);
    return abi->read_tls(&call, args->tls, &args->tls_desc);
}

static bool has(uint64_t flags, uint64_t all) { return (flags & all) == all; }

/* Is a chosen id one that no process can have? */
static bool has_bad_id(const struct lx_clone *c)
{
    enum { PID_LIMIT = 4 << 20 };
    for (unsigned i = 0; i < c->set_tid_count; i++)
        if (c->set_tid[i] < 1 || c->set_tid[i] >= PID_LIMIT)
            return true;
    return false;
}

/* Flags that the kernel refuses together, whatever its state. */
static bool contradict(const struct lx_clone *c)
{
    const uint64_t f = c->flags;
    return has(f, CLONE_NEWNS | CLONE_FS) || has(f, CLONE_NEWUSER | CLONE_FS) || has(f, CLONE_NEWIPC | CLONE_SYSVSEM) ||
           ((f & CLONE_THREAD) && !(f & CLONE_SIGHAND)) || ((f & CLONE_SIGHAND) && !(f & CLONE_VM)) ||
           has(f, CLONE_SIGHAND | CLONE_CLEAR_SIGHAND) ||
           ((f & CLONE_THREAD) && (f & (CLONE_NEWUSER | CLONE_NEWPID))) || has(f, CLONE_PIDFD | CLONE_DETACHED) ||
           (has(f, CLONE_PIDFD | CLONE_PARENT_SETTID) && c->pidfd == c->parent_tid);
}

static long clone_common(struct sys_ctx *c, struct lx_clone *args)
{
    if (contradict(args) || has_bad_id(args))
        return -EINVAL;
    const long err = read_tls(c, args);
    if (err)
        return err;
    if (args->flags & CLONE_THREAD)
        return thread_clone(c->t, args);
    return args->flags & CLONE_VM ? share_clone(c->t, args) : fork_clone(c->t, args);
}

/* clone(flags, stack, parent_tid, tls, child_tid), the last two in an order that is the guest's own. */
long sys_clone(struct sys_ctx *c)
{
    const struct guest_syscalls *order = &c->t->proc->guest->abi->call;
    struct lx_clone args = {
        .flags = (uint32_t)c->a[0] & ~(uint32_t)CSIGNAL,
        .exit_signal = (int)(c->a[0] & CSIGNAL),
        .stack = c->a[1],
        .parent_tid = c->a[2],
        .pidfd = c->a[2],
        .tls = c->a[order->clone_tls],
        .child_tid = c->a[order->clone_child_tid],
    };
    return clone_common(c, &args);
}

/* ---- clone3 ---- */

/* The guest's structure; what it has behind the fields that are known must be zero. */
static long read_args(struct sys_ctx *c, struct clone_args *a)
{
    const uint64_t size = c->a[1];
    if (size > MEM_PAGE_SIZE)
        return -E2BIG;
    if (size < CLONE_ARGS_SIZE_VER0)
        return -EINVAL;
    memset(a, 0, sizeof *a);
    if (guest_read(c->t, a, c->a[0], size < sizeof *a ? size : sizeof *a))
        return -EFAULT;
    return size > sizeof *a ? guest_zeros(c->t, c->a[0] + sizeof *a, size - sizeof *a) : 0;
}

/* What is looked at before the chosen ids are read. */
static bool is_readable(const struct clone_args *a, uint64_t size)
{
    if (a->set_tid_size > LX_PID_LEVELS || !a->set_tid != !a->set_tid_size || a->exit_signal > LX_NSIG)
        return false;
    return !(a->flags & CLONE_INTO_CGROUP) || (a->cgroup <= INT32_MAX && size >= CLONE_ARGS_SIZE_VER2);
}

static bool is_valid(const struct clone_args *a)
{
    const uint64_t unknown = ~(uint64_t)(UINT32_MAX | CLONE_CLEAR_SIGHAND | CLONE_INTO_CGROUP);
    const uint64_t signal_bits = CSIGNAL & ~CLONE_NEWTIME; /* NEWTIME lies among them */
    if (a->flags & (unknown | CLONE_DETACHED | signal_bits))
        return false;
    if ((a->flags & (CLONE_THREAD | CLONE_PARENT)) && a->exit_signal)
        return false;
    return !a->stack == !a->stack_size && a->stack + a->stack_size >= a->stack;
}

long sys_clone3(struct sys_ctx *c)
{
    struct clone_args a;
    long err = read_args(c, &a);
    if (err)
        return err;
    if (!is_readable(&a, c->a[1]))
        return -EINVAL;
    struct lx_clone args = {
        .flags = a.flags,
        .exit_signal = (int)a.exit_signal,
        .stack = a.stack + a.stack_size,
        .parent_tid = a.parent_tid,
        .child_tid = a.child_tid,
        .tls = a.tls,
        .pidfd = a.pidfd,
        .set_tid_count = (unsigned)a.set_tid_size,
        .cgroup = a.cgroup,
    };
    if (a.set_tid && guest_read(c->t, args.set_tid, a.set_tid, a.set_tid_size * sizeof args.set_tid[0]))
        return -EFAULT;
    return is_valid(&a) ? clone_common(c, &args) : -EINVAL;
}
