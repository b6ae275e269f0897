/* SPDX-License-Identifier: Apache-2.0 */
/* Synchronous signals that somebody sent: see sync_signals.h.
 *
 * I1  sync_arrive runs in a handler that may have interrupted anything: it takes no lock.
 * I2  A slot's state is a version and what the slot holds. Only who changes EMPTY to WRITING writes the signal. A
 *     reader has it if the state is the same FULL after copying; the version tells two of them apart.
 * I3  Who puts a signal in reads masks afterwards, and who changes a mask looks for signals afterwards; all of it is
 *     sequentially consistent. So one of the two sees the other.
 * I4  In a window nothing but the host call runs: a fault of tandem's own would kill the process.
 * I5  The kernel passes a siginfo on as it is, also what lies behind its fields: there the mark stands.
 * I6  Of the process's signals the kernel gets those for the process while all threads are in windows, also those that
 *     are about to end. Else it gets them for the thread whose call may take them, and gives them back to the process
 *     after it.
 * I7  A signal is offered once, and again if a thread has given it to the kernel since: who leaves its window may have
 *     taken it before that thread could.
 * I8  Who unblocks a signal, or asks for one, has it before it goes on, although it was just on its way between slot,
 *     kernel and another thread.
 * I9  What comes back from an offer does not kick its thread: a system call is not begun after a kick, and each try
 *     would be followed by an offer. */
#include "runtime/linux/base/sync_signals.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/process.h"

enum { EMPTY, WRITING, FULL, STATE_MASK = 3, NEXT_VERSION = 4 };
enum { MARK_AT = 40 }; /* of the 48 bytes that the kernel keeps */
static const uint64_t MARK_THREAD = 0x7d1f3c5a9be80641, MARK_SHARED = 0x51c8a60e3b9df274,
                      MARK_SHARED_USER = 0x2b64e90df7a3158c;
/* In linux_thread.window: what waits is on its way to the kernel or back; the call may take signals. */
#define MOVING (1ull << 63)
#define TAKES  (1ull << 62)

/* Another thread of t's process: the list has those of processes that share its memory, too. */
static bool is_sibling(const struct thread *other, const struct thread *t)
{
    return other != t && other->proc == t->proc;
}

/* ---- marks (I5) ---- */

static uint64_t mark_of(const siginfo_t *info)
{
    uint64_t mark;
    memcpy(&mark, (const char *)info + MARK_AT, sizeof mark);
    return info->si_code <= 0 ? mark : 0;
}

static void set_mark(siginfo_t *info, uint64_t mark) { memcpy((char *)info + MARK_AT, &mark, sizeof mark); }

void sync_mark_thread(siginfo_t *info) { set_mark(info, MARK_THREAD); }

void sync_unmark(siginfo_t *info)
{
    const uint64_t mark = mark_of(info);
    if (mark == MARK_SHARED_USER)
        info->si_code = SI_USER; /* which no thread may send to another */
    if (mark == MARK_THREAD || mark == MARK_SHARED || mark == MARK_SHARED_USER)
        set_mark(info, 0);
}

