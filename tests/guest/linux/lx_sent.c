/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that a program sends itself, by what it has done about them before and by what it does then. Those that
 * faults raise are signals like any other when they are sent. Each case runs in a child for each signal; a line has one
 * result if it is the same for all.
 * reference: none (qemu 7.2 loses some and hangs)
 * emulated: none (qemu 7.2 loses some of the signals and hangs)
 * not in: warm cached cache1m fail3 precise stats (hundreds of processes, each with an optimizer to wait for)
 *
 * build: -D_GNU_SOURCE */
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/sent_test.h"

enum { PENDING = 50 };

static volatile int count, last_code, last_value, last_signo;
static sigset_t none;

static void note(int signo, siginfo_t *info, void *uc)
{
    (void)uc;
    count++;
    last_signo = signo;
    last_code = info->si_code;
    last_value = info->si_value.sival_int;
}

static void block(int signo)
{
    const sigset_t s = only(signo);
    sigprocmask(SIG_BLOCK, &s, NULL);
}

static void unblock(int signo)
{
    const sigset_t s = only(signo);
    sigprocmask(SIG_UNBLOCK, &s, NULL);
}

static void queue(int signo, int v)
{
    const union sigval value = {.sival_int = v};
    require(sigqueue(getpid(), signo, value) == 0, "sigqueue");
}

static void queue_thread(int signo, int v)
{
    const union sigval value = {.sival_int = v};
    require(pthread_sigqueue(pthread_self(), signo, value) == 0, "pthread_sigqueue");
}

static int child_status(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) != pid)
        ;
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- block and unblock; who sent it ---- */

static int sent_code(int signo, int code)
{
    if (count || !pending(signo))
        return FAILED;
    unblock(signo);
    return count == 1 && last_signo == signo && last_code == code && !pending(signo) ? 1 : FAILED;
}

static int by_kill(int signo)
{
    handle(signo, note, 0);
    block(signo);
    kill(getpid(), signo);
    return sent_code(signo, SI_USER);
}

static int by_raise(int signo)
{
    handle(signo, note, 0);
    block(signo);
    raise(signo);
    return sent_code(signo, SI_TKILL);
}

static int by_sigqueue(int signo)
{
    handle(signo, note, 0);
    block(signo);
    queue(signo, 5);
    return sent_code(signo, SI_QUEUE) == 1 ? last_value : FAILED;
}

static int by_pthread_sigqueue(int signo)
{
    handle(signo, note, 0);
    block(signo);
    queue_thread(signo, 6);
    return sent_code(signo, SI_QUEUE) == 1 ? last_value : FAILED;
}

static int by_pidfd(int signo)
{
    const int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    handle(signo, note, 0);
    block(signo);
    syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0);
    return sent_code(signo, SI_USER);
}

static int by_timer(int signo)
{
    timer_t timer;
    struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signo, .sigev_value.sival_int = 8};
    const struct itimerspec soon = {.it_value = {0, 1000000}};
    handle(signo, note, 0);
    block(signo);
    require(timer_create(CLOCK_MONOTONIC, &ev, &timer) == 0, "timer_create");
    timer_settime(timer, 0, &soon, NULL);
    while (!pending(signo))
        ;
    return sent_code(signo, SI_TIMER) == 1 ? last_value : FAILED;
}

/* Standard signals are there once, the first one's way. */
static int once_only(int signo)
{
    handle(signo, note, 0);
    block(signo);
    queue(signo, 1);
    queue(signo, 2);
    queue(signo, 3);
    unblock(signo);
    return count == 1 ? last_value : FAILED;
}

/* One for the thread and one for the process are two. */
static int thread_and_process(int signo)
{
    handle(signo, note, 0);
    block(signo);
    queue(signo, 1);
    queue_thread(signo, 2);
    unblock(signo);
    return count * 10 + last_value; /* the thread's was first */
}

