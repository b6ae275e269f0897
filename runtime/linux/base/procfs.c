/* SPDX-License-Identifier: Apache-2.0 */
/* /proc of the own process, where the host kernel's answer is about tandem and not about the guest program: maps, exe,
 * cmdline, environ, auxv, stat, status. The text is made when the file is opened and given as an anonymous file. */
#include "runtime/linux/base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/loader/loader.h"
#include "runtime/mem/mem_list.h"

/* The part of path behind /proc/self/, /proc/<own pid>/, /proc/thread-self/ or .../task/<tid>/; NULL: another path. */
static const char *own_entry(const char *path)
{
    if (strncmp(path, "/proc/", 6))
        return NULL;
    const char *p = path + 6;
    if (!strncmp(p, "self/", 5)) {
        p += 5;
    } else if (!strncmp(p, "thread-self/", 12)) {
        p += 12;
    } else {
        char *end;
        long pid = strtol(p, &end, 10);
        if (end == p || *end != '/' || pid != getpid())
            return NULL;
        p = end + 1;
    }
    if (!strncmp(p, "task/", 5)) {
        const char *slash = strchr(p + 5, '/');
        return slash ? slash + 1 : NULL;
    }
    return p;
}

bool procfs_is_exe(const char *path)
{
    const char *entry = own_entry(path);
    return entry && !strcmp(entry, "exe");
}

