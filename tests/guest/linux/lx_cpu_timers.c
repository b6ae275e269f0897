/* SPDX-License-Identifier: Apache-2.0 */
/* Timers of the process's CPU time: none expires before the program has had that much.
 * reference: none (qemu counts what it compiles)
 * not in: interp cached cache1m fail3 regs precise fast stats (it is about what compiles beside the program)
 * build: -D_GNU_SOURCE */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/cpu_work.h"
#include "tests/guest/linux/linux_test.h"

/* The kernel counts for interval timers by its ticks: what a program has had of one is anybody's guess. What it counts
 * for the others is exact. */
enum { ASKED = 40000000, SLACK = 30000000, PERIOD = 10000000, LONG = 10, TICK = 10000000 };

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static int64_t process_clock(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

static int64_t user_clock(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec * INT64_C(1000000000) + u.ru_utime.tv_usec * INT64_C(1000);
}

static int64_t ns_of_timeval(struct timeval t) { return t.tv_sec * INT64_C(1000000000) + t.tv_usec * INT64_C(1000); }

static struct timespec timespec_of(int64_t ns)
{
    return (struct timespec){(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

/* ---- what the handler sees ---- */

static int64_t (*seen_clock)(void);
static volatile int64_t seen_at;
static volatile int seen, seen_code, seen_value, seen_overrun;

static void on_timer(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    seen_at = seen_clock ? seen_clock() : 0;
    seen_code = info->si_code;
    seen_value = info->si_value.sival_int;
    seen_overrun = info->si_overrun;
    seen = seen + 1;
}

static void expect(int signo, int64_t (*clock)(void))
{
    struct sigaction sa = {.sa_sigaction = on_timer, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(signo, &sa, NULL);
    seen_clock = clock;
    seen = 0;
}

static void work_until_seen(int times)
{
    while (seen < times)
        work(1000000);
}

/* ---- interval timers ---- */

static void interval_timer(int which, int signo, int64_t (*clock)(void))
{
    struct itimerval value = {.it_value = {0, ASKED / 1000}}, now;
    expect(signo, clock);
    const int64_t begin = clock();
    SHOW(setitimer(which, &value, NULL));
    work_until_seen(1);
    CHECK(seen_at - begin >= ASKED - SLACK);
    CHECK(seen_code == SI_KERNEL);
    SHOW(getitimer(which, &now));
    CHECK(ns_of_timeval(now.it_value) == 0);
}

static void what_is_left(int which)
{
    struct itimerval value = {.it_interval = {1, 0}, .it_value = {LONG, 0}}, old, off = {{0, 0}, {0, 0}};
    setitimer(which, &value, NULL);
    work(ASKED);
    SHOW(getitimer(which, &value));
    CHECK(value.it_value.tv_sec >= LONG - 1 && value.it_value.tv_sec <= LONG);
    SHOW(setitimer(which, &off, &old));
    CHECK(old.it_interval.tv_sec == 1 && old.it_value.tv_sec >= LONG - 1);
    SHOW(getitimer(which, &value));
    CHECK(ns_of_timeval(value.it_value) == 0);
}

static void wrong_values(void)
{
    struct itimerval value = {.it_value = {0, 1000000}};
    SHOW(setitimer(ITIMER_PROF, &value, NULL) == -1 && errno == EINVAL);
    value.it_value = (struct timeval){-1, 0};
    SHOW(setitimer(ITIMER_VIRTUAL, &value, NULL) == -1 && errno == EINVAL);
    SHOW(syscall(SYS_setitimer, ITIMER_PROF, (void *)8, NULL) == -1 && errno == EFAULT);
    SHOW(syscall(SYS_getitimer, ITIMER_PROF, (void *)8) == -1 && errno == EFAULT);
}

/* ---- timers of timer_create ---- */

static timer_t make_timer(clockid_t clock, int notify, int signo)
{
    timer_t timer;
    struct sigevent event = {.sigev_notify = notify, .sigev_signo = signo, .sigev_value = {.sival_int = 4711}};
    event.sigev_notify_thread_id = (int)syscall(SYS_gettid);
    require(timer_create(clock, &event, &timer) == 0, "timer_create");
    return timer;
}

static void timer_of(clockid_t clock, int notify)
{
    const timer_t timer = make_timer(clock, notify, SIGRTMIN + 1);
    struct itimerspec value = {.it_value = timespec_of(ASKED)};
    expect(SIGRTMIN + 1, process_clock);
    const int64_t begin = process_clock();
    SHOW(timer_settime(timer, 0, &value, NULL));
    SHOW(unshare(CLONE_VM)); /* a process of one thread may, also while it has timers */
    work_until_seen(1);
    CHECK(seen_at - begin >= ASKED);
    CHECK(seen_code == SI_TIMER && seen_value == 4711 && seen_overrun == 0);
    SHOW(timer_gettime(timer, &value));
    CHECK(ns_of(value.it_value) == 0);
    SHOW(timer_getoverrun(timer));
    SHOW(timer_delete(timer));
    SHOW(timer_gettime(timer, &value) == -1 && errno == EINVAL);
    SHOW(timer_settime(timer, 0, &value, NULL) == -1 && errno == EINVAL);
    SHOW(timer_delete(timer) == -1 && errno == EINVAL);
}

/* Until a time, and then in periods; those that nobody took are counted. */
static void periods(void)
{
    sigset_t set;
    siginfo_t info;
    const timer_t timer = make_timer(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGRTMIN + 2);
    expect(SIGRTMIN + 2, process_clock);
    const int64_t begin = process_clock();
    struct itimerspec value = {timespec_of(PERIOD), timespec_of(begin + PERIOD)}, now;
    SHOW(timer_settime(timer, TIMER_ABSTIME, &value, NULL));
    work_until_seen(3);
    CHECK(seen_at - begin >= 3 * PERIOD);
    SHOW(timer_gettime(timer, &now));
    CHECK(ns_of(now.it_interval) == PERIOD && ns_of(now.it_value) > 0 && ns_of(now.it_value) <= PERIOD);
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    work(5 * PERIOD);
    SHOW(sigwaitinfo(&set, &info) == SIGRTMIN + 2);
    CHECK(info.si_overrun >= 2 && info.si_overrun < 50);
    CHECK(timer_getoverrun(timer) == info.si_overrun);
    SHOW(timer_settime(timer, 0, &(struct itimerspec){.it_value = {0, 0}}, &value));
    CHECK(ns_of(value.it_interval) == PERIOD);
    SHOW(timer_delete(timer));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void without_signal(void)
{
    struct itimerspec value = {.it_value = {LONG, 0}};
    const timer_t timer = make_timer(CLOCK_PROCESS_CPUTIME_ID, SIGEV_NONE, 0);
    const int64_t begin = process_clock();
    timer_settime(timer, 0, &value, NULL);
    work(ASKED);
    SHOW(timer_gettime(timer, &value));
    const int64_t off_by = ns_of(value.it_value) + process_clock() - begin - LONG * INT64_C(1000000000);
    CHECK(off_by < TICK && off_by > -TICK);
    SHOW(timer_delete(timer));
}

/* ---- other threads ---- */

static volatile int stop;

static void *worker(void *arg)
{
    (void)arg;
    while (!stop)
        work(1000000);
    return NULL;
}

static void sleeping(void)
{
    const clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    struct timespec time = timespec_of(ASKED), left;
    struct itimerval soon = {.it_value = {0, 30000}};
    const int64_t begin = process_clock();
    SHOW(clock_nanosleep(clock, 0, &time, NULL));
    CHECK(process_clock() - begin >= ASKED);
    time = timespec_of(process_clock() + PERIOD);
    SHOW(clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL));
    CHECK(process_clock() >= ns_of(time));
    SHOW(clock_nanosleep(clock, TIMER_ABSTIME, &time, NULL));
    time.tv_nsec = 1000000000;
    SHOW(clock_nanosleep(clock, 0, &time, NULL) == EINVAL);
    expect(SIGALRM, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    time = (struct timespec){LONG, 0};
    SHOW(clock_nanosleep(clock, 0, &time, &left) == EINTR);
    CHECK(left.tv_sec == LONG - 1);
}

static void with_a_thread(void)
{
    pthread_t t;
    require(!pthread_create(&t, NULL, worker, NULL), "pthread_create");
    sleeping();
    stop = 1;
    pthread_join(t, NULL);
}

/* ---- other processes and programs ---- */

static int wait_for(pid_t pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

/* A child has no timers. */
static void children(void)
{
    struct itimerval value = {.it_value = {LONG, 0}};
    struct itimerspec left;
    const timer_t timer = make_timer(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGRTMIN + 1);
    setitimer(ITIMER_PROF, &value, NULL);
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        SHOW(getitimer(ITIMER_PROF, &value));
        CHECK(ns_of_timeval(value.it_value) == 0);
        SHOW(timer_gettime(timer, &left) == -1 && errno == EINVAL);
        interval_timer(ITIMER_PROF, SIGPROF, process_clock);
        exit(0);
    }
    SHOW(wait_for(pid));
    SHOW(getitimer(ITIMER_PROF, &value));
    CHECK(value.it_value.tv_sec >= LONG - 1 && value.it_value.tv_sec <= LONG);
    SHOW(timer_delete(timer));
}

/* The second program: its time goes on, and so does the timer. */
static void after_exec(void)
{
    struct itimerval value;
    const int64_t off_by = process_clock() - clock_ns(CLOCK_THREAD_CPUTIME_ID);
    CHECK(off_by < TICK && off_by > -TICK);
    SHOW(getitimer(ITIMER_PROF, &value));
    CHECK(value.it_interval.tv_sec == 1 && value.it_value.tv_sec >= LONG - 1);
    value = (struct itimerval){.it_value = {0, ASKED / 1000}};
    SHOW(setitimer(ITIMER_PROF, &value, NULL));
    expect(SIGPROF, process_clock);
    const int64_t begin = process_clock();
    work_until_seen(1);
    CHECK(seen_at - begin >= ASKED - SLACK);
}

static void programs(char *self)
{
    struct itimerval value = {.it_interval = {1, 0}, .it_value = {LONG, 0}};
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        setitimer(ITIMER_PROF, &value, NULL);
        work(ASKED);
        execl("/no/such/program", "x", NULL);
        getitimer(ITIMER_PROF, &value);
        CHECK(value.it_interval.tv_sec == 1 && value.it_value.tv_sec >= LONG - 1);
        fflush(stdout);
        execl(self, self, "again", NULL);
        exit(1);
    }
    SHOW(wait_for(pid));
}

int main(int argc, char **argv)
{
    clockid_t clock;
    if (argc > 1) {
        after_exec();
        return 0;
    }
    interval_timer(ITIMER_PROF, SIGPROF, process_clock);
    interval_timer(ITIMER_VIRTUAL, SIGVTALRM, user_clock);
    what_is_left(ITIMER_PROF);
    what_is_left(ITIMER_VIRTUAL);
    wrong_values();
    timer_of(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL);
    require(!clock_getcpuclockid(getpid(), &clock), "clock");
    timer_of(clock, SIGEV_THREAD_ID);
    periods();
    without_signal();
    children();
    programs(argv[0]);
    with_a_thread();
    return 0;
}
