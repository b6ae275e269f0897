/* SPDX-License-Identifier: Apache-2.0 */
/* tcg_translate: one block from IR to host code.
 *
 * Layout:  [entry counter] [check of the guest code] hot code | cold code: stubs of exits, polls, rare cases, data
 *
 * I1  The counter head is 8 bytes at the block's start (8-aligned), so that one store replaces it (exits.c).
 * I2  Before each instruction and each piece of cold code there is room for what it can emit at most (MAX_INSN_BYTES).
 * I3  After a failure (status not OK) emission goes on harmlessly until the loop sees it.
 */
#include <stdlib.h>

#include "tcg/x86_64/internal.h"

enum { MAX_INSN_BYTES = 1536 };

void tcg_fail(struct tcg *t, enum status s)
{
    if (t->status == STATUS_OK)
        t->status = s;
}

struct tcg_cold *tcg_cold_add(struct tcg *t, void (*emit)(struct tcg *, const struct tcg_cold *), uint32_t from)
{
    if (t->cold_count == t->cold_max) {
        tcg_fail(t, STATUS_TOO_LARGE);
        t->cold_count--;
    }
    struct tcg_cold *c = &t->cold[t->cold_count++];
    *c = (struct tcg_cold){.emit = emit, .from = from};
    return c;
}

static void cold_hot(struct tcg *t, const struct tcg_cold *c)
{
    hx_mov_ri(&t->a, HX_RAX, t->block->pc);
    hx_store(&t->a, TCG_SZ64, HX_CPU(pc), HX_RAX);
    hx_mov_ri(&t->a, HX_RAX, t->req->counter_arg);
    hx_jmp_to(&t->a, t->glue->exit_hot);
}

/* sub dword [counter], 1 in 8 bytes; js */
static void emit_counter(struct tcg *t)
{
    hx_u8(&t->a, 0x40); /* a REX prefix without effect fills the eighth byte */
    hx_alu_mi(&t->a, HX_ALU_SUB, TCG_SZ32, HX_ADDR(t->req->counter), 1);
    tcg_cold_add(t, cold_hot, hx_jcc(&t->a, HX_CC_S));
}

static void cold_changed(struct tcg *t, const struct tcg_cold *c)
{
    tcg_emit_trap_exit(t, IR_TRAP_ICACHE_SYNC, t->block->pc);
}

/* Compares the guest code with the copy, 4 bytes at a time; the copy goes into the instructions. */
static void emit_code_check(struct tcg *t)
{
    uint32_t bytes = t->block->guest_bytes;
    if (tcg_buf_room(&t->a) < MAX_INSN_BYTES + bytes * 14 || bytes / 4 + 4 > t->cold_max / 2) {
        tcg_fail(t, bytes > 4096 ? STATUS_TOO_LARGE : STATUS_CACHE_FULL);
        return;
    }
    hx_mov_ri(&t->a, HX_RAX, t->block->pc);
    struct tcg_cold *last = NULL;
    for (uint32_t at = 0; at < bytes;) {
        unsigned size = bytes - at >= 4 ? TCG_SZ32 : bytes - at >= 2 ? TCG_SZ16 : TCG_SZ8;
        int32_t want = 0;
        memcpy(&want, t->req->check_code + at, 1u << size);
        hx_alu_mi(&t->a, HX_ALU_CMP, size, TCG_MEM(HX_RAX, at), want);
        uint32_t from = hx_jcc(&t->a, HX_CC_NE);
        if (last && !last->from2)
            last->from2 = from;
        else
            last = tcg_cold_add(t, cold_changed, from);
        at += 1u << size;
    }
}

