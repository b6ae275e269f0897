/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that only x86 has: old ones, whose newer forms take a directory or flags more, and arch_prctl. */
#include <asm/prctl.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <time.h>

#include "runtime/linux/base/layout.h"
#include "runtime/linux/generic/wait.h"

/* ---- old forms ---- */

/* The call with the current directory before its arguments. */
static struct sys_ctx at_cwd(const struct sys_ctx *c)
{
    return (struct sys_ctx){
        .t = c->t, .row = c->row, .a = {(uint64_t)AT_FDCWD, c->a[0], c->a[1], c->a[2], c->a[3], c->a[4]}};
}

long sys_open(struct sys_ctx *c)
{
    struct sys_ctx at = at_cwd(c);
    return sys_openat(&at);
}

long sys_creat(struct sys_ctx *c)
{
    struct sys_ctx at = at_cwd(c);
    at.a[2] = O_CREAT | O_WRONLY | O_TRUNC;
    at.a[3] = c->a[1];
    return sys_openat(&at);
}

long sys_readlink(struct sys_ctx *c)
{
    struct sys_ctx at = at_cwd(c);
    return sys_readlinkat(&at);
}

long sys_fork(struct sys_ctx *c) { return fork_clone(c->t, &(struct lx_clone){.exit_signal = SIGCHLD}); }

long sys_vfork(struct sys_ctx *c)
{
    return fork_clone(c->t, &(struct lx_clone){.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD});
}

long sys_poll(struct sys_ctx *c)
{
    mem_prepare_write(c->t->proc->mem, c->a[0], c->a[1] < 65536 ? c->a[1] * sizeof(struct pollfd) : 0);
    return sys_host(c);
}

long sys_select(struct sys_ctx *c) { return wait_select(c, SYS_select, SYS_STRUCT_timeval, 0); }

long sys_signalfd(struct sys_ctx *c)
{
    struct sys_ctx with_flags = *c;
    with_flags.a[3] = 0;
    return sys_signalfd4(&with_flags);
}

long sys_time(struct sys_ctx *c)
{
    int64_t now = time(NULL); /* the host's vDSO */
    return c->a[0] && abi_put_word(c->t, c->a[0], (uint64_t)now) ? -EFAULT : now;
}

/* Directory entries of the old form: natively the host's, for 32-bit guests made of the new ones. */
long sys_getdents(struct sys_ctx *c) { return lx_narrow(c->t) ? abi32_getdents(c) : sys_pass(c); }

/* ---- segments ---- */

enum { USER_BITS = 47 }; /* of addresses that a base may hold */

static long set_base(struct sys_ctx *c, unsigned row)
{
    if (c->a[1] >> USER_BITS)
        return -EPERM;
    guest_set(c->t->cpu, c->t->proc->guest, row, c->a[1]);
    return 0;
}

static long get_base(struct sys_ctx *c, unsigned row)
{
    uint64_t base = guest_get(c->t->cpu, c->t->proc->guest, row);
    return guest_write(c->t, c->a[1], &base, sizeof base);
}

static bool is_base_call(int code) { return code >= ARCH_SET_GS && code <= ARCH_GET_GS; }

/* What is not here (shadow stacks, dynamic XSTATE components) the guest's CPU does not have. */
long sys_arch_prctl(struct sys_ctx *c)
{
    const struct guest *guest = c->t->proc->guest;
    if (lx_narrow(c->t) && is_base_call((int)c->a[0]))
        return -EINVAL;
    switch ((int)c->a[0]) {
    case ARCH_SET_FS:
        return set_base(c, guest->row_tls);
    case ARCH_GET_FS:
        return get_base(c, guest->row_tls);
    case ARCH_SET_GS:
        return set_base(c, guest->row_gs);
    case ARCH_GET_GS:
        return get_base(c, guest->row_gs);
    case ARCH_GET_CPUID: /* cpuid does not fault */
        return 1;
    case ARCH_SET_CPUID:
        return -ENODEV;
    default:
        return -EINVAL;
    }
}
