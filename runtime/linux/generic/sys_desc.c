/* SPDX-License-Identifier: Apache-2.0 */
/* fcntl, ioctl, and System V IPC: calls whose arguments depend on a command. */
#include "runtime/linux/generic/sys_desc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include "runtime/engine/invalidate.h"
#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/convert.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/mem/mem_code.h"
#include "runtime/mem/mem_shm.h"

long sys_fcntl(struct sys_ctx *c)
{
    int cmd = (int)c->a[1];
    if (cmd == F_GETLK || cmd == F_OFD_GETLK || cmd == F_GETOWN_EX)
        mem_prepare_write(c->t->proc->mem, c->a[2], sizeof(struct flock));
    if (cmd == F_SETFL)
        c->a[2] = lx_open_flags(c->t, c->a[2]);
    const long result = sys_host(c);
    return cmd == F_GETFL && result > 0 ? (long)lx_open_flags_to_guest(c->t, (uint64_t)result) : result;
}

/* Requests and structures are those of the host (the generic ABI and x86-64 agree). What the kernel may write is in the
 * request; old requests without a size (terminals) write at most the size of a termios or winsize. */
long sys_ioctl(struct sys_ctx *c)
{
    enum { OLD_SIZE = 64 };
    unsigned request = (unsigned)c->a[1];
    if (_IOC_DIR(request) & _IOC_READ)
        mem_prepare_write(c->t->proc->mem, c->a[2], _IOC_SIZE(request));
    else if (_IOC_DIR(request) == _IOC_NONE && c->a[2] > MEM_PAGE_SIZE)
        mem_prepare_write(c->t->proc->mem, c->a[2], OLD_SIZE);
    return sys_host(c);
}

/* msgctl and shmctl: same structures as the host's. */
long sys_msgctl(struct sys_ctx *c)
{
    enum { LARGEST = 120 };
    if (c->a[2])
        mem_prepare_write(c->t->proc->mem, c->a[2], LARGEST);
    return sys_host(c);
}

long sys_msgrcv(struct sys_ctx *c)
{
    mem_prepare_write(c->t->proc->mem, c->a[1], c->a[2] + sizeof(long));
    return sys_host(c);
}

long sys_msgsnd(struct sys_ctx *c) { return sys_host(c); }

static long semctl_stat(struct sys_ctx *c)
{
    struct semid_ds h;
    struct generic_semid_ds g = {0};
    long result = host_call(LINUX_semctl, c->a[0], c->a[1], c->a[2], (uintptr_t)&h, 0, 0);
    if (result < 0)
        return result;
    memcpy(g.perm, &h.sem_perm, sizeof g.perm);
    g.otime = h.sem_otime;
    g.ctime = h.sem_ctime;
    g.nsems = h.sem_nsems;
    return guest_write(c->t, c->a[3], &g, sizeof g) ? -EFAULT : result;
}

static long semctl_set(struct sys_ctx *c)
{
    struct semid_ds h = {0};
    struct generic_semid_ds g;
    if (guest_read(c->t, &g, c->a[3], sizeof g))
        return -EFAULT;
    memcpy(&h.sem_perm, g.perm, sizeof g.perm);
    return host_call(LINUX_semctl, c->a[0], c->a[1], c->a[2], (uintptr_t)&h, 0, 0);
}

long sys_semctl(struct sys_ctx *c)
{
    enum { VALUES = 64 << 10 };
    switch ((int)c->a[2]) {
    case IPC_STAT:
    case SEM_STAT:
        if (!lx_host_abi(c->t))
            return semctl_stat(c);
        mem_prepare_write(c->t->proc->mem, c->a[3], sizeof(struct semid_ds));
        return sys_host(c);
    case IPC_SET:
        return lx_host_abi(c->t) ? sys_host(c) : semctl_set(c);
    case GETALL:
        mem_prepare_write(c->t->proc->mem, c->a[3], VALUES);
        return sys_host(c);
    default:
        return sys_host(c);
    }
}

long sys_shmat(struct sys_ctx *c)
{
    engine_set_ordered(c->t->proc->engine);
    return mem_shmat(c->t->proc->mem, (int)c->a[0], c->a[1], (int)c->a[2]);
}
long sys_shmdt(struct sys_ctx *c) { return mem_shmdt(c->t->proc->mem, c->a[0]); }
