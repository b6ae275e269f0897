/* SPDX-License-Identifier: Apache-2.0 */
/* Atomic memory operations: locked instructions and compare-exchange loops, ir_eval for minima and maxima of less than
 * 32 bits and for 128.
 *
 * I1  Addresses are not fused here: an operation needs rax and a temporary beside base and value.
 * I2  Of narrow values the low bits count; what the host leaves above them is no zero extension.
 */
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/x86_64/asm.h"
#include "tcg/x86_64/emit_call.h"
#include "tcg/x86_64/emitters.h"
#include "tcg/x86_64/operand.h"

enum { LOCK = 0xf0 };

static bool is_narrow(const struct ir_insn *in) { return in->type == IR_I8 || in->type == IR_I16; }

static bool inline_width(const struct ir_insn *in, unsigned type)
{
    return ir_mem_type(in->aux) == type && (type == IR_I32 || type == IR_I64 || is_narrow(in)) &&
           !(in->aux & IR_MEM_BIG);
}

/* The instruction op, whose forms for 8 and 16 bits are those given; xchg locks by itself. */
static void locked(struct tcg *t, const struct ir_insn *in, unsigned op, unsigned op8, unsigned op16, int reg,
                   struct tcg_mem m)
{
    if (op != HX_XCHG)
        hx_u8(&t->a, LOCK);
    hx_rm(&t->a, in->type == IR_I8 ? op8 : in->type == IR_I16 ? op16 : op, in->type == IR_I64, reg, m);
}

static void compare_exchange(struct tcg *t, const struct ir_insn *in, int desired, struct tcg_mem m)
{
    locked(t, in, HX_CMPXCHG, HX_CMPXCHG8, HX_CMPXCHG16, desired, m);
}

static void load_old(struct tcg *t, const struct ir_insn *in, struct tcg_mem m)
{
    unsigned narrow = in->type == IR_I8 ? HX_MOVZX8 : HX_MOVZX16;
    hx_rm(&t->a, is_narrow(in) ? narrow : HX_MOV_RM, in->type == IR_I64, HX_RAX, m);
}

static bool is_minmax(enum ir_amo op) { return op >= IR_AMO_MIN_S; }

/* tmp := old op value, for the loop; the condition under which the old value stays is in keep */
static void amo_combine(struct tcg *t, enum ir_amo op, unsigned size, int tmp, int value)
{
    static const uint8_t alu[IR_AMO_COUNT] = {
        [IR_AMO_AND] = HX_ALU_AND, [IR_AMO_OR] = HX_ALU_OR, [IR_AMO_XOR] = HX_ALU_XOR};
    static const uint8_t replace[IR_AMO_COUNT] = {
        [IR_AMO_MIN_S] = HX_CC_G, [IR_AMO_MAX_S] = HX_CC_L, [IR_AMO_MIN_U] = HX_CC_A, [IR_AMO_MAX_U] = HX_CC_B};
    hx_mov_rr(&t->a, size == TCG_SZ64, tmp, HX_RAX);
    if (is_minmax(op)) {
        hx_alu_rr(&t->a, HX_ALU_CMP, size, tmp, value);
        hx_cmov(&t->a, replace[op], size == TCG_SZ64, tmp, value);
    } else {
        hx_alu_rr(&t->a, alu[op], size, tmp, value);
    }
}

static void amo_loop(struct tcg *t, const struct ir_insn *in)
{
    unsigned size = in->type == IR_I64 ? TCG_SZ64 : TCG_SZ32;
    ra_take(t, HX_RAX);
    struct tcg_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    int value = ra_use(t, in->arg[1]), tmp = ra_tmp(t, TCG_RC_GPR);
    load_old(t, in, m);
    size_t again = tcg_buf_off(&t->a);
    amo_combine(t, ir_amo_op(in->aux), size, tmp, value);
    compare_exchange(t, in, tmp, m);
    hx_bind_to(&t->a, hx_jcc(&t->a, HX_CC_NE), again);
    ra_def_in(t, HX_RAX);
}

void tcg_emit_amo(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    enum ir_amo op = ir_amo_op(in->aux);
    tcg_check_aligned(t, in);
    if (!inline_width(in, in->type) || (is_narrow(in) && is_minmax(op))) {
        tcg_fallback(t, in);
        return;
    }
    t->val[t->cur].flags |= is_narrow(in) ? 0 : TCG_VF_ZX; /* I2 */
    if (op != IR_AMO_XCHG && op != IR_AMO_ADD) {
        amo_loop(t, in);
        return;
    }
    unsigned w = in->type == IR_I64;
    struct tcg_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    int value = ra_use(t, in->arg[1]), tmp = ra_tmp(t, TCG_RC_GPR);
    hx_mov_rr(&t->a, w, tmp, value);
    if (op == IR_AMO_XCHG)
        locked(t, in, HX_XCHG, HX_XCHG8, HX_XCHG16, tmp, m);
    else
        locked(t, in, HX_XADD, HX_XADD8, HX_XADD16, tmp, m);
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
    ra_take_copy(t, HX_RAX, expected, expected == in->arg[0] || expected == in->arg[2]);
    struct tcg_mem m = tcg_address(t, in->arg[0], (int64_t)in->imm);
    int desired = ra_use(t, in->arg[2]);
    compare_exchange(t, in, desired, m);
    ra_def_in(t, HX_RAX);
}

/* Load reserved, store conditional: out of line, where the versions of reserved places are kept (I3 of
 * src/ir/interp/interp_mem.c). Loops that are one atomic operation never get here: the frontends recognise them. */
void tcg_emit_reserved(struct tcg *t, const struct ir_insn *in, unsigned param)
{
    tcg_check_aligned(t, in);
    tcg_fallback(t, in);
}
