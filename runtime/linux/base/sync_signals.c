/* SPDX-License-Identifier: Apache-2.0 */
/* Synchronous signals that somebody sent: see sync_signals.h.
 *
 * I1  sync_arrive runs in a handler that may have interrupted anything: it takes no lock.
 * I2  A slot's state is a version and what the slot holds. Only who changes EMPTY to WRITING writes the signal. A
 *     reader has it if the state is the same FULL after copying; the version tells two of them apart.
 * I3  Who puts a signal in reads masks afterwards, and who changes a mask looks for signals afterwards; all of it is
 *     sequentially consistent. So one of the two sees the other.
 * I4  In a window nothing but the host call runs: a fault of tandem's own would kill the process.
 * I5  The kernel passes a siginfo on as it is, also what lies behind its fields: there the mark stands. */
#include "runtime/linux/base/sync_signals.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/process.h"

enum { EMPTY, WRITING, FULL, STATE_MASK = 3, NEXT_VERSION = 4 };
enum { MARK_AT = 40 }; /* of the 48 bytes that the kernel keeps */
static const uint64_t MARK_THREAD = 0x7d1f3c5a9be80641, MARK_POKE = 0x2b64e90df7a3158c;

/* ---- marks (I5) ---- */

static uint64_t mark_of(const siginfo_t *info)
{
    uint64_t mark;
    memcpy(&mark, (const char *)info + MARK_AT, sizeof mark);
    return info->si_code <= 0 ? mark : 0;
}

static void set_mark(siginfo_t *info, uint64_t mark) { memcpy((char *)info + MARK_AT, &mark, sizeof mark); }

bool sync_is_poke(const siginfo_t *info) { return mark_of(info) == MARK_POKE; }

void sync_mark_thread(siginfo_t *info) { set_mark(info, MARK_THREAD); }

void sync_unmark(siginfo_t *info)
{
    if (mark_of(info) == MARK_THREAD)
        set_mark(info, 0);
}

static bool for_thread(const siginfo_t *info) { return info->si_code == SI_TKILL || mark_of(info) == MARK_THREAD; }

/* ---- what waits for the process ---- */

