/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel allows only to a process of one thread, after code that is hot enough for threads of a translator's
 * own; and with a second thread, when it refuses.
 * reference: none (qemu has threads of its own)
 * emulated: none (qemu has threads of its own)
 *
 * build: -D_GNU_SOURCE */
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static uint64_t hot(uint64_t n)
{
    uint64_t h = 1;
    for (uint64_t i = 0; i < n; i++)
        h = i & 1 ? mix(h, i) : h * 31 + (h >> 7);
    return h;
}

static void *wait_here(void *arg)
{
    pause();
    return arg;
}

static int threads_seen(void)
{
    char line[200];
    int n = -1;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        sscanf(line, "Threads: %d", &n);
    if (f)
        fclose(f);
    return n;
}

/* In a child: 0, or the error. A system may forbid namespaces to all. */
static int unshared(int flags, int again)
{
    fflush(stdout);
    pid_t pid = fork();
    int status;
    if (!pid) {
        uint64_t h = hot(3000000);
        int err = unshare(flags) ? errno : 0;
        for (int i = 0; i < again; i++)
            err = h == hot(3000000) ? err : 99;
        _exit(err);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
    uint64_t h = hot(6000000);
    printf("threads: %d\n", threads_seen());
    int err = unshared(CLONE_NEWUSER, 2);
    CHECK(err == 0 || err == EPERM || err == ENOSPC || err == ENOSYS);
    SHOW(unshared(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 1));
    SHOW(unshare(CLONE_VM | CLONE_THREAD));
    CHECK(h == hot(6000000));
    printf("threads: %d\n", threads_seen());
    pthread_t id;
    pthread_create(&id, NULL, wait_here, NULL);
    printf("threads: %d\n", threads_seen());
    SHOW(unshare(CLONE_VM | CLONE_THREAD));
    SHOW(unshare(CLONE_FS | CLONE_FILES));
    return 0;
}
