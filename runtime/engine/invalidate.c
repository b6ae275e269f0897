/* SPDX-License-Identifier: Apache-2.0 */
/* Retiring code because its bytes or the rules for making it changed: see invalidate.h. */
#include "runtime/engine/invalidate.h"

#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"

void engine_invalidate(struct engine *e, gaddr_t start, gaddr_t end)
{
    if (e && start < end && tb_retire_range(e, start, end))
        engine_kick_all(e);
}

/* Regions have to be made differently from now on, as flag says. */
static void raise_demand(struct engine *e, bool *flag)
{
    if (__atomic_exchange_n(flag, true, __ATOMIC_SEQ_CST))
        return;
    tb_retire_regions(e);
    reclaim_wait(e);
}

void engine_set_precise(struct engine *e) { raise_demand(e, &e->precise); }

void engine_set_ordered(struct engine *e) { raise_demand(e, &e->ordered); }

void engine_icache_sync(struct engine_thread *t)
{
    /* Writes to protected pages were noticed when they happened. What is left is a block of a volatile page that found
     * its bytes changed: it left with this trap and its own pc. */
    struct engine *e = t->engine;
    section_enter(e, &t->section);
    const struct tb *tb = tb_find(e, t->cpu->pc, t->cpu->mode);
    if (tb && tb->volatile_code)
        engine_invalidate(e, tb->pc, tb->pc + tb->guest_bytes);
    section_leave(&t->section);
}
