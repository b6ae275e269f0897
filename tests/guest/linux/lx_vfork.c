/* SPDX-License-Identifier: Apache-2.0 */
/* Processes in the memory of their parent: vfork, posix_spawn beside threads, clone with CLONE_VM with and without
 * CLONE_VFORK.
 * reference: none (qemu makes a copy)
 * emulated: none (tandem executes itself, which qemu does only where binfmt_misc is set up)
 *
 * not in: cached cache1m fail3 precise (many processes, each with an optimizer to wait for)
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { PAGE = 4096, DEEP = 100 * PAGE, SPAWNERS = 3, SPAWNS = 8 };

extern char **environ;
static char self[4096];
static volatile int shared;
static char child_stack[16 * PAGE] __attribute__((aligned(16)));

static int wait_for(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, __WALL) < 0)
        require(errno == EINTR, "waitpid");
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static uint64_t work(uint64_t n)
{
    uint64_t h = 1;
    for (uint64_t i = 0; i < n; i++)
        h = i & 1 ? mix(h, i) : h * 31 + (h >> 7);
    return h;
}

/* ---- vfork ---- */

__attribute__((noinline)) static void on_the_stack(void)
{
    volatile char deep[DEEP];
    deep[0] = deep[DEEP / 2] = deep[DEEP - 1] = 1;
    pid_t pid = vfork();
    if (!pid) {
        deep[0] = 2;
        deep[DEEP / 2] = 3;
        deep[DEEP - 1] = 4;
        _exit(0);
    }
    wait_for(pid);
    printf("stack: %d %d %d\n", deep[0], deep[DEEP / 2], deep[DEEP - 1]);
}

static void test_memory(void)
{
    volatile char *heap = malloc(10);
    char *map = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *volatile made = NULL;
    volatile uint64_t hash = 0;
    heap[3] = 1;
    pid_t pid = vfork();
    if (!pid) {
        shared = getppid();
        heap[3] = 2;
        map[5] = 3;
        made = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        made[7] = 9;
        munmap(map + 2 * PAGE, PAGE);
        mprotect(map, PAGE, PROT_READ);
        hash = work(300000);
        _exit(11);
    }
    SHOW(wait_for(pid));
    printf("global %d heap %d map %d made %d hash %d\n", shared == getpid(), heap[3], map[5], made[7],
           hash == work(300000));
    int fds[2];
    require(pipe(fds) == 0, "pipe");
    SHOW(read(fds[0], map + 2 * PAGE, 0));
    SHOW(write(fds[1], map + 2 * PAGE, 1));
    SHOW(write(fds[1], map, 1));
    SHOW(read(fds[0], map, 1));
    close(fds[0]);
    close(fds[1]);
    on_the_stack();
    free((char *)heap);
}

static volatile int got;
static void count(int signo) { got += signo; }

/* Handlers, mask, descriptors and directory are the child's own. */
static void test_own(void)
{
    sigset_t usr2, old;
    sigemptyset(&usr2);
    sigaddset(&usr2, SIGUSR2);
    signal(SIGUSR1, count);
    signal(SIGUSR2, count);
    const int fd = dup(1);
    pid_t pid = vfork();
    if (!pid) {
        raise(SIGUSR1);
        signal(SIGUSR1, SIG_IGN);
        sigprocmask(SIG_BLOCK, &usr2, NULL);
        raise(SIGUSR2);
        close(fd);
        _exit(got);
    }
    SHOW(wait_for(pid));
    printf("in the parent: %d\n", got);
    raise(SIGUSR1);
    raise(SIGUSR2);
    printf("and: %d\n", got);
    sigprocmask(SIG_BLOCK, NULL, &old);
    SHOW(sigismember(&old, SIGUSR2));
    SHOW(close(fd));
}

static volatile int *nowhere;

