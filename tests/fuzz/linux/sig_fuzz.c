/* SPDX-License-Identifier: Apache-2.0 */
/* Random calls and events about signals; prints what is observed: which handler, in which order, with which siginfo,
 * masks and stack, results of calls, how processes end.
 *
 *     sig_fuzz SEED STEPS [32]
 *
 * 32: only what a 32-bit kernel interface says as well. i386's frames for handlers without SA_SIGINFO have no alternate
 * stack that sigreturn restores; so every other pair of seeds has no such handlers, and the others no such stacks.
 *
 * What is printed follows from the seed and the kernel alone, so the same program run by the host is the oracle
 * (fuzz_linux.py). For that
 * - the threads take turns, and whose turn it is not blocks all signals: what is sent to it or to the process waits;
 * - each step's mask is the thread's own, and handlers make steps themselves, jump out, and change the mask to which
 *   they return;
 * - calls that wait are made if something that waits already ends them;
 * - SIGSEGV and its kin are sent to threads only: those for the process come first in tandem (README, What is not). */
#define _GNU_SOURCE
#include "fuzz_text.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>

enum { MOST_THREADS = 3, STACK = 512 << 10, DEEP = 4, CHILD_STEPS = 6, PIDFD_OPEN = 434, PIDFD_SEND = 424 };

static const int signals[] = {SIGHUP,  SIGUSR1, SIGUSR2, SIGSEGV,  SIGFPE,  SIGILL, SIGBUS,
                              SIGTRAP, SIGCHLD, SIGURG,  SIGWINCH, SIGALRM, SIGSYS, SIGTERM,
                              SIGCONT, 35,      36,      37,       50,      63,     64};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

struct turn {
    pthread_t id;
    pid_t tid;
    int wake[2]; /* pipe: a byte is a turn */
    sigset_t mask;
    char *stack; /* alternate */
    sigjmp_buf back;
    volatile int can_jump, depth;
};

static unsigned thread_count;
static struct turn threads[MOST_THREADS];
static __thread struct turn *me;
static int done[2]; /* pipe: a byte is the end of a turn */
static char *closed_page;
static const char *self_path;
static int level;              /* of forks */
static int no_plain, no_stack; /* handlers without SA_SIGINFO, alternate stacks: see 32 */

static uint64_t bits_of(const sigset_t *s)
{
    uint64_t bits;
    memcpy(&bits, s, sizeof bits);
    return bits & ~(UINT64_C(3) << 31); /* 32 and 33 are the library's */
}

static sigset_t random_set(unsigned one_of)
{
    sigset_t s;
    sigemptyset(&s);
    for (int i = 0; i < SIGNALS; i++) {
        if (one_in(one_of))
            sigaddset(&s, signals[i]);
    }
    return s;
}

static int is_ignored_by_default(int signo)
{
    return signo == SIGCHLD || signo == SIGURG || signo == SIGWINCH || signo == SIGCONT;
}

static int is_synchronous(int signo)
{
    return signo == SIGSEGV || signo == SIGFPE || signo == SIGILL || signo == SIGBUS || signo == SIGTRAP;
}

/* ---- handlers ---- */

static void any_step(void);

static int is_on_stack(void)
{
    const char here = 0;
    const char *const at = &here;
    return at >= me->stack && at < me->stack + STACK;
}

static void say_stack(const ucontext_t *uc)
{
    stack_t now;
    sigaltstack(NULL, &now);
    say(is_on_stack() ? " on" : " off");
    say_hex(" ss ", (unsigned)now.ss_flags);
    if (uc)
        say_hex("/", (unsigned)uc->uc_stack.ss_flags);
}

static void say_info(const siginfo_t *info)
{
    say_number(" code ", info->si_code);
    if (info->si_code == SI_QUEUE || info->si_code == SI_TIMER)
        say_number(" value ", info->si_value.sival_int);
    if (info->si_code == SI_USER || info->si_code == SI_TKILL || info->si_code == SI_QUEUE)
        say(info->si_pid == getpid() ? " self" : " other");
    if (info->si_signo == SIGCHLD && info->si_code > 0)
        say_hex(" status ", (unsigned)info->si_status);
    if (info->si_signo == SIGSEGV && info->si_code > 0)
        say(info->si_addr == closed_page ? " page" : " elsewhere");
}

