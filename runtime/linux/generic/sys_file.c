/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about files whose names or structures need more than passing on. */
#include "runtime/linux/generic/sys_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/path.h"
#include "runtime/linux/base/procfs.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/convert.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/mem/mem_writers.h"
#include "src/host/flags.h"

/* A file that has just been opened: 32-bit programs do not get one whose size they could not name. The host, a 64-bit
 * program, does. */
static long check_size(const struct sys_ctx *c, long fd, uint64_t flags)
{
    enum { GUEST_O_LARGEFILE = 0100000 };
    struct stat st;
    if (fd < 0 || !lx_narrow(c->t) || flags & (GUEST_O_LARGEFILE | O_PATH) ||
        host_call(LINUX_fstat, (uint64_t)fd, (uintptr_t)&st, 0, 0, 0, 0))
        return fd;
    if (!S_ISREG(st.st_mode) || st.st_size <= INT32_MAX)
        return fd;
    host_call(LINUX_close, (uint64_t)fd, 0, 0, 0, 0, 0);
    return -EOVERFLOW;
}

/* The result of a call that gives a descriptor: memory has to know whether it can write to a file with code. */
static long note_opened(const struct sys_ctx *c, long fd)
{
    if (fd >= 0)
        mem_note_descriptor(c->t->proc->mem, (int)fd);
    return fd;
}

long sys_new_descriptor(struct sys_ctx *c) { return note_opened(c, sys_pass(c)); }

long sys_truncate(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    const char *path;
    const long result = sys_pass(c);
    if (result == 0 && path_get(c->t, buf, &path, c->a[0]) == 0 && path)
        mem_note_changed_file(c->t->proc->mem, path);
    return result;
}

/* write and its kin. What they write to /proc/self/mem changes memory, code too. */
long sys_write(struct sys_ctx *c)
{
    const long result = sys_pass(c);
    struct guest_mem *mem = c->t->proc->mem;
    if (result <= 0 || !mem_has_memory_file(mem) || !mem_is_memory_file((int)c->a[0]))
        return result;
    const bool is_placed = c->row->host != LINUX_write && c->row->host != LINUX_writev && (int64_t)c->a[3] != -1;
    const uint64_t at = is_placed ? c->a[3] : (uint64_t)lseek((int)c->a[0], 0, SEEK_CUR) - (uint64_t)result;
    mem_note_written_code(mem, at, (uint64_t)result);
    return result;
}

long sys_openat(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    const char *path;
    long result = path_get(c->t, buf, &path, c->a[1]);
    if (result)
        return result;
    const uint64_t flags = host_open_flags(c->a[2]);
    if (path && procfs_open(c->t, path, (int)flags, &result))
        return result;
    const long fd = host_call_intr(c->t, LINUX_openat, c->a[0], (uintptr_t)path, flags, c->a[3], 0, 0);
    return check_size(c, note_opened(c, fd), c->a[2]);
}

long sys_openat2(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    const char *path;
    struct open_how how;
    long result = path_get(c->t, buf, &path, c->a[1]);
    if (result)
        return result;
    const bool known = c->a[3] >= sizeof how && guest_read(c->t, &how, c->a[2], sizeof how) == 0;
    how.flags = known ? host_open_flags(how.flags) : 0;
    if (known && !how.resolve && path && procfs_open(c->t, path, (int)how.flags, &result))
        return result;
    const uint64_t at = known && c->a[3] == sizeof how ? (uintptr_t)&how : c->a[2];
    return note_opened(c, host_call_intr(c->t, LINUX_openat2, c->a[0], (uintptr_t)path, at, c->a[3], 0, 0));
}

long sys_readlinkat(struct sys_ctx *c)
{
    char name[LX_PATH_MAX], buf[LX_PATH_MAX];
    if ((int)c->a[3] <= 0)
        return -EINVAL;
    long len = guest_string(c->t, name, sizeof name, c->a[1]);
    if (len < 0)
        return len;
    const char *target = linux_exe_path(c->t->proc);
    if (procfs_is_exe(name)) {
        len = (long)strlen(target);
    } else {
        char mapped[LX_PATH_MAX];
        const char *path = path_map(c->t->proc, name, mapped);
        len = host_call(LINUX_readlinkat, c->a[0], (uintptr_t)path, (uintptr_t)buf, sizeof buf, 0, 0);
        if (len < 0)
            return len;
        target = buf;
    }
    if (len > (int)c->a[3])
        len = (int)c->a[3];
    return guest_write(c->t, c->a[2], target, (size_t)len) ? -EFAULT : len;
}

static long give_stat(struct sys_ctx *c, gaddr_t out, long result, const struct stat *st)
{
    struct generic_stat g;
    if (result < 0)
        return result;
    if (lx_host_abi(c->t) || lx_narrow(c->t))
        return abi_put(c, SYS_STRUCT_stat, out, st);
    convert_stat(&g, st);
    return guest_write(c->t, out, &g, sizeof g);
}

long sys_newfstatat(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    const char *path;
    struct stat st;
    long result = path_get(c->t, buf, &path, c->a[1]);
    if (result)
        return result;
    result = host_call(LINUX_newfstatat, c->a[0], (uintptr_t)path, (uintptr_t)&st, c->a[3], 0, 0);
    return give_stat(c, c->a[2], result, &st);
}

long sys_fstat(struct sys_ctx *c)
{
    struct stat st;
    long result = host_call(LINUX_fstat, c->a[0], (uintptr_t)&st, 0, 0, 0, 0);
    return give_stat(c, c->a[1], result, &st);
}
