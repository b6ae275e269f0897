/* SPDX-License-Identifier: Apache-2.0 */
/* Files of /proc where the host kernel's answer is about tandem and not about the guest program. The file is opened,
 * and known by what the kernel says was opened (proc_name.h); then its text is made from the kernel's, as an anonymous
 * file that takes its descriptor. The text is that of the time of opening.
 *
 * I1  What was opened for reading costs one fstat, no more, unless it can be of /proc or is tandem's own file. */
#include "runtime/linux/base/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/linux/base/cpu_time.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/proc_exe.h"
#include "runtime/linux/base/proc_maps.h"
#include "runtime/linux/base/proc_name.h"
#include "runtime/linux/base/proc_tasks.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/loader/loader.h"

/* A file under construction. */
struct making {
    struct thread *t;
    const struct proc_name *name;
    FILE *in; /* the kernel's */
    FILE *out;
};

/* What the guest has in [start, end) now. */
static void copy_guest(struct making *m, gaddr_t start, gaddr_t end)
{
    char buf[4096];
    while (start < end) {
        size_t n = end - start < sizeof buf ? end - start : sizeof buf;
        if (guest_read(m->t, buf, start, n))
            return;
        fwrite(buf, 1, n, m->out);
        start += n;
    }
}

static void make_cmdline(struct making *m)
{
    copy_guest(m, m->t->proc->lx->image->arg_start, m->t->proc->lx->image->arg_end);
}

static void make_environ(struct making *m)
{
    copy_guest(m, m->t->proc->lx->image->env_start, m->t->proc->lx->image->env_end);
}

static void make_auxv(struct making *m) { copy_guest(m, m->t->proc->lx->image->auxv, m->t->proc->lx->image->auxv_end); }

/* What the kernel shows behind all memory where programs may make calls by an address. */
static void add_call_page(const struct making *m, bool details)
{
    const struct guest_call_page *page = m->t->proc->guest->abi->calls_at;
    if (page)
        proc_maps_page(page->start, page->end, "[vsyscall]", details ? m->in : NULL, m->out);
}

static void make_maps(struct making *m)
{
    proc_maps(m->t->proc->mem, m->out);
    add_call_page(m, false);
}
static void make_smaps(struct making *m)
{
    proc_smaps(m->t->proc->mem, m->in, m->out);
    add_call_page(m, true);
}
static void make_rollup(struct making *m) { proc_smaps_rollup(m->t->proc->mem, m->out); }

/* Threads of the process that the name is of, without tandem's. */
static unsigned threads_of(const struct making *m)
{
    return proc_is_own(m->name) ? __atomic_load_n(&m->t->proc->thread_count, __ATOMIC_RELAXED)
                                : proc_count_tasks(m->name->pid);
}

enum { STAT_FIELDS = 64, STAT_UTIME = 14, STAT_STIME, STAT_THREADS = 20, STAT_CODE = 26, STAT_CODE_END, STAT_STACK };

/* The fields of the process that are not about tandem. Addresses the kernel says itself if it knows them. */
static void own_stat(const struct making *m, uint64_t value[STAT_FIELDS])
{
    const struct loader_image *image = m->t->proc->lx->image;
    const uint64_t tick = 1000000000 / (uint64_t)sysconf(_SC_CLK_TCK);
    if (!m->t->proc->lx->told_kernel) {
        value[STAT_CODE] = image->start_code;
        value[STAT_CODE_END] = image->end_code;
        value[STAT_STACK] = image->sp;
    }
    if (m->name->tid) /* the thread's own */
        return;
    uint64_t user = value[STAT_UTIME] * tick, system = value[STAT_STIME] * tick;
    cpu_time_correct(m->t->proc, &user, &system);
    value[STAT_UTIME] = user / tick;
    value[STAT_STIME] = system / tick;
}