static int not_blocked(int signo)
{
    handle(signo, note, 0);
    for (int i = 1; i <= 5; i++) {
        kill(getpid(), signo);
        if (count != i)
            return FAILED;
    }
    return count;
}

/* ---- actions ---- */

static int dies_on_unblock(int signo)
{
    block(signo);
    kill(getpid(), signo);
    unblock(signo);
    return FAILED;
}

static void crash(int signo, siginfo_t *info, void *uc)
{
    (void)info, (void)uc;
    signal(signo, SIG_DFL);
    raise(signo);
    count++;
}

static int crash_handler(int signo)
{
    handle(signo, crash, 0);
    raise(signo);
    return FAILED;
}

static int ignoring_discards(int signo)
{
    block(signo);
    kill(getpid(), signo);
    raise(signo);
    signal(signo, SIG_IGN);
    if (pending(signo))
        return FAILED;
    handle(signo, note, 0);
    unblock(signo);
    return count;
}

/* Blocked signals are kept even if they are ignored: the action may change. */
static int ignored_and_blocked(int signo)
{
    signal(signo, SIG_IGN);
    block(signo);
    kill(getpid(), signo);
    const int kept = pending(signo);
    handle(signo, note, 0);
    unblock(signo);
    return kept * 10 + count;
}

static int ignored(int signo)
{
    signal(signo, SIG_IGN);
    kill(getpid(), signo);
    raise(signo);
    block(signo);
    return pending(signo);
}

static int reset_by_hand(int signo)
{
    handle(signo, note, (int)SA_RESETHAND);
    block(signo);
    raise(signo);
    unblock(signo);
    struct sigaction now;
    sigaction(signo, NULL, &now);
    if (count != 1 || now.sa_handler != SIG_DFL)
        return FAILED;
    raise(signo);
    return FAILED;
}

/* ---- in handlers ---- */

static volatile int depth, deepest;
static void again(int signo, siginfo_t *info, void *uc)
{
    (void)info, (void)uc;
    if (++depth > deepest)
        deepest = depth;
    if (++count < 3)
        raise(signo);
    depth--;
}

static int in_own_handler(int signo)
{
    handle(signo, again, 0);
    raise(signo);
    return count * 10 + deepest;
}

static int in_own_handler_nodefer(int signo)
{
    handle(signo, again, SA_NODEFER);
    raise(signo);
    return count * 10 + deepest;
}

static int held;
static void send_held(int signo, siginfo_t *info, void *uc)
{
    (void)signo, (void)info, (void)uc;
    kill(getpid(), held);
    require(count == 0, "sa_mask holds it back");
}

/* The mask that sigreturn brings back lets it in. */
static int held_by_sa_mask(int signo)
{
    struct sigaction a = {.sa_sigaction = send_held, .sa_flags = SA_SIGINFO, .sa_mask = only(signo)};
    held = signo;
    sigaction(SIGUSR2, &a, NULL);
    handle(signo, note, 0);
    raise(SIGUSR2);
    return count;
}

static void open_frame(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    (void)signo, (void)info;
    sigdelset(&uc->uc_sigmask, held);
}

/* The handler of another signal changes the mask that it returns to. */
static int opened_by_frame(int signo)
{
    held = signo;
    handle(SIGUSR2, open_frame, 0);
    handle(signo, note, 0);
    block(signo);
    raise(signo);
    raise(SIGUSR2);
    return count;
}

static char alternate[65536];
static volatile int on_alternate;
static void where(int signo, siginfo_t *info, void *uc)
{
    char here;
    note(signo, info, uc);
    on_alternate += &here > alternate && &here < alternate + sizeof alternate;
    if (count == 1)
        raise(SIGUSR2);
}

static int alternate_stack(int signo)
{
    const stack_t ss = {.ss_sp = alternate, .ss_size = sizeof alternate};
    sigaltstack(&ss, NULL);
    handle(signo, where, SA_ONSTACK);
    handle(SIGUSR2, where, SA_ONSTACK);
    block(signo);
    raise(signo);
    unblock(signo);
    return count * 10 + on_alternate;
}

