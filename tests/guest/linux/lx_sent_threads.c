/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that are sent to a process or to one of its threads: which thread takes them, and when. As in lx_sent a line
 * has one result if it is the same for all signals.
 * reference: none (qemu 7.2 loses some and hangs)
 * emulated: none (qemu 7.2 loses some of the signals and hangs)
 * not in: warm cached cache1m fail3 precise stats (hundreds of processes, each with an optimizer to wait for)
 *
 * build: -D_GNU_SOURCE */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/sent_test.h"

enum { MAIN = 1, WORKER = 2, STORM = 100, THREADS = 4 };

static __thread int me;
static int taken[WORKER + 1]; /* atomic: by which thread, how often */
static int step;              /* atomic: where main and worker are */
static volatile int tested;

static int get(int *n) { return __atomic_load_n(n, __ATOMIC_ACQUIRE); }
static void go(int to) { __atomic_store_n(&step, to, __ATOMIC_RELEASE); }

/* Waits without a system call, or else by them. */
static void spin_until(int *n, int value)
{
    while (get(n) < value)
        ;
}

static void wait_until(int *n, int value)
{
    while (get(n) < value)
        usleep(1000);
}

static void take(int signo)
{
    (void)signo;
    __atomic_fetch_add(&taken[me], 1, __ATOMIC_ACQ_REL);
}

static void mask(int how, int signo)
{
    const sigset_t s = only(signo);
    pthread_sigmask(how, &s, NULL);
}

static pthread_t start(void *(*run)(void *))
{
    pthread_t id;
    require(pthread_create(&id, NULL, run, NULL) == 0, "pthread_create");
    return id;
}

static int taken_by(void) { return get(&taken[MAIN]) * 10 + get(&taken[WORKER]); }

/* Main takes signo by take, and blocks it before there are threads. */
static void begin(int signo)
{
    me = MAIN;
    tested = signo;
    signal(signo, take);
    mask(SIG_BLOCK, signo);
}

/* ---- to the process ---- */

static void *compute_open(void *arg)
{
    me = WORKER;
    mask(SIG_UNBLOCK, tested);
    go(1);
    spin_until(&taken[WORKER], 1);
    return arg;
}

static int computing_takes(int signo)
{
    begin(signo);
    const pthread_t id = start(compute_open);
    spin_until(&step, 1);
    kill(getpid(), signo);
    spin_until(&taken[WORKER], 1);
    pthread_join(id, NULL);
    return taken_by();
}

static void *poll_open(void *arg)
{
    me = WORKER;
    mask(SIG_UNBLOCK, tested);
    go(1);
    while (!get(&taken[WORKER]))
        poll(NULL, 0, 1000);
    return arg;
}

static int waiting_takes(int signo)
{
    begin(signo);
    const pthread_t id = start(poll_open);
    wait_until(&step, 1);
    usleep(10000);
    kill(getpid(), signo);
    spin_until(&taken[WORKER], 1);
    pthread_join(id, NULL);
    return taken_by();
}

static void *open_later(void *arg)
{
    me = WORKER;
    go(1);
    spin_until(&step, 2);
    mask(SIG_UNBLOCK, tested);
    go(get(&taken[WORKER]) == 1 ? 3 : FAILED);
    return arg;
}

/* All block it; who unblocks it first gets it. */
static int unblocking_takes(int signo)
{
    begin(signo);
    const pthread_t id = start(open_later);
    wait_until(&step, 1);
    kill(getpid(), signo);
    while (!pending(signo))
        ;
    go(2);
    pthread_join(id, NULL);
    const int after = pending(signo);
    mask(SIG_UNBLOCK, signo);
    return step == 3 && after == 0 ? taken_by() : FAILED;
}

static void *wait_info(void *arg)
{
    const sigset_t s = only(tested);
    siginfo_t info;
    go(1);
    go(sigwaitinfo(&s, &info) == tested && info.si_code == SI_USER ? 2 : FAILED);
    return arg;
}

static int sigwaitinfo_takes(int signo)
{
    begin(signo);
    const pthread_t id = start(wait_info);
    wait_until(&step, 1);
    kill(getpid(), signo);
    spin_until(&step, 2);
    pthread_join(id, NULL);
    return step * 10 + pending(signo);
}

static void *read_signalfd(void *arg)
{
    const sigset_t s = only(tested);
    struct signalfd_siginfo info;
    struct pollfd p = {signalfd(-1, &s, 0), POLLIN, 0};
    go(1);
    while (poll(&p, 1, -1) != 1)
        ;
    go(read(p.fd, &info, sizeof info) == sizeof info && (int)info.ssi_signo == tested ? 2 : FAILED);
    return arg;
}

static int signalfd_takes(int signo)
{
    begin(signo);
    const pthread_t id = start(read_signalfd);
    wait_until(&step, 1);
    usleep(10000);
    kill(getpid(), signo);
    spin_until(&step, 2);
    pthread_join(id, NULL);
    return step * 10 + pending(signo);
}

