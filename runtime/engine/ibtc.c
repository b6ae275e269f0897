/* SPDX-License-Identifier: Apache-2.0 */
/* The indirect-branch translation cache. See ibtc.h. */
#include "runtime/engine/ibtc.h"

#include <string.h>

void ibtc_empty(struct engine_thread *t)
{
    enum { GROUP = 1 << CPU_IBTC_GROUP_BITS };
    struct cpu_ibtc_entry *ibtc = t->cpu->ibtc;
    for (; t->ibtc_used; t->ibtc_used &= t->ibtc_used - 1)
        memset(&ibtc[__builtin_ctzll(t->ibtc_used) * GROUP], 0, GROUP * sizeof *ibtc);
    cpu_ibtc_begin(t->cpu);
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
    unsigned index = cpu_ibtc_index(tb->pc);
    struct cpu_ibtc_entry *slot = &t->cpu->ibtc[index];
    t->ibtc_used |= (uint64_t)1 << (index >> CPU_IBTC_GROUP_BITS);
    if (slot->pc != cpu_ibtc_empty(index))
        t->cpu->ibtc[cpu_ibtc_other(index)] = *slot;
    slot->pc = key_of(t, tb);
    slot->host = tb_entry(tb);
}

void ibtc_correct(struct engine_thread *t, const struct tb *tb)
{
    unsigned index = cpu_ibtc_index(tb->pc);
    if (!__atomic_load_n(&tb->heat.indirect, __ATOMIC_RELAXED) || !(t->engine->glue.modes || tb->mode == t->ibtc_mode))
        return;
    for (unsigned i = 0; i < 2; i++, index = cpu_ibtc_other(index))
        if (t->cpu->ibtc[index].pc == key_of(t, tb))
            t->cpu->ibtc[index].host = tb_entry(tb);
}