static void text_write(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void text_write(int fd, const char *fmt, ...)
{
    char line[LX_PATH_MAX + 256];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (n > (int)sizeof line - 1)
        n = sizeof line - 1;
    if (write(fd, line, (size_t)n) != n)
        return; /* no memory: the file is short */
}

static bool maps_line(const struct mem_region *r, void *arg)
{
    enum { NAME_COLUMN = 73 };
    char head[128];
    int n = snprintf(head, sizeof head, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %llu ", (unsigned long long)r->start,
                     (unsigned long long)r->end, r->prot & PROT_READ ? 'r' : '-', r->prot & PROT_WRITE ? 'w' : '-',
                     r->prot & PROT_EXEC ? 'x' : '-', r->flags & MAP_SHARED ? 's' : 'p', (unsigned long long)r->offset,
                     r->dev_major, r->dev_minor, (unsigned long long)r->inode);
    if (*r->name)
        text_write(*(int *)arg, "%s%*s%s\n", head, n < NAME_COLUMN ? NAME_COLUMN - n : 0, "", r->name);
    else
        text_write(*(int *)arg, "%s\n", head);
    return true;
}

static void make_maps(struct thread *t, int fd, const char *path) { mem_foreach(t->proc->mem, maps_line, &fd); }

/* What the guest has in [start, end) now. */
static void copy_guest(struct thread *t, int fd, gaddr_t start, gaddr_t end)
{
    char buf[4096];
    while (start < end) {
        size_t n = end - start < sizeof buf ? end - start : sizeof buf;
        if (guest_read(t, buf, start, n) || write(fd, buf, n) != (ssize_t)n)
            return;
        start += n;
    }
}

static void make_cmdline(struct thread *t, int fd, const char *path)
{
    copy_guest(t, fd, t->proc->lx->image->arg_start, t->proc->lx->image->arg_end);
}

static void make_environ(struct thread *t, int fd, const char *path)
{
    copy_guest(t, fd, t->proc->lx->image->env_start, t->proc->lx->image->env_end);
}

static void make_auxv(struct thread *t, int fd, const char *path)
{
    copy_guest(t, fd, t->proc->lx->image->auxv, t->proc->lx->image->auxv_end);
}

static unsigned guest_threads(const struct thread *t)
{
    return __atomic_load_n(&t->proc->thread_count, __ATOMIC_RELAXED);
}

/* The host's line with the guest's threads and addresses: fields 20 (num_threads) and 26 to 28 (start_code, end_code,
 * start_stack) of proc(5). */
static void make_stat(struct thread *t, int fd, const char *path)
{
    const struct loader_image *image = t->proc->lx->image;
    char line[2048];
    int in = open("/proc/thread-self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = in < 0 ? -1 : read(in, line, sizeof line - 1);
    if (in >= 0)
        close(in);
    if (n <= 0)
        return;
    line[n] = 0;
    char *rest = strrchr(line, ')'), *save;
    if (!rest)
        return;
    text_write(fd, "%.*s", (int)(rest + 1 - line), line);
    unsigned field = 3;
    for (char *tok = strtok_r(rest + 1, " \n", &save); tok; tok = strtok_r(NULL, " \n", &save), field++) {
        gaddr_t own = field == 20   ? guest_threads(t)
                      : field == 26 ? image->start_code
                      : field == 27 ? image->end_code
                      : field == 28 ? image->sp
                                    : 0;
        if (own)
            text_write(fd, " %llu", (unsigned long long)own);
        else
            text_write(fd, " %s", tok);
    }
    text_write(fd, "\n");
}

/* Signals of the thread that path names: that of .../task/<tid>/, t, or the one that the process began with. */
struct status_signals {
    uint64_t queued, mask;
    bool known;
};

static struct status_signals signals_of(struct thread *t, const char *path)
{
    const char *task = strstr(path, "/task/");
    const long tid = task ? strtol(task + 6, NULL, 10) : strstr(path, "/thread-self/") ? t->tid : getpid();
    struct status_signals s = {0};
    struct process *home = process_home(t->proc);
    pthread_mutex_lock(&home->threads_lock);
    for (struct thread *other = home->threads; other; other = other->next) {
        if (other->tid == tid)
            s = (struct status_signals){__atomic_load_n(&other->lx->queued, __ATOMIC_RELAXED),
                                        __atomic_load_n(&other->lx->mask, __ATOMIC_RELAXED), true};
    }
    pthread_mutex_unlock(&home->threads_lock);
    return s;
}

static uint64_t caught(const struct process *proc)
{
    uint64_t set = 0;
    for (int signo = 1; signo <= LX_NSIG; signo++) {
        const gaddr_t handler = proc->lx->actions[signo].handler;
        set |= handler != LX_SIG_DFL && handler != LX_SIG_IGN ? lx_sigbit(signo) : 0;
    }
    return set;
}

/* A line of signals, if it is one. The host's are what tandem needs, and less than what waits. */
static bool status_signal_line(const struct thread *t, const struct status_signals *s, int fd, const char *line)
{
    const struct {
        const char *name;
        uint64_t set;
        bool more; /* beside what the host says */
        bool known;
    } lines[] = {{"SigPnd:", s->queued, true, s->known},
                 {"ShdPnd:", sync_waiting(t->proc), true, true},
                 {"SigBlk:", s->mask, false, s->known},
                 {"SigIgn:", __atomic_load_n(&t->proc->lx->ignored, __ATOMIC_RELAXED), false, true},
                 {"SigCgt:", caught(t->proc), false, true}};
    for (unsigned i = 0; i < ARRAY_LEN(lines); i++) {
        if (strncmp(line, lines[i].name, strlen(lines[i].name)) || !lines[i].known)
            continue;
        const uint64_t host = lines[i].more ? strtoull(line + strlen(lines[i].name), NULL, 16) : 0;
        text_write(fd, "%s\t%016llx\n", lines[i].name, (unsigned long long)(host | lines[i].set));
        return true;
    }
    return false;
}

/* The host's lines; threads and signals are the guest's. */
static void make_status(struct thread *t, int fd, const char *path)
{
    char line[LX_PATH_MAX];
    FILE *in = fopen(path, "re");
    const struct status_signals signals = signals_of(t, path);
    while (in && fgets(line, sizeof line, in)) {
        if (!strncmp(line, "Threads:", 8))
            text_write(fd, "Threads:\t%u\n", guest_threads(t));
        else if (!status_signal_line(t, &signals, fd, line))
            text_write(fd, "%s", line);
    }
    if (in)
        fclose(in);
}

static const struct {
    const char *name;
    void (*make)(struct thread *t, int fd, const char *path);
} files[] = {
    {"maps", make_maps}, {"cmdline", make_cmdline}, {"environ", make_environ},
    {"auxv", make_auxv}, {"stat", make_stat},       {"status", make_status},
};

bool procfs_open(struct thread *t, const char *path, int flags, long *result)
{
    const char *entry = own_entry(path);
    if (!entry || (flags & O_ACCMODE) != O_RDONLY || (flags & (O_PATH | O_DIRECTORY)))
        return false;
    for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
        if (strcmp(entry, files[i].name))
            continue;
        if (access(path, F_OK)) /* of a thread that is not there: the host says so */
            return false;
        int fd = memfd_create(entry, flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
        if (fd < 0) {
            *result = -errno;
            return true;
        }
        files[i].make(t, fd, path);
        lseek(fd, 0, SEEK_SET);
        *result = fd;
        return true;
    }
    return false;
}