/* The process's, and threads that wait for it have had it offered. */
static bool was_offered(const siginfo_t *info)
{
    return mark_of(info) == MARK_SHARED || mark_of(info) == MARK_SHARED_USER;
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

static void arrive_for_thread(struct thread *t, const siginfo_t *info, uint64_t bit)
{
    struct linux_thread *lx = t->lx;
    if (__atomic_load_n(&lx->window, __ATOMIC_RELAXED) & __atomic_load_n(&lx->stale, __ATOMIC_ACQUIRE) & bit)
        return;
    if (__atomic_load_n(&lx->queued, __ATOMIC_RELAXED) & bit) /* falls together with the one there */
        return;
    lx->slot[info->si_signo] = *info;
    __atomic_fetch_or(&lx->queued, bit, __ATOMIC_RELEASE);
    thread_kick(t);
}

static void arrive_for_process(struct thread *t, const siginfo_t *info, uint64_t bit)
{
    siginfo_t plain = *info;
    sync_unmark(&plain);
    put(t->proc, &plain);
    if (t->lx->offering & bit) /* sync_route goes on with it itself (I9) */
        return;
    t->lx->to_route = true;
    thread_kick(t);
    t->lx->to_offer |= was_offered(info) ? 0 : bit;
}

bool sync_arrive(struct thread *t, const siginfo_t *info)
{
    const uint64_t bit = lx_sigbit(info->si_signo);
    if (~t->lx->mask & bit & __atomic_load_n(&t->proc->lx->ignored, __ATOMIC_RELAXED))
        return false;
    if (for_thread(info))
        arrive_for_thread(t, info, bit);
    else
        arrive_for_process(t, info, bit);
    return true;
}

void sync_forget(struct thread *t)
{
    memset(&t->proc->lx->sync, 0, sizeof t->proc->lx->sync);
    t->lx->queued = 0;
}

/* ---- on the way (I8) ---- */

static void passing_begin(struct process *proc) { __atomic_fetch_add(&proc->lx->sync.passing, 1, __ATOMIC_SEQ_CST); }
static void passing_end(struct process *proc) { __atomic_fetch_sub(&proc->lx->sync.passing, 1, __ATOMIC_SEQ_CST); }

void sync_settle(const struct process *proc)
{
    enum { TRIES = 10000 }; /* new ones may begin all the time */
    for (unsigned i = 0; i < TRIES && __atomic_load_n(&proc->lx->sync.passing, __ATOMIC_SEQ_CST); i++)
        host_call(LINUX_sched_yield, 0, 0, 0, 0, 0, 0);
}

/* ---- to the kernel and back ---- */

static void send(struct thread *t, int signo, siginfo_t *info, uint64_t mark, bool to_thread)
{
    set_mark(info, mark);
    if (to_thread)
        host_call(LINUX_rt_tgsigqueueinfo, (uint64_t)getpid(), (uint64_t)t->tid, (uint64_t)signo, (uintptr_t)info, 0,
                  0);
    else /* to the process; only under its own id may a thread send any si_code */
        host_call(LINUX_rt_sigqueueinfo, (uint64_t)t->tid, (uint64_t)signo, (uintptr_t)info, 0, 0, 0);
}

/* Gives what waits for t to the kernel. The host blocks set. */
static void give_own(struct thread *t, uint64_t set)
{
    struct linux_thread *lx = t->lx;
    for (uint64_t own = __atomic_load_n(&lx->queued, __ATOMIC_ACQUIRE) & set; own; own &= own - 1) {
        const int signo = __builtin_ctzll(own) + 1;
        siginfo_t info = lx->slot[signo];
        if (__atomic_fetch_and(&lx->queued, ~lx_sigbit(signo), __ATOMIC_ACQ_REL) & lx_sigbit(signo))
            send(t, signo, &info, MARK_THREAD, true);
    }
}

/* The same for what waits for the process. */
static void give_shared(struct thread *t, uint64_t set, bool to_thread)
{
    siginfo_t info;
    passing_begin(t->proc);
    for (uint64_t all = sync_waiting(t->proc) & set; all; all &= all - 1) {
        const int signo = __builtin_ctzll(all) + 1;
        if (sync_take(t->proc, signo, &info))
            send(t, signo, &info, MARK_SHARED, to_thread);
    }
    passing_end(t->proc);
}

/* Can the call take a signal that is blocked? */
static bool takes_signals(enum linux_call call)
{
    switch (call) {
    case LINUX_rt_sigtimedwait:
    case LINUX_rt_sigpending:
    case LINUX_read:
    case LINUX_readv:
    case LINUX_poll:
    case LINUX_ppoll:
    case LINUX_select:
    case LINUX_pselect6:
    case LINUX_epoll_wait:
    case LINUX_epoll_pwait:
    case LINUX_epoll_pwait2:
    case LINUX_rt_sigsuspend:
        return true;
    default:
        return false;
    }
}

/* A thread outside of a window would at once take back what the kernel gets for the process (I6). */
static void give(struct thread *t, uint64_t set, enum linux_call call)
{
    const struct process *proc = t->proc;
    give_own(t, set);
    if (!(sync_waiting(proc) & set))
        return;
    const uint32_t windows = __atomic_load_n(&proc->lx->sync.windows, __ATOMIC_SEQ_CST);
    const uint32_t threads = __atomic_load_n(&proc->thread_count, __ATOMIC_SEQ_CST);
    const bool all = windows >= threads + __atomic_load_n(&proc->lx->sync.leaving, __ATOMIC_SEQ_CST);
    if (all)
        __atomic_fetch_add(&proc->lx->sync.posts, 1, __ATOMIC_SEQ_CST);
    if (all || call == LINUX_execve || call == LINUX_execveat)
        give_shared(t, set, false);
    else if (takes_signals(call))
        give_shared(t, set, true);
}

uint64_t sync_window(const struct thread *t)
{
    const uint64_t set = (t->lx->has_saved ? t->lx->saved_mask : t->lx->mask) & LX_SYNC_MASK, trap = lx_sigbit(SIGTRAP);
    const bool has_messages = set & trap && (t->proc->lx->traces || t->lx->trace.tracer); /* they come at any time */
    return has_messages ? set & ~trap : set;
}

/* The ticks' signal is one of these: there are no ticks in a window. */
static void hold_ticks(struct lx_ticks *ticks, bool hold)
{
    const struct itimerspec off = {.it_value = {0}};
    if (ticks->on)
        host_call(LINUX_timer_settime, (unsigned)ticks->timer, 0, (uintptr_t)(hold ? &off : &ticks->left),
                  (uintptr_t)(hold ? &ticks->left : NULL), 0, 0);
}

void sync_window_begin(struct thread *t, uint64_t window, enum linux_call call)
{
    hold_ticks(&t->lx->ticks, true);
    __atomic_fetch_add(&t->proc->lx->sync.windows, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&t->lx->windows_begun, 1, __ATOMIC_SEQ_CST); /* partner: discard_of */
    __atomic_store_n(&t->lx->stale, 0, __ATOMIC_RELAXED);
    const uint64_t flags = takes_signals(call) ? TAKES : 0;
    __atomic_store_n(&t->lx->window, window | flags | MOVING, __ATOMIC_SEQ_CST); /* partners: discard_of, lend */
    host_sigmask(SIG_BLOCK, &window, NULL);
    if (flags && !(sync_waiting(t->proc) & window))
        sync_settle(t->proc);
    give(t, window, call);
    __atomic_store_n(&t->lx->window, window | flags, __ATOMIC_RELEASE);
}

void sync_window_end(struct thread *t, uint64_t window)
{
    __atomic_store_n(&t->lx->window, window | MOVING, __ATOMIC_SEQ_CST);
    passing_begin(t->proc);
    host_sigmask(SIG_UNBLOCK, &window, NULL); /* what came meanwhile arrives */
    passing_end(t->proc);
    __atomic_store_n(&t->lx->window, 0, __ATOMIC_RELEASE);
    __atomic_fetch_sub(&t->proc->lx->sync.windows, 1, __ATOMIC_RELAXED);
    hold_ticks(&t->lx->ticks, false);
}

/* ---- ignoring ---- */

/* The signals that wait in the kernel for a thread alone. */
static uint64_t pending_for(pid_t tid)
{
    char name[64], line[128];
    uint64_t set = 0;
    snprintf(name, sizeof name, "/proc/self/task/%d/status", (int)tid);
    FILE *f = fopen(name, "re");
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "SigPnd: %" SCNx64, &set) == 1)
            break;
    }
    if (f)
        fclose(f);
    return set;
}

