/* SPDX-License-Identifier: Apache-2.0 */
/* Exits: the pieces that tier 1 builds them from, whole exits for tier 2, and patching.
 *
 * I1  A patchable rel32 is 4-aligned and within one cache line, a block head 8-aligned: a store of it is atomic for
 * threads that fetch it as an instruction. I2  Every exit arrives with rsp % 16 == 8 and leaves so: a level of the
 * return stack is 16 bytes.
 */
#include "tcg/x86_64/internal.h"

void tcg_emit_link_stub(struct tcg_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit)
{
    hx_mov_ri(a, HX_RAX, (uint64_t)(uintptr_t)exit);
    hx_jmp_to(a, glue->exit_link);
}

void tcg_emit_push_return(struct tcg_buf *a, gaddr_t pc)
{
    if (tcg_fits32((int64_t)pc)) {
        hx_u8(a, 0x68), hx_u32(a, (uint32_t)pc);
    } else {
        hx_mov_ri(a, HX_RCX, pc);
        hx_u8(a, 0x50 + HX_RCX);
    }
}

uint32_t tcg_emit_patchable(struct tcg_buf *a, unsigned opcode, const uint8_t *base_rx, struct tcg_exit *exit)
{
    hx_align_rel32(a, 1);
    hx_u8(a, opcode);
    exit->jmp_off = (uint32_t)(tcg_buf_here(a) - base_rx);
    hx_u32(a, 0);
    return (uint32_t)tcg_buf_off(a);
}

void tcg_emit_mode_check(struct tcg_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit)
{
    if (!glue->modes)
        return;
    hx_alu_mi(a, HX_ALU_CMP, TCG_SZ32, HX_CPU(mode), (int32_t)exit->mode);
    uint32_t same = hx_jcc8(a, HX_CC_E);
    hx_mov_ri(a, HX_RAX, exit->pc);
    hx_jmp_to(a, glue->jump_ind);
    hx_bind8(a, same);
}

uint32_t tcg_emit_poll(struct tcg_buf *a)
{
    hx_alu_mi(a, HX_ALU_CMP, TCG_SZ32, HX_CPU(pending), 0);
    return hx_jcc(a, HX_CC_NE);
}

uint32_t tcg_emit_stack_check(struct tcg_buf *a)
{
    hx_alu_rm(a, HX_ALU_CMP, TCG_SZ64, HX_RSP, HX_CPU(jit_sp_limit));
    return hx_jcc(a, HX_CC_B);
}

/* ---- whole exits, for tier 2 ---- */

struct exit_ctx {
    struct tcg_buf a;
    const uint8_t *base_rx;
    const struct tcg_glue *glue;
    struct tcg_exit *exit, *ret;
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
    hx_jmp_to(&c->a, c->glue->exit_poll);
}

static void exit_direct(struct exit_ctx *c)
{
    uint32_t poll = c->exit->poll ? tcg_emit_poll(&c->a) : 0;
    uint32_t jmp = tcg_emit_patchable(&c->a, 0xe9, c->base_rx, c->exit);
    add_stub(c, c->exit, jmp);
    add_poll_stub(c, poll, false);
}

/* Both kinds of call: level, call, landing, then what is cold. */
static void exit_call(struct exit_ctx *c)
{
    bool indirect = c->exit->kind == TCG_EXIT_CALL_IND;
    if (indirect)
        load_target(c);
    uint32_t poll = c->exit->poll ? tcg_emit_poll(&c->a) : 0;
    uint32_t full = tcg_emit_stack_check(&c->a);
    size_t level = tcg_buf_off(&c->a);
    tcg_emit_push_return(&c->a, c->ret->free_flags ? ~c->ret->pc : c->ret->pc);
    uint32_t call = tcg_emit_patchable(&c->a, 0xe8, c->base_rx, c->exit);
    hx_alu_ri(&c->a, HX_ALU_ADD, TCG_SZ64, HX_RSP, 8);
    tcg_emit_mode_check(&c->a, c->glue, c->ret);
    uint32_t jmp = tcg_emit_patchable(&c->a, 0xe9, c->base_rx, c->ret);
    if (indirect) {
        c->exit->jmp_off = 0;
        hx_bind(&c->a, call);
        tcg_emit_ibtc(&c->a, c->glue);
    } else {
        add_stub(c, c->exit, call);
    }
    add_stub(c, c->ret, jmp);
    hx_bind(&c->a, full);
    hx_rm(&c->a, HX_MOV_RM, 1, HX_RSP, HX_CPU(jit_sp_base));
    hx_jmp_off(&c->a, level);
    add_poll_stub(c, poll, indirect);
}

static void exit_ind(struct exit_ctx *c)
{
    load_target(c);
    uint32_t poll = c->exit->poll ? tcg_emit_poll(&c->a) : 0;
    tcg_emit_ibtc(&c->a, c->glue);
    add_poll_stub(c, poll, true);
}

