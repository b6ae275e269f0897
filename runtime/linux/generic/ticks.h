/* SPDX-License-Identifier: Apache-2.0 */
/* Ticks of a thread's CPU time, for --stats: a timer of the host whose signal the guest does not see.
 *
 * The signal is one of the synchronous ones: they always have tandem's handler, and the host blocks them in windows
 * alone (base/sync_signals.h), in which there are no ticks. So the guest keeps all its signals. Its siginfo tells a
 * tick from the guest's. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_TICKS_H
#define TANDEM_RUNTIME_LINUX_GENERIC_TICKS_H

#include <signal.h>
#include <stdbool.h>

struct thread;

/* Begins and ends the ticks of the calling guest thread. Nothing if the kernel has no timer to spare. */
void ticks_begin(struct thread *t);
void ticks_end(struct thread *t);
/* Is this signal a tick? Async-signal-safe. */
bool ticks_is_one(const siginfo_t *info);

#endif