static void say_masks(const ucontext_t *uc)
{
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    say_hex(" mask ", bits_of(&now));
    if (uc)
        say_hex(" before ", bits_of(&uc->uc_sigmask));
}

/* What a handler does beside. */
static void act(ucontext_t *uc)
{
    if (uc && one_in(6)) {
        sigset_t more = random_set(6);
        for (int i = 0; i < SIGNALS; i++) {
            if (sigismember(&more, signals[i]) && one_in(2))
                sigaddset(&uc->uc_sigmask, signals[i]);
            else if (sigismember(&more, signals[i]))
                sigdelset(&uc->uc_sigmask, signals[i]);
        }
        say_hex(" returns to ", bits_of(&uc->uc_sigmask));
    }
    say("\n");
    if (me->depth < DEEP && one_in(3))
        any_step();
    if (me->can_jump && one_in(12)) {
        say("jump\n");
        siglongjmp(me->back, 1);
    }
}

/* To where the turn began; a child ends. */
static void leave_fault(void)
{
    say(" back\n");
    if (me->can_jump)
        siglongjmp(me->back, 2);
    tell();
    _exit(9);
}

static void on_info(int signo, siginfo_t *info, void *context)
{
    const int saved = errno;
    me->depth++;
    say_number("  handler ", signo);
    say_info(info);
    say_masks(context);
    say_stack(context);
    const int fault = signo == SIGSEGV && info->si_code > 0;
    if (fault)
        leave_fault();
    act(context);
    me->depth--;
    say_number("  end ", signo);
    say("\n");
    errno = saved;
}

static void on_plain(int signo)
{
    const int saved = errno;
    me->depth++;
    say_number("  plain ", signo);
    say_masks(NULL);
    say_stack(NULL);
    if (signo == SIGSEGV && (me->can_jump || level)) /* it may be a fault */
        leave_fault();
    act(NULL);
    me->depth--;
    say_number("  end ", signo);
    say("\n");
    errno = saved;
}

/* ---- steps ---- */

static void set_action(int signo, int tame)
{
    struct sigaction a, old;
    memset(&a, 0, sizeof a);
    a.sa_mask = random_set(tame ? 30 : 5);
    const int info = !one_in(5) || no_plain;
    a.sa_flags = (info ? SA_SIGINFO : 0) | (one_in(8) ? SA_NODEFER : 0) | (!tame && one_in(10) ? SA_RESETHAND : 0) |
                 (one_in(3) ? SA_ONSTACK : 0) | (one_in(2) ? SA_RESTART : 0);
    if (info)
        a.sa_sigaction = on_info;
    else
        a.sa_handler = on_plain;
    if (!tame && one_in(8))
        a.sa_handler = SIG_IGN;
    else if (!tame && is_ignored_by_default(signo) && one_in(3))
        a.sa_handler = SIG_DFL;
    const int r = sigaction(signo, &a, &old);
    say_number("action ", signo);
    say_hex(" flags ", (unsigned)a.sa_flags);
    say_result("", r);
    say_hex(" was ", (unsigned)old.sa_flags & 0xfbffffff);
    say(old.sa_handler == SIG_IGN ? " ignored\n" : old.sa_handler == SIG_DFL ? " default\n" : " handler\n");
}

static void step_action(void) { set_action(CHOOSE(signals), 0); }

static void step_mask(void)
{
    const int how = (int)chance(3);
    const sigset_t s = random_set(how == SIG_BLOCK ? 5 : 3);
    sigset_t old;
    say_number("mask ", how);
    say_hex(" ", bits_of(&s));
    say("\n");
    const int r = pthread_sigmask(how, &s, &old);
    say_result("mask", r);
    say_hex(" was ", bits_of(&old));
    say("\n");
}

/* Death is an end of the sequence: seldom. */
static void before_sending(int signo)
{
    struct sigaction a;
    sigaction(signo, NULL, &a);
    if (a.sa_handler == SIG_DFL && !is_ignored_by_default(signo) && !one_in(150))
        set_action(signo, 1);
}

static int send_info(pid_t pid, pid_t tid, int signo, int value)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signo;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = value;
    return tid ? (int)syscall(SYS_rt_tgsigqueueinfo, pid, tid, signo, &info)
               : (int)syscall(SYS_rt_sigqueueinfo, pid, signo, &info);
}

static int by_pidfd(int signo)
{
    const int fd = (int)syscall(PIDFD_OPEN, getpid(), 0);
    const int r = (int)syscall(PIDFD_SEND, fd, signo, NULL, 0);
    close(fd);
    return r;
}

