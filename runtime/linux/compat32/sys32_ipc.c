/* SPDX-License-Identifier: Apache-2.0 */
/* System V IPC of 32-bit guests: structures, and i386's one call for all of it.
 *
 * I1  Structures are those of IPC_64, which every C library has asked for since 2000; the bit itself is dropped. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/mem/mem_code.h"

enum { IPC_64 = 0x100, MESSAGE_MAX = 1 << 20, VALUES = 64 << 10 };

/* The structure that a command is about, and its direction; false: none. */
struct about {
    enum sys_struct kind;
    bool in;
};

static bool about_shm(int command, struct about *a)
{
    switch (command) {
    case IPC_STAT:
    case SHM_STAT:
    case SHM_STAT_ANY:
        *a = (struct about){SYS_STRUCT_shmid_ds, false};
        return true;
    case IPC_SET:
        *a = (struct about){SYS_STRUCT_shmid_ds, true};
        return true;
    case IPC_INFO:
        *a = (struct about){SYS_STRUCT_shminfo, false};
        return true;
    case SHM_INFO:
        *a = (struct about){SYS_STRUCT_shm_info, false};
        return true;
    default:
        return false;
    }
}

static bool about_msg(int command, struct about *a)
{
    const bool in = command == IPC_SET;
    if (!in && command != IPC_STAT && command != MSG_STAT && command != MSG_STAT_ANY)
        return false;
    *a = (struct about){SYS_STRUCT_msqid_ds, in};
    return true;
}

/* The host's call about a structure; number: of the call, a..b: its arguments before the structure's address. */
static long with_struct(struct sys_ctx *c, const struct about *a, uint64_t id, uint64_t second, uint64_t third,
                        gaddr_t buf, bool is_sem)
{
    TANDEM_ALIGNED(8) uint8_t host[256] = {0};
    if (a->in && abi_get(c, a->kind, host, buf))
        return -EFAULT;
    const long result = is_sem ? host_call(LINUX_semctl, id, second, third, (uintptr_t)host, 0, 0)
                               : host_call(c->row->host, id, second, (uintptr_t)host, 0, 0, 0);
    if (result < 0 || a->in)
        return result;
    const long err = abi_put(c, a->kind, buf, host);
    return err ? err : result;
}

/* msgctl and shmctl */
long sys_ipc_control32(struct sys_ctx *c)
{
    enum { MSGINFO_BYTES = 32 };
    struct about a;
    const int command = (int)c->a[1] & ~IPC_64; /* I1 */
    const gaddr_t buf = c->a[2];
    const bool known = c->row->host == LINUX_shmctl ? about_shm(command, &a) : about_msg(command, &a);
    if (known)
        return with_struct(c, &a, c->a[0], (unsigned)command, 0, buf, false);
    if (buf)
        mem_prepare_write(c->t->proc->mem, buf, MSGINFO_BYTES);
    return host_call(c->row->host, c->a[0], (unsigned)command, buf, 0, 0, 0);
}

long sys_semctl32(struct sys_ctx *c)
{
    const int command = (int)c->a[2] & ~IPC_64;
    const struct about a = {SYS_STRUCT_semid_ds, command == IPC_SET};
    switch (command) {
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
    case IPC_SET:
        return with_struct(c, &a, c->a[0], c->a[1], (unsigned)command, c->a[3], true);
    case GETALL:
    case IPC_INFO:
    case SEM_INFO:
        mem_prepare_write(c->t->proc->mem, c->a[3], command == GETALL ? VALUES : sizeof(struct seminfo));
        break;
    }
    return host_call(LINUX_semctl, c->a[0], c->a[1], (unsigned)command, c->a[3], 0, 0);
}

/* ---- messages: a long, then the text ---- */

struct message {
    long type;
    char text[];
};

long sys_msgsnd32(struct sys_ctx *c)
{
    const uint64_t size = c->a[2];
    int32_t type;
    if (size > MESSAGE_MAX)
        return -EINVAL;
    struct message *m = malloc(sizeof *m + size);
    if (!m)
        return -ENOMEM;
    long result = -EFAULT;
    if (!guest_read(c->t, &type, c->a[1], sizeof type) && !guest_read(c->t, m->text, c->a[1] + sizeof type, size)) {
        m->type = type;
        result = host_call_intr(c->t, LINUX_msgsnd, c->a[0], (uintptr_t)m, size, c->a[3], 0, 0);
    }
    free(m);
    return result;
}

