/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about files whose names or structures need more than passing on. */
#include "runtime/linux/generic/sys_file.h"
#include "runtime/linux/generic/tracer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/path.h"
#include "runtime/linux/base/proc_exe.h"
#include "runtime/linux/base/proc_tasks.h"
#include "runtime/linux/base/procfs.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/convert.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/mem/mem_code.h"
#include "runtime/mem/mem_writers.h"

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

/* The result of a call that gives a descriptor: memory has to know whether it can write to a file with code. flags: it
 * was opened with these. */
static long note_opened(const struct sys_ctx *c, long fd, uint64_t flags)
{
    if (fd >= 0 && (flags & O_ACCMODE) != O_RDONLY)
        mem_note_descriptor(c->t->proc->mem, (int)fd);
    return fd;
}

long sys_new_descriptor(struct sys_ctx *c) { return note_opened(c, sys_pass(c), O_RDWR); /* or may have been */ }

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
    if (c->t->proc->lx->traces)
        tracer_wrote(c->t, at, (uint64_t)result);
    return result;
}

long sys_openat(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    const char *path;
    long result = path_get(c->t, buf, &path, c->a[1]);
    if (result)
        return result;
    const uint64_t flags = lx_open_flags(c->t, c->a[2]);
    const struct procfs_opening how = {(int)c->a[0], path, flags};
    const long fd = host_call_intr(c->t, LINUX_openat, c->a[0], (uintptr_t)path, flags, c->a[3], 0, 0);
    return check_size(c, note_opened(c, procfs_opened(c->t, &how, fd), flags), c->a[2]);
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
    how.flags = known ? lx_open_flags(c->t, how.flags) : 0;
    if (known && how.resolve) /* the guest says where its names may lead: not below a sysroot */
        result = guest_string(c->t, buf, sizeof buf, c->a[1]);
    if (result < 0)
        return result;
    const long rest = known && c->a[3] > sizeof how ? guest_zeros(c->t, c->a[2] + sizeof how, c->a[3] - sizeof how) : 0;
    if (rest)
        return rest;
    const struct procfs_opening opening = {(int)c->a[0], path, how.flags};
    const long fd = host_call_intr(c->t, LINUX_openat2, c->a[0], (uintptr_t)path, known ? (uintptr_t)&how : c->a[2],
                                   known ? sizeof how : c->a[3], 0, 0);
    return known ? note_opened(c, procfs_opened(c->t, &opening, fd), how.flags) : fd;
}

long sys_readlinkat(struct sys_ctx *c)
{
    char name[LX_PATH_MAX], buf[LX_PATH_MAX];
    if ((int)c->a[3] <= 0)
        return -EINVAL;
    long len = guest_string(c->t, name, sizeof name, c->a[1]);
    if (len < 0)
        return len;
    if (proc_exe_possible(name) && proc_exe_link(c->t->proc, (int)c->a[0], name, buf)) {
        len = (long)strlen(buf);
    } else {
        char mapped[LX_PATH_MAX];
        const char *path = path_map(c->t->proc, name, mapped);
        len = host_call(LINUX_readlinkat, c->a[0], (uintptr_t)path, (uintptr_t)buf, sizeof buf, 0, 0);
        if (len < 0)
            return len;
    }
    if (len > (int)c->a[3])
        len = (int)c->a[3];
    return guest_write(c->t, c->a[2], buf, (size_t)len) ? -EFAULT : len;
}

/* Entries of a directory, in the form of the guest's call. */
static long get_entries(struct sys_ctx *c, const struct proc_entry_form *form)
{
    long result;
    do
        result = sys_pass(c);
    while (result > 0 && !(result = proc_hide_tasks(c->t, (int)c->a[0], c->a[1], result, form)));
    return result;
}

long sys_getdents64(struct sys_ctx *c)
{
    static const struct proc_entry_form form = {offsetof(struct dirent64, d_reclen), offsetof(struct dirent64, d_name)};
    return get_entries(c, &form);
}

long sys_getdents(struct sys_ctx *c)
{
    static const struct proc_entry_form form = {16, 18}; /* struct linux_dirent of 64 bits */
    return get_entries(c, &form);
}

/* The value's address and size are in a structure (struct xattr_args), the same in all widths. */
long sys_getxattrat(struct sys_ctx *c)
{
    struct {
        uint64_t value;
        uint32_t size, flags;
    } args;
    if (!guest_read(c->t, &args, c->a[4], sizeof args))
        mem_prepare_write(c->t->proc->mem, args.value, args.size);
    return sys_pass(c);
}

long sys_listmount(struct sys_ctx *c)
{
    mem_prepare_write(c->t->proc->mem, c->a[1], (c->a[2] & 0xffffff) * sizeof(uint64_t));
    return sys_pass(c);
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

/* The link count of a directory of threads: path is relative to dirfd. */
static void correct_links(struct thread *t, int dirfd, const char *path, struct stat *st)
{
    if (!path || !proc_may_be_tasks(st))
        return;
    const int fd = *path ? openat(dirfd, path, O_PATH | O_CLOEXEC) : dirfd;
    if (fd < 0)
        return;
    proc_task_links(t, fd, st);
    if (*path)
        close(fd);
}

/* struct statx is the same everywhere. */
long sys_statx(struct sys_ctx *c)
{
    char path[LX_PATH_MAX];
    struct statx x;
    const long result = sys_pass(c);
    if (result || guest_read(c->t, &x, c->a[4], sizeof x))
        return result;
    struct stat st = {.st_mode = x.stx_mode,
                      .st_nlink = x.stx_nlink,
                      .st_size = (off_t)x.stx_size,
                      .st_dev = makedev(x.stx_dev_major, x.stx_dev_minor)};
    if (!proc_may_be_tasks(&st) || guest_string(c->t, path, sizeof path, c->a[1]) < 0)
        return result;
    correct_links(c->t, (int)c->a[0], path, &st);
    x.stx_nlink = (uint32_t)st.st_nlink;
    return guest_write(c->t, c->a[4], &x, sizeof x) ? -EFAULT : result;
}

long sys_newfstatat(struct sys_ctx *c)
{
    char buf[LX_PATH_MAX];
    const char *path;
    struct stat st;
    long result = c->a[3] & AT_SYMLINK_NOFOLLOW ? path_get(c->t, buf, &path, c->a[1])
                                                : path_get_followed(c->t, (int)c->a[0], buf, &path, c->a[1]);
    if (result)
        return result;
    result = host_call(LINUX_newfstatat, c->a[0], (uintptr_t)path, (uintptr_t)&st, c->a[3], 0, 0);
    if (!result)
        correct_links(c->t, (int)c->a[0], path, &st);
    return give_stat(c, c->a[2], result, &st);
}

long sys_fstat(struct sys_ctx *c)
{
    struct stat st;
    long result = host_call(LINUX_fstat, c->a[0], (uintptr_t)&st, 0, 0, 0, 0);
    if (!result)
        proc_task_links(c->t, (int)c->a[0], &st);
    return give_stat(c, c->a[1], result, &st);
}
