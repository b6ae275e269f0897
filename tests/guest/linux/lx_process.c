/* SPDX-License-Identifier: Apache-2.0 */
/* Processes: fork, vfork, posix_spawn, execve of this program and of scripts that it interprets, waiting, errors.
 * reference: none (qemu executes guest programs only where binfmt_misc is set up)
 * emulated: none (tandem executes itself, which qemu does only where binfmt_misc is set up)
 *
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

extern char **environ;
static char self[4096], dir[] = "/tmp/lx_process_XXXXXX";

static int wait_for(pid_t pid)
{
    int status;
    if (waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* What the program does when it runs itself: says how it was called. */
static int as_child(int argc, char **argv)
{
    if (!strcmp(argv[1], "exit"))
        return atoi(argv[2]);
    if (!strcmp(argv[1], "signals")) {
        sigset_t s;
        struct sigaction a;
        sigprocmask(SIG_BLOCK, NULL, &s);
        printf("child: usr1 blocked %d usr2 blocked %d", sigismember(&s, SIGUSR1), sigismember(&s, SIGUSR2));
        sigaction(SIGUSR1, NULL, &a);
        printf(" usr1 %d", a.sa_handler == SIG_DFL);
        sigaction(SIGUSR2, NULL, &a);
        printf(" usr2 ignored %d", a.sa_handler == SIG_IGN);
        sigaction(SIGSEGV, NULL, &a);
        printf(" segv ignored %d\n", a.sa_handler == SIG_IGN);
        return 0;
    }
    char *base = strrchr(argv[0], '/');
    printf("child: argv0 %s", base ? base + 1 : argv[0]);
    for (int i = 1; i < argc; i++) {
        base = strrchr(argv[i], '/');
        printf(" [%s]", base && !strncmp(argv[i], "/tmp/lx_", 8) ? base + 1 : argv[i]);
    }
    printf(" env %s\n", getenv("LX_TEST") ? getenv("LX_TEST") : "none");
    return 0;
}

static int run(char *const *argv, char *const *envp)
{
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        execve(self, argv, envp);
        _exit(126);
    }
    return wait_for(pid);
}

static void test_exec(void)
{
    char *argv[] = {"other name", "plain", "two words", "", "-strace", NULL};
    char *envp[] = {"LX_TEST=given", "PATH=/bin", NULL};
    char *nothing[] = {NULL};
    void *volatile bad = (void *)8;
    SHOW(run(argv, envp));
    SHOW(run(argv, nothing));
    char *exit_args[] = {"x", "exit", "77", NULL};
    SHOW(run(exit_args, nothing));
    SHOW(execve("/nonexistent", argv, envp));
    SHOW(execve("/tmp", argv, envp));
    SHOW(execve(self, (char **)bad, envp));
    SHOW(execve((char *)bad, argv, envp));
    SHOW(execve("", argv, envp));
    static char big[200000];
    memset(big, 'x', sizeof big - 1);
    char *too_big[] = {"x", big, NULL};
    SHOW(execve(self, too_big, envp)); /* one string has 32 pages at most */
}

static void write_file(const char *name, const char *text, int mode)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, mode);
    require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "write_file");
    close(fd);
}

static int run_file(const char *name, char *const *argv)
{
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        execve(name, argv, environ);
        _exit(errno == ENOEXEC ? 125 : errno == EACCES ? 124 : errno == ENOENT ? 123 : 126);
    }
    return wait_for(pid);
}

static void test_scripts(void)
{
    char name[4200], inner[4200], text[8500], *argv[] = {"script", "a1", "a2", NULL};
    snprintf(name, sizeof name, "%s/one", dir);
    snprintf(text, sizeof text, "#! %s  -arg with blanks \nrest\n", self);
    write_file(name, text, 0755);
    SHOW(run_file(name, argv));
    snprintf(inner, sizeof inner, "%s/two", dir);
    snprintf(text, sizeof text, "#!%s\n", name);
    write_file(inner, text, 0755);
    SHOW(run_file(inner, argv));
    snprintf(name, sizeof name, "%s/none", dir);
    write_file(name, "#!/nonexistent/interpreter\n", 0755);
    SHOW(run_file(name, argv));
    write_file(name, "no program\n", 0755);
    SHOW(run_file(name, argv));
    snprintf(name, sizeof name, "%s/noexec", dir);
    write_file(name, "#!/bin/sh\n", 0644);
    SHOW(run_file(name, argv));
    snprintf(name, sizeof name, "%s/native", dir);
    write_file(name, "#!/bin/sh\nexit 55\n", 0755);
    SHOW(run_file(name, argv));
    char *sh[] = {"sh", "-c", "exit 34", NULL};
    SHOW(run_file("/bin/sh", sh));
    SHOW(system("exit 3") >> 8);
    chdir(dir);
    SHOW(run_file("./one", argv));
    SHOW(run_file("one", argv));
    FILE *p = popen("echo from the pipe", "r");
    char line[100] = "";
    require(fgets(line, sizeof line, p) != NULL, "popen");
    printf("popen: %s", line);
    SHOW(pclose(p));
    int fd = open(self, O_RDONLY | O_CLOEXEC);
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        char *args[] = {"by descriptor", "x", NULL};
        fexecve(fd, args, environ);
        _exit(99);
    }
    SHOW(wait_for(pid));
    close(fd);
}

