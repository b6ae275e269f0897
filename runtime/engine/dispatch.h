/* SPDX-License-Identifier: Apache-2.0 */
/* Running guest code. */
#ifndef TANDEM_RUNTIME_ENGINE_DISPATCH_H
#define TANDEM_RUNTIME_ENGINE_DISPATCH_H

#include <stdint.h>

struct engine_thread;

/* Runs the guest thread, on the host thread that is its own, until it exits the thread or process: never returns. */
_Noreturn void engine_run(struct engine_thread *t);
/* A tick (engine_os.ticks_begin) of t's CPU time has interrupted it at host_pc. In a signal handler on its thread. */
void engine_tick(struct engine_thread *t, uintptr_t host_pc);

#endif
