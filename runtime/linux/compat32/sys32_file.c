/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about files that only 32-bit guests have, and directory entries of the old form. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/path.h"
#include "runtime/linux/base/proc_tasks.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/sys_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_code.h"
#include "src/host/call.h"

/* ---- offsets: places in directories are hashes on some file systems, of 31 bits for 32-bit callers ---- */

long sys_lseek32(struct sys_ctx *c)
{
    long result = host_call32(HOST32_LSEEK, (uint32_t)c->a[0], (uint32_t)c->a[1], (uint32_t)c->a[2], 0, 0);
    if (result == -ENOSYS)
        result = sys_host(c);
    return result > INT32_MAX ? -EOVERFLOW : result;
}

/* _llseek(fd, high, low, result, whence) */
long sys_llseek(struct sys_ctx *c)
{
    mem_prepare_write(c->t->proc->mem, c->a[3], sizeof(int64_t));
    long result = host_call32(HOST32_LLSEEK, (uint32_t)c->a[0], (uint32_t)c->a[1], (uint32_t)c->a[2], (uint32_t)c->a[3],
                              (uint32_t)c->a[4]);
    if (result != -ENOSYS)
        return result;
    result = host_call(LINUX_lseek, c->a[0], c->a[1] << 32 | c->a[2], c->a[4], 0, 0, 0);
    return result < 0 ? result : guest_write(c->t, c->a[3], &result, sizeof result);
}

/* ---- mounts ---- */

long sys_umount(struct sys_ctx *c) { return host_call_intr(c->t, LINUX_umount2, c->a[0], 0, 0, 0, 0, 0); }

static long statfs_result(struct sys_ctx *c, long result, const struct statfs *s)
{
    if (c->a[1] != abi_size(c, SYS_STRUCT_statfs)) /* with padding on machines that align to 8, the same structure */
        return -EINVAL;
    return result < 0 ? result : abi_put(c, SYS_STRUCT_statfs, c->a[2], s);
}

long sys_statfs64(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    const char *path;
    struct statfs s;
    const long err = path_get_followed(c->t, AT_FDCWD, buf, &path, c->a[0]);
    return err ? err : statfs_result(c, host_call(LINUX_statfs, (uintptr_t)path, (uintptr_t)&s, 0, 0, 0, 0), &s);
}

long sys_fstatfs64(struct sys_ctx *c)
{
    struct statfs s;
    return statfs_result(c, host_call(LINUX_fstatfs, c->a[0], (uintptr_t)&s, 0, 0, 0, 0), &s);
}

/* ---- directories ---- */

/* The kernel's struct linux_dirent: a NUL behind the name, and the type in the entry's last byte. */
struct entry32 {
    uint32_t ino, off;
    uint16_t size;
    char name[];
};

/* One entry into to (which has room: it is never larger than the host's); its size. */
static size_t put_entry(uint8_t *to, const struct dirent64 *h)
{
    const size_t name = offsetof(struct entry32, name), len = strlen(h->d_name);
    const size_t size = ALIGN_UP(name + len + 2, 4);
    const struct entry32 e = {(uint32_t)h->d_ino, (uint32_t)h->d_off, (uint16_t)size};
    memset(to, 0, size);
    memcpy(to, &e, name);
    memcpy(to + name, h->d_name, len);
    to[size - 1] = h->d_type;
    return size;
}

/* New entries into buf; the 32-bit call can only be made with memory that it can name. */
static long host_getdents(struct sys_ctx *c, uint8_t *buf, size_t room)
{
    const long at = mem_mmap(c->t->proc->mem, 0, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    long result = -ENOSYS;
    if (at >= 0) {
        result = host_call32(HOST32_GETDENTS64, (uint32_t)c->a[0], (uint32_t)at, (uint32_t)room, 0, 0);
        if (result > 0)
            memcpy(buf, mem_host(c->t->proc->mem, (gaddr_t)at), (size_t)result);
        mem_munmap(c->t->proc->mem, (gaddr_t)at, room);
    }
    return result == -ENOSYS ? host_call(LINUX_getdents64, c->a[0], (uintptr_t)buf, room, 0, 0, 0) : result;
}

static long host_getdents64(struct sys_ctx *c)
{
    long result;
    do
        result = host_call32(HOST32_GETDENTS64, (uint32_t)c->a[0], (uint32_t)c->a[1], (uint32_t)c->a[2], 0, 0);
    while (result == -EFAULT && sys_prepare_outputs(c));
    return result == -ENOSYS ? sys_pass(c) : result;
}

long sys_getdents64_32(struct sys_ctx *c)
{
    static const struct proc_entry_form form = {offsetof(struct dirent64, d_reclen), offsetof(struct dirent64, d_name)};
    long result;
    do
        result = host_getdents64(c);
    while (result > 0 && !(result = proc_hide_tasks(c->t, (int)c->a[0], c->a[1], result, &form)));
    return result;
}

static long get_entries32(struct sys_ctx *c)
{
    enum { ROOM = 32 << 10 };
    const size_t room = c->a[2] < ROOM ? c->a[2] : ROOM;
    uint8_t *buf = malloc(2 * ROOM), *out = buf + ROOM;
    size_t used = 0;
    if (!buf)
        return -ENOMEM;
    long result = host_getdents(c, buf, room);
    for (long at = 0; at < result;) {
        const struct dirent64 *h = (const struct dirent64 *)(buf + at);
        used += put_entry(out + used, h);
        at += h->d_reclen;
    }
    if (result >= 0)
        result = guest_write(c->t, c->a[1], out, used) ? -EFAULT : (long)used;
    free(buf);
    return result;
}

long sys_getdents32(struct sys_ctx *c)
{
    static const struct proc_entry_form form = {offsetof(struct entry32, size), offsetof(struct entry32, name)};
    long result;
    do
        result = get_entries32(c);
    while (result > 0 && !(result = proc_hide_tasks(c->t, (int)c->a[0], c->a[1], result, &form)));
    return result;
}

/* ---- select and mmap of old: their arguments in a structure ---- */

long sys_old_select(struct sys_ctx *c)
{
    uint32_t w[5];
    if (guest_read(c->t, w, c->a[0], sizeof w))
        return -EFAULT;
    struct sys_ctx select =
        sys_other(c, LINUX_select, (uint64_t[6]){(uint64_t)(int64_t)(int32_t)w[0], w[1], w[2], w[3], w[4]});
    return sys_handle(&select);
}

long sys_old_mmap(struct sys_ctx *c)
{
    uint32_t w[6];
    if (guest_read(c->t, w, c->a[0], sizeof w))
        return -EFAULT;
    if (w[5] % MEM_PAGE_SIZE)
        return -EINVAL;
    struct sys_ctx map = {.t = c->t,
                          .table = c->table,
                          .row = c->row,
                          .a = {w[0], w[1], w[2], w[3], (uint64_t)(int64_t)(int32_t)w[4], w[5]}};
    return sys_mmap(&map);
}

/* The offset counts units of 4 KiB. */
long sys_mmap2(struct sys_ctx *c)
{
    struct sys_ctx map = *c;
    map.a[5] <<= 12;
    return sys_mmap(&map);
}
