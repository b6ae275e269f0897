/* SPDX-License-Identifier: Apache-2.0 */
/* Signals from outside: timers into hot loops, masks, nesting, alternate stacks, siglongjmp, queued values, other
 * threads.
 * not in: tier2 (what it is about is the same in mixed) */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/guest_test.h"

static volatile sig_atomic_t ticks, nested, depth, deepest, on_alternate;
static char alternate[65536];
static sigjmp_buf out;
static volatile int *volatile nowhere = (volatile int *)8;
static volatile int queued[8], queued_count;

static void install(int signo, void (*function)(int), int flags)
{
    struct sigaction action = {.sa_handler = function, .sa_flags = flags};
    sigaction(signo, &action, NULL);
}

static void tick(int signo)
{
    (void)signo;
    ticks++;
}

/* The interrupted computation must not notice: its result is checked against one without a timer. */
__attribute__((noinline)) static uint64_t work(unsigned n)
{
    uint64_t h = 1;
    double d = 1;
    for (unsigned i = 0; i < n; i++) {
        h = mix(h, i);
        d = d * 1.0000001 + (double)(h >> 60);
    }
    uint64_t b;
    memcpy(&b, &d, 8);
    return h ^ b;
}

static void timer(void)
{
    struct itimerval every = {{0, 500}, {0, 500}}, off = {{0, 0}, {0, 0}};
    uint64_t expected = work(100000);
    install(SIGALRM, tick, SA_RESTART);
    setitimer(ITIMER_REAL, &every, NULL);
    int rounds = 0;
    while (ticks < 60 || rounds < 3) {
        require(work(100000) == expected, "a signal leaves no trace");
        rounds++;
    }
    setitimer(ITIMER_REAL, &off, NULL);
    puts("timer ok");
}

static void raise_again(int signo)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (nested++ < 5)
        raise(signo);
    depth--;
}

static void nesting(void)
{
    install(SIGUSR1, raise_again, SA_NODEFER);
    raise(SIGUSR1);
    printf("nested %d deepest %d\n", nested, deepest);
    nested = deepest = 0;
    install(SIGUSR1, raise_again, 0);
    raise(SIGUSR1);
    printf("masked %d deepest %d\n", nested, deepest);
}

static void where(int signo)
{
    char here;
    (void)signo;
    on_alternate = &here >= alternate && &here < alternate + sizeof(alternate);
}

static void alternate_stack(void)
{
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof(alternate)}, old;
    sigaltstack(&stack, NULL);
    install(SIGUSR2, where, SA_ONSTACK);
    raise(SIGUSR2);
    printf("on alternate %d", on_alternate);
    install(SIGUSR2, where, 0);
    raise(SIGUSR2);
    sigaltstack(NULL, &old);
    printf(" off %d size %zu flags %d\n", on_alternate, old.ss_size, old.ss_flags);
}

static void leave(int signo) { siglongjmp(out, signo); }

static void jumping(void)
{
    volatile int count = 0;
    install(SIGUSR1, leave, 0);
    for (volatile int i = 0; i < 200; i++) {
        if (sigsetjmp(out, 1) == 0)
            raise(SIGUSR1);
        else
            count++;
    }
    printf("siglongjmp %d\n", count);
    install(SIGSEGV, leave, 0);
    count = 0;
    for (volatile int i = 0; i < 100; i++) {
        if (sigsetjmp(out, 1) == 0)
            *nowhere = 1;
        else
            count++;
    }
    printf("out of faults %d\n", count);
}

static void take_value(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    queued[queued_count++ & 7] = info->si_value.sival_int;
}

static void masks_and_queues(void)
{
    struct sigaction action = {.sa_sigaction = take_value, .sa_flags = SA_SIGINFO};
    sigset_t set, old, pending;
    sigaction(SIGRTMIN + 1, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, &old);
    for (int i = 0; i < 5; i++)
        sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 10 + i});
    sigpending(&pending);
    printf("pending %d seen %d", sigismember(&pending, SIGRTMIN + 1), queued_count);
    sigprocmask(SIG_SETMASK, &old, NULL);
    printf(" then %d: %d %d %d %d %d\n", queued_count, queued[0], queued[1], queued[2], queued[3], queued[4]);
    install(SIGUSR1, tick, 0);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    int before = ticks;
    raise(SIGUSR1);
    sigset_t none;
    sigemptyset(&none);
    int r = sigsuspend(&none);
    printf("sigsuspend %d %d ticks %d\n", r, errno == EINTR, ticks - before);
    int got;
    raise(SIGUSR1);
    sigwait(&set, &got);
    printf("sigwait %d\n", got);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static volatile int stop;

static void *spin(void *argument)
{
    volatile int *started = argument;
    *started = 1;
    uint64_t h = 0;
    while (!stop)
        h = mix(h, 1);
    return (void *)(uintptr_t)(h == 0);
}

static void set_stop(int signo)
{
    (void)signo;
    stop = 1;
}

/* A thread in a loop without calls notices a signal that is sent to it. */
static void to_thread(void)
{
    pthread_t id;
    volatile int started = 0;
    install(SIGUSR2, set_stop, 0);
    pthread_create(&id, NULL, spin, (void *)&started);
    while (!started)
        usleep(1000);
    usleep(5000);
    pthread_kill(id, SIGUSR2);
    pthread_join(id, NULL);
    puts("thread stopped");
}

static void interrupted_call(void)
{
    int fd[2];
    char c;
    pid_t child;
    install(SIGALRM, tick, 0);
    if (pipe(fd))
        return;
    ualarm(20000, 20000); /* again and again: the first may come before the call */
    ssize_t n = read(fd[0], &c, 1);
    ualarm(0, 0);
    printf("read %zd %d\n", n, errno == EINTR);
    fflush(stdout);
    child = fork();
    if (child == 0) {
        signal(SIGTERM, SIG_DFL);
        raise(SIGTERM);
        _exit(0);
    }
    int status;
    while (waitpid(child, &status, 0) < 0)
        ;
    printf("child %d %d\n", WIFSIGNALED(status), WTERMSIG(status));
}

int main(void)
{
    timer();
    nesting();
    alternate_stack();
    jumping();
    masks_and_queues();
    to_thread();
    interrupted_call();
    return 0;
}
