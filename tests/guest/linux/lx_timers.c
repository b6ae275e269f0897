/* SPDX-License-Identifier: Apache-2.0 */
/* Timers: interval timers into computation, POSIX timers with signals and threads, timerfd, clocks.
 * reference: none for i386 (with qemu 7.2 sums of doubles change when a signal interrupts them)
 * build: -D_GNU_SOURCE */
#include <pthread.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static volatile int ticks, value;
static void tick(int signo, siginfo_t *info, void *uc)
{
    (void)signo, (void)uc;
    value = info->si_value.sival_int;
    ticks++;
}

static void test_interval(void)
{
    handle(SIGALRM, tick, SA_RESTART);
    struct itimerval it = {{0, 2000}, {0, 2000}}, old;
    SHOW(setitimer(ITIMER_REAL, &it, NULL));
    uint64_t h = 1;
    double d = 1;
    unsigned long rounds = 0;
    while (ticks < 20 || rounds < 3) { /* registers must survive every tick */
        uint64_t g = 1;
        double e = 1;
        for (int i = 0; i < 2000; i++) {
            g = mix(g, (uint64_t)i);
            e = e * 1.0001 + (double)(g & 7);
        }
        if (rounds++ && (g != h || e != d))
            printf("DIFFERENT\n");
        h = g;
        d = e;
    }
    it.it_interval.tv_usec = it.it_value.tv_usec = 0;
    SHOW(setitimer(ITIMER_REAL, &it, &old));
    printf("interval %ld %016llx %.10g\n", (long)old.it_interval.tv_usec, (unsigned long long)h, d);
    ticks = 0;
    alarm(100);
    printf("alarm left: %d\n", alarm(0) >= 99);
}

static void test_posix(void)
{
    timer_t id;
    handle(SIGRTMIN, tick, 0);
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 1234};
    SHOW(timer_create(CLOCK_MONOTONIC, &ev, &id));
    struct itimerspec its = {.it_value = {0, 5000000}}, now;
    SHOW(timer_settime(id, 0, &its, NULL));
    SHOW(timer_gettime(id, &now));
    while (!ticks)
        ;
    printf("value %d\n", value);
    SHOW(timer_getoverrun(id));
    SHOW(timer_delete(id));
    SHOW(timer_delete(id));
    ticks = 0;
}

static volatile int thread_value;
static void on_thread(union sigval v) { __atomic_store_n(&thread_value, v.sival_int, __ATOMIC_RELEASE); }

static void test_thread_timer(void)
{
    timer_t id;
    struct sigevent ev = {
        .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_thread, .sigev_value.sival_int = 77};
    SHOW(timer_create(CLOCK_REALTIME, &ev, &id));
    struct itimerspec its = {.it_value = {0, 3000000}};
    SHOW(timer_settime(id, 0, &its, NULL));
    while (!__atomic_load_n(&thread_value, __ATOMIC_ACQUIRE))
        usleep(500);
    printf("on a thread: %d\n", thread_value);
    SHOW(timer_delete(id));
}

static void test_timerfd(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec its = {{0, 2000000}, {0, 2000000}}, now;
    SHOW(timerfd_settime(fd, 0, &its, NULL));
    uint64_t n = 0, sum = 0;
    for (int i = 0; i < 3; i++) {
        require(read(fd, &n, 8) == 8, "read timerfd");
        sum += n;
    }
    printf("expirations: %d\n", sum >= 3);
    SHOW(timerfd_gettime(fd, &now));
    printf("interval %ld\n", now.it_interval.tv_nsec);
    close(fd);
}

static void test_clocks(void)
{
    struct timespec a, b, r;
    SHOW(clock_gettime(CLOCK_MONOTONIC, &a));
    SHOW(clock_getres(CLOCK_MONOTONIC, &r));
    struct timespec wait = {0, 3000000};
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL));
    SHOW(clock_gettime(CLOCK_MONOTONIC, &b));
    printf("slept: %d\n", (b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec >= 3000000);
    a.tv_nsec += 5000000;
    a.tv_sec += a.tv_nsec / 1000000000; /* now and then the sleep ends in the next second */
    a.tv_nsec %= 1000000000;
    SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &a, NULL));
    SHOW(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a));
    SHOW(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &a));
    SHOW(clock_gettime(99, &a));
    SHOW(clock_gettime(CLOCK_REALTIME, &a));
    struct timeval tv;
    SHOW(gettimeofday(&tv, NULL));
    printf("same second: %d\n", tv.tv_sec - a.tv_sec <= 1);
    wait.tv_nsec = 1000000000;
    SHOW(nanosleep(&wait, NULL));
}

int main(void)
{
    test_interval();
    test_posix();
    test_thread_timer();
    test_timerfd();
    test_clocks();
    return 0;
}
