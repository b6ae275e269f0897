/* SPDX-License-Identifier: Apache-2.0 */
/* Where indirect jumps go: seen now and then, so that tier 2 can have the likely targets in the region.
 *
 * Generated code does nothing for it. A block that ends in an indirect jump has its counter run out SAMPLES times
 * before it is hot. Each time the dispatcher sets cpu->pending and lets the block run: its jump polls, leaves, and
 * shows its target.
 *
 * I1  All of it is hints: threads may lose each other's counts, and a block that took a side exit may have a target of
 *     a later block noted.
 * I2  The counter's entries add up as without profiling: weights stay comparable.
 */
#include "runtime/engine/profile.h"

#include <assert.h>

#include "runtime/engine/tb.h"

enum {
    SAMPLES = 64,
    STRIDE = 61,      /* entries between two samples at least: not in step with the guest's loops */
    SHORT_STRIDE = 7, /* while the block counts for a short time only */
};

struct profile {
    int32_t left;                   /* atomic: samples to take */
    uint32_t hits[PROFILE_TARGETS]; /* atomic */
    gaddr_t pc[PROFILE_TARGETS];    /* atomic; ~0: free */
};

static_assert(sizeof(struct profile) <= PROFILE_BYTES, "who reserves room relies on it");

static bool jumps_indirectly(const struct ir_block *block)
{
    const struct ir_insn *last = &block->insns[block->count - 1];
    return last->op == IR_JUMP_REG && last->aux != IR_HINT_RET && last->aux != IR_HINT_MODE;
}

/* A backward side exit polls, too, and shows something else. */
static bool polls_before(const struct ir_block *block)
{
    for (uint32_t i = 0; i < block->count; i++)
        if (block->insns[i].op == IR_EXIT_IF && block->insns[i].imm <= block->pc)
            return true;
    return false;
}

void profile_restore(struct tb *tb, struct cc_reservation *r)
{
    struct profile *p = cc_data(r, sizeof *p);
    if (!p)
        return;
    p->left = SAMPLES;
    for (unsigned i = 0; i < PROFILE_TARGETS; i++)
        p->pc[i] = ~(gaddr_t)0;
    tb->heat.profile = p;
    tb->heat.counter = tb->heat.armed = tb->heat.armed / 2;
}

void profile_init(const struct engine *e, struct tb *tb, const struct ir_block *block, struct cc_reservation *r)
{
    if (e->tier == TIER_MIXED && jumps_indirectly(block) && !polls_before(block))
        profile_restore(tb, r);
}

bool profile_due(const struct engine *e, struct tb *tb)
{
    struct profile *p = tb->heat.profile;
    int32_t left = p ? __atomic_load_n(&p->left, __ATOMIC_RELAXED) : 0;
    int64_t threshold = e->sampling ? SAMPLES * 4 * SHORT_STRIDE : e->hot_count, stride = STRIDE + left % 7;
    if (left <= 0)
        return false;
    __atomic_store_n(&p->left, left - 1, __ATOMIC_RELAXED);
    if (left == 1)
        stride = threshold / 2;
    else if (stride > threshold / (4 * SAMPLES))
        stride = threshold / (4 * SAMPLES);
    tb_arm(tb, (int32_t)stride);
    return true;
}

void profile_restart(struct tb *tb)
{
    struct profile *p = tb->heat.profile;
    if (!p)
        return;
    __atomic_store_n(&p->left, SAMPLES, __ATOMIC_RELAXED);
    tb_arm(tb, SHORT_STRIDE);
}

void profile_add(struct tb *tb, gaddr_t pc)
{
    struct profile *p = tb->heat.profile;
    for (unsigned i = 0; i < PROFILE_TARGETS; i++) {
        gaddr_t none = ~(gaddr_t)0;
        if (__atomic_load_n(&p->pc[i], __ATOMIC_RELAXED) == pc ||
            __atomic_compare_exchange_n(&p->pc[i], &none, pc, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED) ||
            none == pc) {
            __atomic_fetch_add(&p->hits[i], 1, __ATOMIC_RELAXED);
            return;
        }
    }
}

unsigned profile_targets(const struct tb *tb, gaddr_t *pc, unsigned *percent, unsigned max)
{
    const struct profile *p = tb->heat.profile;
    uint32_t hits[PROFILE_TARGETS], sum = 0;
    unsigned n = 0;
    for (unsigned i = 0; p && i < PROFILE_TARGETS; i++)
        sum += hits[i] = __atomic_load_n(&p->hits[i], __ATOMIC_RELAXED);
    while (p && n < max) {
        unsigned best = 0;
        for (unsigned i = 1; i < PROFILE_TARGETS; i++)
            if (hits[i] > hits[best])
                best = i;
        if (!hits[best])
            break;
        if (percent)
            percent[n] = (hits[best] * 100 + sum / 2) / sum;
        pc[n++] = __atomic_load_n(&p->pc[best], __ATOMIC_RELAXED);
        hits[best] = 0;
    }
    return n;
}