static void step_send(void)
{
    static const char *const names[] = {"kill",  "tgkill",       "sigqueue",   "tgsigqueue",
                                        "pidfd", "tgkill other", "queue other"};
    const int signo = CHOOSE(signals), value = (int)chance(1000);
    static const unsigned to_threads[] = {1, 3, 5, 6};
    const unsigned way = is_synchronous(signo) ? CHOOSE(to_threads) : chance(7);
    const struct turn *other = level ? me : &threads[chance(thread_count)];
    before_sending(signo);
    say(names[way]);
    say_number(" ", signo);
    say_number(" value ", value);
    say("\n");
    const pid_t pid = getpid(), own = (pid_t)syscall(SYS_gettid);
    const pid_t tid = level ? own : other->tid;
    const int r = way == 0   ? kill(pid, signo)
                  : way == 1 ? (int)syscall(SYS_tgkill, pid, own, signo)
                  : way == 2 ? send_info(pid, 0, signo, value)
                  : way == 3 ? send_info(pid, own, signo, value)
                  : way == 4 ? by_pidfd(signo)
                  : way == 5 ? (int)syscall(SYS_tgkill, pid, tid, signo)
                             : send_info(pid, tid, signo, value);
    say_result("sent", r);
    say("\n");
}

static void step_pending(void)
{
    sigset_t s;
    sigpending(&s);
    say_hex("pending ", bits_of(&s));
    say("\n");
}

static void step_take(void)
{
    const struct timespec now = {0, 0};
    const sigset_t s = random_set(2);
    siginfo_t info;
    memset(&info, 0, sizeof info);
    const int r = sigtimedwait(&s, &info, &now);
    say_result("sigtimedwait", r);
    if (r > 0)
        say_info(&info);
    say("\n");
}

static void step_signalfd(void)
{
    const sigset_t s = random_set(2);
    struct signalfd_siginfo from[2];
    memset(from, 0, sizeof from);
    const int fd = signalfd(-1, &s, SFD_NONBLOCK);
    struct pollfd p = {fd, POLLIN, 0};
    say_result("signalfd poll", poll(&p, 1, 0));
    const ssize_t r = read(fd, from, sizeof from);
    say_result(" read", r);
    for (int i = 0; i < 2 && r > (ssize_t)sizeof from[0] * i; i++) {
        say_number(" ", from[i].ssi_signo);
        say_number(" code ", from[i].ssi_code);
        if (from[i].ssi_code == SI_QUEUE || from[i].ssi_code == SI_TIMER)
            say_number(" value ", from[i].ssi_int);
    }
    say("\n");
    close(fd);
}

/* Does a handler run if mask were the thread's? */
static int would_end(const sigset_t *mask)
{
    sigset_t waits;
    sigpending(&waits);
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction a;
        sigaction(signals[i], NULL, &a);
        if (sigismember(&waits, signals[i]) && !sigismember(mask, signals[i]) && a.sa_handler != SIG_IGN &&
            a.sa_handler != SIG_DFL)
            return 1;
    }
    return 0;
}

static void step_wait(void)
{
    static const char *const names[] = {"sigsuspend", "ppoll", "pselect", "epoll_pwait", "ppoll now"};
    const sigset_t s = random_set(3);
    const struct timespec now = {0, 0};
    const unsigned way = chance(5);
    if (way != 4 && !would_end(&s))
        return;
    say(names[way]);
    say_hex(" ", bits_of(&s));
    say("\n");
    const int fd = epoll_create1(0);
    struct epoll_event event;
    const int r = way == 0   ? sigsuspend(&s)
                  : way == 1 ? ppoll(NULL, 0, NULL, &s)
                  : way == 2 ? pselect(0, NULL, NULL, NULL, NULL, &s)
                  : way == 3 ? epoll_pwait(fd, &event, 1, -1, &s)
                             : ppoll(NULL, 0, &now, &s);
    const int error = errno;
    close(fd);
    errno = error;
    say_result("waited", r);
    say_masks(NULL);
    say("\n");
}

