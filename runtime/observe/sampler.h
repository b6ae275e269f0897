/* SPDX-License-Identifier: Apache-2.0 */
/* Time by tier: with --stats, each guest thread is sampled by a timer of its own CPU time, and each sample is counted
 * for what the thread was doing. The timer's signal is number 64, which the guest then cannot use. Without --stats
 * there is no timer. */
#ifndef TANDEM_RUNTIME_OBSERVE_SAMPLER_H
#define TANDEM_RUNTIME_OBSERVE_SAMPLER_H

#include <stdbool.h>
#include <time.h>

struct engine_thread;

enum { SAMPLER_PERIOD_US = 1000, SAMPLER_SIGNAL = 64 };

struct sampler {
    timer_t timer;
    bool on;
};

/* Begins to sample the calling guest thread t; nothing if the kernel has no timer to spare. */
void sampler_start(struct sampler *s, struct engine_thread *t);
/* On that thread, with the signal blocked. */
void sampler_stop(struct sampler *s);

#endif