/* What waits for another thread: in its slot, or with the kernel. Again if it has begun or ended a window meanwhile,
 * and until its handler has run if it has to. */
static void discard_of(struct thread *t, uint64_t bit)
{
    enum { TRIES = 1000 };
    const struct timespec pause = {0, 50000};
    struct linux_thread *lx = t->lx;
    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t window;
        const uint32_t begun = __atomic_load_n(&lx->windows_begun, __ATOMIC_SEQ_CST);
        while ((window = __atomic_load_n(&lx->window, __ATOMIC_SEQ_CST)) & MOVING)
            sched_yield();
        const bool pending = pending_for(t->tid) & bit, blocked = window & bit;
        if (pending && blocked)
            __atomic_fetch_or(&lx->stale, bit, __ATOMIC_SEQ_CST);
        __atomic_fetch_and(&lx->queued, ~bit, __ATOMIC_SEQ_CST);
        if (begun == __atomic_load_n(&lx->windows_begun, __ATOMIC_SEQ_CST) &&
            window == __atomic_load_n(&lx->window, __ATOMIC_SEQ_CST) && (!pending || blocked))
            return;
        if (pending && !blocked)
            host_call(LINUX_nanosleep, (uintptr_t)&pause, 0, 0, 0, 0, 0);
    }
}

void sync_discard(struct thread *t, int signo)
{
    const struct timespec now = {0, 0};
    const uint64_t set = lx_sigbit(signo);
    /* the process's and t's own go to the kernel, where others' windows have put theirs */
    sync_window_begin(t, set, LINUX_rt_sigtimedwait);
    while (host_call(LINUX_rt_sigtimedwait, (uintptr_t)&set, 0, (uintptr_t)&now, LX_SIGSET_SIZE, 0, 0) > 0)
        ;
    sync_window_end(t, set);
    struct process *home = process_home(t->proc);
    pthread_mutex_lock(&home->threads_lock);
    for (struct thread *other = home->threads; other; other = other->next) {
        if (is_sibling(other, t))
            discard_of(other, set);
    }
    pthread_mutex_unlock(&home->threads_lock);
}

/* ---- to other threads ---- */

/* Sends other what waits for the process: as it does not block it, the kernel ends its call, too. If it blocks it by
 * now, it gives it back after its call. */