static void step_stack(void)
{
    stack_t old, s = {.ss_sp = me->stack, .ss_size = STACK};
    memset(&old, 0, sizeof old);
    if (no_stack)
        return;
    s.ss_flags = one_in(4) ? SS_DISABLE : one_in(3) ? (int)(1u << 31) : one_in(20) ? 77 : 0;
    if (s.ss_flags == 0 && is_on_stack()) /* kernels differ in whether sigreturn then takes the frame's (x86, 6.12) */
        s.ss_flags = (int)(1u << 31);
    if (one_in(20))
        s.ss_size = 100;
    const int r = sigaltstack(one_in(5) ? NULL : &s, &old);
    say_result("sigaltstack", r);
    say_hex(" was ", (unsigned)old.ss_flags);
    say("\n");
}

static void step_fault(void)
{
    struct sigaction a;
    sigset_t now;
    sigaction(SIGSEGV, NULL, &a);
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    const int dies = a.sa_handler == SIG_IGN || a.sa_handler == SIG_DFL || sigismember(&now, SIGSEGV);
    if (!me->can_jump || (dies && !one_in(60)))
        return;
    say("fault\n");
    tell();
    (void)*(volatile char *)closed_page;
    say("no fault\n");
}

static void wait_pending(int signo)
{
    for (int i = 0; i < 20000; i++) {
        sigset_t s;
        sigpending(&s);
        if (sigismember(&s, signo))
            return;
        const struct timespec little = {0, 100000};
        nanosleep(&little, NULL);
    }
    say("never came\n");
}

static void step_timer(void)
{
    const struct itimerspec soon = {{0, 0}, {0, 1}};
    const int signo = CHOOSE(signals);
    sigset_t old, one, waits;
    timer_t timer;
    struct sigevent e;
    if (is_synchronous(signo))
        return;
    before_sending(signo);
    sigpending(&waits);
    struct sigaction a;
    sigaction(signo, NULL, &a);
    if (sigismember(&waits, signo) || a.sa_handler == SIG_IGN)
        return;
    sigemptyset(&one);
    sigaddset(&one, signo);
    pthread_sigmask(SIG_BLOCK, &one, &old);
    memset(&e, 0, sizeof e);
    e.sigev_notify = one_in(2) ? SIGEV_SIGNAL : SIGEV_THREAD_ID;
    e.sigev_signo = signo;
    e.sigev_value.sival_int = (int)chance(1000);
    e._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    say_number("timer ", signo);
    say_number(" kind ", e.sigev_notify);
    say_result(" create", timer_create(CLOCK_MONOTONIC, &e, &timer));
    say("\n");
    timer_settime(timer, 0, &soon, NULL);
    wait_pending(signo);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL); /* kernels differ in what becomes of one whose timer is deleted */
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    timer_delete(timer);
}

static void report_state(void)
{
    sigset_t waits, now;
    uint64_t ignored = 0;
    sigpending(&waits);
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction a;
        sigaction(signals[i], NULL, &a);
        if (a.sa_handler == SIG_IGN)
            ignored |= UINT64_C(1) << (signals[i] - 1);
    }
    say_hex("state: pending ", bits_of(&waits));
    say_hex(" mask ", bits_of(&now));
    say_hex(" ignored ", ignored);
    say("\n");
}

/* ---- children ---- */

static void touch(void)
{
    tell();
    (void)*(volatile char *)closed_page;
}

/* A handler for SIGSEGV that faults itself. */
static void on_deep(int signo, siginfo_t *info, void *context)
{
    say_number("  deep ", signo);
    say_info(info);
    say_masks(context);
    if (me->depth++ == 0) {
        say("\n");
        touch();
    }
    leave_fault();
}

static void unblock(int signo)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, signo);
    pthread_sigmask(SIG_UNBLOCK, &s, NULL);
}

/* A frame that cannot be written is a fault. */
static void use_bad_stack(void)
{
    const stack_t bad = {.ss_sp = closed_page, .ss_size = 65536};
    struct sigaction a = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    a.sa_sigaction = on_info;
    say_result("bad stack", sigaltstack(&bad, NULL));
    say("\n");
    sigaction(SIGUSR1, &a, NULL);
    tell();
    unblock(SIGUSR1);
    raise(SIGUSR1);
}

static void fault_deep(void)
{
    struct sigaction a = {.sa_flags = SA_SIGINFO};
    a.sa_sigaction = on_deep;
    a.sa_flags |= one_in(2) ? SA_NODEFER : one_in(3) ? SA_RESETHAND : 0;
    me->depth = 0;
    sigaction(SIGSEGV, &a, NULL);
    unblock(SIGSEGV);
    touch();
}

