/* SPDX-License-Identifier: Apache-2.0 */
/* Other calls that only 32-bit guests have: 16-bit ids, old forms of uname, wait and times. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/pass.h"

/* ---- processes and time ---- */

long sys_waitpid(struct sys_ctx *c)
{
    struct sys_ctx wait = sys_other(c, LINUX_wait4, (uint64_t[6]){c->a[0], c->a[1], c->a[2]});
    return sys_handle(&wait);
}

long sys_nice(struct sys_ctx *c)
{
    enum { SPAN = 40 };
    const int by = (int)c->a[0] < -SPAN ? -SPAN : (int)c->a[0] > SPAN ? SPAN : (int)c->a[0];
    const long now = 20 - host_call(LINUX_getpriority, PRIO_PROCESS, 0, 0, 0, 0, 0);
    const long result = host_call(LINUX_setpriority, PRIO_PROCESS, 0, (uint64_t)(now + by), 0, 0, 0);
    return result == -EACCES ? -EPERM : result;
}

long sys_stime(struct sys_ctx *c)
{
    struct timespec ts = {0, 0};
    uint32_t sec;
    if (guest_read(c->t, &sec, c->a[0], sizeof sec))
        return -EFAULT;
    ts.tv_sec = sec;
    return host_call(LINUX_clock_settime, CLOCK_REALTIME, (uintptr_t)&ts, 0, 0, 0, 0);
}

/* A CPU set of the guest is as long as its words want; the host asks for whole words of its own. */
long sys_sched_getaffinity32(struct sys_ctx *c)
{
    enum { SET_BYTES = 1024 };
    uint64_t set[SET_BYTES / 8] = {0};
    if (c->a[1] % guest_word_bytes(c->t->proc->guest))
        return -EINVAL;
    const size_t room = c->a[1] < sizeof set ? c->a[1] : sizeof set;
    long n = host_call(LINUX_sched_getaffinity, c->a[0], ALIGN_UP(room, 8), (uintptr_t)set, 0, 0, 0);
    if (n < 0)
        return n;
    n = (size_t)n < room ? n : (long)room;
    return guest_write(c->t, c->a[2], set, (size_t)n) ? -EFAULT : n;
}

/* ---- uname: names cut to what there was room for ---- */

static long old_uname(struct sys_ctx *c, size_t field)
{
    enum { FIELDS = 5, LONGEST = 65 };
    struct utsname u;
    char out[FIELDS * LONGEST] = {0};
    uname(&u);
    const char *const names[FIELDS] = {u.sysname, u.nodename, u.release, u.version,
                                       c->t->proc->guest->abi->uname_machine};
    for (unsigned i = 0; i < FIELDS; i++)
        memcpy(out + i * field, names[i], strnlen(names[i], field - 1));
    return guest_write(c->t, c->a[0], out, FIELDS * field);
}

long sys_olduname(struct sys_ctx *c) { return old_uname(c, 65); }
long sys_oldolduname(struct sys_ctx *c) { return old_uname(c, 9); }

/* ---- 16-bit ids ---- */

enum { OVERFLOW_ID = 65534, GROUPS_AT_ONCE = 1024 };

static uint16_t id16(uint32_t id) { return id > UINT16_MAX ? OVERFLOW_ID : (uint16_t)id; }

long sys_getgroups16(struct sys_ctx *c)
{
    gid_t groups[GROUPS_AT_ONCE];
    const int room = (int)c->a[0] < GROUPS_AT_ONCE ? (int)c->a[0] : GROUPS_AT_ONCE;
    const long n = host_call(LINUX_getgroups, (uint64_t)(int64_t)room, (uintptr_t)groups, 0, 0, 0, 0);
    for (long i = 0; room && i < n; i++) {
        const uint16_t id = id16(groups[i]);
        if (guest_write(c->t, c->a[1] + (uint64_t)i * sizeof id, &id, sizeof id))
            return -EFAULT;
    }
    return n;
}

long sys_setgroups16(struct sys_ctx *c)
{
    gid_t groups[GROUPS_AT_ONCE];
    if (c->a[0] > GROUPS_AT_ONCE)
        return -EINVAL;
    for (uint64_t i = 0; i < c->a[0]; i++) {
        uint16_t id;
        if (guest_read(c->t, &id, c->a[1] + i * sizeof id, sizeof id))
            return -EFAULT;
        groups[i] = id;
    }
    return host_call(LINUX_setgroups, c->a[0], (uintptr_t)groups, 0, 0, 0, 0);
}

static long get_three(struct sys_ctx *c, enum linux_call call)
{
    uint32_t id[3];
    const long result = host_call(call, (uintptr_t)&id[0], (uintptr_t)&id[1], (uintptr_t)&id[2], 0, 0, 0);
    for (unsigned i = 0; result == 0 && i < ARRAY_LEN(id); i++) {
        const uint16_t v = id16(id[i]);
        if (guest_write(c->t, c->a[i], &v, sizeof v))
            return -EFAULT;
    }
    return result;
}

long sys_getresuid16(struct sys_ctx *c) { return get_three(c, LINUX_getresuid); }
long sys_getresgid16(struct sys_ctx *c) { return get_three(c, LINUX_getresgid); }
