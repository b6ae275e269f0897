/* SPDX-License-Identifier: Apache-2.0 */
/* Signals, host side: handlers, masks and actions of the host. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SIGNAL_HOST_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SIGNAL_HOST_H

#include "runtime/linux/base/process.h"

/* Sets the host's mask to what the guest's mask and the slots ask for. A signal in a slot that is now blocked goes back
 * to the kernel, as the last of its queue: who changes the mask looks for one first (sigcall_may_change). Host signals
 * blocked before; unblocked after. */
void signal_apply_mask(struct thread *t);
/* The host's action for signo: handler, SIG_DFL or SIG_IGN, as the guest's action asks. actions_lock held. */
void signal_host_install(struct process *proc, int signo);
/* Tandem's handler for signo, until signal_host_install. actions_lock held. */
void signal_host_catch(int signo);
void signal_host_init(struct process *proc);
/* Every action becomes the default one, but for those that ignore (CLONE_CLEAR_SIGHAND). Only thread of its process. */
void signal_host_clear(struct process *proc);
/* Around execve: synchronous signals that the guest ignores are ignored by the new program, too; after a failure back
 * again. */
void signal_host_exec(struct process *proc, bool before);
/* A host signal stack for the calling thread. */
void signal_host_stack(struct thread *t);
/* Ends the process with the signal's default action, after engine_finish. */
_Noreturn void signal_die(struct process *proc, int signo);
/* Is death (with or without a core) what the kernel does by default? */
bool signal_default_kills(int signo);
/* Is it a stop? */
bool signal_default_stops(int signo);

#endif
