/* SPDX-License-Identifier: Apache-2.0 */
/* The guest process, from its start to its end.
 *
 * Start-up order, by src/cli:
 *   mem_create, engine_create, loader_load; linux_process_init; linux_thread_main; guest->cpu.init on its cpu with the
 *   image's entry and sp; linux_thread_start; engine_run. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_PROCESS_H
#define TANDEM_RUNTIME_LINUX_GENERIC_PROCESS_H

#include "runtime/linux/base/process.h"
#include "runtime/loader/loader.h"

/* Makes proc->lx: signal actions (those that the host process inherited as ignored stay ignored), names for /proc/self;
 * installs the host handlers that tandem itself needs (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP); gives the host
 * process the guest program's name (/proc/self/comm). image is kept, not copied. Main thread only, once, after
 * proc->guest, config, options, mem are set. */
enum status linux_process_init(struct process *proc, const struct loader_image *image);

/* Ends the process as exit_group does. For the engine, when it cannot go on. */
_Noreturn void linux_exit_group(struct process *proc, int code);

#endif