long sys_msgrcv32(struct sys_ctx *c)
{
    mem_prepare_write(c->t->proc->mem, c->a[1], c->a[2] + sizeof(long));
    const uint64_t size = c->a[2];
    if (size > INT32_MAX)
        return -EINVAL;
    const uint64_t room = size < MESSAGE_MAX ? size : MESSAGE_MAX;
    struct message *m = malloc(sizeof *m + room);
    if (!m)
        return -ENOMEM;
    long result = host_call_intr(c->t, LINUX_msgrcv, c->a[0], (uintptr_t)m, room, c->a[3], c->a[4], 0);
    if (result >= 0) {
        const int32_t type = (int32_t)m->type;
        if (guest_write(c->t, c->a[1], &type, sizeof type) ||
            guest_write(c->t, c->a[1] + sizeof type, m->text, (size_t)result))
            result = -EFAULT;
    }
    free(m);
    return result;
}

/* ---- ipc(call, first, second, third, ptr, fifth) ---- */

enum ipc_call {
    SEMOP = 1,
    SEMGET = 2,
    SEMCTL = 3,
    SEMTIMEDOP = 4,
    MSGSND = 11,
    MSGRCV = 12,
    MSGGET = 13,
    MSGCTL = 14,
    SHMAT = 21,
    SHMDT = 22,
    SHMGET = 23,
    SHMCTL = 24
};

static long redirect(struct sys_ctx *c, enum linux_call call, uint64_t a, uint64_t b, uint64_t d, uint64_t e,
                     uint64_t f)
{
    struct sys_ctx to = sys_other(c, call, (uint64_t[6]){a, b, d, e, f});
    return sys_handle(&to);
}

static long ipc_shmat(struct sys_ctx *c)
{
    const long at = redirect(c, LINUX_shmat, c->a[1], c->a[4], c->a[2], 0, 0);
    if (at < 0 && at >= -4095)
        return at;
    return guest_write_u32(c->t, (uint32_t)c->a[3], (uint32_t)at) ? -EFAULT : 0;
}

static long ipc_semctl(struct sys_ctx *c)
{
    uint64_t arg;
    if (!c->a[4])
        return -EINVAL;
    if (abi_get_word(c->t, &arg, c->a[4]))
        return -EFAULT;
    return redirect(c, LINUX_semctl, c->a[1], c->a[2], c->a[3], arg, 0);
}

/* Version 0 has two arguments in a structure. */
static long ipc_msgrcv(struct sys_ctx *c, unsigned version)
{
    uint32_t pair[2];
    if (version)
        return redirect(c, LINUX_msgrcv, c->a[1], c->a[4], (uint32_t)c->a[2], c->a[5], c->a[3]);
    if (guest_read(c->t, pair, c->a[4], sizeof pair))
        return -EFAULT;
    return redirect(c, LINUX_msgrcv, c->a[1], pair[0], (uint32_t)c->a[2], (uint64_t)(int64_t)(int32_t)pair[1], c->a[3]);
}

long sys_ipc(struct sys_ctx *c)
{
    const unsigned version = (unsigned)c->a[0] >> 16;
    switch ((enum ipc_call)(c->a[0] & 0xffff)) {
    case SEMOP:
        return redirect(c, LINUX_semop, c->a[1], c->a[4], (uint32_t)c->a[2], 0, 0);
    case SEMTIMEDOP:
        return redirect(c, LINUX_semtimedop, c->a[1], c->a[4], (uint32_t)c->a[2], (uint32_t)c->a[5], 0);
    case SEMGET:
        return redirect(c, LINUX_semget, c->a[1], c->a[2], c->a[3], 0, 0);
    case SEMCTL:
        return ipc_semctl(c);
    case MSGSND:
        return redirect(c, LINUX_msgsnd, c->a[1], c->a[4], (uint32_t)c->a[2], c->a[3], 0);
    case MSGRCV:
        return ipc_msgrcv(c, version);
    case MSGGET:
        return redirect(c, LINUX_msgget, c->a[1], c->a[2], 0, 0, 0);
    case MSGCTL:
        return redirect(c, LINUX_msgctl, c->a[1], c->a[2], c->a[4], 0, 0);
    case SHMAT:
        return version == 1 ? -EINVAL : ipc_shmat(c);
    case SHMDT:
        return redirect(c, LINUX_shmdt, c->a[4], 0, 0, 0, 0);
    case SHMGET:
        return redirect(c, LINUX_shmget, c->a[1], (uint32_t)c->a[2], c->a[3], 0, 0);
    case SHMCTL:
        return redirect(c, LINUX_shmctl, c->a[1], c->a[2], c->a[4], 0, 0);
    default:
        return -ENOSYS;
    }
}