static void init_pins(struct tcg *t)
{
    const struct ir_state *s = t->block->state;
    memset(t->row_pin, -1, s->count * sizeof *t->row_pin);
    memset(t->row_val, 0xff, s->count * sizeof *t->row_val);
    for (unsigned k = 0; k < CPU_PINNED_GPRS + CPU_PINNED_FPRS; k++) {
        bool fp = k >= CPU_PINNED_GPRS;
        unsigned n = fp ? k - CPU_PINNED_GPRS : k;
        if (n >= (fp ? s->pinned_fpr_count : s->pinned_gpr_count))
            continue;
        unsigned row = fp ? s->pinned_fpr[n] : s->pinned_gpr[n];
        t->row_pin[row] = (int8_t)t->pin_count;
        t->pin[t->pin_count] = (struct tcg_pin){.reg = fp ? tcg_pinned_fprs[n] : tcg_pinned_gprs[n],
                                                .row = (uint16_t)row,
                                                .disp = s->rows[row].offset,
                                                .value = IR_NO_REF};
        t->pinned_mask |= 1u << t->pin[t->pin_count++].reg;
    }
    t->scratch_xmm = (0xffffu << HX_XMM0) & ~t->pinned_mask;
}

static bool room(struct tcg *t)
{
    if (tcg_buf_room(&t->a) < MAX_INSN_BYTES)
        tcg_fail(t, STATUS_CACHE_FULL);
    return t->status == STATUS_OK;
}

static void emit_block(struct tcg *t)
{
    for (uint32_t i = 0; i < t->block->count && room(t); i++) {
        const struct ir_insn *in = &t->insns[i];
        if (t->val[i].flags & (TCG_VF_FUSED | TCG_VF_CONST))
            continue;
        t->cur = (ir_ref)i;
        xs_before(t, in);
        tcg_ops[in->op].emit(t, in, tcg_ops[in->op].param);
        if (tcg_effects(in) & (IR_FX_WSTATE | IR_FX_WMEM))
            t->insn_clean = false;
        ra_end(t);
    }
}

static void emit_cold(struct tcg *t)
{
    for (unsigned k = 0; k < t->cold_count && room(t); k++) {
        const struct tcg_cold *c = &t->cold[k];
        if (c->from)
            hx_bind(&t->a, c->from);
        if (c->from2)
            hx_bind(&t->a, c->from2);
        c->emit(t, c);
    }
}

/* One allocation holds the arrays, whose size depends on the block. */
static void *alloc_workspace(struct tcg *t)
{
    size_t count = t->block->count, rows = t->block->state->count;
    t->cold_max = (unsigned)(2 * count + t->block->guest_bytes / 2 + 32);
    size_t val_bytes = count * sizeof *t->val, cold_bytes = t->cold_max * sizeof *t->cold;
    uint8_t *p = malloc(val_bytes + cold_bytes + rows * (sizeof *t->row_val + sizeof *t->row_pin));
    if (!p)
        return NULL;
    t->cold = (struct tcg_cold *)(void *)p;
    t->val = (struct tcg_val *)(void *)(p + cold_bytes);
    t->row_val = (ir_ref *)(void *)(p + cold_bytes + val_bytes);
    t->row_pin = (int8_t *)(t->row_val + rows);
    return p;
}

static void emit_all(struct tcg *t, struct tcg_result *result)
{
    ra_init(t);
    init_pins(t);
    tcg_liveness(t);
    xs_init(t);
    if (t->req->counter)
        emit_counter(t);
    result->body_off = (uint32_t)tcg_buf_off(&t->a);
    if (t->req->check_code)
        emit_code_check(t);
    emit_block(t);
    emit_cold(t);
}

enum status tcg_translate(const struct tcg_request *req, struct tcg_result *result)
{
    struct tcg t = {.a = {.p = req->rw, .start = req->rw, .end = req->rw + req->capacity, .rx = req->rx},
                    .req = req,
                    .glue = req->glue,
                    .block = req->block,
                    .insns = req->block->insns,
                    .features = req->glue->features};
    *result = (struct tcg_result){0};
    if (req->capacity < MAX_INSN_BYTES)
        return STATUS_CACHE_FULL;
    void *workspace = alloc_workspace(&t);
    if (!workspace)
        return STATUS_NO_MEMORY;
    emit_all(&t, result);
    free(workspace);
    result->size = tcg_buf_off(&t.a);
    result->exit_count = t.exit_count;
    result->map_count = t.map_count;
    return t.status;
}
