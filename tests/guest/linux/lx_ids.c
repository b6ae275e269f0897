/* SPDX-License-Identifier: Apache-2.0 */
/* Signals 32 and 33, which C libraries keep to themselves: setuid and its kin among threads, which send 33 to each, and
 * handlers of the program's own for both.
 * reference: none (qemu has no signals 32 and 33 for its guest)
 * emulated: none (qemu lacks set_robust_list)
 *
 * build: -D_GNU_SOURCE */
#include <grp.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { THREADS = 4, ROUNDS = 50, CANCEL = 32, SETXID = 33, KERNEL_MASK = 8 };

static volatile int stop;
static volatile int seen[SETXID + 1];

static void *wait_for_stop(void *arg)
{
    while (!stop)
        usleep(1000);
    return arg;
}

static void *compute(void *arg)
{
    volatile uint64_t h = 1;
    while (!stop)
        h = mix(h, 3);
    return arg;
}

/* How many of the calls failed. */
static int change_ids(void)
{
    int failed = 0;
    for (int i = 0; i < ROUNDS; i++) {
        failed += setuid(getuid()) != 0;
        failed += setgid(getgid()) != 0;
        failed += setresuid((uid_t)-1, (uid_t)-1, geteuid()) != 0;
        failed += setegid(getegid()) != 0;
    }
    gid_t groups[100];
    int n = getgroups(100, groups);
    failed += setgroups((size_t)n, groups) != 0 && errno != EPERM;
    return failed;
}

static void test_ids(const char *name)
{
    pthread_t id[THREADS];
    stop = 0;
    for (int i = 0; i < THREADS; i++)
        require(!pthread_create(&id[i], NULL, i % 2 ? compute : wait_for_stop, NULL), "pthread_create");
    printf("%s: %d failed\n", name, change_ids());
    stop = 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(id[i], NULL);
}

/* ---- handlers of its own ---- */

struct kernel_action {
    uint64_t words[8];
};

static void count(int signo) { seen[signo]++; }

/* The kernel's action for from becomes that for to. Returns what to had. */
static struct kernel_action copy_action(int from, int to)
{
    struct kernel_action a = {0}, old = {0};
    require(!syscall(SYS_rt_sigaction, from, NULL, &a, KERNEL_MASK), "rt_sigaction");
    require(!syscall(SYS_rt_sigaction, to, &a, &old, KERNEL_MASK), "rt_sigaction");
    return old;
}

static void *send_to_itself(void *arg)
{
    for (int i = 0; i < 10; i++) {
        syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), CANCEL);
        syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), SETXID);
    }
    return arg;
}

static void test_blocked(void)
{
    uint64_t set = UINT64_C(1) << (SETXID - 1), pending = 0;
    int before = seen[SETXID];
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, KERNEL_MASK);
    kill(getpid(), SETXID);
    syscall(SYS_tgkill, getpid(), getpid(), SETXID);
    syscall(SYS_rt_sigpending, &pending, KERNEL_MASK);
    printf("blocked: %d pending: %d\n", seen[SETXID] - before, pending == set);
    syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, KERNEL_MASK);
    printf("unblocked: %d\n", seen[SETXID] - before);
}

static void test_own_handlers(void)
{
    signal(SIGUSR1, count);
    const struct kernel_action cancel = copy_action(SIGUSR1, CANCEL), setxid = copy_action(SIGUSR1, SETXID);
    pthread_t id[THREADS];
    for (int i = 0; i < THREADS; i++)
        require(!pthread_create(&id[i], NULL, send_to_itself, NULL), "pthread_create");
    for (int i = 0; i < THREADS; i++)
        pthread_join(id[i], NULL);
    send_to_itself(NULL);
    printf("own handlers: %d %d\n", seen[CANCEL], seen[SETXID]);
    test_blocked();
    syscall(SYS_rt_sigaction, CANCEL, &cancel, NULL, KERNEL_MASK);
    syscall(SYS_rt_sigaction, SETXID, &setxid, NULL, KERNEL_MASK);
}

/* Before the program has threads, its library has no handler for 33. */
static void test_default(void)
{
    int status;
    pid_t pid = fork();
    if (!pid) {
        kill(getpid(), SETXID);
        _exit(1);
    }
    waitpid(pid, &status, 0);
    printf("default: signal %d\n", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

int main(void)
{
    test_default();
    test_ids("set ids");
    test_own_handlers();
    test_ids("again");
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        test_ids("in a child");
        fflush(stdout);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    CHECK(status == 0);
    return 0;
}
