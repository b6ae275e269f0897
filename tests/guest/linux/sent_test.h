/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs about signals that are sent share: each case runs in a child for each signal, and a line has one
 * result if it is the same for all. */
#ifndef GUEST_SENT_TEST_H
#define GUEST_SENT_TEST_H

#include <stddef.h>
#include <sys/resource.h>

#include "tests/guest/linux/linux_test.h"

enum { FAILED = 99 };
static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGUSR1};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

struct sent_case {
    const char *name;
    int (*run)(int signo);
};
#define CASE(name)                                                                                                     \
    {                                                                                                                  \
#name, name                                                                                                    \
    }

static inline sigset_t only(int signo)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, signo);
    return s;
}

static inline int pending(int signo)
{
    sigset_t s;
    sigpending(&s);
    return sigismember(&s, signo);
}

/* result_of runs a case in a child. */
static inline void show_cases(const struct sent_case *cases, size_t count, int (*result_of)(int (*run)(int), int signo))
{
    for (size_t i = 0; i < count; i++) {
        int results[SIGNALS], same = 1;
        for (int s = 0; s < SIGNALS; s++) {
            results[s] = result_of(cases[i].run, signals[s]);
            same &= results[s] == results[0];
        }
        printf("%s:", cases[i].name);
        for (int s = 0; s < (same ? 1 : SIGNALS); s++)
            printf(" %d", results[s]);
        printf("\n");
        fflush(stdout);
    }
}

/* A guest's death leaves no core file. */
static inline void leave_no_core(void)
{
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
}

#endif