/* The host's line with the guest's threads, CPU time and addresses: proc(5) counts its fields. */
static void make_stat(struct making *m)
{
    char line[2048], *save, *text[STAT_FIELDS];
    uint64_t value[STAT_FIELDS], host[STAT_FIELDS];
    const size_t n = fread(line, 1, sizeof line - 1, m->in);
    line[n] = 0;
    char *rest = strrchr(line, ')');
    if (!rest)
        return;
    fprintf(m->out, "%.*s", (int)(rest + 1 - line), line);
    unsigned count = 3;
    for (char *tok = strtok_r(rest + 1, " \n", &save); tok && count < STAT_FIELDS; tok = strtok_r(NULL, " \n", &save)) {
        host[count] = value[count] = strtoull(tok, NULL, 10);
        text[count++] = tok;
    }
    if (count <= STAT_STACK)
        return;
    value[STAT_THREADS] = threads_of(m);
    if (proc_is_own(m->name))
        own_stat(m, value);
    for (unsigned i = 3; i < count; i++) {
        if (value[i] != host[i])
            fprintf(m->out, " %llu", (unsigned long long)value[i]);
        else
            fprintf(m->out, " %s", text[i]);
    }
    fprintf(m->out, "\n");
}

/* Signals of a thread of this process: of .../task/TID, or /proc/TID. */
struct status_signals {
    uint64_t queued, mask;
    bool known;
};

static struct status_signals signals_of(const struct making *m)
{
    const int tid = m->name->tid ? m->name->tid : m->name->pid;
    struct status_signals s = {0};
    struct process *home = process_home(m->t->proc);
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
static bool status_signal_line(const struct making *m, const struct status_signals *s, const char *line)
{
    const struct thread *t = m->t;
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
        fprintf(m->out, "%s\t%016llx\n", lines[i].name, (unsigned long long)(host | lines[i].set));
        return true;
    }
    return false;
}

/* The host's lines; threads are the guest's, and signals where the process is this one. */
static void make_status(struct making *m)
{
    char line[LX_PATH_MAX];
    const bool own = proc_is_own(m->name);
    const struct status_signals signals = own ? signals_of(m) : (struct status_signals){0};
    while (fgets(line, sizeof line, m->in)) {
        if (!strncmp(line, "Threads:", 8))
            fprintf(m->out, "Threads:\t%u\n", threads_of(m));
        else if (!own || !status_signal_line(m, &signals, line))
            fputs(line, m->out);
    }
}

/* The host's lines; those of limits that are kept for the guest and not set on the host are the guest's. */
static void make_limits(struct making *m)
{
    static const char *const kept[LX_RLIMITS] = {"Max address space", "Max data size", "Max cpu time"};
    static const char *const units[LX_RLIMITS] = {"bytes", "bytes", "seconds"};
    const struct linux_process *lx = m->t->proc->lx;
    char line[256], value[2][24];
    while (fgets(line, sizeof line, m->in)) {
        int slot = LX_RLIMITS;
        while (--slot >= 0 && (!lx->limit_set[slot] || strncmp(line, kept[slot], strlen(kept[slot]))))
            ;
        if (slot < 0) {
            fputs(line, m->out);
            continue;
        }
        const uint64_t limits[2] = {__atomic_load_n(&lx->limit[slot].rlim_cur, __ATOMIC_RELAXED),
                                    __atomic_load_n(&lx->limit[slot].rlim_max, __ATOMIC_RELAXED)};
        for (unsigned i = 0; i < 2; i++)
            snprintf(value[i], sizeof value[i], limits[i] == RLIM64_INFINITY ? "unlimited" : "%llu",
                     (unsigned long long)limits[i]);
        fprintf(m->out, "%-25s %-20s %-20s %-10s\n", kept[slot], value[0], value[1], units[slot]);
    }
}

