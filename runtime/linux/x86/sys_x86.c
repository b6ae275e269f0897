/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that only x86 has: old ones, whose newer forms take a directory or flags more. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <time.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/generic/fork.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/share.h"
#include "runtime/linux/generic/sys_file.h"
#include "runtime/linux/generic/sys_wait.h"
#include "runtime/linux/generic/thread.h"
#include "runtime/linux/generic/wait.h"
#include "runtime/mem/mem_code.h"

/* The call with the current directory before its arguments. */
static struct sys_ctx at_cwd(const struct sys_ctx *c)
{
    return (struct sys_ctx){.t = c->t,
                            .table = c->table,
                            .row = c->row,
                            .a = {(uint64_t)AT_FDCWD, c->a[0], c->a[1], c->a[2], c->a[3], c->a[4]}};
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
    return share_clone(c->t, &(struct lx_clone){.flags = CLONE_VFORK | CLONE_VM, .exit_signal = SIGCHLD});
}

long sys_poll(struct sys_ctx *c)
{
    mem_prepare_write(c->t->proc->mem, c->a[0], c->a[1] < 65536 ? c->a[1] * sizeof(struct pollfd) : 0);
    return sys_host(c);
}

long sys_select(struct sys_ctx *c) { return wait_select(c, LINUX_select, SYS_STRUCT_timeval, 0); }

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
