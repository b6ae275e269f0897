/* SPDX-License-Identifier: Apache-2.0 */
/* Signals every fraction of a millisecond into threads that compute, call the kernel, sleep and fork: nothing may be
 * lost.
 * reference: none for i386 (with qemu 7.2 sums of doubles change when a signal interrupts them)
 * build: -D_GNU_SOURCE */
#include <poll.h>
#include <pthread.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { THREADS = 3, SECONDS_TENTHS = 6 };

static volatile int got;
static volatile double in_handler;

static void tick(int signo)
{
    (void)signo;
    got++;
    in_handler = in_handler * 0.5 + got;
}

static double now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

__attribute__((noinline)) static uint64_t compute(double *d)
{
    uint64_t h = 1;
    *d = 1;
    for (int i = 0; i < 200; i++) {
        h = mix(h, (uint64_t)i);
        *d = *d * 1.01 + i;
    }
    return h;
}

static void through_pipe(const int *p, long turn)
{
    char out[64], in[64];
    for (int i = 0; i < 64; i++)
        out[i] = (char)(i * turn);
    require(write(p[1], out, 64) == 64, "write");
    require(read(p[0], in, 64) == 64 && !memcmp(in, out, 64), "read");
    struct pollfd f = {p[0], POLLIN, 0};
    int r = poll(&f, 1, 0);
    require(r == 0 || (r < 0 && errno == EINTR), "poll");
}

static void fork_and_wait(void)
{
    int status;
    pid_t pid = fork();
    if (!pid)
        _exit(7);
    while (waitpid(pid, &status, 0) < 0)
        require(errno == EINTR, "waitpid");
    require(status == 0x700, "status of the child");
}

static void *work(void *arg)
{
    int p[2];
    double d, first_d, end = now() + SECONDS_TENTHS * 0.1;
    uint64_t first = compute(&first_d);
    require(pipe(p) == 0, "pipe");
    for (long turn = 1; now() < end; turn++) {
        through_pipe(p, turn);
        require(compute(&d) == first && d == first_d, "same result");
        void *m = malloc(100000);
        memset(m, 1, 100000);
        free(m);
        struct timespec ts = {0, 50000};
        if (turn % 64 == 0)
            nanosleep(&ts, NULL);
        if (turn % 300 == 0)
            fork_and_wait();
    }
    return arg;
}

int main(void)
{
    struct sigaction a = {.sa_handler = tick, .sa_flags = SA_RESTART};
    struct itimerval often = {{0, 200}, {0, 200}}, never = {{0, 0}, {0, 0}};
    pthread_t id[THREADS];
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&id[i], NULL, work, NULL);
    double end = now() + (SECONDS_TENTHS - 1) * 0.1;
    for (unsigned i = 0; now() < end; i++) {
        pthread_kill(id[i % THREADS], SIGALRM);
        usleep(400);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(id[i], NULL);
    setitimer(ITIMER_REAL, &never, NULL);
    printf("signals: %s\n", got > 20 ? "many" : "too few");
    return 0;
}
