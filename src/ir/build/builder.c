/* SPDX-License-Identifier: Apache-2.0 */
/* The builder: appends instructions to a growing list in the arena. Every instruction is simplified first, so the
 * forward optimizations happen while the frontend lifts and cost no pass of their own.
 *
 * I1  A list that reached IR_MAX_INSNS stays there (its last element is overwritten) and cannot be sealed.
 */
#include "src/ir/build/builder.h"

#include <assert.h>
#include <string.h>

#include "src/ir/int_ops.h"

/* --- appending --- */

static void grow(struct ir_builder *b)
{
    struct ir_insn *old = b->insns;
    b->insns = arena_alloc_raw(b->arena, 2 * b->capacity * sizeof *old);
    memcpy(b->insns, old, b->count * sizeof *old);
    b->capacity *= 2;
}

static struct ir_insn *next_slot(struct ir_builder *b)
{
    assert(!b->ended);
    if (b->count == b->capacity)
        grow(b);
    if (b->count == IR_MAX_INSNS)
        b->count--; /* I1 */
    return &b->insns[b->count];
}

/* in may change. */
static ir_ref simplify_or_append(struct ir_builder *b, struct ir_insn *in)
{
    ir_ref same = b->simplify(b, in);
    if (same == IR_DROPPED)
        return IR_NO_REF;
    if (same != IR_NO_REF)
        return same;
    *next_slot(b) = *in;
    b->ended = ir_op_facts[in->op].effects & IR_FX_END;
    return (ir_ref)b->count++;
}

/* Constants are the most frequent instructions: written in place, no rule and no copy (a copy would have to wait for
 * the stores of the fields). */
static ir_ref append_const(struct ir_builder *b, enum ir_type type, uint64_t lo, uint64_t hi)
{
    struct ir_insn *in = next_slot(b);
    in->op = IR_CONST, in->type = type, in->aux = 0, in->imm = lo;
    in->arg[0] = (ir_ref)hi, in->arg[1] = (ir_ref)(hi >> 16), in->arg[2] = (ir_ref)(hi >> 32),
    in->arg[3] = (ir_ref)(hi >> 48);
    return (ir_ref)b->count++;
}

ir_ref ir_emit(struct ir_builder *b, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a0, ir_ref a1, ir_ref a2,
               uint64_t imm)
{
    struct ir_insn in = {op, type, aux, {a0, a1, a2, IR_NO_REF}, imm};
    return simplify_or_append(b, &in);
}

/* --- values --- */

enum ir_type ir_type_of(const struct ir_builder *b, ir_ref v) { return ir_insn_result_type(&b->insns[v]); }

bool ir_is_const(const struct ir_builder *b, ir_ref v, uint64_t *bits)
{
    if (b->insns[v].op != IR_CONST)
        return false;
    *bits = b->insns[v].imm;
    return true;
}

ir_ref ir_const(struct ir_builder *b, enum ir_type type, uint64_t bits)
{
    unsigned width = ir_type_bits(type);
    if (width > 64)
        return ir_const128(b, type, bits, 0);
    return append_const(b, type, bits & (uint64_t)int_mask(width), UINT64_MAX); /* no operands */
}

ir_ref ir_const128(struct ir_builder *b, enum ir_type type, uint64_t lo, uint64_t hi)
{
    if (ir_type_bits(type) <= 64)
        return ir_const(b, type, lo);
    return append_const(b, type, lo, hi);
}

ir_ref ir_un(struct ir_builder *b, enum ir_op op, ir_ref a)
{
    return ir_emit(b, op, ir_type_of(b, a), 0, a, IR_NO_REF, IR_NO_REF, 0);
}

ir_ref ir_bin(struct ir_builder *b, enum ir_op op, ir_ref a, ir_ref c)
{
    return ir_emit(b, op, ir_type_of(b, a), 0, a, c, IR_NO_REF, 0);
}

ir_ref ir_bini(struct ir_builder *b, enum ir_op op, ir_ref a, uint64_t imm)
{
    return ir_bin(b, op, a, ir_const(b, ir_type_of(b, a), imm));
}

ir_ref ir_conv(struct ir_builder *b, enum ir_op op, enum ir_type to, ir_ref a)
{
    if (to == ir_type_of(b, a))
        return a;
    return ir_emit(b, op, to, 0, a, IR_NO_REF, IR_NO_REF, 0);
}

ir_ref ir_icmp(struct ir_builder *b, enum ir_cond cond, ir_ref a, ir_ref c)
{
    return ir_emit(b, IR_ICMP, ir_type_of(b, a), cond, a, c, IR_NO_REF, 0);
}

ir_ref ir_select(struct ir_builder *b, ir_ref cond, ir_ref a, ir_ref c)
{
    return ir_emit(b, IR_SELECT, ir_type_of(b, a), 0, cond, a, c, 0);
}

