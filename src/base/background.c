/* SPDX-License-Identifier: Apache-2.0 */
/* See background.h. Signals are blocked by the raw call: the C library's leaves out 32 and 33, which are the guest's,
 * too. */
#define _GNU_SOURCE
#include "src/base/background.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Thread_local bool forbidden;

void background_forbid(bool forbid) { forbidden = forbid; }
bool background_is_forbidden(void) { return forbidden; }

bool background_own_descriptors(void)
{
    enum { UNSHARE = 2 /* CLOSE_RANGE_UNSHARE */ };
    return syscall(SYS_close_range, 0u, ~0u, UNSHARE) == 0;
}

void background_open_stderr(void)
{
    const int fd = open("/proc/self/fd/2", O_WRONLY | O_APPEND); /* the first thread's table */
    if (fd < 0 || fd == STDERR_FILENO)
        return;
    dup2(fd, STDERR_FILENO);
    close(fd);
}

bool background_start(pthread_t *thread, void *(*main)(void *), void *arg, size_t stack)
{
    uint64_t all = ~(uint64_t)0, old;
    pthread_attr_t attr;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, sizeof all);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, stack);
    bool ok = pthread_create(thread, &attr, main, arg) == 0;
    pthread_attr_destroy(&attr);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, sizeof old);
    return ok;
}
