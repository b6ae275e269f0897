/* SPDX-License-Identifier: Apache-2.0 */
/* What a tracer sees of processes and threads that are made, of execve, and of ends; and what becomes of a tracee whose
 * tracer ends.
 * reference: none (qemu has no ptrace)
 * needs: ptrace
 * emulated: none (qemu has no ptrace)
 * not in: warm cached cache1m fail3 precise stats (processes, each with an optimizer to wait for)
 *
 * build: -D_GNU_SOURCE -pthread */
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "tests/guest/linux/ptrace_test.h"

enum { FOLLOW = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE, LATE = 42 };

static char *self;
static int *shared; /* with all children */

/* ---- processes and threads ---- */

static int fork_one(void)
{
    const pid_t pid = fork();
    if (!pid)
        _exit(21);
    int status = 0;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status) + 1;
}

static int vfork_one(void)
{
    volatile int seen = 0;
    const pid_t pid = vfork();
    if (!pid) {
        seen = 1;
        _exit(31);
    }
    int status = 0;
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status) + seen;
}

/* Until the tracer has seen what it waits for. */
static int wait_for_word(void)
{
    while (!__atomic_load_n(shared, __ATOMIC_ACQUIRE))
        usleep(1000);
    return LATE;
}

static void *thread_body(void *arg)
{
    syscall(SYS_exit, 0); /* by itself: a number less of calls that differ */
    return arg;
}

static int make_thread(void)
{
    pthread_t id;
    if (pthread_create(&id, NULL, thread_body, NULL))
        return 97;
    pthread_join(id, NULL);
    return wait_for_word();
}

/* One child or thread of a child, from its event to its end. */
static void follow(const char *name, int (*f)(void), int options)
{
    unsigned long message = 0;
    *shared = 0;
    const pid_t pid = traced_child(f);
    show_wait(name, pid);
    SHOW(ptrace(PTRACE_SETOPTIONS, pid, 0, options));
    go_on(pid, 0);
    show_wait(name, pid);
    SHOW(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message));
    const pid_t child = (pid_t)message;
    show_wait("new one", child);
    printf("another process: %d\n", child != pid);
    go_on(pid, 0);
    go_on(child, 0);
    show_wait("new one", child);
    __atomic_store_n(shared, 1, __ATOMIC_RELEASE);
    int status = show_wait(name, pid);
    while (WIFSTOPPED(status)) {
        go_on(pid, WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status));
        status = show_wait(name, pid);
    }
}

/* ---- execve, and ends ---- */

static int execute(void)
{
    execl(self, self, "executed", NULL);
    return 96;
}

static void test_exec(int options)
{
    const pid_t pid = traced_child(execute);
    unsigned long message = 0;
    siginfo_t info;
    show_wait("exec", pid);
    SHOW(ptrace(PTRACE_SETOPTIONS, pid, 0, options));
    go_on(pid, 0);
    show_wait("exec", pid);
    SHOW(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    printf("code %#x\n", info.si_code);
    if (options) {
        SHOW(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message));
        printf("was: %d\n", (pid_t)message == pid);
    }
    go_on(pid, 0);
    show_wait("exec", pid);
}

static int killed(void)
{
    syscall(SYS_kill, getpid(), SIGTERM);
    return 95;
}

static int leave(void) { return 51; }

static void test_exit(int (*f)(void))
{
    unsigned long message = 0;
    const pid_t pid = traced_child(f);
    show_wait("exit", pid);
    SHOW(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACEEXIT));
    go_on(pid, 0);
    int status = show_wait("exit", pid);
    if (status >> 16 == 0) {
        go_on(pid, WSTOPSIG(status));
        show_wait("exit", pid);
    }
    SHOW(ptrace(PTRACE_GETEVENTMSG, pid, 0, &message));
    printf("with %#lx\n", message);
    go_on(pid, 0);
    show_wait("exit", pid);
}

/* ---- a tracee that is no child ---- */

/* The tracer is told of its end, and so is its parent. */
static void test_grandchild(void)
{
    int to_me[2], status = 0;
    pid_t grandchild = 0;
    *shared = 0;
    require(pipe(to_me) == 0, "pipe");
    fflush(stdout);
    const pid_t child = fork();
    if (!child) {
        grandchild = fork();
        if (!grandchild)
            _exit(wait_for_word());
        require(write(to_me[1], &grandchild, sizeof grandchild) == sizeof grandchild, "write");
        waitpid(grandchild, &status, 0);
        _exit(WEXITSTATUS(status));
    }
    require(read(to_me[0], &grandchild, sizeof grandchild) == sizeof grandchild, "read");
    SHOW(ptrace(PTRACE_ATTACH, grandchild, 0, 0));
    show_wait("grandchild", grandchild);
    go_on(grandchild, 0);
    __atomic_store_n(shared, 1, __ATOMIC_RELEASE);
    show_wait("grandchild", grandchild);
    show_wait("child", child);
    close(to_me[0]);
    close(to_me[1]);
}

/* The tracer ends while its tracee stands still: that goes on, or dies. */
static void test_tracer_ends(int options)
{
    int status = 0;
    *shared = 0;
    fflush(stdout);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t tracer = fork();
    if (!tracer) {
        const pid_t pid = traced_child(wait_for_word);
        waitpid(pid, &status, 0);
        ptrace(PTRACE_SETOPTIONS, pid, 0, options);
        __atomic_store_n(shared, 1, __ATOMIC_RELEASE);
        _exit(options ? 62 : 61);
    }
    show_wait("tracer", tracer);
    show_wait("its tracee", -1);
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc > 1)
        return 71;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    follow("fork", fork_one, FOLLOW);
    follow("vfork", vfork_one, FOLLOW);
    follow("vfork", vfork_one, FOLLOW | PTRACE_O_TRACEVFORKDONE);
    follow("thread", make_thread, FOLLOW);
    test_exec(0);
    test_exec(PTRACE_O_TRACEEXEC);
    test_exit(leave);
    test_exit(killed);
    test_grandchild();
    test_tracer_ends(0);
    test_tracer_ends(PTRACE_O_EXITKILL);
    return 0;
}