static void exit_ret(struct exit_ctx *c)
{
    load_target(c);
    hx_alu_rm(&c->a, HX_ALU_CMP, TCG_SZ64, HX_RAX, TCG_MEM(HX_RSP, 8));
    hx_u8(&c->a, 0x0f), hx_branch_to(&c->a, 0x80 + HX_CC_NE, c->glue->ret_miss);
    hx_u8(&c->a, 0xc3);
}

static void exit_ret_matched(struct exit_ctx *c) { hx_u8(&c->a, 0xc3); }

static void exit_lookup(struct exit_ctx *c)
{
    hx_mov_ri(&c->a, HX_RAX, c->exit->pc);
    hx_jmp_to(&c->a, c->glue->modes ? c->glue->jump_ind : c->glue->exit_lookup);
}

static void exit_trap(struct exit_ctx *c)
{
    hx_mov_ri(&c->a, HX_RAX, c->exit->pc);
    hx_store(&c->a, TCG_SZ64, HX_CPU(pc), HX_RAX);
    hx_mov_ri(&c->a, HX_RAX, c->exit->trap);
    hx_jmp_to(&c->a, c->glue->exit_trap);
}

size_t tcg_emit_exit(uint8_t *rw, const uint8_t *rx, size_t capacity, const uint8_t *base_rx,
                     const struct tcg_glue *glue, struct tcg_exit *exit, struct tcg_exit *ret)
{
    enum { MAX_EXIT_BYTES = 224 };
    static void (*const emitters[])(struct exit_ctx *) = {
        [TCG_EXIT_DIRECT] = exit_direct, [TCG_EXIT_CALL] = exit_call,     [TCG_EXIT_RETURN] = exit_direct,
        [TCG_EXIT_IND] = exit_ind,       [TCG_EXIT_CALL_IND] = exit_call, [TCG_EXIT_RET] = exit_ret,
        [TCG_EXIT_LOOKUP] = exit_lookup, [TCG_EXIT_TRAP] = exit_trap,     [TCG_EXIT_RET_MATCHED] = exit_ret_matched};
    struct exit_ctx c = {.a = {.p = rw, .start = rw, .end = rw + capacity, .rx = rx},
                         .base_rx = base_rx,
                         .glue = glue,
                         .exit = exit,
                         .ret = ret};
    if (capacity < MAX_EXIT_BYTES)
        return 0;
    exit->jmp_off = exit->stub_off = 0;
    emitters[exit->kind](&c);
    return tcg_buf_off(&c.a);
}

size_t tcg_emit_region_entry(uint8_t *rw, const uint8_t *rx, size_t capacity, unsigned entry, const uint8_t *host)
{
    enum { MAX_ENTRY_BYTES = 16 };
    struct tcg_buf a = {.p = rw, .start = rw, .end = rw + capacity, .rx = rx};
    if (capacity < MAX_ENTRY_BYTES)
        return 0;
    hx_alu_ri(&a, HX_ALU_ADD, TCG_SZ64, HX_R13, (int32_t)entry);
    hx_jmp_to(&a, host);
    return tcg_buf_off(&a);
}

/* ---- patching (I1) ---- */

void tcg_patch_exit(uint8_t *base_rw, const uint8_t *base_rx, const struct tcg_exit *exit, const uint8_t *target)
{
    const uint8_t *to = target ? target : base_rx + exit->stub_off;
    int32_t rel = (int32_t)(to - (base_rx + exit->jmp_off + 4));
    __atomic_store_n((int32_t *)(void *)(base_rw + exit->jmp_off), rel, __ATOMIC_RELEASE);
}

void tcg_patch_head(uint8_t *rw, const uint8_t *rx, const uint8_t *target, uint64_t *saved)
{
    uint64_t *head = (uint64_t *)(void *)rw, word;
    if (!target) {
        __atomic_store_n(head, *saved, __ATOMIC_RELEASE);
        return;
    }
    int32_t rel = (int32_t)(target - (rx + 5));
    uint8_t jmp[8] = {0xe9, 0, 0, 0, 0, 0x0f, 0x1f, 0x00};
    memcpy(jmp + 1, &rel, 4);
    memcpy(&word, jmp, 8);
    *saved = __atomic_load_n(head, __ATOMIC_RELAXED);
    __atomic_store_n(head, word, __ATOMIC_RELEASE);
}

/* xor eax, eax clears the sign flag, which the jump behind the head looks at; a nop of 6 bytes fills up. */
void tcg_stop_counter(uint8_t *rw)
{
    static const uint8_t stopped[8] = {0x31, 0xc0, 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00};
    uint64_t word;
    memcpy(&word, stopped, 8);
    __atomic_store_n((uint64_t *)(void *)rw, word, __ATOMIC_RELEASE);
}
