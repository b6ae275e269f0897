/* SPDX-License-Identifier: Apache-2.0 */
/* How hot a block is: by the CPU time that was sampled in it (engine.sampling, sample.c), or, with --hot-threshold, by
 * counting its executions. All of it is hints. */
#ifndef TANDEM_RUNTIME_ENGINE_HEAT_H
#define TANDEM_RUNTIME_ENGINE_HEAT_H

#include "runtime/engine/engine.h"

struct region_plan;
struct tb;

enum {
    HEAT_TICK = 4000000,   /* ns of time that a sample stands for */
    HEAT_LOOK = HEAT_TICK, /* ns of time after which tier 2 looks at a block */
};

/* Do new blocks count their executions? */
bool heat_counts(const struct engine *e);
/* Its region was installed: what was measured is paid for. Any thread. */
void heat_paid(struct engine *e, struct tb *tb);
/* The block is not looked at again before it has run for n times what makes one hot. Any thread. */
void heat_wait(struct engine *e, struct tb *tb, int n);
/* Has the guest's time in tier 1 reached what loading libLLVM costs? Any thread. */
bool heat_is_worth_llvm(const struct engine *e);
/* Has the time in the plan's blocks reached what compiling them costs? Else says so to the head, which then waits for
 * it. Inside a section. */
bool heat_pays(struct engine *e, const struct region_plan *plan, struct tb *head);
/* A region of so many guest instructions took ns of CPU time to compile. Any thread. */
void heat_learn(struct engine *e, unsigned guest_insns, uint64_t ns);
/* How hot a block is that waits for the optimizer. */
uint64_t heat_rank(const struct engine *e, const struct tb *tb);

#endif
