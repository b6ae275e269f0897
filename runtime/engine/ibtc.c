/* SPDX-License-Identifier: Apache-2.0 */
/* The indirect-branch translation cache. See ibtc.h. */
#include "runtime/engine/ibtc.h"

#include <string.h>

enum {
    GROUPS = 64,   /* of entries, whose use a bit each tells */
    FULL_PART = 4, /* so much of its size is filled before it grows: those in the other slot of a pair are slow */
};

void ibtc_empty(struct engine_thread *t)
{
    struct cpu_ibtc_entry *ibtc = t->cpu->ibtc;
    size_t size = cpu_ibtc_size(t->cpu), group = size / GROUPS;
    for (; t->ibtc_used; t->ibtc_used &= t->ibtc_used - 1)
        memset(&ibtc[(size_t)__builtin_ctzll(t->ibtc_used) * group], 0, group * sizeof *ibtc);
    cpu_ibtc_begin(t->cpu, (unsigned)size);
    t->ibtc_filled = 0;
}

/* Twice as large, and empty. */
static void grow(struct engine_thread *t)
{
    ibtc_empty(t);
    cpu_ibtc_begin(t->cpu, cpu_ibtc_size(t->cpu) * 2);
}

static gaddr_t key_of(const struct engine_thread *t, const struct tb *tb)
{
    return cpu_ibtc_key(tb->pc, tb->mode, t->engine->glue.modes);
}

/* Of a pair of slots the newest two stay. */
void ibtc_remember(struct engine_thread *t, struct tb *tb)
{
    __atomic_store_n(&tb->heat.head_like, true, __ATOMIC_RELAXED);
    if (!__atomic_load_n(&tb->heat.indirect, __ATOMIC_RELAXED))
        __atomic_store_n(&tb->heat.indirect, true, __ATOMIC_SEQ_CST); /* before tb_entry: install.c */
    if (++t->ibtc_filled > cpu_ibtc_size(t->cpu) / FULL_PART && cpu_ibtc_size(t->cpu) < CPU_IBTC_MAX_SIZE)
        grow(t);
    unsigned index = cpu_ibtc_index(t->cpu, tb->pc);
    struct cpu_ibtc_entry *slot = &t->cpu->ibtc[index];
    t->ibtc_used |= (uint64_t)1 << (index / (cpu_ibtc_size(t->cpu) / GROUPS));
    if (slot->pc != cpu_ibtc_empty(index))
        t->cpu->ibtc[cpu_ibtc_other(index)] = *slot;
    slot->pc = key_of(t, tb);
    slot->host = tb_entry(tb);
}

void ibtc_correct(struct engine_thread *t, const struct tb *tb)
{
    unsigned index = cpu_ibtc_index(t->cpu, tb->pc);
    if (!__atomic_load_n(&tb->heat.indirect, __ATOMIC_RELAXED) || !(t->engine->glue.modes || tb->mode == t->ibtc_mode))
        return;
    for (unsigned i = 0; i < 2; i++, index = cpu_ibtc_other(index))
        if (t->cpu->ibtc[index].pc == key_of(t, tb))
            t->cpu->ibtc[index].host = tb_entry(tb);
}
