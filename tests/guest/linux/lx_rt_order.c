/* SPDX-License-Identifier: Apache-2.0 */
/* The order of signals that handlers hold back: in a thread's queue and in the process's, whoever sent them, and to
 * which thread they go.
 * emulated: none (qemu 7.2 has queues of its own)
 * reference: none (qemu 7.2 has queues of its own)
 * not in: cached cache1m fail3 precise regs (a process for each case)
 *
 * build: -D_GNU_SOURCE */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { EARLY = 40, LATE = 41, LAST = 42, LOG = 64, SECOND = 1000 };

static int entries[LOG];
static int count; /* atomic */
static int step;  /* atomic: where the threads are */
static pthread_t main_thread;
static volatile int to_send, then_fault;
static char *volatile closed_page;

static int get(int *n) { return __atomic_load_n(n, __ATOMIC_ACQUIRE); }
static void go(int to) { __atomic_store_n(&step, to, __ATOMIC_RELEASE); }

/* Signals and values, as handlers begin and end: a thread that is not the first adds SECOND. */
static void note(int what) { entries[__atomic_fetch_add(&count, 1, __ATOMIC_ACQ_REL)] = what; }

static int by_whom(void) { return pthread_equal(pthread_self(), main_thread) ? 0 : SECOND; }

static void take(int signo, siginfo_t *info, void *context)
{
    (void)context;
    note(by_whom() + (signo - EARLY + 1) * 100 + info->si_value.sival_int);
    while (to_send > 0 && signo == EARLY) { /* behind those that wait */
        const union sigval value = {.sival_int = 10 + to_send--};
        pthread_sigqueue(pthread_self(), LATE, value);
    }
    if (then_fault && signo == LATE)
        (void)*(volatile char *)closed_page;
    note(-(signo - EARLY + 1));
}

static void take_fault(int signo, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    note(signo);
    mprotect(closed_page, 4096, PROT_READ | PROT_WRITE);
    note(-signo);
}

static sigset_t set_of(int signo)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, signo);
    return s;
}

static sigset_t all_three(void)
{
    sigset_t s = set_of(EARLY);
    sigaddset(&s, LATE);
    sigaddset(&s, LAST);
    return s;
}

static void mask(int how)
{
    const sigset_t s = all_three();
    pthread_sigmask(how, &s, NULL);
}

/* Each handler blocks the signals above its own if it holds; all are blocked first. */
static void begin(int holds)
{
    main_thread = pthread_self();
    mask(SIG_BLOCK);
    for (int s = EARLY; s <= LAST; s++) {
        struct sigaction a = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
        for (int above = s + 1; holds && above <= LAST; above++)
            sigaddset(&a.sa_mask, above);
        sigaction(s, &a, NULL);
    }
}

static void to_thread(pthread_t id, int signo, int value)
{
    const union sigval v = {.sival_int = value};
    require(pthread_sigqueue(id, signo, v) == 0, "pthread_sigqueue");
}

static void to_process(int signo, int value)
{
    const union sigval v = {.sival_int = value};
    require(sigqueue(getpid(), signo, v) == 0, "sigqueue");
}

static pthread_t start(void *(*run)(void *))
{
    pthread_t id;
    require(pthread_create(&id, NULL, run, NULL) == 0, "pthread_create");
    return id;
}

static void wait_step(int value)
{
    while (get(&step) < value)
        usleep(500);
}

static void show(const char *name)
{
    printf("%s:", name);
    for (int i = 0; i < get(&count); i++)
        printf(" %d", entries[i]);
    printf("\n");
}

/* ---- one thread ---- */

static void own_held(void)
{
    begin(1);
    for (int i = 1; i <= 3; i++)
        to_thread(main_thread, LATE, i);
    to_thread(main_thread, EARLY, 1);
    to_thread(main_thread, EARLY, 2);
    mask(SIG_UNBLOCK);
}

static void own_nested(void)
{
    begin(0);
    for (int i = 1; i <= 2; i++) {
        to_thread(main_thread, LATE, i);
        to_thread(main_thread, EARLY, i);
        to_thread(main_thread, LAST, i);
    }
    mask(SIG_UNBLOCK);
}

static void own_sent_by_handler(void)
{
    begin(1);
    for (int i = 1; i <= 3; i++)
        to_thread(main_thread, LATE, i);
    to_send = 3;
    to_thread(main_thread, EARLY, 1);
    mask(SIG_UNBLOCK);
}

/* A thread's own come first, whatever their numbers. */
static void both_queues(void)
{
    begin(1);
    for (int i = 1; i <= 2; i++) {
        to_process(EARLY, i);
        to_process(LATE, i + 2);
        to_thread(main_thread, LATE, i);
        to_thread(main_thread, LAST, i);
    }
    mask(SIG_UNBLOCK);
}

static void fault_between(void)
{
    struct sigaction a = {.sa_sigaction = take_fault, .sa_flags = SA_SIGINFO, .sa_mask = all_three()};
    begin(1);
    sigaction(SIGSEGV, &a, NULL);
    closed_page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    then_fault = 1;
    for (int i = 1; i <= 3; i++)
        to_thread(main_thread, LATE, i);
    to_thread(main_thread, EARLY, 1);
    mask(SIG_UNBLOCK);
}

