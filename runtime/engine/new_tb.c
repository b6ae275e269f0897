/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a tier-1 block before it has code. */
#include "runtime/engine/new_tb.h"

#include "runtime/engine/heat.h"
#include "runtime/engine/tb.h"

void new_tb_pages(struct tb *tb, struct cc_reservation *r)
{
    gaddr_t end = tb->pc + (tb->guest_bytes ? tb->guest_bytes : 1);
    tb->links.page_count = (uint32_t)((end - 1) / 4096 - tb->pc / 4096 + 1);
    tb->links.pages = cc_data(r, tb->links.page_count * sizeof *tb->links.pages);
    gaddr_t at = tb->pc;
    for (uint32_t i = 0; i < tb->links.page_count; i++) {
        gaddr_t stop = ALIGN_DOWN(at, 4096) + 4096;
        tb->links.pages[i] = (struct tb_page){.tb = tb, .start = at, .end = stop < end ? stop : end};
        at = stop;
    }
}

struct tb *new_tb(struct engine *e, const struct ir_block *block, struct cc_reservation *r)
{
    struct tb *tb = cc_data(r, TB_BLOCK_BYTES);
    tb->pc = block->pc;
    tb->mode = block->mode;
    tb->guest_bytes = block->guest_bytes;
    tb->guest_insns = block->guest_insns;
    tb->code.rw = r->rw;
    tb->code.rx = tb->code.entry = r->rx;
    tb->serial = __atomic_add_fetch(&e->serial, 1, __ATOMIC_RELAXED);
    tb->heat.counter = tb->heat.armed = e->tier == TIER_2 ? 0 : e->hot_count;
    tb->heat.counting = heat_counts(e);
    tb->changes_itself = e->guest->coherent_code && e->mem->writes_itself(e->memory, tb->pc);
    new_tb_pages(tb, r);
    return tb;
}
