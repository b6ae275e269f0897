/* SPDX-License-Identifier: Apache-2.0 */
/* How hot a block is, and whether compiling it pays. See heat.h.
 *
 * Ski rental: buy when the rent paid so far is the price. The rent is not the time spent in tier 1, but the part of it
 * that tier 2 would save: on programs that nobody tuned for about a third. Hence --opt-after is 300 by default. */
#include "runtime/engine/heat.h"

#include "llvm-opt/lopt.h"
#include "runtime/engine/region.h"
#include "runtime/engine/tb.h"
#include "src/base/cpus.h"

enum {
    FIRST_INSN_COST = 100000, /* ns to compile a guest instruction, until one was compiled */
    MAX_COUNT = 1 << 30,
    CROWDED = 3, /* times more that a region has to earn if compiling it holds up the guest */
};

void heat_wait(struct engine *e, struct tb *tb, int n)
{
    if (e->sampling) {
        uint64_t time = __atomic_load_n(&tb->heat.time, __ATOMIC_RELAXED);
        __atomic_store_n(&tb->heat.due, time + (uint64_t)n * HEAT_LOOK, __ATOMIC_RELAXED);
    } else {
        int64_t count = (int64_t)e->hot_count * n;
        tb_arm(tb, (int32_t)(count < MAX_COUNT ? count : MAX_COUNT));
    }
}

bool heat_counts(const struct engine *e) { return !e->sampling || !__atomic_load_n(&e->ticking, __ATOMIC_RELAXED); }

void heat_paid(struct engine *e, struct tb *tb)
{
    if (!e->sampling)
        return;
    __atomic_store_n(&tb->heat.time, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&tb->heat.due, 0, __ATOMIC_RELAXED);
}

uint64_t heat_rank(const struct engine *e, const struct tb *tb)
{
    if (e->sampling)
        return __atomic_load_n(&tb->heat.time, __ATOMIC_RELAXED);
    return tb_executions(tb) << (__atomic_load_n(&tb->heat.head_like, __ATOMIC_RELAXED) ? 2 : 0);
}

static uint64_t insn_cost(const struct engine *e)
{
    uint64_t cost = __atomic_load_n(&e->insn_cost, __ATOMIC_RELAXED);
    return cost ? cost : FIRST_INSN_COST;
}

void heat_learn(struct engine *e, unsigned guest_insns, uint64_t ns)
{
    if (guest_insns)
        __atomic_store_n(&e->insn_cost, (insn_cost(e) * 7 + ns / guest_insns) / 8, __ATOMIC_RELAXED);
}

/* Has the optimizer no CPU of its own beside the guest's threads? */
static bool is_crowded(struct engine *e)
{
    unsigned percent = __atomic_load_n(&e->cpu_percent, __ATOMIC_RELAXED);
    if (!percent) {
        percent = cpus_percent("/sys/fs/cgroup", "/proc/self/cgroup");
        __atomic_store_n(&e->cpu_percent, percent, __ATOMIC_RELAXED);
    }
    return (__atomic_load_n(&e->running, __ATOMIC_RELAXED) + 1) * 100 > percent;
}

bool heat_is_worth_llvm(const struct engine *e)
{
    return __atomic_load_n(&e->sampled, __ATOMIC_RELAXED) >= lopt_load_cost() / 100 * (uint64_t)e->options->opt_after;
}

bool heat_pays(struct engine *e, const struct region_plan *plan, struct tb *head)
{
    uint64_t cost = insn_cost(e) * plan->guest_insns, time = 0;
    uint64_t own = __atomic_load_n(&head->heat.time, __ATOMIC_RELAXED);
    cost = cost * (uint64_t)e->options->opt_after / 100;
    if (!e->sampling)
        return true;
    if (is_crowded(e))
        cost *= CROWDED;
    for (unsigned i = 0; i < plan->region.count; i++) {
        const struct tb *tb = tb_find(e, plan->identities[i].pc, plan->identities[i].mode);
        time += tb ? __atomic_load_n(&tb->heat.time, __ATOMIC_RELAXED) : 0;
    }
    if (time >= cost)
        return true;
    uint64_t due = time ? own * cost / time : cost; /* as long as its share stays what it is */
    uint64_t least = own + own / 2 + HEAT_TICK;
    __atomic_store_n(&head->heat.due, due > least ? due : least, __ATOMIC_RELAXED);
    return false;
}
