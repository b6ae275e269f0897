/* SPDX-License-Identifier: Apache-2.0 */
/* Atomic memory operations: locked instructions and compare-exchange loops for 32 and 64 bits, ir_eval for the rest.
 *
 * I1  Addresses are not fused here: an operation needs rax and a temporary beside base and value.
 */
#include "tcg/x86_64/internal.h"

enum { LOCK = 0xf0 };

static bool inline_width(const struct ir_insn *in, unsigned type)
{
    return ir_mem_type(in->aux) == type && (type == IR_I32 || type == IR_I64) && !(in->aux & IR_MEM_BIG);
}

static void locked(struct tcg *t, unsigned op, unsigned w, int reg, struct x_mem m)
{
    x_u8(&t->a, LOCK);
    x_rm(&t->a, op, w, reg, m);
}

static bool is_minmax(enum ir_amo op) { return op >= IR_AMO_MIN_S; }

/* tmp := old op value, for the loop; the condition under which the old value stays is in keep */
static void amo_combine(struct tcg *t, enum ir_amo op, unsigned size, int tmp, int value)
{
    static const uint8_t alu[IR_AMO_COUNT] = {[IR_AMO_AND] = ALU_AND, [IR_AMO_OR] = ALU_OR, [IR_AMO_XOR] = ALU_XOR};
    static const uint8_t replace[IR_AMO_COUNT] = {
        [IR_AMO_MIN_S] = CC_G, [IR_AMO_MAX_S] = CC_L, [IR_AMO_MIN_U] = CC_A, [IR_AMO_MAX_U] = CC_B};
    x_mov_rr(&t->a, size == SZ64, tmp, RAX);
    if (is_minmax(op)) {
        x_alu_rr(&t->a, ALU_CMP, size, tmp, value);
        x_cmov(&t->a, replace[op], size == SZ64, tmp, value);
    } else {
        x_alu_rr(&t->a, alu[op], size, tmp, value);
    }
}

static void amo_loop(struct tcg *t, const struct ir_insn *in)
{
    unsigned size = tcg_size(in->type);
    ra_take(t, RAX);
    struct x_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    int value = ra_use(t, in->arg[1]), tmp = ra_tmp(t, RC_GPR);
    x_rm(&t->a, X_MOV_RM, size == SZ64, RAX, m);
    size_t again = asm_off(&t->a);
    amo_combine(t, ir_amo_op(in->aux), size, tmp, value);
    locked(t, X_CMPXCHG, size == SZ64, tmp, m);
    x_bind_to(&t->a, x_jcc(&t->a, CC_NE), again);
    ra_def_in(t, RAX);
}

void tcg_emit_amo(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    enum ir_amo op = ir_amo_op(in->aux);
    tcg_check_aligned(t, in);
    if (!inline_width(in, in->type)) {
        tcg_fallback(t, in);
        return;
    }
    t->val[t->cur].flags |= VF_ZX;
    if (op != IR_AMO_XCHG && op != IR_AMO_ADD) {
        amo_loop(t, in);
        return;
    }
    unsigned w = in->type == IR_I64;
    struct x_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    int value = ra_use(t, in->arg[1]), tmp = ra_tmp(t, RC_GPR);
    x_mov_rr(&t->a, w, tmp, value);
    if (op == IR_AMO_XCHG)
        x_rm(&t->a, X_XCHG, w, tmp, m);
    else
        locked(t, X_XADD, w, tmp, m);
    ra_def_in(t, tmp);
}

void tcg_emit_cas(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    ir_ref expected = in->arg[1];
    tcg_check_aligned(t, in);
    if (!inline_width(in, in->type)) {
        tcg_fallback(t, in);
        return;
    }
    ra_take_copy(t, RAX, expected, expected == in->arg[0] || expected == in->arg[2]);
    struct x_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    int desired = ra_use(t, in->arg[2]);
    locked(t, X_CMPXCHG, in->type == IR_I64, desired, m);
    ra_def_in(t, RAX);
}

/* Load reserved, store conditional: out of line, where the versions of reserved places are kept (src/ir/interp/interp_mem.c
 * I3). Loops that are one atomic operation never get here: the frontends recognise them. */
void tcg_emit_reserved(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    tcg_check_aligned(t, in);
    tcg_fallback(t, in);
}
