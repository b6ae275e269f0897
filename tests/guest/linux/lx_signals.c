/* SPDX-License-Identifier: Apache-2.0 */
/* Asynchronous signals: queues and their order, masks, waiting, interrupted and restarted calls.
 * reference: none (qemu 7.2 delivers queued signals in the opposite order)
 * build: -D_GNU_SOURCE */
#include <poll.h>
#include <pthread.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static int order[64], values[64], codes[64];
static volatile int count;

static void record(int signo, siginfo_t *info, void *uc)
{
    (void)uc;
    order[count] = signo;
    values[count] = info->si_value.sival_int;
    codes[count] = info->si_code;
    count++;
}

/* Signals that may come any number of times. */
static void record_one(int signo, siginfo_t *info, void *uc)
{
    count = 0;
    record(signo, info, uc);
}

static void show_order(const char *what)
{
    printf("%s:", what);
    for (int i = 0; i < count; i++)
        printf(" %s%d(%d,%d)", order[i] >= SIGRTMIN ? "RT+" : "", order[i] >= SIGRTMIN ? order[i] - SIGRTMIN : order[i],
               order[i] >= SIGRTMIN ? values[i] : 0, codes[i]);
    printf("\n");
    count = 0;
}

static void send_value(int signo, int v)
{
    union sigval value = {.sival_int = v};
    require(sigqueue(getpid(), signo, value) == 0, "sigqueue");
}

static sigset_t set_of(int a, int b)
{
    sigset_t s;
    sigemptyset(&s);
    if (a)
        sigaddset(&s, a);
    if (b)
        sigaddset(&s, b);
    return s;
}

static void test_queue(void)
{
    sigset_t all, pending;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int i = 0; i < 3; i++)
        send_value(SIGRTMIN + 1, 10 + i);
    send_value(SIGRTMIN, 20);
    send_value(SIGRTMIN + 2, 30);
    kill(getpid(), SIGUSR2);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    sigpending(&pending);
    printf("pending: %d %d %d %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2),
           sigismember(&pending, SIGRTMIN + 1), sigismember(&pending, SIGHUP));
    for (int s = SIGRTMIN; s <= SIGRTMIN + 2; s++) { /* handlers that do not nest: the mask is full while they run */
        struct sigaction a = {.sa_sigaction = record, .sa_flags = SA_SIGINFO};
        sigfillset(&a.sa_mask);
        sigaction(s, &a, NULL);
        sigaction(SIGUSR1, &a, NULL);
        sigaction(SIGUSR2, &a, NULL);
    }
    sigset_t none = set_of(0, 0);
    sigprocmask(SIG_SETMASK, &none, NULL);
    show_order("delivered");
}

