/* SPDX-License-Identifier: Apache-2.0 */
/* fcntl and ioctl of 32-bit guests: commands whose structures, or whose numbers (which hold a size), are not the
 * host's. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/sys_desc.h"
#include "runtime/mem/mem_code.h"

/* ---- fcntl ---- */

/* Locks with 64-bit offsets: numbers of their own on 32-bit machines. */
enum { GETLK64 = 12, SETLK64 = 13, SETLKW64 = 14 };

static long fcntl_lock(struct sys_ctx *c, int command, bool wide)
{
    struct flock lock;
    struct sys_ctx layout = *c;
    layout.wide = wide;
    if (abi_get(&layout, SYS_STRUCT_flock, &lock, c->a[2]))
        return -EFAULT;
    const long result = host_call_intr(c->t, LINUX_fcntl, c->a[0], (unsigned)command, (uintptr_t)&lock, 0, 0, 0);
    if (result < 0 || (command != F_GETLK && command != F_OFD_GETLK))
        return result;
    return wide || (lock.l_start <= INT32_MAX && lock.l_len <= INT32_MAX)
               ? abi_put(&layout, SYS_STRUCT_flock, c->a[2], &lock)
               : -EOVERFLOW;
}

long sys_fcntl32(struct sys_ctx *c)
{
    const int command = (int)c->a[1];
    switch (command) {
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
        return fcntl_lock(c, command, false);
    case GETLK64:
    case SETLK64:
    case SETLKW64:
        return fcntl_lock(c, command - GETLK64 + F_GETLK, true);
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
        return fcntl_lock(c, command, true);
    case F_GETOWN_EX:
        mem_prepare_write(c->t->proc->mem, c->a[2], sizeof(struct f_owner_ex));
        return sys_host(c);
    default:
        return sys_host(c);
    }
}

/* ---- ioctl ---- */

/* A long or size_t in the request's number: the guest's number, the host's, and which way it goes. */
static const struct sized {
    unsigned guest, host;
    bool out; /* else in */
} sized[] = {
    {_IOR('f', 1, uint32_t), FS_IOC_GETFLAGS, true},
    {_IOW('f', 2, uint32_t), FS_IOC_SETFLAGS, false},
    {_IOR('v', 1, uint32_t), FS_IOC_GETVERSION, true},
    {_IOW('v', 2, uint32_t), FS_IOC_SETVERSION, false},
};
/* The number is the host's, what is pointed at a long. */
static const unsigned longs[] = {BLKGETSIZE, BLKRAGET, BLKFRAGET};
static const unsigned BLKGETSIZE64_GUEST = _IOR(0x12, 114, uint32_t); /* a size_t in the number, 64 bits in memory */

static long sized_request(struct sys_ctx *c, const struct sized *s)
{
    uint32_t v = 0; /* in truth they are ints on either side */
    if (!s->out && guest_read(c->t, &v, c->a[2], sizeof v))
        return -EFAULT;
    const long result = host_call_intr(c->t, LINUX_ioctl, c->a[0], s->host, (uintptr_t)&v, 0, 0, 0);
    return result < 0 || !s->out ? result : guest_write_u32(c->t, c->a[2], v) ? -EFAULT : result;
}

static long long_request(struct sys_ctx *c)
{
    unsigned long v = 0;
    const long result = host_call_intr(c->t, LINUX_ioctl, c->a[0], c->a[1], (uintptr_t)&v, 0, 0, 0);
    if (result < 0)
        return result;
    return v > UINT32_MAX ? -EFBIG : guest_write_u32(c->t, c->a[2], (uint32_t)v) ? -EFAULT : result;
}

/* struct ifreq is a name and a union, which is 16 bytes here and 24 on the host; all but the map of a device lie at the
 * same place. */
enum { IFREQ_GUEST = 32, IFREQ_MAX = 64 };

static long interface_request(struct sys_ctx *c)
{
    struct ifreq r;
    memset(&r, 0, sizeof r);
    if (guest_read(c->t, &r, c->a[2], IFREQ_GUEST))
        return -EFAULT;
    const long result = host_call_intr(c->t, LINUX_ioctl, c->a[0], c->a[1], (uintptr_t)&r, 0, 0, 0);
    return result < 0 ? result : guest_write(c->t, c->a[2], &r, IFREQ_GUEST) ? -EFAULT : result;
}

/* SIOCGIFCONF: { bytes, address of an array of struct ifreq }. */
static long interface_list(struct sys_ctx *c)
{
    uint32_t conf[2];
    struct ifreq list[IFREQ_MAX];
    if (guest_read(c->t, conf, c->a[2], sizeof conf))
        return -EFAULT;
    const uint32_t room = conf[0] / IFREQ_GUEST;
    struct ifconf h = {.ifc_len = (int)((room < IFREQ_MAX ? room : IFREQ_MAX) * sizeof list[0]),
                       .ifc_req = conf[1] ? list : NULL};
    const long result = host_call_intr(c->t, LINUX_ioctl, c->a[0], SIOCGIFCONF, (uintptr_t)&h, 0, 0, 0);
    if (result < 0)
        return result;
    const uint32_t count = (uint32_t)((size_t)h.ifc_len / sizeof list[0]);
    for (uint32_t i = 0; conf[1] && i < count; i++) {
        if (guest_write(c->t, conf[1] + i * IFREQ_GUEST, &list[i], IFREQ_GUEST))
            return -EFAULT;
    }
    return guest_write_u32(c->t, c->a[2], count * IFREQ_GUEST) ? -EFAULT : result;
}

static bool is_interface_request(unsigned request)
{
    switch (request) {
    case SIOCGIFNAME:
    case SIOCGIFFLAGS:
    case SIOCSIFFLAGS:
    case SIOCGIFADDR:
    case SIOCSIFADDR:
    case SIOCGIFDSTADDR:
    case SIOCGIFBRDADDR:
    case SIOCGIFNETMASK:
    case SIOCSIFNETMASK:
    case SIOCGIFMETRIC:
    case SIOCGIFMTU:
    case SIOCSIFMTU:
    case SIOCGIFHWADDR:
    case SIOCGIFINDEX:
    case SIOCGIFTXQLEN:
        return true;
    default:
        return false;
    }
}

/* Requests whose structures differ; the others are the host's. */
long sys_ioctl32(struct sys_ctx *c)
{
    const unsigned request = (unsigned)c->a[1];
    for (unsigned i = 0; i < ARRAY_LEN(sized); i++) {
        if (sized[i].guest == request)
            return sized_request(c, &sized[i]);
    }
    for (unsigned i = 0; i < ARRAY_LEN(longs); i++) {
        if (longs[i] == request)
            return long_request(c);
    }
    if (request == BLKGETSIZE64_GUEST) {
        mem_prepare_write(c->t->proc->mem, c->a[2], sizeof(uint64_t));
        return host_call_intr(c->t, LINUX_ioctl, c->a[0], BLKGETSIZE64, c->a[2], 0, 0, 0);
    }
    if (request == SIOCGIFCONF)
        return interface_list(c);
    return is_interface_request(request) ? interface_request(c) : sys_ioctl(c);
}
