/* SPDX-License-Identifier: Apache-2.0 */
/* Promotion of hot blocks to tier 2. */
#ifndef TANDEM_RUNTIME_ENGINE_TIERS_H
#define TANDEM_RUNTIME_ENGINE_TIERS_H

#include "runtime/engine/engine.h"

struct engine_thread;
struct tb;

enum status tiers_init(struct engine *e);
/* Only while no optimizer thread was started. */
void tiers_fini(struct engine *e);
/* A block's counter ran out: queue it for tier 2 (or compile now, with --opt-threads=0). Inside a section; false: it
 * was left and another one entered, tb may be gone. */
bool tiers_promote(struct engine_thread *t, struct tb *tb);
/* How far is the region of the block at pc on its way? */
enum tiers_stage { TIERS_NONE, TIERS_QUEUED, TIERS_COMPILING };
enum tiers_stage tiers_stage_of(struct engine *e, gaddr_t pc, uint32_t mode);
/* Ends the optimizer threads; the next promotion starts them again. No other guest thread runs. */
void tiers_end_threads(struct engine *e);
/* Before fork, and after it in the parent or the child. */
void tiers_fork_prepare(struct engine *e);
void tiers_fork_parent(struct engine *e);
void tiers_fork_child(struct engine *e);
/* Adds what the optimizer threads have counted. */
void tiers_stats(struct engine *e, struct stats *sum);

/* ns of CPU time that the guest still has to take before the next compilation may begin; 0: it may. all: of the
 * process, spent: of its compilations, both in ns; share: percent of the guest's time that these may take, 0: any.
 * Any thread. */
uint64_t tiers_debt(uint64_t all, uint64_t spent, uint64_t share);
#endif
