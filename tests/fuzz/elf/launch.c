/* SPDX-License-Identifier: Apache-2.0 */
/* Executes one program after another and says how each ends: "errno N" (execve's), "status N" or "signal N".
 *
 * launch FOLDER [kernel|COMMAND...]: reads a name a line, and executes FOLDER/NAME, or COMMAND with it as its last
 * argument; what that writes is in FOLDER/NAME.err. "kernel": it may do no system call but execve and exit, as a broken
 * header may send it anywhere. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CPU_SECONDS = 1, SECONDS = 20, MOST_WORDS = 16 }; /* of a program that loops */

#if defined __x86_64__ || defined __i386__
#ifdef __x86_64__
enum { OWN_CALLS = AUDIT_ARCH_X86_64 };
#else
enum { OWN_CALLS = AUDIT_ARCH_I386 };
#endif
#define ALLOW_IF(n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (n), 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static int only_exit(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_CALLS, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        ALLOW_IF(SYS_execve),
        ALLOW_IF(SYS_exit),
        ALLOW_IF(SYS_exit_group),
        ALLOW_IF(SYS_write),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    const struct sock_fprog program = {sizeof code / sizeof code[0], code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static int only_exit(void) { return 1; }
#endif

static void execute(char *const *argv, char *const *envp, const char *messages, int by_kernel, int tell)
{
    const int fd = open(messages, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const struct rlimit cpu = {CPU_SECONDS, CPU_SECONDS};
    dup2(fd, 1);
    dup2(fd, 2);
    close(fd);
    setrlimit(RLIMIT_CPU, &cpu);
    alarm(SECONDS);
    if (by_kernel && only_exit())
        _exit(125);
    execve(argv[0], argv, envp);
    int error = errno;
    _exit(write(tell, &error, sizeof error) != sizeof error);
}

static void run(char *const *argv, char *const *envp, const char *messages, int by_kernel)
{
    int tell[2], status, error;
    if (pipe2(tell, O_CLOEXEC))
        exit(1);
    const pid_t pid = vfork();
    if (pid == 0)
        execute(argv, envp, messages, by_kernel, tell[1]);
    close(tell[1]);
    const int failed = read(tell[0], &error, sizeof error) == sizeof error;
    close(tell[0]);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (failed)
        printf("errno %d\n", error);
    else if (WIFSIGNALED(status))
        printf("signal %d\n", WTERMSIG(status));
    else
        printf("status %d\n", WEXITSTATUS(status));
    fflush(stdout);
}

int main(int argc, char **argv, char **envp)
{
    char name[64], path[80], messages[80];
    char *words[MOST_WORDS + 2] = {NULL};
    if (argc < 2 || argc > MOST_WORDS || chdir(argv[1]))
        return 1;
    const int by_kernel = argc == 3 && strcmp(argv[2], "kernel") == 0;
    int n = 0;
    for (int i = 2; i < argc && !by_kernel; i++)
        words[n++] = argv[i];
    words[n] = path;
    while (fgets(name, sizeof name, stdin)) {
        name[strcspn(name, "\n")] = 0;
        snprintf(path, sizeof path, "./%s", name);
        snprintf(messages, sizeof messages, "%s.err", name);
        run(words, envp, messages, by_kernel);
    }
    return 0;
}