static void test_ends(void)
{
    char *argv[] = {"x", "exit", "77", NULL}, *none[] = {NULL};
    pid_t pid = vfork();
    if (!pid) {
        raise(SIGTERM);
        _exit(1);
    }
    SHOW(wait_for(pid));
    pid = vfork();
    if (!pid) {
        *nowhere = 1;
        _exit(1);
    }
    SHOW(wait_for(pid));
    pid = vfork();
    if (!pid) {
        execve("/nonexistent", argv, none);
        execve(self, argv, none);
        _exit(1);
    }
    SHOW(wait_for(pid));
    pid = vfork();
    if (!pid) {
        pid_t inner = vfork();
        if (!inner) {
            shared = 5;
            execve(self, argv, none);
            _exit(1);
        }
        const int of_exec = wait_for(inner);
        inner = fork();
        if (!inner) {
            shared = 6;
            _exit((int)(work(1000) & 1) + 20);
        }
        const int of_fork = wait_for(inner);
        _exit(of_exec == 77 && of_fork == (int)(work(1000) & 1) + 20 ? shared : 1);
    }
    SHOW(wait_for(pid));
}

/* ---- posix_spawn beside threads ---- */

static volatile int stop;

static void *spawner(void *arg)
{
    char *argv[] = {"x", "exit", "9", NULL};
    long good = 0;
    for (int i = 0; i < SPAWNS; i++) {
        pid_t pid;
        if (posix_spawn(&pid, i % 4 ? self : "/nonexistent", NULL, NULL, argv, environ))
            good += i % 4 == 0;
        else
            good += wait_for(pid) == 9;
    }
    *(long *)arg = good;
    return NULL;
}

static void *busy(void *arg)
{
    while (!stop) {
        free(malloc(3000));
        work(1000);
        shared = 1;
    }
    return arg;
}

static void test_spawn(void)
{
    pthread_t id[SPAWNERS + 1];
    long good[SPAWNERS];
    pthread_create(&id[SPAWNERS], NULL, busy, NULL);
    for (int i = 0; i < SPAWNERS; i++)
        require(!pthread_create(&id[i], NULL, spawner, &good[i]), "pthread_create");
    for (int i = 0; i < SPAWNERS; i++) {
        pthread_join(id[i], NULL);
        printf("spawned: %ld of %d\n", good[i], SPAWNS);
    }
    stop = 1;
    pthread_join(id[SPAWNERS], NULL);
}

/* ---- clone ---- */

static volatile int parent_word, child_word, done;

static int beside(void *arg)
{
    for (int i = 0; i < 200; i++) {
        __atomic_add_fetch(&shared, 1, __ATOMIC_SEQ_CST);
        if (i == 100)
            work(200000);
    }
    if (arg)
        execve(self, arg, environ);
    while (!done)
        sched_yield();
    return parent_word == child_word && parent_word == getpid() ? 8 : 2;
}

/* The parent's descriptor of the child is there before the child runs. */
static int descriptor(void *arg) { return arg || parent_word <= 2 ? 1 : 13; }

static void test_clone(void)
{
    char *argv[] = {"x", "exit", "55", NULL};
    const int ids = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID;
    shared = 0;
    pid_t pid = clone(beside, child_stack + sizeof child_stack, CLONE_VM | ids | SIGCHLD, NULL, (void *)&parent_word,
                      NULL, (void *)&child_word);
    CHECK(pid > 0 && parent_word == pid);
    for (int i = 0; i < 200; i++)
        __atomic_add_fetch(&shared, 1, __ATOMIC_SEQ_CST);
    done = 1;
    SHOW(wait_for(pid));
    printf("shared %d\n", shared);
    child_word = 1;
    pid = clone(beside, child_stack + sizeof child_stack, CLONE_VM | CLONE_CHILD_CLEARTID, argv, NULL, NULL,
                (void *)&child_word);
    SHOW(wait_for(pid));
    printf("shared %d, cleared %d\n", shared, child_word);
    done = 1;
    parent_word = child_word = 0;
    pid = clone(beside, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | CLONE_FILES | ids | SIGCHLD, NULL,
                (void *)&parent_word, NULL, (void *)&child_word);
    printf("shared %d\n", shared);
    SHOW(wait_for(pid));
    siginfo_t info = {0};
    parent_word = 0;
    pid = clone(descriptor, child_stack + sizeof child_stack, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, NULL,
                (void *)&parent_word);
    SHOW(waitid(P_PIDFD, (id_t)parent_word, &info, WEXITED));
    printf("by descriptor: %d %d\n", info.si_pid == pid, info.si_status);
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return atoi(argv[2]);
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    require(n > 0, "readlink");
    setvbuf(stdout, NULL, _IONBF, 0);
    test_memory();
    test_own();
    test_ends();
    test_spawn();
    test_clone();
    return 0;
}
