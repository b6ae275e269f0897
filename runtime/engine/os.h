/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine asks of the operating system that it runs under: user mode (runtime/linux) answers as the Linux
 * kernel would; a whole system will answer as a CPU's exceptions and interrupts do.
 *
 * All calls are made outside of any read section and with none of the engine's locks held, but for foreach_thread,
 * which is called with stats_lock at most and holds the lock of the list of threads while it visits. */
#ifndef TANDEM_RUNTIME_ENGINE_OS_H
#define TANDEM_RUNTIME_ENGINE_OS_H

#include "src/ir/ir.h"

struct engine_thread;

typedef void (*engine_visit_fn)(struct engine_thread *t, void *arg);

struct engine_os {
    /* The system call that the registers of t ask for; cpu->pc is already past it. Stores the result. May not
     * return. */
    void (*syscall)(struct engine_thread *t);
    /* An instruction at cpu->pc trapped, and not for a system call: what is delivered for it is to be queued. */
    void (*trap)(struct engine_thread *t, enum ir_trap trap);
    /* cpu->pending was seen: clears it first, then delivers what waits for t. May not return. */
    void (*deliver)(struct engine_thread *t);
    /* Visits the threads that have an engine part, of the process that engine_create was given. No thread's part goes
     * away meanwhile. visit takes no locks. */
    void (*foreach_thread)(void *process, engine_visit_fn visit, void *arg);
    /* On t's thread: from now on engine_tick (dispatch.h) is called on it after each bit of CPU time that it has used;
     * the guest notices nothing. Without timers there are no ticks. */
    void (*ticks_begin)(struct engine_thread *t);
    void (*ticks_end)(struct engine_thread *t);
};

#endif