/* One that was sent as a fault comes first, and holds the others back. */
static void sent_fault_first(void)
{
    struct sigaction a = {.sa_sigaction = take, .sa_flags = SA_SIGINFO, .sa_mask = all_three()};
    begin(0);
    sigaction(SIGFPE, &a, NULL);
    for (int i = 1; i <= 3; i++)
        to_thread(main_thread, LATE, i);
    to_thread(main_thread, EARLY, 1);
    sigset_t all = all_three();
    sigaddset(&all, SIGFPE);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    to_thread(main_thread, SIGFPE, 1);
    pthread_sigmask(SIG_UNBLOCK, &all, NULL);
}

static void suspend_takes_one(void)
{
    sigset_t none;
    sigemptyset(&none);
    begin(1);
    for (int i = 1; i <= 3; i++)
        to_thread(main_thread, LATE, i);
    for (int i = 1; i <= 3; i++) {
        note(i);
        sigsuspend(&none);
    }
}

/* What a handler has held back, sigtimedwait and signalfd give in order. */
static void taken_by_calls(void)
{
    const sigset_t late = set_of(LATE), early = set_of(EARLY);
    const struct timespec now = {0, 0};
    struct signalfd_siginfo from;
    siginfo_t info;
    begin(1);
    for (int i = 1; i <= 4; i++)
        to_thread(main_thread, LATE, i);
    to_thread(main_thread, EARLY, 1);
    pthread_sigmask(SIG_UNBLOCK, &early, NULL);
    require(sigtimedwait(&late, &info, &now) == LATE, "sigtimedwait");
    note(info.si_value.sival_int);
    const int fd = signalfd(-1, &late, 0);
    require(read(fd, &from, sizeof from) == sizeof from, "read");
    note(from.ssi_int);
    mask(SIG_UNBLOCK);
}

/* ---- two threads ---- */

static void *take_all(void *arg)
{
    go(1);
    wait_step(2);
    mask(SIG_UNBLOCK);
    return arg;
}

static void others_held(void)
{
    begin(1);
    const pthread_t id = start(take_all);
    wait_step(1);
    for (int i = 1; i <= 3; i++)
        to_thread(id, LATE, i);
    to_send = 2;
    to_thread(id, EARLY, 1);
    to_thread(id, EARLY, 2);
    go(2);
    pthread_join(id, NULL);
}

static void *take_late(void *arg)
{
    const sigset_t late = set_of(LATE);
    wait_step(1);
    pthread_sigmask(SIG_UNBLOCK, &late, NULL);
    go(2);
    return arg;
}

static void wait_for_other(int signo, siginfo_t *info, void *context)
{
    take(signo, info, context);
    go(1);
    wait_step(2);
}

/* The process's, which one thread's handler holds back, are there for another thread. */
static void process_for_all(void)
{
    struct sigaction a = {.sa_sigaction = wait_for_other, .sa_flags = SA_SIGINFO, .sa_mask = set_of(LATE)};
    begin(0);
    sigaction(EARLY, &a, NULL);
    const pthread_t id = start(take_late);
    for (int i = 1; i <= 3; i++)
        to_process(LATE, i);
    to_process(EARLY, 1);
    mask(SIG_UNBLOCK);
    pthread_join(id, NULL);
}

/* ---- at any moment ---- */

enum { STORM = 400 };
static int came[2], disorder; /* of EARLY and LATE: how many */

static void in_order(int signo, siginfo_t *info, void *context)
{
    (void)context;
    disorder += info->si_value.sival_int != __atomic_add_fetch(&came[signo - EARLY], 1, __ATOMIC_ACQ_REL);
}

static void *send_all(void *arg)
{
    for (int i = 1; i <= STORM; i++) {
        to_thread(main_thread, LATE, i);
        to_thread(main_thread, EARLY, i);
        while (i - get(&came[1]) > 20)
            sched_yield();
    }
    return arg;
}

static void storm(void)
{
    const struct timespec little = {0, 100000};
    sigset_t none;
    sigemptyset(&none);
    begin(1);
    for (int s = EARLY; s <= LATE; s++) {
        struct sigaction a = {.sa_sigaction = in_order, .sa_flags = SA_SIGINFO};
        if (s == EARLY)
            a.sa_mask = set_of(LATE);
        sigaction(s, &a, NULL);
    }
    const pthread_t id = start(send_all);
    for (unsigned i = 0; get(&came[0]) < STORM || get(&came[1]) < STORM; i++) {
        mask(i % 3 ? SIG_UNBLOCK : SIG_BLOCK);
        if (i % 3 == 0)
            ppoll(NULL, 0, &little, &none);
        for (volatile int k = 0; k < 100; k++)
            ;
    }
    pthread_join(id, NULL);
    note(disorder);
}

/* ---- the table ---- */

#define CASE(name)                                                                                                     \
    {                                                                                                                  \
#name, name                                                                                                    \
    }

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    CASE(own_held),          CASE(own_nested),     CASE(own_sent_by_handler),
    CASE(both_queues),       CASE(fault_between),  CASE(sent_fault_first),
    CASE(suspend_takes_one), CASE(taken_by_calls), CASE(others_held),
    CASE(process_for_all),   CASE(storm),
};

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status;
        const pid_t pid = fork();
        if (pid == 0) {
            alarm(60);
            cases[i].run();
            show(cases[i].name);
            fflush(stdout);
            _exit(0);
        }
        require(waitpid(pid, &status, 0) == pid, "waitpid");
        if (status)
            printf("%s: status %#x\n", cases[i].name, (unsigned)status);
        fflush(stdout);
    }
    return 0;
}
