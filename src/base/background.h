/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of tandem's own, of which the guest knows nothing. */
#ifndef TANDEM_BASE_BACKGROUND_H
#define TANDEM_BASE_BACKGROUND_H

#include <pthread.h>
#include <stddef.h>

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* Starts a thread with a stack of so many bytes that runs main(arg), with every signal blocked: none of the guest's is
 * ever delivered there. False: the system has none left. Any thread. */
bool background_start(pthread_t *thread, void *(*main)(void *), void *arg, size_t stack);
/* CPU time that these threads of the calling process have had, those that have ended, too: nanoseconds. How it divides
 * is an estimate (the kernel's ticks). Any thread. */
struct background_time {
    uint64_t user, system;
};
struct background_time background_cpu_time(void);
/* Adds what such threads had in this process before its last execve. Any thread. */
void background_had(const struct background_time *before);
/* Gives the calling thread, one of these, a table of descriptors of its own, empty: what it opens takes no number of
 * the guest's, which the guest would miss, and what the guest closes is closed. False: this kernel cannot
 * (before 5.9). */
bool background_own_descriptors(void);
/* The process's standard error, whatever table the calling thread has: STDERR_FILENO, or a new descriptor that the
 * caller closes; -1: the first thread has none. Allocates nothing. Any thread. */
int background_stderr(void);
/* While the calling host thread runs for another process that shares this one's memory: a thread that it started would
 * be that process's, and end with it. background_start then must not be called. */
void background_forbid(bool forbid);
bool background_is_forbidden(void);
TANDEM_END_DECLS

#endif
