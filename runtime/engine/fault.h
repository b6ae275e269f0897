/* SPDX-License-Identifier: Apache-2.0 */
/* Host faults in guest code. All of it is for signal handlers on the thread that faulted: async-signal-safe. t is that
 * thread's engine part, or NULL if it has none. */
#ifndef TANDEM_RUNTIME_ENGINE_FAULT_H
#define TANDEM_RUNTIME_ENGINE_FAULT_H

#include <signal.h>

#include "runtime/engine/engine.h"

struct engine_thread;

/* Is host pc inside generated code or its glue? e may be NULL. */
bool engine_owns_pc(const struct engine *e, uintptr_t host_pc);
/* The host context faulted in generated code (or in the interpreter) while running the guest: completes cpu->guest and
 * cpu->pc from it, so that a guest signal can be raised. False: the fault is not the guest's (tandem's own bug). */
bool engine_sync_state(struct engine_thread *t, const siginfo_t *info, const void *ucontext);
/* A write at info->si_addr was not permitted. */
enum engine_write {
    ENGINE_WRITE_NONE,  /* it is the guest's mistake */
    ENGINE_WRITE_AGAIN, /* only the engine's protection was in its way: the access can be made now */
    /* As before, but the guest sees its writes to code at once (coherent_code): engine_step is to make that instruction
     * by itself, so that nothing that was translated before it runs after it. Regions that are not precise have no code
     * on writable pages; what they write is other code, which they enter after a poll. */
    ENGINE_WRITE_STEP,
};
enum engine_write engine_write_fault(const struct engine *e, struct engine_thread *t, const siginfo_t *info,
                                     const void *ucontext);
/* After engine_sync_state: did reading guest code fault? */
bool engine_was_fetching(const struct engine_thread *t);
/* After engine_sync_state: cpu is at an earlier instruction than the one that faulted, and no signal can be raised yet.
 * engine_step does the instructions from there again, which faults where cpu is complete. */
bool engine_must_replay(const struct engine_thread *t);
/* After ENGINE_WRITE_STEP, or to replay: leaves the handler, makes the instruction (or those to replay) one by one and
 * goes on with what the code is then. */
_Noreturn void engine_step(struct engine_thread *t);
/* After engine_sync_state: leaves the handler and goes on in engine_run's loop, which delivers what was raised. */
_Noreturn void engine_restart(struct engine_thread *t);

#endif