/* One processor after the other: the host's lines of it, as the guest's front end changes them. */
static void make_cpuinfo(struct making *m)
{
    enum { ROOM = 16 << 10 };
    const struct process *proc = m->t->proc;
    char *block = calloc(1, ROOM), *out = malloc(ROOM), *line = NULL;
    size_t size = 0, used = 0;
    unsigned processor = 0;
    while (block && out) {
        const ssize_t n = getline(&line, &size, m->in);
        if (n > 1 && used + (size_t)n < ROOM) {
            strcpy(block + used, line);
            used += (size_t)n;
        }
        if (n > 1)
            continue;
        if (used) {
            proc->guest->abi->cpuinfo(&proc->config, processor++, block, out, ROOM);
            fputs(out, m->out);
        }
        used = 0;
        if (n < 0)
            break;
    }
    free(block);
    free(out);
    free(line);
}

enum whose {
    OWN,        /* of this process */
    OWN_UNTOLD, /* the same, if the kernel does not know better */
    TANDEM,     /* of any process that tandem runs */
    MACHINE,
};

static const struct {
    const char *name;
    enum whose whose;
    void (*make)(struct making *m);
} files[] = {
    {"maps", OWN, make_maps},
    {"smaps", OWN, make_smaps},
    {"smaps_rollup", OWN, make_rollup},
    {"limits", OWN, make_limits},
    {"cmdline", OWN_UNTOLD, make_cmdline},
    {"environ", OWN_UNTOLD, make_environ},
    {"auxv", OWN_UNTOLD, make_auxv},
    {"stat", TANDEM, make_stat},
    {"status", TANDEM, make_status},
    {"cpuinfo", MACHINE, make_cpuinfo},
};

static bool concerns(const struct process *proc, enum whose whose, const struct proc_name *name)
{
    switch (whose) {
    case OWN:
        return proc_is_own(name);
    case OWN_UNTOLD:
        return !proc->lx->told_kernel && proc_is_own(name);
    case TANDEM:
        return name->pid && (proc_is_own(name) || proc_is_tandem(proc, name->pid));
    default:
        return !name->pid;
    }
}

/* Puts the made file in the place of fd. fd or -errno. */
static long replace(struct thread *t, long fd, uint64_t flags, const struct proc_name *name,
                    void (*make)(struct making *m))
{
    long result = -ENOMEM;
    const int copy = dup((int)fd), made = memfd_create(name->entry, MFD_CLOEXEC);
    struct making m = {t, name, copy < 0 ? NULL : fdopen(copy, "r"), made < 0 ? NULL : fdopen(made, "w")};
    if (m.in && m.out) {
        make(&m);
        fflush(m.out);
        lseek(made, 0, SEEK_SET);
        result = host_call(LINUX_dup3, (unsigned)made, (uint64_t)fd, flags & O_CLOEXEC, 0, 0, 0);
    }
    if (m.in)
        fclose(m.in);
    if (m.out)
        fclose(m.out);
    if (result < 0)
        close((int)fd);
    return result;
}

/* The guest's program in the place of tandem's file, which fd is. */
static long replace_exe(struct thread *t, const struct procfs_opening *o, long fd)
{
    char program[LX_PATH_MAX];
    if (!o->path || !proc_exe_follow(t->proc, o->dirfd, o->path, program))
        return fd;
    close((int)fd);
    return host_call_intr(t, LINUX_openat, (uint64_t)AT_FDCWD, (uintptr_t)program, o->flags, 0, 0, 0);
}

long procfs_opened(struct thread *t, const struct procfs_opening *o, long fd)
{
    struct stat st;
    struct proc_name name;
    if (fd < 0 || (o->flags & O_ACCMODE) != O_RDONLY ||
        host_call(LINUX_fstat, (uint64_t)fd, (uintptr_t)&st, 0, 0, 0, 0))
        return fd;
    if (proc_is_tandem_file(t->proc, &st))
        return replace_exe(t, o, fd);
    if (!S_ISREG(st.st_mode) || o->flags & O_PATH || !proc_possible(&st) || !proc_name((int)fd, &name))
        return fd;
    for (unsigned i = 0; i < ARRAY_LEN(files); i++) {
        if (!strcmp(name.entry, files[i].name))
            return concerns(t->proc, files[i].whose, &name) ? replace(t, fd, o->flags, &name, files[i].make) : fd;
    }
    return fd;
}
