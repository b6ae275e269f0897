/* SPDX-License-Identifier: Apache-2.0 */
/* See sampler.h. The handler only reads: the interrupted pc tells which piece of code ran; a thread outside generated
 * code is translating if its read section is open, else in the runtime or the kernel. */
#define _GNU_SOURCE
#include "runtime/observe/sampler.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "src/host/context.h"

/* The guest thread that the calling host thread runs, while it is sampled: a signal handler is given no context. */
static __thread struct engine_thread *sampled;

static void count_sample(struct engine_thread *t, uintptr_t host_pc)
{
    struct stats *s = &t->stats;
    const struct tb *tb = tb_find_host(t->engine, host_pc);
    if (tb && tb->kind == TB_REGION)
        s->time_tier2_ns += SAMPLER_PERIOD_US * 1000;
    else if (tb)
        s->time_tier1_ns += SAMPLER_PERIOD_US * 1000;
    else if (t->interp_tb)
        s->time_interp_ns += SAMPLER_PERIOD_US * 1000;
    else if (t->section)
        s->time_engine_ns += SAMPLER_PERIOD_US * 1000;
    else
        s->time_system_ns += SAMPLER_PERIOD_US * 1000;
}

static void on_sample(int signo, siginfo_t *info, void *context)
{
    const ucontext_t *uc = context;
    if (sampled)
        count_sample(sampled, host_context_pc(uc));
}

void sampler_start(struct sampler *s, struct engine_thread *t)
{
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_sigaction = on_sample;
    sa.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    if (sigaction(SAMPLER_SIGNAL, &sa, NULL) != 0)
        return;
    struct sigevent ev;
    memset(&ev, 0, sizeof ev);
    ev.sigev_notify = SIGEV_THREAD_ID;
    ev.sigev_signo = SAMPLER_SIGNAL;
    ev._sigev_un._tid = (int)syscall(SYS_gettid);
    s->on = timer_create(CLOCK_THREAD_CPUTIME_ID, &ev, &s->timer) == 0;
    if (!s->on)
        return;
    sampled = t;
    struct timespec period = {.tv_nsec = SAMPLER_PERIOD_US * 1000};
    struct itimerspec spec = {.it_interval = period, .it_value = period};
    timer_settime(s->timer, 0, &spec, NULL);
}

void sampler_stop(struct sampler *s)
{
    if (s->on)
        timer_delete(s->timer);
    s->on = false;
    sampled = NULL;
}