static void test_wait(void)
{
    sigset_t s = set_of(SIGRTMIN, SIGUSR1), old;
    siginfo_t info;
    struct timespec zero = {0, 0}, little = {0, 20000000};
    sigprocmask(SIG_BLOCK, &s, &old);
    SHOW(sigtimedwait(&s, &info, &zero));
    SHOW(sigtimedwait(&s, &info, &little));
    send_value(SIGRTMIN, 5);
    send_value(SIGRTMIN, 6);
    printf("waited: %d", sigwaitinfo(&s, &info) == SIGRTMIN);
    printf(" value %d code %d", info.si_value.sival_int, info.si_code);
    printf(" again %d", sigtimedwait(&s, &info, &zero) == SIGRTMIN);
    printf(" value %d pid %d\n", info.si_value.sival_int, info.si_pid == getpid());
    raise(SIGUSR1);
    int got;
    SHOW(sigwait(&s, &got));
    printf("sigwait: %d\n", got);
    int fd = signalfd(-1, &s, SFD_NONBLOCK);
    struct signalfd_siginfo si;
    SHOW(read(fd, &si, sizeof si));
    send_value(SIGRTMIN, 9);
    SHOW(read(fd, &si, sizeof si));
    printf("signalfd: %d %d\n", (int)si.ssi_signo == SIGRTMIN, si.ssi_int);
    close(fd);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void later(int usec)
{
    struct itimerval it = {.it_value = {0, usec}};
    setitimer(ITIMER_REAL, &it, NULL);
}

/* Again and again: one signal may come before the call that it is to interrupt. 0: no more. */
static void every(int usec)
{
    struct itimerval it = {.it_interval = {0, usec}, .it_value = {0, usec}};
    setitimer(ITIMER_REAL, &it, NULL);
}

static void test_suspend(void)
{
    sigset_t block = set_of(SIGALRM, 0), none = set_of(0, 0), now;
    handle(SIGALRM, record, 0);
    sigprocmask(SIG_BLOCK, &block, NULL);
    later(10000);
    SHOW(sigsuspend(&none));
    sigprocmask(SIG_SETMASK, NULL, &now);
    printf("blocked after: %d, handled %d\n", sigismember(&now, SIGALRM), count);
    kill(getpid(), SIGALRM); /* stays until the next suspend */
    printf("not yet: %d\n", count);
    SHOW(sigsuspend(&none));
    printf("handled: %d\n", count);
    kill(getpid(), SIGALRM);
    struct timespec ts = {5, 0};
    SHOW(ppoll(NULL, 0, &ts, &none));
    printf("handled: %d\n", count);
    kill(getpid(), SIGALRM);
    SHOW(pselect(0, NULL, NULL, NULL, &ts, &none));
    printf("handled: %d\n", count);
    count = 0;
    kill(getpid(), SIGALRM);
    int fds[2];
    require(pipe(fds) == 0, "pipe");
    require(write(fds[1], "x", 1) == 1, "write");
    struct pollfd p = {fds[0], POLLIN, 0};
    /* the descriptor is ready, and a signal is, too: either result is right, but not both or none */
    int r = ppoll(&p, 1, &ts, &none);
    printf("ready and signal: %d\n", (r == 1 && count == 0) || (r == -1 && errno == EINTR && count == 1));
    sigprocmask(SIG_SETMASK, &none, NULL);
    printf("handled: %d\n", count);
    close(fds[0]);
    close(fds[1]);
    count = 0;
}

static void test_restart(void)
{
    int fds[2];
    char c;
    require(pipe(fds) == 0, "pipe");
    handle(SIGALRM, record_one, 0);
    count = 0;
    every(10000);
    SHOW(read(fds[0], &c, 1));
    every(0);
    printf("handled: %d\n", count > 0);
    handle(SIGALRM, record_one, SA_RESTART);
    pid_t pid = fork();
    if (!pid) {
        usleep(60000);
        _exit(write(fds[1], "y", 1) == 1 ? 7 : 8);
    }
    every(10000);
    SHOW(read(fds[0], &c, 1));
    printf("read %c, handled: %d\n", c, count > 0);
    int status;
    SHOW(waitpid(pid, &status, 0) == pid);
    printf("status %d\n", WEXITSTATUS(status));
    struct timespec ts = {5, 0}, left = {0, 0};
    SHOW(nanosleep(&ts, &left)); /* never restarted */
    printf("left: %d\n", left.tv_sec == 4 && left.tv_nsec > 100000000);
    SHOW(poll(NULL, 0, 5000));
    SHOW(usleep(900000));
    every(0);
    printf("handled: %d\n", count > 0);
    count = 0;
    close(fds[0]);
    close(fds[1]);
}

static void once(int signo)
{
    (void)signo;
    count++;
}
static volatile int level, deepest;
static void nest(int signo, siginfo_t *info, void *uc)
{
    (void)info, (void)uc;
    if (++level > deepest)
        deepest = level;
    if (level < 5)
        raise(signo);
    level--;
}

static void test_flags(void)
{
    struct sigaction a = {.sa_handler = once, .sa_flags = (int)SA_RESETHAND}, now;
    sigaction(SIGUSR1, &a, NULL);
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &now);
    printf("reset: %d %d\n", count, now.sa_handler == SIG_DFL);
    count = 0;
    handle(SIGUSR2, nest, SA_NODEFER);
    raise(SIGUSR2);
    printf("nodefer: %d\n", deepest);
    deepest = 0;
    handle(SIGUSR2, nest, 0);
    level = 4;
    raise(SIGUSR2);
    level = 0;
    raise(SIGURG); /* ignored by default */
    raise(SIGCHLD);
    signal(SIGUSR1, SIG_IGN);
    raise(SIGUSR1);
    SHOW(sigaction(SIGKILL, &a, NULL));
    SHOW(sigaction(65, &a, NULL));
    SHOW(sigaction(SIGKILL, NULL, &now));
    SHOW(kill(getpid(), 0));
    SHOW(kill(getpid(), 65));
}

static int main_thread_got, worker_got;
static pthread_t main_thread;
static void who(int signo)
{
    (void)signo;
    if (pthread_equal(pthread_self(), main_thread))
        main_thread_got++;
    else
        worker_got++;
}
static volatile int stop;
static void *worker(void *arg)
{
    volatile uint64_t *n = arg;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
        ++*n;
    return NULL;
}

/* a signal for one thread of two, both busy; a signal for the process that only one thread does not block */
static void test_threads(void)
{
    pthread_t id;
    uint64_t n = 0;
    main_thread = pthread_self();
    signal(SIGUSR1, who);
    pthread_create(&id, NULL, worker, &n);
    for (int i = 0; i < 20; i++) {
        pthread_kill(id, SIGUSR1);
        while (__atomic_load_n(&worker_got, __ATOMIC_RELAXED) <= i)
            sched_yield();
    }
    sigset_t s = set_of(SIGUSR1, 0);
    pthread_sigmask(SIG_BLOCK, &s, NULL);
    kill(getpid(), SIGUSR1);
    while (__atomic_load_n(&worker_got, __ATOMIC_RELAXED) < 21)
        sched_yield();
    stop = 1;
    pthread_join(id, NULL);
    pthread_sigmask(SIG_UNBLOCK, &s, NULL);
    printf("threads: worker %d main %d\n", worker_got, main_thread_got);
}

static int status_of(int signo)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        signal(signo, SIG_DFL);
        raise(signo);
        _exit(1);
    }
    waitpid(pid, &status, signo == SIGSTOP ? WUNTRACED : 0); /* somebody may stop all of it */
    if (WIFSTOPPED(status)) {
        int s = WSTOPSIG(status);
        kill(pid, SIGCONT);
        waitpid(pid, &status, 0);
        return 1000 + s + WEXITSTATUS(status) * 100;
    }
    return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void test_defaults(void)
{
    SHOW(status_of(SIGTERM));
    SHOW(status_of(SIGKILL));
    SHOW(status_of(SIGUSR1));
    SHOW(status_of(SIGALRM));
    SHOW(status_of(SIGPIPE));
    SHOW(status_of(SIGRTMIN) - SIGRTMIN);
    SHOW(status_of(SIGQUIT));
    SHOW(status_of(SIGSTOP));
    SHOW(status_of(SIGCHLD));
    SHOW(status_of(SIGWINCH));
}

int main(void)
{
    test_queue();
    test_wait();
    test_suspend();
    test_restart();
    test_flags();
    test_threads();
    test_defaults();
    return 0;
}
