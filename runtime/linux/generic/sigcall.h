/* SPDX-License-Identifier: Apache-2.0 */
/* What old and new calls about signals share (sys_signal.c, sys32_signal.c). */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SIGCALL_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SIGCALL_H

#include "runtime/linux/base/state.h"

/* Stores the guest's new mask; false if signals that it would now block are there already: they come first, and the
 * call is made again. */
bool sigcall_change_mask(struct thread *t, uint64_t mask);
/* sigprocmask: how and set as there; reach: the signals that SIG_SETMASK sets. */
long sigcall_mask(struct thread *t, int how, uint64_t set, uint64_t reach);
long sigcall_pending(struct thread *t, uint64_t *set);
long sigcall_suspend(struct thread *t, uint64_t mask);
/* new may be NULL. */
long sigcall_action(struct thread *t, int signo, const struct lx_action *new, struct lx_action *old);

#endif
