/* SPDX-License-Identifier: Apache-2.0 */
/* See exec_target.h. Names are followed as the kernel does it: file by file, each of which may be executed, from script
 * to interpreter until there is a program. */
#include "runtime/linux/generic/exec_target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/linux/base/path.h"
#include "runtime/linux/base/proc_exe.h"
#include "runtime/linux/base/proc_name.h"
#include "runtime/loader/loader.h"
#include "src/host/host.h"

/* The interpreter and the argument of a "#!" line of n bytes, both into the line; *arg is NULL if there is none.
 * -ENOEXEC: it has no interpreter, or not all of its name. */
static long parse_line(char *line, size_t n, char **interp, char **arg)
{
    line[n] = 0;
    char *end = strchr(line, '\n'), *p = line + 2 + strspn(line + 2, " \t");
    const bool cut = !end && n == EXEC_LINE - 1;
    if (!end)
        end = line + strlen(line);
    if (p >= end)
        return end < line + n || cut ? -ENOEXEC : -EACCES; /* zeros behind the end are a name, of this directory */
    if (cut && !p[strcspn(p, " \t")])
        return -ENOEXEC;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *end = 0;
    *interp = p;
    p += strcspn(p, " \t");
    *arg = NULL;
    if (*p) {
        *p++ = 0;
        *arg = p + strspn(p, " \t");
    }
    return 0;
}

static long read_line(const char *path, char *line, char **interp, char **arg)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, line, EXEC_LINE - 1);
    const long err = n < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return err ? err : n < 2 ? -ENOEXEC : parse_line(line, (size_t)n, interp, arg);
}

/* Puts words before the prefix. The interpreter of a script before is there already: it is the script now. */
static void put_before(struct exec_target *target, const char *interp, const char *arg)
{
    const unsigned n = arg ? 2 : 1, add = target->prefix_count ? n : n + 1;
    memmove(target->prefix + add, target->prefix, target->prefix_count * sizeof target->prefix[0]);
    target->prefix[0] = interp;
    if (arg)
        target->prefix[1] = arg;
    if (!target->prefix_count)
        target->prefix[n] = target->name;
    target->prefix_count += add;
}

/* The sysroot's file of that name, if it has one. */
static void look_up(const struct process *proc, char *program)
{
    char mapped[LX_PATH_MAX];
    if (path_map(proc, program, mapped) == mapped)
        strcpy(program, mapped);
}

/* target->program is a script's: goes on to its interpreter. */
static long follow_script(struct exec_target *target, unsigned depth)
{
    char *interp, *arg;
    if (depth == EXEC_SCRIPTS)
        return -ELOOP;
    const long err = read_line(target->program, target->lines[depth], &interp, &arg);
    if (err)
        return err;
    put_before(target, interp, arg);
    strcpy(target->program, interp);
    target->by_descriptor = false;
    return 0;
}

/* flags: of the first file; closes: its descriptor is closed by execve. */
static long follow_files(const struct process *proc, int flags, bool closes, struct exec_target *target)
{
    for (unsigned depth = 0;; depth++) {
        enum loader_kind kind;
        const struct guest *guest;
        look_up(proc, target->program);
        int error = loader_may_exec(target->program, depth ? 0 : flags);
        if (!error)
            error = loader_exec_error(target->program, proc->lx->sysroot, &kind, &guest);
        if (error)
            return -error;
        if (kind == LOADER_GUEST)
            target->by_host = !host_runs_elf(proc->guest->elf.machine) && host_runs_elf(guest->elf.machine);
        else if (kind == LOADER_SCRIPT && closes && !depth)
            return -ENOENT; /* its interpreter could not open it */
        if (kind == LOADER_GUEST)
            return 0;
        target->by_host = kind != LOADER_SCRIPT;
        const long err = target->by_host ? 0 : follow_script(target, depth);
        if (err || target->by_host)
            return err;
    }
}

/* by_itself: the descriptor is the file. What ends at a program of the host is the host's from the first script on. */
static long follow(const struct process *proc, int flags, bool closes, bool by_itself, struct exec_target *target)
{
    char first[LX_PATH_MAX];
    look_up(proc, target->program);
    strcpy(first, target->program);
    const long err = follow_files(proc, by_itself ? 0 : flags & AT_SYMLINK_NOFOLLOW, closes, target);
    if (!err && target->by_host)
        strcpy(target->program, first);
    return err;
}

/* What the host finds the file by, and what the new program finds it by. */
static long name_file(const struct process *proc, int dirfd, const char *name, int flags, struct exec_target *target)
{
    int n, given;
    if (!*name && !(flags & AT_EMPTY_PATH))
        return -ENOENT;
    target->by_descriptor = *name != '/' && (dirfd != AT_FDCWD || !*name);
    if (target->by_descriptor && dirfd != AT_FDCWD && fcntl(dirfd, F_GETFD) < 0)
        return -EBADF;
    if (target->by_descriptor && dirfd != AT_FDCWD) {
        const char *slash = *name ? "/" : "";
        n = snprintf(target->program, LX_PATH_MAX, "/proc/self/fd/%d%s%s", dirfd, slash, name);
        given = snprintf(target->name, LX_PATH_MAX, "/dev/fd/%d%s%s", dirfd, slash, name);
    } else {
        n = snprintf(target->program, LX_PATH_MAX, "%s", *name ? name : ".");
        given = snprintf(target->name, LX_PATH_MAX, "%s", name);
    }
    return n >= LX_PATH_MAX || given >= LX_PATH_MAX ? -ENAMETOOLONG : 0;
}

long exec_find(const struct process *proc, int dirfd, const char *name, int flags, struct exec_target *target)
{
    struct stat st;
    const long err = name_file(proc, dirfd, name, flags, target);
    if (!err && !(flags & AT_SYMLINK_NOFOLLOW) && !stat(target->program, &st) && proc_is_tandem_file(proc, &st)) {
        char program[LX_PATH_MAX];
        if (proc_exe_follow(proc, AT_FDCWD, target->program, program)) {
            strcpy(target->program, program);
            target->by_descriptor = false;
        }
    }
    target->prefix_count = 0;
    target->by_host = false;
    const bool closes = !err && target->by_descriptor && dirfd != AT_FDCWD && fcntl(dirfd, F_GETFD) & FD_CLOEXEC;
    return err ? err : follow(proc, flags, closes, !*name, target);
}