ir_ref ir_fp(struct ir_builder *b, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a0, ir_ref a1, ir_ref a2)
{
    return ir_emit(b, op, type, aux, a0, a1, a2, 0);
}

ir_ref ir_fcmp(struct ir_builder *b, unsigned fcond, ir_ref a, ir_ref c)
{
    return ir_emit(b, IR_FCMP, ir_type_of(b, a), (uint16_t)fcond, a, c, IR_NO_REF, 0);
}

/* --- state and memory --- */

ir_ref ir_fflags(struct ir_builder *b) { return ir_emit(b, IR_FFLAGS, IR_I32, 0, IR_NO_REF, IR_NO_REF, IR_NO_REF, 0); }

ir_ref ir_get(struct ir_builder *b, unsigned row)
{
    return ir_emit(b, IR_GET, (enum ir_type)b->state->rows[row].type, 0, IR_NO_REF, IR_NO_REF, IR_NO_REF, row);
}

void ir_put(struct ir_builder *b, unsigned row, ir_ref v)
{
    ir_emit(b, IR_PUT, (enum ir_type)b->state->rows[row].type, 0, v, IR_NO_REF, IR_NO_REF, row);
}

ir_ref ir_ld(struct ir_builder *b, enum ir_type type, uint16_t mem, ir_ref addr, int64_t offset)
{
    return ir_emit(b, IR_LD, type, mem, addr, IR_NO_REF, IR_NO_REF, (uint64_t)offset);
}

void ir_st(struct ir_builder *b, uint16_t mem, ir_ref addr, int64_t offset, ir_ref value)
{
    ir_emit(b, IR_ST, ir_type_of(b, value), mem, addr, value, IR_NO_REF, (uint64_t)offset);
}

ir_ref ir_amo(struct ir_builder *b, enum ir_amo op, uint16_t mem, ir_ref addr, ir_ref value)
{
    return ir_emit(b, IR_AMO, ir_type_of(b, value), (uint16_t)(mem | op << IR_AMO_SHIFT), addr, value, IR_NO_REF, 0);
}

ir_ref ir_cas(struct ir_builder *b, uint16_t mem, ir_ref addr, ir_ref expected, ir_ref desired)
{
    return ir_emit(b, IR_CAS, ir_type_of(b, expected), mem, addr, expected, desired, 0);
}

ir_ref ir_call(struct ir_builder *b, const struct ir_helper *helper, ir_ref a0, ir_ref a1, ir_ref a2, ir_ref a3)
{
    struct ir_insn in = {IR_CALL, helper->result, 0, {a0, a1, a2, a3}, (uint64_t)(uintptr_t)helper};
    return simplify_or_append(b, &in);
}

/* --- structure --- */

static void emit_mark(struct ir_builder *b, enum ir_op op, unsigned aux, ir_ref a, uint64_t imm)
{
    ir_emit(b, op, IR_VOID, (uint16_t)aux, a, IR_NO_REF, IR_NO_REF, imm);
}

void ir_note_bytes(struct ir_builder *b, uint64_t bytes)
{
    if (bytes > b->guest_bytes)
        b->guest_bytes = (uint32_t)bytes;
}

void ir_insn_start(struct ir_builder *b, gaddr_t pc, unsigned bytes)
{
    b->guest_insns++;
    ir_note_bytes(b, pc + bytes - b->pc);
    emit_mark(b, IR_INSN, bytes, IR_NO_REF, pc);
}

void ir_call_hint(struct ir_builder *b, gaddr_t return_pc) { emit_mark(b, IR_CALL_HINT, 0, IR_NO_REF, return_pc); }

void ir_dead_flags(struct ir_builder *b, uint32_t mask) { emit_mark(b, IR_DEAD_FLAGS, 0, IR_NO_REF, mask); }

void ir_exit_if(struct ir_builder *b, ir_ref cond, gaddr_t target)
{
    emit_mark(b, IR_EXIT_IF, IR_HINT_NONE, cond, target);
}

void ir_exit_if_mode(struct ir_builder *b, ir_ref cond, gaddr_t target)
{
    emit_mark(b, IR_EXIT_IF, IR_HINT_MODE, cond, target);
}

void ir_trap_if(struct ir_builder *b, ir_ref cond, enum ir_trap trap, gaddr_t pc)
{
    emit_mark(b, IR_TRAP_IF, trap, cond, pc);
}

void ir_jump(struct ir_builder *b, enum ir_hint hint, gaddr_t target)
{
    emit_mark(b, IR_JUMP, hint, IR_NO_REF, target);
}

void ir_jump_reg(struct ir_builder *b, enum ir_hint hint, ir_ref target) { emit_mark(b, IR_JUMP_REG, hint, target, 0); }

void ir_trap(struct ir_builder *b, enum ir_trap trap, gaddr_t pc) { emit_mark(b, IR_TRAP, trap, IR_NO_REF, pc); }
