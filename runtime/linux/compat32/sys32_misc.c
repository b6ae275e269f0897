/* SPDX-License-Identifier: Apache-2.0 */
/* Other calls that only 32-bit guests have: 16-bit ids, old forms of uname, wait and times, and i386's segment
 * descriptors. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/linux/base/layout.h"

/* ---- processes and time ---- */

long sys_waitpid(struct sys_ctx *c)
{
    struct sys_ctx wait = *c;
    wait.row = sys_row_of(SYS_ROW_wait4);
    wait.a[3] = 0;
    return sys_pass(&wait);
}

long sys_nice(struct sys_ctx *c)
{
    enum { SPAN = 40 };
    const int by = (int)c->a[0] < -SPAN ? -SPAN : (int)c->a[0] > SPAN ? SPAN : (int)c->a[0];
    const long now = 20 - host_call(SYS_getpriority, PRIO_PROCESS, 0, 0, 0, 0, 0);
    const long result = host_call(SYS_setpriority, PRIO_PROCESS, 0, (uint64_t)(now + by), 0, 0, 0);
    return result == -EACCES ? -EPERM : result;
}

long sys_stime(struct sys_ctx *c)
{
    struct timespec ts = {0, 0};
    uint32_t sec;
    if (guest_read(c->t, &sec, c->a[0], sizeof sec))
        return -EFAULT;
    ts.tv_sec = sec;
    return host_call(SYS_clock_settime, CLOCK_REALTIME, (uintptr_t)&ts, 0, 0, 0, 0);
}

/* A CPU set of the guest is as long as its words want; the host asks for whole words of its own. */
long sys_sched_getaffinity(struct sys_ctx *c)
{
    enum { SET_BYTES = 1024 };
    uint64_t set[SET_BYTES / 8] = {0};
    if (!lx_narrow(c->t))
        return sys_pass(c);
    if (c->a[1] % guest_word_bytes(c->t->proc->guest))
        return -EINVAL;
    const size_t room = c->a[1] < sizeof set ? c->a[1] : sizeof set;
    long n = host_call(SYS_sched_getaffinity, c->a[0], ALIGN_UP(room, 8), (uintptr_t)set, 0, 0, 0);
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
    const char *const names[FIELDS] = {u.sysname, u.nodename, u.release, u.version, c->t->proc->guest->uname_machine};
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
    const long n = host_call(SYS_getgroups, (uint64_t)(int64_t)room, (uintptr_t)groups, 0, 0, 0, 0);
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
    return host_call(SYS_setgroups, c->a[0], (uintptr_t)groups, 0, 0, 0, 0);
}

static long get_three(struct sys_ctx *c, long number)
{
    uint32_t id[3];
    const long result = host_call(number, (uintptr_t)&id[0], (uintptr_t)&id[1], (uintptr_t)&id[2], 0, 0, 0);
    for (unsigned i = 0; result == 0 && i < ARRAY_LEN(id); i++) {
        const uint16_t v = id16(id[i]);
        if (guest_write(c->t, c->a[i], &v, sizeof v))
            return -EFAULT;
    }
    return result;
}

long sys_getresuid16(struct sys_ctx *c) { return get_three(c, SYS_getresuid); }
long sys_getresgid16(struct sys_ctx *c) { return get_three(c, SYS_getresgid); }

/* ---- segments ---- */

long sys_set_thread_area(struct sys_ctx *c)
{
    const struct guest *guest = c->t->proc->guest;
    struct guest_segment desc;
    if (!guest->set_segment)
        return -ENOSYS;
    if (guest_read(c->t, &desc, c->a[0], sizeof desc))
        return -EFAULT;
    const uint32_t asked = desc.entry;
    const long result = guest->set_segment(c->t->cpu, &desc);
    return result || desc.entry == asked ? result : guest_write_u32(c->t, c->a[0], desc.entry);
}

long sys_get_thread_area(struct sys_ctx *c)
{
    const struct guest *guest = c->t->proc->guest;
    struct guest_segment desc;
    if (!guest->get_segment)
        return -ENOSYS;
    if (guest_read(c->t, &desc, c->a[0], sizeof desc))
        return -EFAULT;
    const long result = guest->get_segment(c->t->cpu, &desc);
    return result ? result : guest_write(c->t, c->a[0], &desc, sizeof desc);
}

static long read_ldt(struct sys_ctx *c)
{
    enum { TABLE_BYTES = 64 << 10 };
    const size_t room = c->a[2] < TABLE_BYTES ? c->a[2] : TABLE_BYTES;
    uint8_t *table = malloc(TABLE_BYTES);
    if (!table)
        return -ENOMEM;
    const size_t n = c->t->proc->guest->read_ldt(c->t->cpu, table, room);
    const long err = guest_write(c->t, c->a[1], table, n);
    free(table);
    return err ? err : (long)n;
}

/* modify_ldt(func, ptr, bytes): 0 reads the table, 1 and 0x11 write an entry, 2 reads the default table, which is
 * empty. */
long sys_modify_ldt(struct sys_ctx *c)
{
    enum { READ = 0, WRITE_OLD = 1, READ_DEFAULT = 2, WRITE = 0x11 };
    static const uint8_t nothing[128];
    const struct guest *guest = c->t->proc->guest;
    struct guest_segment desc;
    if (!guest->set_ldt)
        return sys_enosys(c);
    switch ((int)c->a[0]) {
    case READ:
        return read_ldt(c);
    case READ_DEFAULT:
        return guest_write(c->t, c->a[1], nothing, c->a[2] < sizeof nothing ? c->a[2] : sizeof nothing)
                   ? -EFAULT
                   : (long)(c->a[2] < sizeof nothing ? c->a[2] : sizeof nothing);
    case WRITE_OLD:
    case WRITE:
        if (c->a[2] != sizeof desc)
            return -EINVAL;
        if (guest_read(c->t, &desc, c->a[1], sizeof desc))
            return -EFAULT;
        return guest->set_ldt(c->t->cpu, &desc, c->a[0] == WRITE_OLD);
    default:
        return -ENOSYS;
    }
}
