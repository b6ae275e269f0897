/* SPDX-License-Identifier: Apache-2.0 */
/* See background.h. Signals are blocked by the raw call: the C library's leaves out 32 and 33, which are the guest's,
 * too. */
#define _GNU_SOURCE
#include "src/base/background.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { MAX_KNOWN = 256 }; /* the time of more than these at once is not known */

struct job {
    void *(*main)(void *);
    void *arg;
};

/* What the threads have had. A child of fork has none of them. */
static struct {
    pid_t owner;              /* atomic: the process whose they are */
    pid_t running[MAX_KNOWN]; /* atomic: thread ids; 0: free */
    uint64_t user, system;    /* atomic: of those that have ended */
    uint32_t changes;         /* atomic: how often one has ended */
} known;

static _Thread_local bool forbidden, own_descriptors;

void background_forbid(bool forbid) { forbidden = forbid; }
bool background_is_forbidden(void) { return forbidden; }

bool background_own_descriptors(void)
{
    enum { UNSHARE = 2 /* CLOSE_RANGE_UNSHARE */ };
    own_descriptors = syscall(SYS_close_range, 0u, ~0u, UNSHARE) == 0;
    return own_descriptors;
}

/* A socket cannot be opened by its name in /proc; some containers forbid the other way. */
int background_stderr(void)
{
    enum { PIDFD_OPEN = 434, PIDFD_GETFD = 438 };
    if (!own_descriptors)
        return STDERR_FILENO;
    const int process = (int)syscall(PIDFD_OPEN, getpid(), 0);
    int fd = (int)syscall(PIDFD_GETFD, process, STDERR_FILENO, 0); /* both: the first thread's table */
    if (fd < 0)
        fd = open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_CLOEXEC);
    if (process >= 0)
        close(process);
    return fd;
}

static uint64_t load(const uint64_t *value) { return __atomic_load_n(value, __ATOMIC_ACQUIRE); }

static uint64_t ns_of(time_t seconds, long ns) { return (uint64_t)seconds * 1000000000u + (uint64_t)ns; }

/* The kernel's number of a thread's CPU clock (clock_getcpuclockid(3)). */
static clockid_t clock_of(pid_t tid)
{
    enum { PER_THREAD = 4, SCHED = 2 };
    return (clockid_t)((~(unsigned)tid << 3) | PER_THREAD | SCHED);
}

/* How the time of a running thread divides, as its stat has it: fields 14 and 15. */
static void divide(pid_t tid, uint64_t total, struct background_time *sum)
{
    char text[512];
    unsigned long user = 1, system = 0;
    snprintf(text, sizeof text, "/proc/self/task/%d/stat", tid);
    const int fd = open(text, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = 0;
    const char *p = strrchr(text, ')');
    if (p && sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) == 2 && !user &&
        !system)
        user = 1;
    const uint64_t share = (uint64_t)((double)total * (double)system / (double)(user + system));
    sum->system += share;
    sum->user += total - share;
}

static struct background_time sum_of_known(void)
{
    struct background_time sum = {load(&known.user), load(&known.system)};
    for (unsigned i = 0; i < MAX_KNOWN; i++) {
        struct timespec t;
        const pid_t tid = __atomic_load_n(&known.running[i], __ATOMIC_ACQUIRE);
        if (tid && clock_gettime(clock_of(tid), &t) == 0)
            divide(tid, ns_of(t.tv_sec, t.tv_nsec), &sum);
    }
    return sum;
}

struct background_time background_cpu_time(void)
{
    struct background_time sum = {0, 0};
    uint32_t changes;
    if (__atomic_load_n(&known.owner, __ATOMIC_ACQUIRE) != getpid())
        return sum;
    do { /* one that ends meanwhile would be counted twice, or not */
        changes = __atomic_load_n(&known.changes, __ATOMIC_ACQUIRE);
        sum = sum_of_known();
    } while (__atomic_load_n(&known.changes, __ATOMIC_ACQUIRE) != changes);
    return sum;
}

/* The calling thread's place; NULL: there is none left. */
static pid_t *register_thread(void)
{
    const pid_t tid = (pid_t)syscall(SYS_gettid);
    for (unsigned i = 0; i < MAX_KNOWN; i++) {
        pid_t none = 0;
        if (__atomic_compare_exchange_n(&known.running[i], &none, tid, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            return &known.running[i];
    }
    return NULL;
}

static void unregister_thread(pid_t *place)
{
    struct rusage u;
    getrusage(RUSAGE_THREAD, &u);
    __atomic_fetch_add(&known.user, ns_of(u.ru_utime.tv_sec, u.ru_utime.tv_usec * 1000), __ATOMIC_RELEASE);
    __atomic_fetch_add(&known.system, ns_of(u.ru_stime.tv_sec, u.ru_stime.tv_usec * 1000), __ATOMIC_RELEASE);
    __atomic_store_n(place, 0, __ATOMIC_RELEASE);
    __atomic_fetch_add(&known.changes, 1, __ATOMIC_RELEASE);
}

static void *run(void *arg)
{
    const struct job job = *(struct job *)arg;
    free(arg);
    pid_t *place = register_thread();
    void *result = job.main(job.arg);
    if (place)
        unregister_thread(place);
    return result;
}

/* The first thread of a process: what its parent had is not its. No other one runs then. */
static void take_over(void)
{
    const pid_t pid = getpid();
    if (__atomic_load_n(&known.owner, __ATOMIC_ACQUIRE) == pid)
        return;
    memset(&known, 0, sizeof known);
    __atomic_store_n(&known.owner, pid, __ATOMIC_RELEASE);
}

void background_had(const struct background_time *before)
{
    take_over();
    __atomic_fetch_add(&known.user, before->user, __ATOMIC_RELEASE);
    __atomic_fetch_add(&known.system, before->system, __ATOMIC_RELEASE);
}

bool background_start(pthread_t *thread, void *(*main)(void *), void *arg, size_t stack)
{
    uint64_t all = ~(uint64_t)0, old;
    pthread_attr_t attr;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, sizeof all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, stack);
    struct job *job = malloc(sizeof *job);
    if (job)
        *job = (struct job){main, arg};
    take_over();
    bool ok = job && pthread_create(thread, &attr, run, job) == 0;
    if (!ok)
        free(job);
    pthread_attr_destroy(&attr);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, sizeof old);
    return ok;
}
