/* SPDX-License-Identifier: Apache-2.0 */
/* Uses CPU time in a way that its argument names; tests/scripts/check_cpu_time.py compares tandem's account of it. */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double cpu_seconds(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

static uint64_t mix(uint64_t h, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        h = (h ^ i) * 0x9e3779b97f4a7c15u + (h >> 7);
    return h;
}

/* Computes for some CPU time of the calling thread. */
static void *compute(void *seconds)
{
    volatile uint64_t h = 1;
    while (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) < *(double *)seconds)
        h = mix(h, 100000);
    return NULL;
}

static void calls(double seconds)
{
    static char buf[1 << 18];
    int fd = open("/dev/zero", O_RDONLY);
    while (cpu_seconds(CLOCK_THREAD_CPUTIME_ID) < seconds)
        for (int i = 0; i < 10; i++)
            if (read(fd, buf, sizeof buf) != sizeof buf)
                exit(1);
}

static void threads(double seconds)
{
    pthread_t t[3];
    double each = seconds / 4;
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, compute, &each);
    compute(&each);
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
}

static void processes(double seconds)
{
    int status;
    double half = seconds / 2;
    pid_t child = fork();
    compute(&half);
    if (!child)
        _exit(0);
    waitpid(child, &status, 0);
}

int main(int argc, char **argv)
{
    double seconds = 0.6;
    const char *how = argc > 1 ? argv[1] : "";
    if (strcmp(how, "compute") == 0) {
        compute(&seconds);
    } else if (strcmp(how, "calls") == 0) {
        calls(seconds);
    } else if (strcmp(how, "threads") == 0) {
        threads(seconds);
    } else if (strcmp(how, "fork") == 0) {
        processes(2 * seconds);
    } else if (strcmp(how, "exec") == 0) {
        compute(&seconds);
        execl("/proc/self/exe", argv[0], "compute-on", (char *)NULL);
    } else if (strcmp(how, "compute-on") == 0) {
        seconds += cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        compute(&seconds);
    } else {
        return 2;
    }
    return 0;
}