/* ---- calls with a mask ---- */

static int waited(int signo, long result)
{
    sigset_t now;
    if (result != -1 || errno != EINTR)
        return FAILED;
    sigprocmask(SIG_SETMASK, NULL, &now);
    return sigismember(&now, signo) && !pending(signo) ? count : FAILED;
}

static void prepare(int signo)
{
    handle(signo, note, SA_RESTART); /* these are never restarted */
    block(signo);
    kill(getpid(), signo);
}

static int by_sigsuspend(int signo)
{
    prepare(signo);
    return waited(signo, sigsuspend(&none));
}

static int by_ppoll(int signo)
{
    prepare(signo);
    return waited(signo, ppoll(NULL, 0, NULL, &none));
}

static int by_pselect(int signo)
{
    prepare(signo);
    return waited(signo, pselect(0, NULL, NULL, NULL, NULL, &none));
}

static int by_epoll_pwait(int signo)
{
    struct epoll_event event;
    const int fd = epoll_create1(0);
    prepare(signo);
    return waited(signo, epoll_pwait(fd, &event, 1, -1, &none));
}

/* What is ready goes first, and the signal stays. */
static int ppoll_ready(int signo)
{
    int fds[2];
    require(pipe(fds) == 0 && write(fds[1], "x", 1) == 1, "pipe");
    struct pollfd p = {fds[0], POLLIN, 0};
    prepare(signo);
    return (int)ppoll(&p, 1, NULL, &none) * 100 + count * 10 + pending(signo);
}

static volatile int others;
static void other(int signo)
{
    (void)signo;
    others++;
}

/* A child sends signo once and SIGUSR2, which ends calls, again and again: it may come before the call. */
static pid_t pester(int signo)
{
    const pid_t parent = getpid();
    const struct sigaction a = {.sa_handler = other};
    sigaction(SIGUSR2, &a, NULL);
    const pid_t pid = fork();
    if (pid == 0) {
        usleep(20000);
        kill(parent, signo);
        for (;;) {
            usleep(20000);
            kill(parent, SIGUSR2);
        }
    }
    return pid;
}

static void leave_alone(pid_t pid)
{
    kill(pid, SIGKILL);
    child_status(pid);
}

/* Blocked only for the time of the call. */
static int blocked_by_ppoll(int signo)
{
    const sigset_t mask = only(signo);
    handle(signo, note, 0);
    const pid_t pid = pester(signo);
    const int ended = ppoll(NULL, 0, NULL, &mask) == -1 && errno == EINTR && others;
    leave_alone(pid);
    return ended * 10 + count; /* the mask that came back has let it in */
}

/* ---- calls that are not to notice ---- */

static int other_calls(int signo)
{
    const struct timespec long_time = {60, 0};
    pid_t pid = pester(signo);
    const int polled = poll(NULL, 0, 60000) == -1 && errno == EINTR && others && !count;
    leave_alone(pid);
    others = 0;
    pid = pester(signo);
    const int slept = nanosleep(&long_time, NULL) == -1 && errno == EINTR && others && !count;
    leave_alone(pid);
    return polled * 10 + slept;
}

static int blocked_in_calls(int signo)
{
    handle(signo, note, 0);
    block(signo);
    return other_calls(signo);
}

static int ignored_in_calls(int signo)
{
    signal(signo, SIG_IGN);
    return other_calls(signo);
}

static int restarted(int signo)
{
    int fds[2];
    char c;
    require(pipe(fds) == 0, "pipe");
    const pid_t parent = getpid();
    handle(signo, note, SA_RESTART);
    if (fork() == 0) {
        usleep(20000);
        kill(parent, signo);
        usleep(20000);
        _exit(write(fds[1], "x", 1) == 1 ? 0 : 1);
    }
    return read(fds[0], &c, 1) == 1 ? count : FAILED;
}

/* ---- taken without a handler ---- */

