/* SPDX-License-Identifier: Apache-2.0 */
/* Exits: the pieces that tier 1 builds them from, whole exits for tier 2, and patching.
 *
 * I1  A patchable rel32 is 4-aligned and within one cache line, a block head 8-aligned: a store of it is atomic for
 * threads that fetch it as an instruction. I2  Every exit arrives with rsp % 16 == 8 and leaves so: a level of the
 * return stack is 16 bytes.
 */
#include "tcg/x86_64/internal.h"

void tcg_emit_link_stub(struct asm_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit)
{
    x_mov_ri(a, RAX, (uint64_t)(uintptr_t)exit);
    x_jmp_to(a, glue->exit_link);
}

void tcg_emit_push_return(struct asm_buf *a, gaddr_t pc)
{
    if (fits32((int64_t)pc)) {
        x_u8(a, 0x68), x_u32(a, (uint32_t)pc);
    } else {
        x_mov_ri(a, RCX, pc);
        x_u8(a, 0x50 + RCX);
    }
}

uint32_t tcg_emit_patchable(struct asm_buf *a, unsigned opcode, const uint8_t *base_rx, struct tcg_exit *exit)
{
    x_align_rel32(a, 1);
    x_u8(a, opcode);
    exit->jmp_off = (uint32_t)(asm_here(a) - base_rx);
    x_u32(a, 0);
    return (uint32_t)asm_off(a);
}

void tcg_emit_mode_check(struct asm_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit)
{
    if (!glue->modes)
        return;
    x_alu_mi(a, ALU_CMP, SZ32, CPU_MEM(mode), (int32_t)exit->mode);
    uint32_t same = x_jcc8(a, CC_E);
    x_mov_ri(a, RAX, exit->pc);
    x_jmp_to(a, glue->jump_ind);
    x_bind8(a, same);
}

uint32_t tcg_emit_poll(struct asm_buf *a)
{
    x_alu_mi(a, ALU_CMP, SZ32, CPU_MEM(pending), 0);
    return x_jcc(a, CC_NE);
}

uint32_t tcg_emit_stack_check(struct asm_buf *a)
{
    x_alu_rm(a, ALU_CMP, SZ64, RSP, CPU_MEM(jit_sp_limit));
    return x_jcc(a, CC_B);
}

/* ---- whole exits, for tier 2 ---- */

struct exit_ctx {
    struct asm_buf a;
    const uint8_t *base_rx;
    const struct tcg_glue *glue;
    struct tcg_exit *exit, *ret;
};

static void load_target(struct exit_ctx *c) { x_rm(&c->a, X_MOV_RM, 1, RAX, CPU_MEM(pc)); }

static void add_stub(struct exit_ctx *c, struct tcg_exit *exit, uint32_t after)
{
    x_bind(&c->a, after);
    exit->stub_off = (uint32_t)(asm_here(&c->a) - c->base_rx);
    tcg_emit_link_stub(&c->a, c->glue, exit);
}

static void add_poll_stub(struct exit_ctx *c, uint32_t from, bool indirect)
{
    if (!from)
        return;
    x_bind(&c->a, from);
    if (!indirect)
        x_mov_ri(&c->a, RAX, c->exit->pc);
    x_jmp_to(&c->a, c->glue->exit_poll);
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
    size_t level = asm_off(&c->a);
    tcg_emit_push_return(&c->a, c->ret->free_flags ? ~c->ret->pc : c->ret->pc);
    uint32_t call = tcg_emit_patchable(&c->a, 0xe8, c->base_rx, c->exit);
    x_alu_ri(&c->a, ALU_ADD, SZ64, RSP, 8);
    tcg_emit_mode_check(&c->a, c->glue, c->ret);
    uint32_t jmp = tcg_emit_patchable(&c->a, 0xe9, c->base_rx, c->ret);
    if (indirect) {
        c->exit->jmp_off = 0;
        x_bind(&c->a, call);
        tcg_emit_ibtc(&c->a, c->glue);
    } else {
        add_stub(c, c->exit, call);
    }
    add_stub(c, c->ret, jmp);
    x_bind(&c->a, full);
    x_rm(&c->a, X_MOV_RM, 1, RSP, CPU_MEM(jit_sp_base));
    x_jmp_off(&c->a, level);
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
    x_alu_rm(&c->a, ALU_CMP, SZ64, RAX, MEM(RSP, 8));
    x_u8(&c->a, 0x0f), x_branch_to(&c->a, 0x80 + CC_NE, c->glue->ret_miss);
    x_u8(&c->a, 0xc3);
}

static void exit_ret_matched(struct exit_ctx *c) { x_u8(&c->a, 0xc3); }

static void exit_lookup(struct exit_ctx *c)
{
    x_mov_ri(&c->a, RAX, c->exit->pc);
    x_jmp_to(&c->a, c->glue->modes ? c->glue->jump_ind : c->glue->exit_lookup);
}

static void exit_trap(struct exit_ctx *c)
{
    x_mov_ri(&c->a, RAX, c->exit->pc);
    x_store(&c->a, SZ64, CPU_MEM(pc), RAX);
    x_mov_ri(&c->a, RAX, c->exit->trap);
    x_jmp_to(&c->a, c->glue->exit_trap);
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
    return asm_off(&c.a);
}

size_t tcg_emit_region_entry(uint8_t *rw, const uint8_t *rx, size_t capacity, unsigned entry, const uint8_t *host)
{
    enum { MAX_ENTRY_BYTES = 16 };
    struct asm_buf a = {.p = rw, .start = rw, .end = rw + capacity, .rx = rx};
    if (capacity < MAX_ENTRY_BYTES)
        return 0;
    x_alu_ri(&a, ALU_ADD, SZ64, R13, (int32_t)entry);
    x_jmp_to(&a, host);
    return asm_off(&a);
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
