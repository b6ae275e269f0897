/* SPDX-License-Identifier: Apache-2.0 */
/* See proc_name.h. The kernel's name of a descriptor is the link in /proc/self/fd. */
#include "runtime/linux/base/proc_name.h"

#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/state.h"

/* Takes the last part of path off. NULL: there is none. */
static char *take_part(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return NULL;
    *slash = 0;
    return slash + 1;
}

static int number_of(const char *part)
{
    char *end;
    const long n = part && *part >= '1' && *part <= '9' ? strtol(part, &end, 10) : 0;
    return n && !*end ? (int)n : 0;
}

/* path ends in PID, PID/ENTRY, PID/task/TID, PID/task/TID/ENTRY, or in an ENTRY of /proc itself. */
static bool split(char *path, struct proc_name *name)
{
    memset(name, 0, sizeof *name);
    const char *last = take_part(path);
    int id = number_of(last);
    if (!id) {
        if (!last || strlen(last) >= sizeof name->entry)
            return false;
        strcpy(name->entry, last);
        id = number_of(take_part(path));
        if (!id)
            return true; /* of /proc itself, or deeper than anybody asks for */
    }
    const char *task = take_part(path);
    if (task && !strcmp(task, "task")) {
        name->tid = id;
        id = number_of(take_part(path));
    }
    name->pid = id;
    return id != 0;
}

bool proc_name(int fd, struct proc_name *name)
{
    char link[64], path[LX_PATH_MAX];
    struct statfs fs;
    if (host_call(LINUX_fstatfs, (unsigned)fd, (uintptr_t)&fs, 0, 0, 0, 0) || fs.f_type != PROC_SUPER_MAGIC)
        return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return false;
    path[n] = 0;
    return split(path, name);
}

bool proc_possible(const struct stat *st) { return major(st->st_dev) == 0 && st->st_size == 0; }

/* In a new PID namespace /proc may still be the old one's, whose number of this process is another. */
static int own_number(void)
{
    char text[32];
    const ssize_t n = readlink("/proc/self", text, sizeof text - 1);
    text[n > 0 ? n : 0] = 0;
    return number_of(text);
}

bool proc_is_own(const struct proc_name *name)
{
    if (!name->pid || name->pid == getpid())
        return name->pid != 0;
    return !host_call(LINUX_tgkill, (unsigned)getpid(), (unsigned)name->pid, 0, 0, 0, 0) || name->pid == own_number();
}

bool proc_is_tandem_file(const struct process *proc, const struct stat *st)
{
    return st->st_ino == proc->lx->host_file.st_ino && st->st_dev == proc->lx->host_file.st_dev;
}

bool proc_is_tandem(const struct process *proc, int pid)
{
    char link[64];
    struct stat st;
    snprintf(link, sizeof link, "/proc/%d/exe", pid);
    return stat(link, &st) == 0 && proc_is_tandem_file(proc, &st);
}
