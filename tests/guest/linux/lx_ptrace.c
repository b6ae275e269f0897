/* SPDX-License-Identifier: Apache-2.0 */
/* What strace does: a child's calls with arguments and results, changed and left out; its signals, let through, kept
 * from it and changed; memory; attaching and letting go.
 * reference: none (qemu has no ptrace)
 * needs: ptrace
 * emulated: none (qemu has no ptrace)
 * not in: warm cached cache1m fail3 precise stats (processes, each with an optimizer to wait for)
 *
 * build: -D_GNU_SOURCE */
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include "tests/guest/linux/ptrace_test.h"

enum { MARK = 0123, OTHER_MARK = 0456, CLOSED = 77, GET_CALL = 0x420e, ENTRY = 1, EXIT = 2, VALUE = 1234567 };

/* struct ptrace_syscall_info */
struct call_info {
    uint8_t op, pad[3];
    uint32_t arch;
    uint64_t pc, sp;
    union {
        struct {
            uint64_t number, arguments[6];
        } entry;
        struct {
            int64_t result;
            uint8_t is_error;
        } exit;
    };
};

static volatile int usr1, usr2, value;
static volatile long word = 0x1234;

static void on_signal(int signo, siginfo_t *info, void *context)
{
    (void)context;
    usr1 += signo == SIGUSR1;
    usr2 += signo == SIGUSR2;
    value = info->si_value.sival_int;
}

/* ---- calls ---- */

static int make_calls(void)
{
    syscall(SYS_close, CLOSED);
    syscall(SYS_umask, MARK);
    const long left_out = syscall(SYS_umask, OTHER_MARK), seen = syscall(SYS_umask, 0);
    const long changed = syscall(SYS_getppid);
    return (left_out == -1 && errno == ENOSYS) + 2 * (seen == MARK) + 4 * (changed == VALUE);
}

static const char *name_of(uint64_t number)
{
    return number == SYS_close        ? "close"
           : number == SYS_umask      ? "umask"
           : number == SYS_getppid    ? "getppid"
           : number == SYS_exit_group ? "exit_group"
                                      : "another";
}

static struct call_info get_call(pid_t pid)
{
    struct call_info i;
    memset(&i, 0, sizeof i);
    const long size = ptrace((enum __ptrace_request)GET_CALL, pid, sizeof i, &i);
    require(size == (i.op == ENTRY ? 80 : i.op == EXIT ? 33 : 24), "PTRACE_GET_SYSCALL_INFO");
    return i;
}

/* The entry: the second umask is not made. */
static void at_entry(pid_t pid, const struct call_info *i)
{
    struct registers r = get_registers(pid);
    printf("%s(%#llo), the same in registers: %d\n", name_of(i->entry.number),
           i->entry.number == SYS_getppid ? 0ull : (unsigned long long)i->entry.arguments[0],
           (uint64_t)NUMBER(r) == i->entry.number);
    if (i->entry.number == SYS_umask && i->entry.arguments[0] == OTHER_MARK) {
#ifdef __aarch64__
        int none = -1;
        struct iovec v = {&none, sizeof none};
        require(!ptrace(PTRACE_SETREGSET, pid, (void *)0x404, &v), "NT_ARM_SYSTEM_CALL");
#else
        NUMBER(r) = -1;
#endif
#if defined __riscv || defined __aarch64__
        RESULT(r) = -ENOSYS;
#endif
        set_registers(pid, &r);
    }
}

static void at_exit_of(pid_t pid, const struct call_info *i, uint64_t number)
{
    struct registers r = get_registers(pid);
    printf("  = %lld, error %d, in the register: %d\n", number == SYS_getppid ? 0ll : (long long)i->exit.result,
           i->exit.is_error, (int64_t)(long)RESULT(r) == i->exit.result);
    if (number == SYS_getppid) {
        RESULT(r) = VALUE;
        set_registers(pid, &r);
    }
}

static void test_calls(void)
{
    uint64_t number = 0;
    const pid_t pid = traced_child(make_calls);
    int status = show_wait("calls", pid);
    SHOW(ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD));
    SHOW(ptrace(PTRACE_SETOPTIONS, pid, 0, 1 << 30));
    while (WIFSTOPPED(status)) {
        require(ptrace(PTRACE_SYSCALL, pid, 0, 0) == 0, "PTRACE_SYSCALL");
        waitpid(pid, &status, 0);
        if (!WIFSTOPPED(status))
            break;
        const struct call_info i = get_call(pid);
        if (WSTOPSIG(status) != (SIGTRAP | 0x80))
            printf("stop %#x\n", status);
        else if (i.op == ENTRY)
            at_entry(pid, &i), number = i.entry.number;
        else
            at_exit_of(pid, &i, number);
    }
    printf("calls: exited with %d\n", WEXITSTATUS(status));
}

/* ---- signals ---- */