static void in_child(unsigned kind)
{
    char *arguments[] = {(char *)self_path, "state", NULL};
    level++;
    me->can_jump = 0;
    switch (kind) {
    case 0:
        for (int i = 0; i < CHILD_STEPS; i++)
            any_step();
        break;
    case 1:
        tell();
        execv(self_path, arguments);
        _exit(98);
    case 2:
        raise(SIGSTOP);
        break;
    case 3:
        signal(SIGUSR1, SIG_DFL);
        raise(SIGUSR1);
        break;
    case 4:
        use_bad_stack();
        break;
    case 5:
        touch();
        break;
    case 6:
        fault_deep();
        break;
    }
    report_state();
    tell();
    _exit(7);
}

/* Without signals of the child's in the parent until it has ended. */
static void step_fork(void)
{
    sigset_t all, old;
    int status = 0;
    if (level)
        return;
    const unsigned kind = chance(7);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    say_number("fork ", kind);
    say("\n");
    tell();
    const pid_t pid = fork();
    if (pid == 0) {
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        in_child(kind);
    }
    pid_t r = waitpid(pid, &status, kind == 0 || kind == 2 ? WUNTRACED : 0);
    if (r == pid && WIFSTOPPED(status)) {
        say_hex("stopped ", (unsigned)status);
        kill(pid, SIGCONT);
        r = waitpid(pid, &status, 0);
    }
    if (r == pid)
        say_hex("ended ", (unsigned)status & 0xff7f);
    else
        say_result("waitpid", r);
    say("\n");
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

static void any_step(void)
{
    static void (*const steps[])(void) = {step_action, step_action,  step_mask,  step_mask,     step_mask,
                                          step_send,   step_send,    step_send,  step_send,     step_send,
                                          step_send,   step_pending, step_take,  step_signalfd, step_wait,
                                          step_wait,   step_stack,   step_fault, step_timer,    step_fork};
    CHOOSE(steps)();
}

/* ---- turns ---- */

static void take_turn(void)
{
    sigset_t all;
    sigfillset(&all);
    const int jumped = sigsetjmp(me->back, 0);
    me->can_jump = !jumped;
    me->depth = 0;
    if (!jumped) {
        pthread_sigmask(SIG_SETMASK, &me->mask, NULL);
        any_step();
    }
    me->can_jump = 0;
    pthread_sigmask(SIG_SETMASK, &all, &me->mask);
    if (one_in(8)) /* else most would be blocked soon */
        me->mask = random_set(8);
    tell();
}

static void *worker(void *arg)
{
    char byte;
    me = arg;
    me->tid = (pid_t)syscall(SYS_gettid);
    while (read(me->wake[0], &byte, 1) == 1) {
        if (byte)
            take_turn();
        if (write(done[1], &byte, 1) != 1)
            break;
    }
    return NULL;
}

static void begin(void)
{
    sigset_t all;
    char byte = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    for (int s = 1; s <= 64; s++) /* what the runner ignores */
        signal(s, SIG_DFL);
    closed_page = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pipe(done))
        _exit(96);
    for (unsigned i = 0; i < thread_count; i++) {
        threads[i].stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        sigemptyset(&threads[i].mask);
        if (i == 0) {
            me = &threads[0];
            me->id = pthread_self();
            me->tid = getpid();
        } else if (pipe(threads[i].wake) || pthread_create(&threads[i].id, NULL, worker, &threads[i]) ||
                   write(threads[i].wake[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 1) {
            _exit(96);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc == 2) {
        report_state();
        tell();
        return 8;
    }
    self_path = argv[0];
    chance_state = strtoull(argv[1], NULL, 0) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    const int steps = atoi(argv[2]);
    no_plain = argc > 3 && strtoull(argv[1], NULL, 0) / 2 % 2;
    no_stack = argc > 3 && !no_plain;
    thread_count = strtoull(argv[1], NULL, 0) % 2 ? 1 : MOST_THREADS;
    begin();
    for (int i = 1; i <= steps; i++) {
        const unsigned turn = chance(thread_count);
        char byte = 1;
        say_number("", i);
        say_number(" thread ", turn);
        say("\n");
        if (turn == 0)
            take_turn();
        else if (write(threads[turn].wake[1], &byte, 1) != 1 || read(done[0], &byte, 1) != 1)
            break;
    }
    return 0;
}