static void put(struct process *proc, const siginfo_t *info)
{
    struct lx_sync_slot *s = &proc->lx->sync.slot[info->si_signo];
    uint64_t words[LX_SIGINFO_WORDS];
    uint64_t state = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);
    if ((state & STATE_MASK) != EMPTY ||
        !__atomic_compare_exchange_n(&s->state, &state, state | WRITING, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        return; /* falls together with the one there */
    memcpy(words, info, sizeof words);
    for (unsigned i = 0; i < LX_SIGINFO_WORDS; i++)
        __atomic_store_n(&s->words[i], words[i], __ATOMIC_RELAXED);
    __atomic_store_n(&s->state, (state & ~(uint64_t)STATE_MASK) | FULL, __ATOMIC_SEQ_CST); /* I3 */
}

bool sync_take(struct process *proc, int signo, siginfo_t *info)
{
    struct lx_sync_slot *s = &proc->lx->sync.slot[signo];
    uint64_t words[LX_SIGINFO_WORDS];
    uint64_t state = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);
    if ((state & STATE_MASK) != FULL)
        return false;
    for (unsigned i = 0; i < LX_SIGINFO_WORDS; i++)
        words[i] = __atomic_load_n(&s->words[i], __ATOMIC_RELAXED);
    const uint64_t empty = ((state & ~(uint64_t)STATE_MASK) + NEXT_VERSION) | EMPTY;
    if (!__atomic_compare_exchange_n(&s->state, &state, empty, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) /* I2 */
        return false;
    memcpy(info, words, sizeof words);
    return true;
}

uint64_t sync_waiting(const struct process *proc)
{
    uint64_t set = 0;
    for (uint64_t left = LX_SYNC_MASK; left; left &= left - 1) {
        const int signo = __builtin_ctzll(left) + 1;
        if ((__atomic_load_n(&proc->lx->sync.slot[signo].state, __ATOMIC_SEQ_CST) & STATE_MASK) == FULL) /* I3 */
            set |= lx_sigbit(signo);
    }
    return set;
}

bool sync_arrive(struct thread *t, const siginfo_t *info)
{
    struct linux_thread *lx = t->lx;
    const uint64_t bit = lx_sigbit(info->si_signo);
    if (!sync_is_poke(info)) {
        if (~lx->mask & bit & __atomic_load_n(&t->proc->lx->ignored, __ATOMIC_RELAXED))
            return false;
        if (!for_thread(info)) {
            put(t->proc, info);
        } else if (!(__atomic_load_n(&lx->queued, __ATOMIC_RELAXED) & bit)) { /* else it falls together */
            lx->slot[info->si_signo] = *info;
            __atomic_fetch_or(&lx->queued, bit, __ATOMIC_RELEASE);
        }
    }
    if (lx->offered & bit)
        return true;
    lx->to_route = true;
    thread_kick(t);
    return true;
}

void sync_discard(struct process *proc, int signo)
{
    siginfo_t info;
    sync_take(proc, signo, &info);
    pthread_mutex_lock(&proc->threads_lock);
    for (struct thread *t = proc->threads; t; t = t->next)
        __atomic_fetch_and(&t->lx->queued, ~lx_sigbit(signo), __ATOMIC_RELAXED);
    pthread_mutex_unlock(&proc->threads_lock);
}

void sync_forget(struct thread *t)
{
    memset(&t->proc->lx->sync, 0, sizeof t->proc->lx->sync);
    t->lx->queued = 0;
}

/* ---- to the kernel and back ---- */

/* Gives what waits for t or the process to the kernel. The host blocks set. */
static void give(struct thread *t, uint64_t set)
{
    struct linux_thread *lx = t->lx;
    siginfo_t info;
    for (uint64_t own = __atomic_load_n(&lx->queued, __ATOMIC_ACQUIRE) & set; own; own &= own - 1) {
        const int signo = __builtin_ctzll(own) + 1;
        info = lx->slot[signo];
        __atomic_fetch_and(&lx->queued, ~lx_sigbit(signo), __ATOMIC_RELAXED);
        sync_mark_thread(&info);
        host_call(LINUX_rt_tgsigqueueinfo, (uint64_t)getpid(), (uint64_t)t->tid, (uint64_t)signo, (uintptr_t)&info, 0,
                  0);
    }
    for (uint64_t all = sync_waiting(t->proc) & set; all; all &= all - 1) {
        const int signo = __builtin_ctzll(all) + 1;
        if (sync_take(t->proc, signo, &info)) /* to the process; only with its own id may a thread send any si_code */
            host_call(LINUX_rt_sigqueueinfo, (uint64_t)t->tid, (uint64_t)signo, (uintptr_t)&info, 0, 0, 0);
    }
}

uint64_t sync_window(const struct thread *t)
{
    return (t->lx->has_saved ? t->lx->saved_mask : t->lx->mask) & LX_SYNC_MASK;
}

/* The ticks' signal is one of these: there are no ticks in a window. */
static void hold_ticks(struct lx_ticks *ticks, bool hold)
{
    const struct itimerspec off = {.it_value = {0}};
    if (ticks->on)
        host_call(LINUX_timer_settime, (unsigned)ticks->timer, 0, (uintptr_t)(hold ? &off : &ticks->left),
                  (uintptr_t)(hold ? &ticks->left : NULL), 0, 0);
}

void sync_window_begin(struct thread *t, uint64_t window)
{
    hold_ticks(&t->lx->ticks, true);
    __atomic_fetch_add(&t->proc->lx->sync.windows, 1, __ATOMIC_RELAXED);
    host_sigmask(SIG_BLOCK, &window, NULL);
    give(t, window);
}

void sync_window_end(struct thread *t, uint64_t window)
{
    host_sigmask(SIG_UNBLOCK, &window, NULL); /* what came meanwhile arrives */
    __atomic_fetch_sub(&t->proc->lx->sync.windows, 1, __ATOMIC_RELAXED);
    hold_ticks(&t->lx->ticks, false);
}

/* ---- to other threads ---- */

/* Makes t look at what waits, out of generated code or a host call. */
static void poke(struct thread *t, int signo)
{
    siginfo_t info = {.si_signo = signo, .si_code = SI_QUEUE};
    set_mark(&info, MARK_POKE);
    thread_kick(t);
    host_call(LINUX_rt_tgsigqueueinfo, (uint64_t)getpid(), (uint64_t)t->tid, (uint64_t)signo, (uintptr_t)&info, 0, 0);
}

/* Pokes a thread for each of set that does not block it. Returns those for which there is none; *alone: there is no
 * other thread. */
static uint64_t poke_others(struct thread *t, uint64_t set, bool *alone)
{
    struct process *proc = t->proc;
    *alone = true;
    pthread_mutex_lock(&proc->threads_lock);
    for (struct thread *other = proc->threads; other; other = other->next) {
        if (other == t)
            continue;
        *alone = false;
        const uint64_t open = set & ~__atomic_load_n(&other->lx->mask, __ATOMIC_SEQ_CST); /* I3 */
        for (uint64_t left = open; left; left &= left - 1)
            poke(other, __builtin_ctzll(left) + 1);
        set &= ~open;
    }
    pthread_mutex_unlock(&proc->threads_lock);
    return set;
}

/* Leaves signals to the kernel for a moment: another thread may wait for one by sigtimedwait or signalfd. What nobody
 * takes comes back without notice. */
static void offer(struct thread *t, uint64_t set)
{
    enum { LOOKS = 20 };
    const struct timespec pause = {0, 50000};
    uint64_t pending = set;
    t->lx->offered = set;
    host_sigmask(SIG_BLOCK, &set, NULL);
    give(t, set);
    for (unsigned i = 0; i < LOOKS && pending & set; i++) {
        host_call(LINUX_nanosleep, (uintptr_t)&pause, 0, 0, 0, 0, 0);
        host_call(LINUX_rt_sigpending, (uintptr_t)&pending, LX_SIGSET_SIZE, 0, 0, 0, 0);
    }
    host_sigmask(SIG_UNBLOCK, &set, NULL);
    t->lx->offered = 0;
}

void sync_route(struct thread *t)
{
    bool alone;
    if (!t->lx->to_route)
        return;
    t->lx->to_route = false; /* before looking: sync_arrive puts in, then sets it */
    uint64_t set = sync_waiting(t->proc) & t->lx->mask;
    if (set)
        set = poke_others(t, set, &alone);
    if (set && !alone && __atomic_load_n(&t->proc->lx->sync.windows, __ATOMIC_RELAXED))
        offer(t, set);
}

void sync_leave(struct thread *t)
{
    bool alone;
    const uint64_t set = sync_waiting(t->proc);
    if (set)
        poke_others(t, set, &alone);
}
