/* SPDX-License-Identifier: Apache-2.0 */
/* Read sections and grace periods for code and its metadata.
 *
 * Each guest and optimizer thread announces in engine_thread.section the value of engine.section_seq that it saw when
 * it began to look at translation blocks or to run generated code, and 0 when it holds none of them. A grace period
 * raises section_seq and waits until every thread shows 0 or a newer value. Threads in generated code are kicked out by
 * cpu->pending.
 *
 * Why not liburcu: its flavours keep a registry of readers that a child of fork() inherits and cannot clear, so that
 * the first grace period there waits for threads that do not exist; and a guest's fork must work.
 */
#ifndef TANDEM_RUNTIME_ENGINE_RECLAIM_H
#define TANDEM_RUNTIME_ENGINE_RECLAIM_H

#include "runtime/engine/engine.h"

/* Orders the announcement before any later look at shared structures: partner of the fence in reclaim_wait. */
static inline void section_enter(struct engine *e, uint64_t *section)
{
    __atomic_store_n(section, __atomic_load_n(&e->section_seq, __ATOMIC_RELAXED), __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
static inline void section_leave(uint64_t *section) { __atomic_store_n(section, 0, __ATOMIC_RELEASE); }

/* Waits until every section that was open when it was called has ended. Caller: outside of any section, no locks
 * held. */
void reclaim_wait(struct engine *e);
/* The same without waiting: a grace period begins, and has reclaim_passed say when it is over. Any thread. */
uint64_t reclaim_begin(struct engine *e);
bool reclaim_passed(struct engine *e, uint64_t begun);
/* Sections of threads that are not guest threads (optimizers). */
void reclaim_register(struct engine *e, uint64_t *section);
void reclaim_unregister(struct engine *e, uint64_t *section);
/* Makes every thread drop its IBTC and return stack before it enters generated code again, and leave it at the next
 * poll. */
void engine_kick_all(struct engine *e);

#endif
