/* SPDX-License-Identifier: Apache-2.0 */
/* Whole exits, to which tier-2 code jumps. */
#include "tcg/x86_64/exit_parts.h"
#include "tcg/x86_64/regs.h"

struct exit_ctx {
    struct tcg_buf a;
    const uint8_t *base_rx;
    const struct tcg_glue *glue;
    struct tcg_exit *exit, *ret;
    const uint8_t *inner;
};

static void load_target(struct exit_ctx *c) { hx_rm(&c->a, HX_MOV_RM, 1, HX_RAX, HX_CPU(pc)); }

static void add_stub(struct exit_ctx *c, struct tcg_exit *exit, uint32_t after)
{
    hx_bind(&c->a, after);
    exit->stub_off = (uint32_t)(tcg_buf_here(&c->a) - c->base_rx);
    tcg_emit_link_stub(&c->a, c->glue, exit);
}

static void add_poll_stub(struct exit_ctx *c, uint32_t from, bool indirect)
{
    if (!from)
        return;
    hx_bind(&c->a, from);
    if (!indirect)
        hx_mov_ri(&c->a, HX_RAX, c->exit->pc);
    hx_call_to(&c->a, c->glue->exit_poll);
}

/* exit_NAME for each row of exits.def; a missing one does not build. */

static void exit_DIRECT(struct exit_ctx *c)
{
    uint32_t poll = c->exit->poll ? tcg_emit_poll(&c->a) : 0;
    uint32_t jmp = tcg_emit_patchable(&c->a, 0xe9, c->base_rx, c->exit);
    add_stub(c, c->exit, jmp);
    add_poll_stub(c, poll, false);
}

static void exit_LANDING(struct exit_ctx *c) { exit_DIRECT(c); }

static void exit_POLL(struct exit_ctx *c)
{
    c->exit->poll = true;
    exit_DIRECT(c);
}

/* Begins a level. Label of where a full stack is emptied, and in *again where it goes on then. */
static uint32_t begin_level(struct exit_ctx *c, size_t *again)
{
    uint32_t full = tcg_emit_stack_check(&c->a);
    *again = tcg_buf_off(&c->a);
    tcg_emit_push_return(&c->a, c->ret->free_flags ? ~c->ret->pc : c->ret->pc);
    return full;
}

/* Behind the call. Label of the jump to the block at the return address. */
static uint32_t land(struct exit_ctx *c)
{
    hx_alu_ri(&c->a, HX_ALU_ADD, TCG_SZ64, HX_RSP, 8);
    tcg_emit_mode_check(&c->a, c->glue, c->ret);
    return tcg_emit_patchable(&c->a, 0xe9, c->base_rx, c->ret);
}

static void add_full(struct exit_ctx *c, uint32_t full, size_t again)
{
    hx_bind(&c->a, full);
    hx_rm(&c->a, HX_MOV_RM, 1, HX_RSP, HX_CPU(jit_sp_base));
    hx_jmp_off(&c->a, again);
}

static void exit_LEVEL(struct exit_ctx *c)
{
    size_t again;
    uint32_t full = begin_level(c, &again);
    hx_call_to(&c->a, c->inner);
    add_stub(c, c->ret, land(c));
    add_full(c, full, again);
}

/* Both kinds of call: level, call, landing, then what is cold. */
static void exit_CALL(struct exit_ctx *c)
{
    bool indirect = c->exit->kind == IR_EXIT_CALL_IND;
    size_t level;
    if (indirect)
        load_target(c);
    uint32_t poll = c->exit->poll ? tcg_emit_poll(&c->a) : 0;
    uint32_t full = begin_level(c, &level);
    uint32_t call = tcg_emit_patchable(&c->a, 0xe8, c->base_rx, c->exit), jmp = land(c);
    if (indirect) {
        c->exit->jmp_off = 0;
        hx_bind(&c->a, call);
        tcg_emit_ibtc(&c->a, c->glue, c->exit->mode);
    } else {
        add_stub(c, c->exit, call);
    }
    add_stub(c, c->ret, jmp);
    add_full(c, full, level);
    add_poll_stub(c, poll, indirect);
}

static void exit_CALL_IND(struct exit_ctx *c) { exit_CALL(c); }

static void exit_IND(struct exit_ctx *c)
{
    load_target(c);
    uint32_t poll = c->exit->poll ? tcg_emit_poll(&c->a) : 0;
    if (c->exit->kind == IR_EXIT_IND_MODE)
        hx_jmp_to(&c->a, c->glue->jump_ind);
    else
        tcg_emit_ibtc(&c->a, c->glue, c->exit->mode);
    add_poll_stub(c, poll, true);
}

static void exit_IND_MODE(struct exit_ctx *c) { exit_IND(c); }

static void exit_RET(struct exit_ctx *c)
{
    load_target(c);
    hx_alu_rm(&c->a, HX_ALU_CMP, TCG_SZ64, HX_RAX, TCG_MEM(HX_RSP, 8));
    hx_u8(&c->a, 0x0f), hx_branch_to(&c->a, 0x80 + HX_CC_NE, c->glue->ret_miss);
    hx_u8(&c->a, 0xc3);
}

static void exit_RET_MATCHED(struct exit_ctx *c) { hx_u8(&c->a, 0xc3); }

static void exit_LOOKUP(struct exit_ctx *c)
{
    hx_mov_ri(&c->a, HX_RAX, c->exit->pc);
    hx_jmp_to(&c->a, c->glue->modes ? c->glue->jump_ind : c->glue->exit_lookup);
}

static void exit_TRAP(struct exit_ctx *c) { tcg_emit_trap_exit(&c->a, c->glue, c->exit->trap, c->exit->pc); }

void tcg_emit_edges(uint8_t *code, const struct tcg_edge *edges, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t *at = code + (size_t)i * TCG_EDGE_BYTES;
        struct tcg_buf a = {.p = at, .start = at, .end = at + TCG_EDGE_BYTES, .rx = at};
        hx_rm(&a, HX_GRP5, 1, 0, HX_ADDR(&edges[i].count));  /* inc */
        hx_rm(&a, HX_GRP5, 0, 4, HX_ADDR(&edges[i].target)); /* jmp */
        assert(tcg_buf_off(&a) <= TCG_EDGE_BYTES);
    }
}

size_t tcg_emit_exit(uint8_t *rw, const uint8_t *rx, size_t capacity, const uint8_t *base_rx,
                     const struct tcg_glue *glue, struct tcg_exit *exit, struct tcg_exit *ret, const uint8_t *inner)
{
    static void (*const emitters[IR_EXIT_COUNT])(struct exit_ctx *) = {
#define EXIT(name, text, target, calls) [IR_EXIT_##name] = exit_##name,
#include "src/ir/exits.def"
    };
    struct exit_ctx c = {.a = {.p = rw, .start = rw, .end = rw + capacity, .rx = rx},
                         .base_rx = base_rx,
                         .glue = glue,
                         .exit = exit,
                         .ret = ret,
                         .inner = inner};
    if (capacity < TCG_EXIT_BYTES)
        return 0;
    exit->jmp_off = exit->stub_off = 0;
    emitters[exit->kind](&c);
    assert(tcg_buf_off(&c.a) <= TCG_EXIT_BYTES);
    return tcg_buf_off(&c.a);
}