static int by_sigwaitinfo(int signo)
{
    const sigset_t s = only(signo);
    siginfo_t info;
    block(signo);
    queue(signo, 4);
    queue_thread(signo, 3);
    if (sigwaitinfo(&s, &info) != signo || info.si_value.sival_int != 3)
        return FAILED;
    if (sigwaitinfo(&s, &info) != signo || info.si_value.sival_int != 4 || info.si_code != SI_QUEUE)
        return FAILED;
    unblock(signo);
    return pending(signo) + 1;
}

static int by_sigtimedwait(int signo)
{
    const sigset_t s = only(signo);
    const struct timespec zero = {0, 0}, long_time = {5, 0};
    siginfo_t info;
    block(signo);
    if (sigtimedwait(&s, &info, &zero) != -1 || errno != EAGAIN)
        return FAILED;
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid == 0) {
        usleep(20000);
        kill(parent, signo);
        _exit(0);
    }
    return sigtimedwait(&s, &info, &long_time) == signo && info.si_code == SI_USER && info.si_pid == pid ? 1 : FAILED;
}

static int by_signalfd(int signo)
{
    const sigset_t s = only(signo);
    struct signalfd_siginfo info;
    const int fd = signalfd(-1, &s, SFD_NONBLOCK), ep = epoll_create1(0);
    struct pollfd p = {fd, POLLIN, 0};
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event);
    block(signo);
    if (read(fd, &info, sizeof info) != -1 || errno != EAGAIN || poll(&p, 1, 0) != 0)
        return FAILED;
    queue(signo, 4);
    if (poll(&p, 1, 1000) != 1 || epoll_wait(ep, &event, 1, 1000) != 1 || read(fd, &info, sizeof info) != sizeof info)
        return FAILED;
    if ((int)info.ssi_signo != signo || info.ssi_code != SI_QUEUE || (pid_t)info.ssi_pid != getpid())
        return FAILED;
    return poll(&p, 1, 0) * 10 + info.ssi_int;
}

/* ---- fork and exec ---- */

static int forked(int signo)
{
    block(signo);
    kill(getpid(), signo);
    raise(signo);
    const pid_t pid = fork();
    if (pid == 0)
        _exit(pending(signo) + 1);
    return child_status(pid) * 10 + pending(signo);
}

static int executed(int signo)
{
    char name[8];
    block(signo);
    kill(getpid(), signo);
    snprintf(name, sizeof name, "%d", signo);
    execl("/proc/self/exe", "lx_sent", name, (char *)NULL);
    return FAILED;
}

/* As the new program: it dies of the signal. */
static int after_exec(int signo)
{
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    if (!pending(signo) || !sigismember(&now, signo))
        return FAILED;
    handle(signo, note, 0);
    unblock(signo);
    return PENDING + count;
}

static int bit_of_line(const char *text, const char *name, int signo)
{
    const char *line = strstr(text, name);
    return line ? (int)(strtoull(line + strlen(name), NULL, 16) >> (signo - 1) & 1) : FAILED;
}

/* A program of the system reads what the kernel says. */
static int executed_other(int signo)
{
    static char text[8192];
    int fds[2];
    ssize_t n;
    size_t have = 0;
    require(pipe(fds) == 0, "pipe");
    const pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], 1);
        close(fds[0]);
        close(fds[1]);
        block(signo);
        raise(signo);
        execl("/bin/cat", "cat", "/proc/self/status", (char *)NULL);
        _exit(FAILED);
    }
    close(fds[1]);
    while ((n = read(fds[0], text + have, sizeof text - 1 - have)) > 0)
        have += (size_t)n;
    child_status(pid);
    return bit_of_line(text, "SigPnd:", signo) * 10 + bit_of_line(text, "SigBlk:", signo);
}

/* ---- stop and continue ---- */