static void test_spawn(void)
{
    pid_t pid;
    char *argv[] = {"spawned", "exit", "9", NULL};
    fflush(stdout);
    SHOW(posix_spawn(&pid, self, NULL, NULL, argv, environ));
    SHOW(wait_for(pid));
    SHOW(posix_spawn(&pid, "/nonexistent", NULL, NULL, argv, environ) == ENOENT);
    SHOW(posix_spawnp(&pid, "no-such-program-anywhere", NULL, NULL, argv, environ) == ENOENT);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    char out[4200];
    snprintf(out, sizeof out, "%s/out", dir);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT, 0600);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    char *show[] = {"spawned", "shown", NULL};
    SHOW(posix_spawn(&pid, self, &actions, &attr, show, environ));
    SHOW(wait_for(pid));
    char text[200] = "";
    int fd = open(out, O_RDONLY);
    require(read(fd, text, sizeof text - 1) > 0, "output");
    close(fd);
    printf("output: %s", text);
    pid = vfork();
    if (!pid)
        _exit(21);
    SHOW(wait_for(pid));
    pid = vfork();
    if (!pid) {
        execv(self, argv);
        _exit(1);
    }
    SHOW(wait_for(pid));
}

static void caught(int signo) { (void)signo; }

static void test_signals_kept(void)
{
    sigset_t s, old;
    sigemptyset(&s);
    sigaddset(&s, SIGUSR1);
    sigprocmask(SIG_BLOCK, &s, &old);
    signal(SIGUSR1, caught);
    signal(SIGUSR2, SIG_IGN);
    signal(SIGSEGV, SIG_IGN);
    char *argv[] = {"x", "signals", NULL};
    SHOW(run(argv, environ));
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    signal(SIGSEGV, SIG_DFL);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void test_wait(void)
{
    siginfo_t info;
    int status;
    pid_t pid = fork();
    if (!pid)
        _exit(5);
    SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
    printf("waitid: %d %d %d %d\n", info.si_signo, info.si_code == CLD_EXITED, info.si_status, info.si_pid == pid);
    struct rusage usage;
    SHOW(wait4(pid, &status, 0, &usage) == pid);
    SHOW(wait4(pid, &status, WNOHANG, NULL));
    SHOW(waitpid(-1, &status, 0));
    pid = fork();
    if (!pid) {
        pause();
        _exit(0);
    }
    SHOW(waitpid(pid, &status, WNOHANG));
    kill(pid, SIGTERM);
    SHOW(wait_for(pid));
    int fds[2];
    require(pipe(fds) == 0, "pipe");
    pid = fork();
    if (!pid) {
        close(fds[0]);
        char text[] = "through the pipe";
        _exit(write(fds[1], text, sizeof text) == sizeof text ? 0 : 1);
    }
    close(fds[1]);
    char buf[64] = "";
    SHOW(read(fds[0], buf, sizeof buf));
    SHOW(read(fds[0], buf + 20, 20));
    printf("%s\n", buf);
    SHOW(wait_for(pid));
    close(fds[0]);
    pid = fork();
    if (!pid) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setsid();
        _exit(getsid(0) == getpid() && getpgrp() == getpid() ? 3 : 4);
    }
    SHOW(wait_for(pid));
    int pidfd = -1;
    struct {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
    } args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD};
    pid = (pid_t)syscall(SYS_clone3, &args, sizeof args);
    if (!pid)
        _exit(31);
    SHOW(pidfd >= 0);
    SHOW(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
    printf("status %d\n", info.si_status);
}

static void test_limits(void)
{
    struct rlimit l;
    SHOW(getrlimit(RLIMIT_NOFILE, &l));
    l.rlim_cur = 64;
    SHOW(setrlimit(RLIMIT_NOFILE, &l));
    SHOW(dup2(1, 63));
    SHOW(dup2(1, 64));
    SHOW(getrlimit(RLIMIT_NOFILE, &l));
    printf("limit %ld\n", (long)l.rlim_cur);
    SHOW(getrlimit(RLIMIT_STACK, &l));
    l.rlim_cur = 1 << 20;
    SHOW(setrlimit(RLIMIT_STACK, &l));
    SHOW(getrlimit(RLIMIT_STACK, &l));
    printf("stack %ld\n", (long)l.rlim_cur);
    char name[16] = "";
    SHOW(prctl(PR_SET_NAME, "renamed"));
    SHOW(prctl(PR_GET_NAME, name));
    printf("name %s\n", name);
}

int main(int argc, char **argv)
{
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    require(n > 0, "readlink");
    if (argc > 1)
        return as_child(argc, argv);
    require(mkdtemp(dir) != NULL, "mkdtemp");
    unsetenv("LX_TEST");
    test_exec();
    test_scripts();
    test_spawn();
    test_signals_kept();
    test_wait();
    test_limits();
    fflush(stdout);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}
