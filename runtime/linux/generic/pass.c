/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers of calls that the host can make as they are, and of those that are not there.
 *
 * I1  Guest memory that only tandem write-protects (translated code) is made writable before the kernel writes to
 *     it. */
#include "runtime/linux/generic/pass.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/path.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/mem/mem_code.h"
#include "src/base/log.h"

static bool prepare_iov(struct thread *t, gaddr_t iov, uint64_t count)
{
    bool any = false;
    for (uint64_t i = 0; i < count && i < 1024; i++) {
        struct iovec v;
        if (abi_get_iovec(t, &v, iov, i))
            break;
        any |= mem_prepare_write(t->proc->mem, (uintptr_t)v.iov_base, v.iov_len);
    }
    return any;
}

static bool prepare_msg(struct thread *t, gaddr_t addr)
{
    struct msghdr m;
    if (abi_get_msghdr(t, &m, addr))
        return false;
    bool any = mem_prepare_write(t->proc->mem, addr, sizeof m);
    any |= m.msg_name && mem_prepare_write(t->proc->mem, (uintptr_t)m.msg_name, m.msg_namelen);
    any |= m.msg_control && mem_prepare_write(t->proc->mem, (uintptr_t)m.msg_control, m.msg_controllen);
    return any | prepare_iov(t, (uintptr_t)m.msg_iov, m.msg_iovlen);
}

static bool prepare_arg(const struct sys_ctx *c, unsigned i)
{
    struct guest_mem *mem = c->t->proc->mem;
    unsigned param = sys_arg_param(c->row->arg[i]);
    uint32_t len = 0;
    if (!c->a[i])
        return false;
    switch (sys_arg_kind(c->row->arg[i])) {
    case ARG_OUT:
        return mem_prepare_write(mem, c->a[i], c->a[param]);
    case ARG_S_OUT:
    case ARG_S_INOUT:
        return mem_prepare_write(mem, c->a[i], abi_size(c, (enum sys_struct)param));
    case ARG_IOV_OUT:
        return prepare_iov(c->t, c->a[i], c->a[param]);
    case ARG_MSG_OUT:
        return prepare_msg(c->t, c->a[i]);
    case ARG_ADDR_OUT:
        guest_read(c->t, &len, c->a[param], sizeof len);
        return mem_prepare_write(mem, c->a[i], len);
    default:
        return false;
    }
}

bool sys_prepare_outputs(const struct sys_ctx *c)
{
    bool any = false;
    for (unsigned i = 0; i < 6; i++)
        any |= prepare_arg(c, i);
    return any;
}

/* O_* flags have the host's values in the host's calls. Calls with handlers of their own do it there. */
static void convert_flags(struct sys_ctx *c)
{
    if (c->row->host == LINUX_pipe2)
        c->a[1] = lx_open_flags(c->t, c->a[1]);
    else if (c->row->host == LINUX_open_by_handle_at)
        c->a[2] = lx_open_flags(c->t, c->a[2]);
}

long sys_host(struct sys_ctx *c)
{
    convert_flags(c);
    return host_call_intr(c->t, c->row->host, c->a[0], c->a[1], c->a[2], c->a[3], c->a[4], c->a[5]);
}

/* The argument that -L applies to, if the row has one; -1: none. */
static int lookup_arg(const struct sys_row *row)
{
    for (int i = 0; i < 2; i++) {
        if (sys_arg_kind(row->arg[i]) == ARG_LOOKUP)
            return i;
    }
    return -1;
}

/* Does the call look at what a link leads to? Links themselves are asked for by a flag, or by the call's name. */
static bool follows(const struct sys_ctx *c)
{
    const enum linux_call host = c->row->host;
    if (host == LINUX_lstat || host == LINUX_lgetxattr || host == LINUX_llistxattr)
        return false;
    if (host == LINUX_inotify_add_watch)
        return !(c->a[2] & IN_DONT_FOLLOW);
    if (host == LINUX_statx)
        return !(c->a[2] & AT_SYMLINK_NOFOLLOW);
    return !((host == LINUX_faccessat2 || host == LINUX_utimensat) && c->a[3] & AT_SYMLINK_NOFOLLOW);
}

static long pass_as_is(struct sys_ctx *c)
{
    long result;
    sys_prepare_outputs(c);
    do
        result = sys_host(c);
    while (result == -EFAULT && sys_prepare_outputs(c)); /* translated again in between (I1) */
    return result;
}

long sys_pass(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    int path = lookup_arg(c->row);
    uint64_t given = 0;
    if (path >= 0 && (given = c->a[path])) {
        const char *name;
        const int dirfd = sys_arg_kind(c->row->arg[0]) == ARG_AT ? (int)c->a[0] : AT_FDCWD;
        long err = follows(c) ? path_get_followed(c->t, dirfd, buf, &name, given) : path_get(c->t, buf, &name, given);
        if (err)
            return err;
        c->a[path] = (uintptr_t)name;
    }
    long result = lx_narrow(c->t) ? c->table->pass32(c) : pass_as_is(c);
    if (path >= 0)
        c->a[path] = given;
    return result;
}

long sys_enosys(struct sys_ctx *c)
{
    if (log_on(LOG_UNIMP))
        log_printf("system call %s: not there\n", c->row->name);
    return -ENOSYS;
}

long sys_nosys(struct sys_ctx *c) { return -ENOSYS; }
long sys_eperm(struct sys_ctx *c) { return -EPERM; }
