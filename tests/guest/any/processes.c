/* SPDX-License-Identifier: Apache-2.0 */
/* fork: copies that go on translating by themselves, also from a program with threads; pipes between them; statuses.
 * not in: tier2 (what it is about is the same in mixed) */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/guest_test.h"

__attribute__((noinline)) static uint64_t work(uint64_t seed, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        seed = seed * 6364136223846793005u + (i & 1 ? seed >> 33 : 7);
    return seed;
}

static volatile int *volatile nowhere = (volatile int *)16;

static int child_status(int how)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        uint64_t v = work(5, 20000);
        if (how == 0)
            _exit((int)(v & 127));
        if (how == 1)
            abort();
        if (how == 2)
            *nowhere = 1;
        raise(SIGKILL);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static volatile int stop;

static void *spin(void *argument)
{
    while (!stop)
        work(1, 1000);
    return argument;
}

int main(void)
{
    work(1, 20000);
    for (int how = 0; how < 4; how++) {
        int s = child_status(how);
        printf("%d: exited %d %d signalled %d %d\n", how, WIFEXITED(s), WEXITSTATUS(s), WIFSIGNALED(s),
               WIFSIGNALED(s) ? WTERMSIG(s) : 0);
    }
    uint64_t expected = work(9, 30000);
    pthread_t id;
    pthread_create(&id, NULL, spin, NULL);
    for (int i = 0; i < 10; i++) {
        int fd[2];
        require(pipe(fd) == 0, "pipe");
        pid_t child = fork();
        if (child == 0) {
            uint64_t v = work(9, 30000);
            _exit(write(fd[1], &v, sizeof(v)) != sizeof(v));
        }
        uint64_t got = 0;
        require(read(fd[0], &got, sizeof(got)) == sizeof(got), "read");
        int status;
        waitpid(child, &status, 0);
        require(status == 0 && got == expected, "the child computes the same");
        close(fd[0]);
        close(fd[1]);
    }
    stop = 1;
    pthread_join(id, NULL);
    puts("children compute the same");
    return 0;
}
