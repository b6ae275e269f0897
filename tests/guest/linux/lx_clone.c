/* SPDX-License-Identifier: Apache-2.0 */
/* clone and clone3 by themselves: processes with other flags and exit signals than fork's, beside threads that come and
 * go; threads that share less than the C library's; what the kernel refuses.
 * reference: none (qemu refuses most flags)
 * emulated: none (qemu lacks clone3)
 *
 * not in: cached cache1m fail3 precise stats (many processes, each with an optimizer to wait for)
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { MAKERS = 6, ROUNDS = 4, PAGE = 4096 };

static long clone3(const void *args, size_t size) { return syscall(SYS_clone3, args, size); }

static long make(uint64_t flags, int exit_signal, int *pidfd)
{
    struct clone_args a = {.flags = flags, .pidfd = (uintptr_t)pidfd, .exit_signal = (unsigned)exit_signal};
    return clone3(&a, sizeof a);
}

/* The old call, whose arguments all are 0 but for the flags. */
static long old_clone(unsigned long flags) { return syscall(SYS_clone, flags, 0, 0, 0, 0); }

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, __WALL) < 0)
        require(errno == EINTR, "waitpid");
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- beside threads ---- */

static volatile int stop;
static volatile int told[65];

static void tell(int signo) { told[signo]++; }

static void *nothing(void *arg) { return arg; }

static void *maker(void *arg)
{
    pthread_t id;
    while (!stop) {
        free(malloc(5000));
        if (!pthread_create(&id, NULL, nothing, NULL))
            pthread_join(id, NULL);
    }
    return arg;
}

/* Code that has not run before, and memory: what a translator needs its own memory for. */
static int child_work(uint64_t n)
{
    uint64_t h = 1;
    for (uint64_t i = 0; i < n; i++)
        h = i & 1 ? mix(h, i) : h * 31 + (h >> 7);
    char *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return 1;
    p[PAGE] = (char)h;
    return munmap(p, 4 * PAGE) ? 2 : 7;
}

static const struct {
    const char *name;
    uint64_t flags;
    int exit_signal;
} ways[] = {
    {"fork", 0, SIGCHLD},
    {"files", CLONE_FILES, SIGCHLD},
    {"directory", CLONE_FS, SIGCHLD},
    {"both", CLONE_FS | CLONE_FILES | CLONE_SYSVSEM, SIGCHLD},
    {"io", CLONE_IO, SIGCHLD},
    {"silent", 0, 0},
    {"usr1", 0, SIGUSR1},
    {"pidfd", CLONE_PIDFD, SIGCHLD},
    {"clear", CLONE_CLEAR_SIGHAND, SIGCHLD},
    {"copied vfork", CLONE_VFORK, SIGCHLD},
};

static int one(size_t way)
{
    int pidfd = -1;
    pid_t pid = (pid_t)make(ways[way].flags, ways[way].exit_signal, ways[way].flags & CLONE_PIDFD ? &pidfd : NULL);
    if (!pid)
        _exit(child_work(200 + way));
    if (pidfd >= 0)
        close(pidfd);
    return pid < 0 || ((ways[way].flags & CLONE_PIDFD) && pidfd < 0) ? -1 : wait_for(pid);
}

static void test_ways(void)
{
    pthread_t id[MAKERS];
    signal(SIGUSR1, tell);
    for (int i = 0; i < MAKERS; i++)
        require(!pthread_create(&id[i], NULL, maker, NULL), "pthread_create");
    for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        int good = 0;
        for (int i = 0; i < ROUNDS; i++)
            good += one(way) == 7;
        printf("%s: %d of %d\n", ways[way].name, good, ROUNDS);
    }
    stop = 1;
    for (int i = 0; i < MAKERS; i++)
        pthread_join(id[i], NULL);
    printf("SIGUSR1 at a child's end: %d\n", told[SIGUSR1] > 0);
}

/* ---- what is shared ---- */

static void test_shared(void)
{
    int status;
    int fd = dup(1);
    pid_t pid = (pid_t)make(CLONE_FILES, SIGCHLD, NULL);
    if (!pid)
        _exit(close(fd));
    SHOW(wait_for(pid));
    SHOW(fcntl(fd, F_GETFD));
    umask(022);
    pid = (pid_t)old_clone(CLONE_FS | SIGCHLD);
    if (!pid)
        _exit(umask(077) == 022);
    SHOW(wait_for(pid));
    printf("umask %o\n", umask(022));
    pid = (pid_t)old_clone(0);
    if (!pid)
        _exit(9);
    SHOW(waitpid(pid, &status, 0));
    SHOW(waitpid(pid, &status, __WCLONE) == pid && WEXITSTATUS(status) == 9);
}

static volatile int apart_done, apart_tid;
static int apart_fd;

/* Without the C library: the thread has its creator's thread pointer. */
static int apart(void *arg)
{
    syscall(SYS_close, apart_fd);
    syscall(SYS_umask, 027);
    apart_done = 1;
    return arg != NULL;
}

static void test_apart(void)
{
    static char stack[16 * PAGE];
    umask(022);
    apart_fd = dup(1);
    apart_tid = 1;
    SHOW(clone(apart, stack + sizeof stack, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID, NULL, NULL,
               NULL, &apart_tid) > 0);
    while (apart_tid)
        usleep(1000);
    printf("thread ran: %d, umask %o\n", apart_done, umask(022));
    SHOW(close(apart_fd));
}

