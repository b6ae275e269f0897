/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs about Linux share beside guest_test.h: lines "what: result" that are the same on every
 * kernel. */
#ifndef GUEST_LINUX_TEST_H
#define GUEST_LINUX_TEST_H

#include <errno.h>
#include <signal.h>

#include "tests/guest/guest_test.h"

/* Prints an expression that gives -1 and errno, or a small number. */
#define SHOW(call)                                                                                                     \
    do {                                                                                                               \
        errno = 0;                                                                                                     \
        long shown_ = (long)(call);                                                                                    \
        if (shown_ == -1)                                                                                              \
            printf("%s: -1 %s\n", #call, strerrorname_np(errno) ? strerrorname_np(errno) : "0");                       \
        else                                                                                                           \
            printf("%s: %ld\n", #call, shown_);                                                                        \
    } while (0)

#define CHECK(condition) printf("%s: %s\n", #condition, (condition) ? "yes" : "NO")

static inline void handle(int signo, void (*f)(int, siginfo_t *, void *), int flags)
{
    struct sigaction a = {.sa_sigaction = f, .sa_flags = SA_SIGINFO | flags};
    sigaction(signo, &a, NULL);
}

#endif
