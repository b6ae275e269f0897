/* SPDX-License-Identifier: Apache-2.0 */
/* What old and new calls about signals share (sys_signal.c, sys32_signal.c). */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SIGCALL_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SIGCALL_H

#include "runtime/linux/base/state.h"

/* Before a thread changes its mask, or ends. False: a signal that it takes has been caught; it comes first, and the
 * call is made again. True: the host's signals are blocked. */
bool sigcall_may_change(struct thread *t);
/* Then: the guest's new mask, and the host's. At the end of a call, as signal_deliver must follow. */
void sigcall_adopt_mask(struct thread *t, uint64_t mask);
/* Both: stores the guest's new mask; false if signals that it would now block are there already: they come first, and
 * the call is made again. */
bool sigcall_change_mask(struct thread *t, uint64_t mask);
/* sigprocmask: how and set as there; reach: the signals that SIG_SETMASK sets. */
long sigcall_mask(struct thread *t, int how, uint64_t set, uint64_t reach);
long sigcall_pending(struct thread *t, uint64_t *set);
long sigcall_suspend(struct thread *t, uint64_t mask);
/* new may be NULL. */
long sigcall_action(struct thread *t, int signo, const struct lx_action *new, struct lx_action *old);

#endif
