/* SPDX-License-Identifier: Apache-2.0 */
/* One block from IR to host code: a backward pass for what is known of its values, a forward pass that chooses
 * registers and emits, then what is cold.
 *
 * Layout:  [entry counter] [check of the guest code] hot code | cold code: stubs of exits, polls, rare cases, data
 *
 * I1  Before each instruction there is room for what it can emit at most (host->max_insn_bytes).
 * I2  After a failure (status not OK) emission goes on harmlessly until the loop sees it.
 */
#include "tcg/common/block.h"

#include <stdlib.h>

#include "tcg/common/cold.h"
#include "tcg/common/facts.h"
#include "tcg/common/liveness.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/common/regalloc_row.h"
#include "tcg/common/sink.h"

static void emit_block(struct tcg *t)
{
    const struct tcg_host *host = t->host;
    for (uint32_t i = 0; i < t->block->count && tcg_has_room(t); i++) {
        const struct ir_insn *in = &t->insns[i];
        if (t->val[i].flags & (TCG_VF_FUSED | TCG_VF_CONST))
            continue;
        if (t->val[i].flags & TCG_VF_SUNK) {
            tcg_sink(t, (ir_ref)i);
            continue;
        }
        t->cur = (ir_ref)i;
        host->before(t, in);
        host->ops[in->op].emit(t, in, host->ops[in->op].param);
        if (ir_insn_effects(in) & (IR_FX_WSTATE | IR_FX_WMEM) || in->op == IR_DEAD_FLAGS)
            t->insn_clean = false;
        ra_end(t);
        host->after(t);
    }
}

/* One allocation holds the arrays, whose size depends on the block. */
static void *alloc_workspace(struct tcg *t)
{
    size_t count = t->block->count, rows = t->block->state->count;
    t->cold_max = (unsigned)(2 * count + t->block->guest_bytes / 2 + 32);
    size_t val_bytes = count * sizeof *t->val, cold_bytes = t->cold_max * sizeof *t->cold;
    size_t store_bytes = count * sizeof *t->stores;
    uint8_t *p = malloc(val_bytes + cold_bytes + store_bytes + rows * (sizeof *t->row_val + sizeof *t->row_pin));
    if (!p)
        return NULL;
    t->cold = (struct tcg_cold *)(void *)p;
    t->val = (struct tcg_val *)(void *)(p + cold_bytes);
    t->stores = (struct tcg_store *)(void *)(p + cold_bytes + val_bytes);
    t->row_val = (ir_ref *)(void *)(p + cold_bytes + val_bytes + store_bytes);
    t->row_pin = (int8_t *)(t->row_val + rows);
    return p;
}

static void begin(struct tcg *t, const struct tcg_host *host, const struct tcg_request *req)
{
    t->a = (struct tcg_buf){.p = req->rw,
                            .start = req->rw,
                            .end = req->rw + req->capacity,
                            .rx = req->rx,
                            .relocs = req->relocs,
                            .max_relocs = req->max_relocs};
    t->host = host;
    t->req = req;
    t->glue = req->glue;
    t->block = req->block;
    t->insns = req->block->insns;
    t->features = req->glue->features;
}

enum status tcg_translate_block(struct tcg *t, const struct tcg_host *host, const struct tcg_request *req,
                                struct tcg_result *result)
{
    begin(t, host, req);
    *result = (struct tcg_result){0};
    if (req->capacity < host->max_insn_bytes)
        return STATUS_CACHE_FULL;
    void *workspace = alloc_workspace(t);
    if (!workspace)
        return STATUS_NO_MEMORY;
    ra_init(t);
    ra_init_rows(t);
    tcg_liveness(t);
    host->head(t);
    emit_block(t);
    tcg_emit_cold(t);
    free(workspace);
    result->counter_off = t->counter_off;
    result->size = tcg_buf_off(&t->a);
    result->exit_count = t->exit_count;
    result->map_count = t->map_count;
    result->reloc_count = t->a.reloc_count;
    return t->status;
}