static void *only_look(void *arg)
{
    go(1 + pending(tested));
    return arg;
}

static int outlives_thread(int signo)
{
    begin(signo);
    kill(getpid(), signo);
    pthread_join(start(only_look), NULL);
    mask(SIG_UNBLOCK, signo);
    return step * 10 + get(&taken[MAIN]);
}

/* ---- to a thread ---- */

static int new_thread_has_none(int signo)
{
    begin(signo);
    raise(signo);
    pthread_join(start(only_look), NULL);
    return step * 10 + pending(signo);
}

static void *open_when_told(void *arg)
{
    me = WORKER;
    go(1);
    wait_until(&step, 2);
    if (pending(tested)) {
        mask(SIG_UNBLOCK, tested);
        go(3);
    } else {
        go(4);
    }
    return arg;
}

static int own_stays(int signo)
{
    begin(signo);
    const pthread_t id = start(open_when_told);
    const union sigval value = {.sival_int = 1};
    wait_until(&step, 1);
    pthread_sigqueue(id, signo, value);
    usleep(5000);
    mask(SIG_UNBLOCK, signo);
    const int mine = pending(signo) * 10 + get(&taken[MAIN]);
    go(2);
    pthread_join(id, NULL);
    return mine ? FAILED : step * 10 + taken_by();
}

static int ignoring_discards_all(int signo)
{
    begin(signo);
    const pthread_t id = start(open_when_told);
    wait_until(&step, 1);
    pthread_kill(id, signo);
    usleep(5000);
    signal(signo, SIG_IGN);
    signal(signo, take);
    go(2);
    pthread_join(id, NULL);
    return step * 10 + taken_by();
}

static void *fork_here(void *arg)
{
    int status;
    raise(tested);
    const pid_t pid = fork();
    if (pid == 0)
        _exit(1 + pending(tested));
    waitpid(pid, &status, 0);
    go(WEXITSTATUS(status) * 10 + pending(tested));
    return arg;
}

static int forked_by_thread(int signo)
{
    begin(signo);
    kill(getpid(), signo);
    pthread_join(start(fork_here), NULL);
    return step;
}

static void *execute_here(void *arg)
{
    char name[8];
    raise(tested);
    snprintf(name, sizeof name, "%d", tested);
    execl("/proc/self/exe", "lx_sent_threads", name, (char *)NULL);
    return arg;
}

static int executed_by_thread(int signo)
{
    begin(signo);
    pthread_join(start(execute_here), NULL);
    return FAILED;
}

/* ---- none is lost, none comes twice ---- */

static int *arrived; /* shared with the sender */

static void arrive(int signo)
{
    (void)signo;
    __atomic_fetch_add(arrived, 1, __ATOMIC_ACQ_REL);
}

/* One after another: the next one when the last has arrived. */
static void sender(pid_t to)
{
    for (int i = 0; i < STORM; i++) {
        kill(to, tested);
        while (get(arrived) <= i && getppid() == to)
            sched_yield();
    }
    _exit(0);
}

static void *open_and_close(void *arg)
{
    const struct timespec little = {0, 100000};
    sigset_t none;
    sigemptyset(&none);
    for (unsigned i = 0; get(arrived) < STORM; i++) {
        mask(SIG_UNBLOCK, tested);
        if (i % 4 == 0)
            poll(NULL, 0, 0);
        mask(SIG_BLOCK, tested);
        if (i % 4 == 1)
            ppoll(NULL, 0, &little, &none);
        else if (i % 4 == 2)
            nanosleep(&little, NULL);
    }
    return arg;
}

static int storm(int signo)
{
    pthread_t ids[THREADS];
    int status;
    begin(signo);
    arrived = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    signal(signo, arrive);
    for (int i = 0; i < THREADS; i++)
        ids[i] = start(open_and_close);
    const pid_t self = getpid(), pid = fork();
    if (pid == 0)
        sender(self);
    open_and_close(NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(ids[i], NULL);
    while (waitpid(pid, &status, 0) != pid)
        ;
    return *arrived == STORM ? 1 : FAILED;
}

/* ---- the table ---- */

static const struct sent_case cases[] = {
    CASE(computing_takes),       CASE(waiting_takes),    CASE(unblocking_takes),    CASE(sigwaitinfo_takes),
    CASE(signalfd_takes),        CASE(outlives_thread),  CASE(new_thread_has_none), CASE(own_stays),
    CASE(ignoring_discards_all), CASE(forked_by_thread), CASE(executed_by_thread),  CASE(storm),
};

static int result_of(int (*run)(int), int signo)
{
    int status;
    const pid_t pid = fork();
    if (pid == 0) {
        alarm(60);
        _exit(run(signo));
    }
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    leave_no_core();
    if (argc > 1)
        return 10 + pending(atoi(argv[1]));
    show_cases(cases, COUNT_OF(cases), result_of);
    return 0;
}