static void test_parent(void)
{
    int status, sum = 0;
    fflush(stdout);
    pid_t middle = fork();
    if (!middle) {
        pid_t sibling = (pid_t)make(CLONE_PARENT, 0, NULL);
        if (!sibling)
            _exit(5);
        _exit(sibling > 0 && waitpid(sibling, &status, __WALL) < 0 && errno == ECHILD ? 6 : 1);
    }
    for (int i = 0; i < 2; i++) {
        require(waitpid(-1, &status, __WALL) > 0, "waitpid");
        sum += WEXITSTATUS(status);
    }
    printf("child and sibling: %d\n", sum);
}

static void test_clear(void)
{
    struct sigaction a;
    struct sigaction with_mask = {.sa_handler = SIG_IGN, .sa_flags = SA_NODEFER};
    signal(SIGUSR1, tell);
    sigaddset(&with_mask.sa_mask, SIGHUP);
    sigaction(SIGUSR2, &with_mask, NULL);
    signal(SIGSEGV, tell);
    fflush(stdout);
    pid_t pid = (pid_t)make(CLONE_CLEAR_SIGHAND, SIGCHLD, NULL);
    if (!pid) {
        sigaction(SIGUSR1, NULL, &a);
        printf("handler gone %d", a.sa_handler == SIG_DFL);
        sigaction(SIGSEGV, NULL, &a);
        printf(" %d", a.sa_handler == SIG_DFL);
        sigaction(SIGUSR2, NULL, &a);
        printf(" ignored stays %d, its mask %d\n", a.sa_handler == SIG_IGN, sigismember(&a.sa_mask, SIGHUP));
        fflush(stdout);
        raise(SIGUSR2);
        raise(SIGUSR1);
        _exit(1);
    }
    SHOW(wait_for(pid));
    signal(SIGUSR2, SIG_DFL);
    signal(SIGSEGV, SIG_DFL);
    told[SIGUSR1] = 0;
    raise(SIGUSR1);
    printf("parent's handler: %d\n", told[SIGUSR1]);
}

/* ---- refused ---- */

/* 0: a process was made, and has ended. */
static int made(const void *args, size_t size)
{
    long pid = clone3(args, size);
    if (!pid)
        _exit(0);
    return pid < 0 ? -1 : wait_for((pid_t)pid);
}

static void refused(const char *name, const struct clone_args *a)
{
    printf("%s: %s\n", name, made(a, sizeof *a) ? strerrorname_np(errno) : "made");
}

static void test_size(void)
{
    struct {
        struct clone_args a;
        uint64_t more[2];
    } big = {.a = {.exit_signal = SIGCHLD}};
    SHOW(clone3(&big, CLONE_ARGS_SIZE_VER0 - 1));
    SHOW(clone3(&big, PAGE + 1));
    SHOW(clone3((void *)8, sizeof big));
    SHOW(made(&big, sizeof big));
    ((char *)big.more)[3] = 1;
    SHOW(made(&big, sizeof big.a + 3));
    SHOW(made(&big, sizeof big.a + 4));
    SHOW(made(&big, sizeof big));
}

static void test_refused(void)
{
#define REFUSED(...) refused(#__VA_ARGS__, &(struct clone_args){__VA_ARGS__})
    static int word;
    static char stack[PAGE];
    REFUSED(.flags = 17);
    REFUSED(.flags = 1ull << 45);
    REFUSED(.flags = CLONE_DETACHED);
    REFUSED(.exit_signal = 65);
    REFUSED(.exit_signal = 256 + 17);
    REFUSED(.flags = CLONE_PARENT, .exit_signal = SIGCHLD);
    REFUSED(.flags = CLONE_THREAD);
    REFUSED(.flags = CLONE_THREAD | CLONE_VM);
    REFUSED(.flags = CLONE_SIGHAND);
    REFUSED(.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND);
    REFUSED(.flags = CLONE_NEWNS | CLONE_FS);
    REFUSED(.flags = CLONE_NEWUSER | CLONE_FS);
    REFUSED(.flags = CLONE_NEWIPC | CLONE_SYSVSEM);
    REFUSED(.stack = (uintptr_t)stack);
    REFUSED(.stack_size = sizeof stack);
    REFUSED(.flags = CLONE_PIDFD | CLONE_PARENT_SETTID, .pidfd = (uintptr_t)&word, .parent_tid = (uintptr_t)&word);
    REFUSED(.set_tid_size = 1);
    REFUSED(.set_tid = (uintptr_t)&word);
    REFUSED(.set_tid = (uintptr_t)&word, .set_tid_size = 33);
    REFUSED(.flags = CLONE_INTO_CGROUP, .cgroup = 1ull << 32);
    REFUSED(.flags = CLONE_INTO_CGROUP, .cgroup = 999);
    SHOW(old_clone(CLONE_THREAD | CLONE_VM));
    SHOW(old_clone(CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD));
    word = getpid();
    struct clone_args taken = {.set_tid = (uintptr_t)&word, .set_tid_size = 1};
    CHECK(clone3(&taken, sizeof taken) == -1 && (errno == EEXIST || errno == EPERM));
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    test_ways();
    test_shared();
    test_apart();
    test_parent();
    test_clear();
    test_size();
    test_refused();
    return 0;
}
