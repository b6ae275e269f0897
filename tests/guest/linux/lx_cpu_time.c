/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time of the process is that of its threads, and /proc/self/task lists them and no others.
 * reference: none (qemu counts what it compiles)
 * not in: interp cached cache1m fail3 regs precise (it is about what compiles beside the program)
 * build: -D_GNU_SOURCE */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/cpu_work.h"
#include "tests/guest/linux/linux_test.h"

/* Two clocks cannot be read at once: what is looked at is near for one of so many looks. */
enum { LOOKS = 300, NEAR_NS = 5000000, NEAR_TICKS = 2, WORK_NS = 60000000, READS = 2000 };

static int64_t usage_ns(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000000) +
           (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * INT64_C(1000);
}

/* ---- the only thread: its time is the process's ---- */

static clockid_t clock_of_process;

static int64_t process_clock(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }
static int64_t clock_of_pid(void) { return clock_ns(clock_of_process); }
static int64_t usage(void) { return usage_ns(RUSAGE_SELF); }
static int64_t tick_ns(void) { return 1000000000 / sysconf(_SC_CLK_TCK); }

static int64_t ticks(void)
{
    struct tms t;
    times(&t);
    return (t.tms_utime + t.tms_stime) * tick_ns();
}

static int64_t stat_ticks(void)
{
    enum { UTIME = 14, STIME };
    char text[1024];
    int fd = open("/proc/self/stat", O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n < 0 ? 0 : n] = 0;
    char *save, *tok = strtok_r(strrchr(text, ')') + 1, " ", &save);
    int64_t sum = 0;
    for (int field = 3; field <= STIME; field++, tok = strtok_r(NULL, " ", &save))
        sum += field >= UTIME ? strtol(tok, NULL, 10) : 0;
    return sum * tick_ns();
}

static int is_near(int64_t (*process)(void), int64_t near)
{
    for (int i = 0; i < LOOKS; i++) {
        const int64_t off = process() - clock_ns(CLOCK_THREAD_CPUTIME_ID);
        if (off < near && off > -near)
            return 1;
        sched_yield();
    }
    return 0;
}

static int goes_on(int64_t (*process)(void))
{
    int64_t last = 0;
    for (int i = 0; i < READS; i++) {
        const int64_t now = process();
        if (now < last)
            return 0;
        last = now;
    }
    return 1;
}

static void test_alone(void)
{
    CHECK(is_near(process_clock, NEAR_NS));
    require(!clock_getcpuclockid(0, &clock_of_process), "clock");
    CHECK(is_near(clock_of_pid, NEAR_NS));
    require(!clock_getcpuclockid(getpid(), &clock_of_process), "clock");
    CHECK(is_near(clock_of_pid, NEAR_NS));
    CHECK(is_near(usage, NEAR_NS));
    CHECK(is_near(ticks, NEAR_TICKS * tick_ns()));
    CHECK(is_near(stat_ticks, NEAR_TICKS * tick_ns()));
    CHECK(goes_on(process_clock));
    CHECK(goes_on(usage));
}

/* ---- threads ---- */

static int tasks(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; d && (e = readdir(d));)
        n += *e->d_name != '.';
    struct stat a, b;
    require(!fstat(dirfd(d), &a) && !stat("/proc/self/task", &b), "stat");
    closedir(d);
    return a.st_nlink == b.st_nlink && a.st_nlink == (unsigned)n + 2 ? n : -(int)a.st_nlink;
}

/* The same by the call of old, and with room for one entry only. */
static int old_tasks(void)
{
#ifdef SYS_getdents
    struct {
        unsigned long ino, off;
        unsigned short size;
        char name[22];
    } e;
    int n = 0, fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY);
    while (syscall(SYS_getdents, fd, &e, sizeof e) > 0)
        n += *e.name != '.';
    close(fd);
    return n;
#else
    return tasks();
#endif
}

static void *worker(void *arg)
{
    work(WORK_NS);
    printf("with a thread: %d %d\n", tasks(), old_tasks());
    *(int64_t *)arg = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

static void test_threads(void)
{
    pthread_t t;
    int64_t other = 0;
    printf("alone: %d %d\n", tasks(), old_tasks());
    require(!pthread_create(&t, NULL, worker, &other), "pthread_create");
    pthread_join(t, NULL);
    CHECK(process_clock() >= clock_ns(CLOCK_THREAD_CPUTIME_ID) + other - NEAR_NS);
    CHECK(usage() >= usage_ns(RUSAGE_THREAD) + other - NEAR_NS);
}

int main(void)
{
    int status;
    work(WORK_NS);
    test_alone();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) { /* begins again from nothing */
        CHECK(process_clock() < WORK_NS);
        CHECK(is_near(process_clock, NEAR_NS));
        work(WORK_NS);
        CHECK(is_near(process_clock, NEAR_NS));
        CHECK(is_near(usage, NEAR_NS));
        return 0;
    }
    SHOW(waitpid(pid, &status, 0) == pid && status == 0);
    test_threads();
    return 0;
}
