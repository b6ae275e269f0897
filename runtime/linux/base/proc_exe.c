/* SPDX-License-Identifier: Apache-2.0 */
/* See proc_exe.h. The program of another process is known by what it has mapped where its code begins, which its tandem
 * has told the kernel (process.c). */
#include "runtime/linux/base/proc_exe.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/linux/base/path.h"
#include "runtime/linux/base/proc_name.h"
#include "runtime/linux/base/state.h"

enum { LINKS = 40, FIELD_START_CODE = 26 };

static unsigned long start_code(int pid)
{
    char line[2048];
    unsigned long value = 0;
    snprintf(line, sizeof line, "/proc/%d/stat", pid);
    FILE *f = fopen(line, "re");
    const size_t n = f ? fread(line, 1, sizeof line - 1, f) : 0;
    if (f)
        fclose(f);
    line[n] = 0;
    const char *p = strrchr(line, ')');
    for (unsigned field = 2; p && field < FIELD_START_CODE; field++)
        p = strchr(p + 1, ' ');
    return p && sscanf(p, "%lu", &value) == 1 ? value : 0;
}

/* The file that process pid has mapped at address. */
static bool file_at(int pid, unsigned long address, char *buf)
{
    char *line = NULL;
    size_t size = 0;
    bool found = false;
    snprintf(buf, LX_PATH_MAX, "/proc/%d/maps", pid);
    FILE *f = fopen(buf, "re");
    while (!found && f && getline(&line, &size, f) > 0) {
        unsigned long start, end;
        int name = 0;
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &start, &end, &name) == 2 && address >= start && address < end) {
            found = name && line[name] == '/';
            snprintf(buf, LX_PATH_MAX, "%s", found ? line + name : "");
            break;
        }
    }
    if (f)
        fclose(f);
    free(line);
    return found;
}

static bool program_of(const struct process *proc, const struct proc_name *name, char *buf)
{
    struct stat st;
    if (proc_is_own(name)) {
        snprintf(buf, LX_PATH_MAX, "%s", linux_exe_path(proc));
        return true;
    }
    if (!proc_is_tandem(proc, name->pid) || !file_at(name->pid, start_code(name->pid), buf))
        return false;
    return stat(buf, &st) || !proc_is_tandem_file(proc, &st); /* else its tandem could not tell */
}

bool proc_exe_possible(const char *path)
{
    const size_t n = strlen(path);
    return n >= 3 && !strcmp(path + n - 3, "exe") && (n == 3 || path[n - 4] == '/');
}

/* Is the O_PATH descriptor fd that link? */
static bool is_exe(int fd, struct proc_name *name)
{
    return proc_name(fd, name) && name->pid && !strcmp(name->entry, "exe");
}

bool proc_exe_link(const struct process *proc, int dirfd, const char *path, char *buf)
{
    struct proc_name name;
    const int fd = openat(dirfd, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    const bool found = fd >= 0 && is_exe(fd, &name) && program_of(proc, &name, buf);
    if (fd >= 0)
        close(fd);
    return found;
}

/* The directory that path (relative to dirfd) is in; a new descriptor. */
static int directory_of(int dirfd, char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        slash[1] = 0;
    return openat(dirfd, slash ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

bool proc_exe_follow(const struct process *proc, int dirfd, const char *path, char *buf)
{
    char next[LX_PATH_MAX];
    int at = dirfd;
    bool found = false;
    snprintf(next, sizeof next, "%s", path);
    for (unsigned i = 0; i < LINKS; i++) {
        if ((found = proc_exe_link(proc, at, next, buf)))
            break;
        const ssize_t n = readlinkat(at, next, buf, LX_PATH_MAX - 1);
        if (n <= 0)
            break;
        buf[n] = 0;
        const int parent = directory_of(at, next);
        if (at != dirfd)
            close(at);
        at = parent;
        if (at < 0)
            break;
        strcpy(next, buf);
    }
    if (at != dirfd && at >= 0)
        close(at);
    return found;
}
