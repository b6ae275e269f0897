/* SPDX-License-Identifier: Apache-2.0 */
/* The Linux user-mode layer: public face. The rest of tandem starts a guest process through it; runtime/process.h has the calls
 * that the engine makes (sys_call, signal_deliver, signal_raise_sync).
 *
 * Start-up order, by src/cli:
 *   loader -> struct linux_image; engine_create; linux_process_init; linux_thread_main; ops->cpu_init on its cpu;
 *   linux_thread_start; engine_run.
 */
#ifndef TANDEM_RUNTIME_LINUX_LINUX_H
#define TANDEM_RUNTIME_LINUX_LINUX_H

#include "runtime/process.h"

/* Where the loader put the guest program: what brk, /proc/self/* and core files need to know. Addresses are the guest's. */
struct linux_image {
    gaddr_t brk_start;              /* end of the program's bss; the break starts at the next page */
    gaddr_t start_code, end_code;
    gaddr_t stack_start;            /* the initial stack pointer */
    gaddr_t stack_top, stack_limit; /* the stack's mapping: [stack_limit, stack_top) */
    gaddr_t arg_start, arg_end;     /* argv strings on the guest's stack, one after another with their NULs */
    gaddr_t env_start, env_end;
    gaddr_t auxv;                   /* the auxiliary vector on the guest's stack */
    size_t auxv_size;               /* in bytes, AT_NULL included */
    gaddr_t trampoline;             /* ops->sigreturn_code in the guest (vDSO); 0: linux_process_init maps it */
};

/* Makes proc->lx: break, signal actions (those that the host process inherited as ignored stay ignored), names for
 * /proc/self; installs the host handlers that tandem itself needs (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP).
 * exe_path: the guest program (made absolute here; copied). Main thread only, once, after proc->ops, options and mem are set. */
enum status linux_process_init(struct process *proc, const struct linux_image *image, const char *exe_path);

/* The first guest thread, for the calling host thread: cpu, generated code's stack, signal stack; entered in proc->threads.
 * The guest's registers are left zero: call ops->cpu_init next. NULL: out of memory. */
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
