/* SPDX-License-Identifier: Apache-2.0 */
/* The Linux user-mode layer: public face. The rest of tandem starts a guest process through it; runtime/process.h has
 * the calls that the engine makes (sys_call, signal_deliver, signal_raise_sync).
 *
 * Start-up order, by src/cli:
 *   mem_create, engine_create, loader_load; linux_process_init; linux_thread_main; guest->cpu_init on its cpu with the
 *   image's entry and sp; linux_thread_start; engine_run.
 */
#ifndef TANDEM_RUNTIME_LINUX_LINUX_H
#define TANDEM_RUNTIME_LINUX_LINUX_H

#include "runtime/loader/loader.h"
#include "runtime/process.h"

/* Makes proc->lx: signal actions (those that the host process inherited as ignored stay ignored), names for /proc/self;
 * installs the host handlers that tandem itself needs (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP); gives the host
 * process the guest program's name (/proc/self/comm). image is kept, not copied. Main thread only, once, after
 * proc->guest, config, options, mem are set. */
enum status linux_process_init(struct process *proc, const struct loader_image *image);

/* The first guest thread, for the calling host thread: cpu, generated code's stack, signal stack; entered in
 * proc->threads. The guest's registers are left zero: call guest->cpu_init next. NULL: out of memory. */
struct thread *linux_thread_main(struct process *proc);

/* Last step before engine_run on the main thread: translation mode of the registers, engine_thread_init. */
void linux_thread_start(struct thread *t);

/* The guest thread that the calling host thread runs; NULL on threads of tandem's own. Async-signal-safe. */
struct thread *linux_self(void);

/* Ends the process as exit_group does. For the engine, when it cannot go on. */
_Noreturn void linux_exit_group(struct process *proc, int code);

/* The absolute path of the guest program, for /proc/self/exe and messages. */
const char *linux_exe_path(const struct process *proc);

#endif