static void pass_taken(struct thread *other, int signo)
{
    siginfo_t info;
    if (!sync_take(other->proc, signo, &info))
        return;
    siginfo_t sent = info;
    set_mark(&sent, info.si_code == SI_USER ? MARK_SHARED_USER : MARK_SHARED);
    if (info.si_code == SI_USER)
        sent.si_code = SI_QUEUE;
    if (host_call(LINUX_rt_tgsigqueueinfo, (uint64_t)getpid(), (uint64_t)other->tid, (uint64_t)signo, (uintptr_t)&sent,
                  0, 0))
        put(other->proc, &info);
}

static void pass_to(struct thread *other, int signo)
{
    passing_begin(other->proc);
    pass_taken(other, signo);
    passing_end(other->proc);
}

/* Passes each of set to a thread that does not block it. Returns those for which there is none; *alone: there is no
 * other thread. */
static uint64_t pass_on(struct thread *t, uint64_t set, bool *alone)
{
    struct process *home = process_home(t->proc);
    *alone = true;
    pthread_mutex_lock(&home->threads_lock);
    for (struct thread *other = home->threads; other; other = other->next) {
        if (!is_sibling(other, t))
            continue;
        *alone = false;
        const uint64_t open = set & ~__atomic_load_n(&other->lx->mask, __ATOMIC_SEQ_CST); /* I3 */
        for (uint64_t left = open; left; left &= left - 1)
            pass_to(other, __builtin_ctzll(left) + 1);
        set &= ~open;
    }
    pthread_mutex_unlock(&home->threads_lock);
    return set;
}

/* Leaves signals to the kernel for a moment: another thread may wait for one by sigtimedwait or signalfd. What nobody
 * takes comes back. */
static void offer(struct thread *t, uint64_t set, long last_ns)
{
    struct timespec pause = {0, 50000};
    uint64_t pending = set;
    t->lx->offering = set;
    host_sigmask(SIG_BLOCK, &set, NULL);
    give_shared(t, set, false);
    for (; pause.tv_nsec <= last_ns && pending & set; pause.tv_nsec *= 2) {
        host_call(LINUX_nanosleep, (uintptr_t)&pause, 0, 0, 0, 0, 0);
        host_call(LINUX_rt_sigpending, (uintptr_t)&pending, LX_SIGSET_SIZE, 0, 0, 0, 0);
    }
    host_sigmask(SIG_UNBLOCK, &set, NULL);
    t->lx->offering = 0;
}

/* Nobody has taken set in time. For a thread whose call may take one that need not be too late. */
static void lend(struct thread *t, uint64_t set)
{
    struct process *home = process_home(t->proc);
    pthread_mutex_lock(&home->threads_lock);
    for (struct thread *other = home->threads; other && set; other = other->next) {
        const uint64_t window = __atomic_load_n(&other->lx->window, __ATOMIC_SEQ_CST);
        if (!is_sibling(other, t) || !(window & TAKES))
            continue;
        for (uint64_t left = set & window; left; left &= left - 1)
            pass_to(other, __builtin_ctzll(left) + 1);
        set &= ~window;
    }
    pthread_mutex_unlock(&home->threads_lock);
}

void sync_route(struct thread *t)
{
    enum { LONG_NS = 16000000, SHORT_NS = 1000000 };
    struct linux_thread *lx = t->lx;
    struct lx_sync *sync = &t->proc->lx->sync;
    bool alone;
    if (!lx->to_route)
        return;
    lx->to_route = false; /* before looking: sync_arrive puts in, then sets it */
    uint64_t set = sync_waiting(t->proc) & lx->mask;
    if (set)
        set = pass_on(t, set, &alone);
    if (set && !alone && __atomic_load_n(&sync->windows, __ATOMIC_SEQ_CST)) {
        const uint32_t posts = __atomic_load_n(&sync->posts, __ATOMIC_SEQ_CST);
        const bool posted = __atomic_exchange_n(&sync->offered_posts, posts, __ATOMIC_SEQ_CST) != posts; /* I7 */
        const uint64_t fresh = set & lx->to_offer;
        if (posted || fresh)
            offer(t, posted ? set : fresh, fresh ? LONG_NS : SHORT_NS);
        lend(t, pass_on(t, sync_waiting(t->proc) & lx->mask, &alone));
    }
    lx->to_offer = 0;
}

void sync_leave_begin(struct process *proc) { __atomic_fetch_add(&proc->lx->sync.leaving, 1, __ATOMIC_SEQ_CST); }

void sync_leave(struct thread *t)
{
    const uint64_t sync_set = LX_SYNC_MASK;
    bool alone;
    host_sigmask(SIG_BLOCK, &sync_set, NULL);
    __atomic_fetch_sub(&t->proc->lx->sync.leaving, 1, __ATOMIC_SEQ_CST);
    const uint64_t set = sync_waiting(t->proc);
    if (set)
        pass_on(t, set, &alone);
}