static int send_signals(void)
{
    handle(SIGUSR1, on_signal, 0);
    handle(SIGUSR2, on_signal, 0);
    signal(SIGURG, SIG_IGN);
    for (int i = 0; i < 3; i++)
        syscall(SYS_kill, getpid(), SIGUSR1);
    syscall(SYS_kill, getpid(), SIGURG);
    sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 5});
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGTERM);
    sigprocmask(SIG_BLOCK, &one, NULL);
    syscall(SYS_kill, getpid(), SIGTERM); /* blocked: not seen */
    return usr1 + 10 * usr2 + 100 * (value == VALUE);
}

static void test_signals(void)
{
    siginfo_t info;
    const pid_t pid = traced_child(send_signals);
    show_wait("signals", pid);
    go_on(pid, 0);
    show_wait("kept", pid);
    go_on(pid, 0);
    show_wait("let through", pid);
    SHOW(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    printf("signal %d code %d from itself %d\n", info.si_signo, info.si_code, info.si_pid == pid);
    go_on(pid, SIGUSR1);
    show_wait("changed", pid);
    go_on(pid, SIGUSR2);
    show_wait("ignored", pid);
    go_on(pid, SIGURG);
    show_wait("with another value", pid);
    SHOW(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
    printf("code %d value %d\n", info.si_code, info.si_value.sival_int);
    info.si_value.sival_int = VALUE;
    SHOW(ptrace(PTRACE_SETSIGINFO, pid, 0, &info));
    go_on(pid, SIGUSR2);
    show_wait("signals", pid);
}

static int wait_for_death(void)
{
    pause();
    return 94;
}

static void test_deadly(void)
{
    pid_t pid = traced_child(wait_for_death);
    show_wait("deadly", pid);
    go_on(pid, SIGTERM);
    show_wait("deadly", pid);
    pid = traced_child(wait_for_death);
    show_wait("kill", pid);
    SHOW(ptrace(PTRACE_KILL, pid, 0, 0));
    show_wait("kill", pid);
}

/* ---- memory ---- */

static int look_at_word(void) { return word == 0x77; }

static void test_memory(void)
{
    const pid_t pid = traced_child(look_at_word);
    long there = 0;
    struct iovec local = {&there, sizeof there}, remote = {(void *)&word, sizeof word};
    show_wait("memory", pid);
    SHOW(ptrace(PTRACE_PEEKDATA, pid, &word, 0));
    SHOW(ptrace(PTRACE_POKEDATA, pid, &word, 0x77));
    SHOW(process_vm_readv(pid, &local, 1, &remote, 1, 0) == sizeof there);
    SHOW(there);
    SHOW(ptrace(PTRACE_PEEKDATA, pid, 8, 0));
    SHOW(ptrace(PTRACE_POKEDATA, pid, 8, 0));
    SHOW(ptrace(PTRACE_GETREGSET, pid, (void *)0x7777, &local));
    go_on(pid, 0);
    show_wait("memory", pid);
    SHOW(ptrace(PTRACE_CONT, pid, 0, 0));
}

/* ---- attaching ---- */

static int to_child[2];

/* No stop ends the waiting. */
static int read_byte(void)
{
    char c = 0;
    struct pollfd p = {to_child[0], POLLIN, 0};
    if (poll(&p, 1, -1) != 1)
        return 93;
    return read(to_child[0], &c, 1) == 1 ? c : 98;
}

static pid_t reading_child(void)
{
    fflush(stdout);
    const pid_t pid = fork();
    if (!pid)
        _exit(read_byte());
    return pid;
}

/* The call that it waits in goes on behind the stop. */
static void test_attach(void)
{
    require(pipe(to_child) == 0, "pipe");
    pid_t pid = reading_child();
    SHOW(ptrace(PTRACE_GETEVENTMSG, pid, 0, &word));
    SHOW(ptrace(PTRACE_ATTACH, pid, 0, 0));
    show_wait("attach", pid);
    CHECK(PC(get_registers(pid)) != 0);
    go_on(pid, 0);
    SHOW(ptrace(PTRACE_CONT, pid, 0, 0)); /* it runs */
    SHOW(write(to_child[1], "\7", 1));
    show_wait("attach", pid);
    pid = reading_child();
    SHOW(ptrace(PTRACE_ATTACH, pid, 0, 0));
    show_wait("attach", pid);
    SHOW(ptrace(PTRACE_DETACH, pid, 0, 0));
    SHOW(write(to_child[1], "\10", 1));
    show_wait("detach", pid);
    pid = reading_child();
    SHOW(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
    SHOW(ptrace(PTRACE_SEIZE, pid, 0, 0));
    SHOW(ptrace(PTRACE_INTERRUPT, pid, 0, 0));
    show_wait("seize", pid);
    go_on(pid, 0);
    SHOW(kill(pid, SIGUSR1));
    show_wait("seize", pid);
    go_on(pid, 0);
    SHOW(write(to_child[1], "\11", 1));
    show_wait("seize", pid);
    SHOW(ptrace(PTRACE_ATTACH, getpid(), 0, 0));
    SHOW(ptrace(PTRACE_ATTACH, pid, 0, 0));
}

int main(void)
{
    umask(022);
    test_calls();
    test_signals();
    test_deadly();
    test_memory();
    test_attach();
    return 0;
}
