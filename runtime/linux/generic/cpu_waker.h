/* SPDX-License-Identifier: Apache-2.0 */
/* A thread of tandem's that does something whenever the process has had so much CPU time, tandem's own with it. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_CPU_WAKER_H
#define TANDEM_RUNTIME_LINUX_GENERIC_CPU_WAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct cpu_waker {
    pthread_t thread;
    void (*wake)(void *arg);
    void *arg;
    bool runs;
    bool stop;      /* atomic */
    bool waits;     /* atomic: timer and tid are known */
    bool has_timer; /* else the kernel has none to spare, and it looks every few milliseconds */
    int timer;      /* the kernel's number */
    pid_t tid;
};

/* Starts the thread, which calls wake(arg) at once, and again when the time of cpu_waker_arm has passed, or earlier.
 * False: there can be no thread. Nothing if it runs. All calls: any guest thread, under one lock of the caller's, which
 * wake takes, too; but for cpu_waker_stop. */
bool cpu_waker_start(struct cpu_waker *w, void (*wake)(void *arg), void *arg);
/* ns of the process's CPU time from now; UINT64_MAX: never. What was armed before is forgotten. */
void cpu_waker_arm(const struct cpu_waker *w, uint64_t ns);
/* Ends the thread; without the caller's lock. False: there was none. */
bool cpu_waker_stop(struct cpu_waker *w);

#endif
