/* SPDX-License-Identifier: Apache-2.0 */
/* The environment over execve: variables that the host's dynamic linker and C library read are the guest's like any
 * other, and do nothing to whoever runs the guest.
 * reference: none (qemu's guests start other guests only where the host's kernel is told of them)
 * emulated: none (tandem executes itself, which qemu does only where binfmt_misc is set up)
 * not in: cached cache1m fail3 precise (many processes, each with an optimizer to wait for)
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

extern char **environ;

static char *const variables[] = {"LD_TRACE_LOADED_OBJECTS=1",
                                  "LD_PRELOAD=/nowhere/none.so",
                                  "LD_DEBUG=statistics",
                                  "LD_LIBRARY_PATH=/nowhere",
                                  "MALLOC_PERTURB_=7",
                                  "GLIBC_TUNABLES=glibc.malloc.check=3",
                                  "LAST=a",
                                  "LAST=b",
                                  "no equals sign",
                                  NULL};

static void show_environment(void)
{
    for (char **e = environ; *e; e++)
        printf("  %s\n", *e);
}

/* Depth more programs, each of which hands its environment on. */
static void go_on(const char *self, const char *depth)
{
    char next[2] = {(char)(*depth - 1), 0};
    if (*depth == '0') {
        show_environment();
        fflush(stdout);
        _exit(7);
    }
    execl(self, self, next, NULL);
    _exit(1);
}

static void run(const char *what, const char *self, char *const *envp)
{
    int err[2], status;
    char text[4096];
    if (pipe(err))
        return;
    printf("%s\n", what);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        char *argv[] = {(char *)self, "2", NULL};
        dup2(err[1], 2);
        execve(self, argv, envp);
        _exit(2);
    }
    close(err[1]);
    ssize_t n = read(err[0], text, sizeof text);
    close(err[0]);
    waitpid(pid, &status, 0);
    printf("  status %d, %zd bytes on stderr\n", WEXITSTATUS(status), n);
}

int main(int argc, char **argv)
{
    static char *const none[] = {NULL};
    if (argc > 1)
        go_on(argv[0], argv[1]);
    run("all of them", argv[0], variables);
    run("nothing", argv[0], none);
    SHOW(syscall(SYS_execve, argv[0], argv, 1L));
    return 0;
}