static int stopped(int signo)
{
    int status, fds[2];
    char c;
    require(pipe(fds) == 0, "pipe");
    const pid_t pid = fork();
    if (pid == 0) {
        handle(signo, note, 0);
        require(write(fds[1], "x", 1) == 1, "write");
        while (!count)
            ;
        _exit(count + 10);
    }
    require(read(fds[0], &c, 1) == 1, "read");
    kill(pid, SIGSTOP);
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
        return FAILED;
    kill(pid, signo); /* stays until it goes on */
    kill(pid, SIGCONT);
    if (waitpid(pid, &status, WCONTINUED) != pid)
        return FAILED;
    return WIFCONTINUED(status) ? child_status(pid) : WEXITSTATUS(status); /* or it was too fast */
}

/* ---- faults ---- */

static volatile int *volatile nowhere = (int *)16;

static int fault_blocked(int signo)
{
    handle(SIGSEGV, note, 0);
    block(SIGSEGV);
    block(signo);
    *nowhere = 1;
    return FAILED;
}

static int fault_ignored(int signo)
{
    signal(SIGSEGV, SIG_IGN);
    signal(signo, SIG_IGN);
    *nowhere = 1;
    return FAILED;
}

static void fault_there(int signo, siginfo_t *info, void *uc)
{
    note(signo, info, uc);
    *nowhere = 1;
}

static int fault_in_own_handler(int signo)
{
    handle(SIGSEGV, fault_there, 0);
    block(signo);
    *nowhere = 1;
    return FAILED;
}

/* Blocked and pending does not take the place of the fault. */
static int fault_while_pending(int signo)
{
    handle(SIGSEGV, note, 0);
    block(SIGSEGV);
    block(signo);
    kill(getpid(), SIGSEGV);
    kill(getpid(), signo);
    *nowhere = 1;
    return FAILED;
}

static int bad_stack(int signo)
{
    const stack_t ss = {.ss_sp = (void *)4096, .ss_size = sizeof alternate};
    sigaltstack(&ss, NULL);
    handle(signo, note, SA_ONSTACK);
    block(signo);
    raise(signo);
    unblock(signo);
    return FAILED;
}

/* ---- the table ---- */

static const struct sent_case cases[] = {
    CASE(by_kill),
    CASE(by_raise),
    CASE(by_sigqueue),
    CASE(by_pthread_sigqueue),
    CASE(by_pidfd),
    CASE(by_timer),
    CASE(once_only),
    CASE(thread_and_process),
    CASE(not_blocked),
    CASE(dies_on_unblock),
    CASE(crash_handler),
    CASE(ignoring_discards),
    CASE(ignored_and_blocked),
    CASE(ignored),
    CASE(reset_by_hand),
    CASE(in_own_handler),
    CASE(in_own_handler_nodefer),
    CASE(held_by_sa_mask),
    CASE(opened_by_frame),
    CASE(alternate_stack),
    CASE(by_sigsuspend),
    CASE(by_ppoll),
    CASE(by_pselect),
    CASE(by_epoll_pwait),
    CASE(ppoll_ready),
    CASE(blocked_by_ppoll),
    CASE(blocked_in_calls),
    CASE(ignored_in_calls),
    CASE(restarted),
    CASE(by_sigwaitinfo),
    CASE(by_sigtimedwait),
    CASE(by_signalfd),
    CASE(forked),
    CASE(executed),
    CASE(executed_other),
    CASE(stopped),
    CASE(fault_blocked),
    CASE(fault_ignored),
    CASE(fault_in_own_handler),
    CASE(fault_while_pending),
    CASE(bad_stack),
};

/* An exit code; -1: the signal itself has killed the child; else minus the one that has. */
static int result_of(int (*run)(int), int signo)
{
    const pid_t pid = fork();
    if (pid == 0)
        _exit(run(signo));
    const int status = child_status(pid);
    return status == -signo ? -1 : status;
}

int main(int argc, char **argv)
{
    leave_no_core();
    sigemptyset(&none);
    if (argc > 1)
        return after_exec(atoi(argv[1]));
    show_cases(cases, COUNT_OF(cases), result_of);
    return 0;
}
