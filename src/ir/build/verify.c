/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a block against the signatures of its operations and the invariants of ir.h. For debug builds and tests: what
 * passes here can be executed by every executor without further checks.
 */
#include "src/ir/build/verify.h"

#include <stdarg.h>
#include <stdio.h>

#include "src/ir/state.h"
#include "src/ir/text/text.h"

struct verifier {
    const struct ir_block *block;
    uint32_t at;
    const struct ir_insn *in;
    char *message;
    size_t size;
};

static bool __attribute__((format(printf, 2, 3))) fail(struct verifier *v, const char *fmt, ...)
{
    va_list ap;
    int n = snprintf(v->message, v->size, "%%%u %s: ", v->at, v->in ? ir_op_infos[v->in->op].text : "");
    if (n > 0 && (size_t)n < v->size) {
        va_start(ap, fmt);
        vsnprintf(v->message + n, v->size - (size_t)n, fmt, ap);
        va_end(ap);
    }
    return false;
}

/* --- classes of types --- */

static bool is_elem(unsigned t) { return (t >= IR_I8 && t <= IR_I64) || t == IR_F32 || t == IR_F64; }

static enum ir_type arg_type(const struct verifier *v, unsigned i)
{
    return ir_insn_result_type(&v->block->insns[v->in->arg[i]]);
}

/* Does type t of operand i fit the letter of a signature? */
static bool fits(const struct verifier *v, char letter, unsigned t)
{
    switch (letter) {
    case 'T':
        return t == v->in->type;
    case 'B':
        return t == IR_I1;
    case 'A':
        return t == IR_I64;
    case 'I':
        return ir_type_is_int(t) || t == IR_I1;
    case 'F':
        return ir_type_is_float(t);
    case 'V':
        return ir_type_is_vector(t);
    case 'C':
        return t == IR_I8;
    case '*':
        return t != IR_VOID;
    default:
        return false;
    }
}

/* A packed FP operation: the letters of its signature are those of the scalar one. */
static bool on_elements(const struct ir_insn *in)
{
    return ir_op_facts[in->op].aux == IR_AUX_FP && ir_fp_elem(in->aux);
}

static bool check_operands(struct verifier *v)
{
    const struct ir_insn *in = v->in;
    const char *sig = ir_op_infos[in->op].sig + 2;
    for (unsigned i = 0, n = ir_insn_arg_count(in); i < n; i++) {
        if (in->arg[i] >= v->at)
            return fail(v, "operand %u is not an earlier value", i);
        if (!fits(v, on_elements(in) ? 'T' : sig[i], arg_type(v, i)))
            return fail(v, "operand %u has type %s", i, ir_type_name(arg_type(v, i)));
    }
    if (in->type >= IR_TYPE_COUNT)
        return fail(v, "no such type");
    return true;
}

/* --- what aux and imm may be --- */

static bool check_words(struct verifier *v)
{
    const struct ir_aux_fields *table = &ir_aux_tables[ir_op_facts[v->in->op].aux];
    for (unsigned i = 0; i < table->count; i++) {
        const struct ir_aux_field *f = &table->fields[i];
        unsigned value = v->in->aux >> f->shift & ((1u << f->bits) - 1);
        bool known = f->words ? value < f->word_count : value == 0 || f->name[0] != 'b';
        if (!known)
            return fail(v, "aux field %s has value %u", f->name, value);
    }
    return true;
}

static bool check_memory(struct verifier *v)
{
    enum ir_type mem = ir_mem_type(v->in->aux);
    unsigned type = v->in->type;
    if (ir_type_bits(mem) < 8)
        return fail(v, "no memory type");
    bool same = mem == type || (mem == IR_F64 && type == IR_I64) || (mem == IR_F32 && type == IR_I32) ||
                (mem == IR_I64 && type == IR_F64) || (mem == IR_I32 && type == IR_F32);
    bool narrower = ir_type_is_int(mem) && ir_type_is_int(type) && ir_type_bits(mem) < ir_type_bits((enum ir_type)type);
    if (!same && !narrower)
        return fail(v, "memory type %s with value type %s", ir_type_name(mem), ir_type_name((enum ir_type)type));
    if (v->in->op != IR_LD && v->in->op != IR_ST && !ir_type_is_int(mem))
        return fail(v, "atomic access of type %s", ir_type_name(mem));
    return true;
}

/* x87: f80 and what it is converted from and to */
static bool check_x87(struct verifier *v)
{
    unsigned mem = ir_mem_type(v->in->aux), op = v->in->op;
    if (op == IR_X87_COM || op == IR_X87_SW || op == IR_X87_CW)
        return v->in->type == IR_I16 || fail(v, "status and control words are i16");
    if (v->in->type != IR_F80)
        return fail(v, "not f80");
    if (op == IR_X87_CMP)
        return (v->in->aux & IR_FCOND_MASK) <= IR_FUNO || fail(v, "no such relation");
    if (op == IR_X87_UN || op == IR_X87_BIN)
        return v->in->aux < IR_X87F_COUNT || fail(v, "no such function");
    return mem == IR_F32 || mem == IR_F64 || (mem >= IR_I16 && mem <= IR_I64) || fail(v, "no memory type");
}

static bool check_fp(struct verifier *v)
{
    unsigned elem = ir_insn_elem(v->in), op = v->in->op;
    bool to_int = op == IR_FCVT_FS || op == IR_FCVT_FU || op == IR_FCLASS;
    if (to_int && !elem)
        return (ir_type_is_int(v->in->type) && v->in->type <= IR_I64) ||
               fail(v, "result is not an integer of at most 64 bits");
    if ((op == IR_FCVT_SF || op == IR_FCVT_UF) && !elem && arg_type(v, 0) > IR_I64)
        return fail(v, "operand has more than 64 bits");
    if (elem && op == IR_FCVT_FF)
        return fail(v, "elements have one format");
    if (elem ? !ir_type_is_vector(v->in->type) : !ir_type_is_float(v->in->type))
        return fail(v, "element type %s with type %s", ir_type_name((enum ir_type)elem),
                    ir_type_name((enum ir_type)v->in->type));
    if (elem && elem != IR_F32 && elem != IR_F64)
        return fail(v, "element is not a float");
    if (v->in->op == IR_FMA && v->in->type == IR_F80)
        return fail(v, "there is no f80 fma");
    return true;
}

static bool check_vector(struct verifier *v)
{
    const struct ir_insn *in = v->in;
    unsigned elem = ir_insn_elem(in), bits = ir_type_bits((enum ir_type)elem);
    if (!is_elem(elem))
        return fail(v, "no element type");
    switch (in->op) {
    case IR_VEXT:
        return (ir_type_is_vector(in->type) && in->imm < 128 / bits) || fail(v, "no such element");
    case IR_VGETE:
        return in->imm < ir_type_bits(arg_type(v, 0)) / bits || fail(v, "no such element");
    case IR_VSETE:
        return (ir_type_is_vector(in->type) && in->imm < ir_type_bits((enum ir_type)in->type) / bits) ||
               fail(v, "no such element");
    case IR_VPACK_SS:
    case IR_VPACK_SU:
        return (ir_type_is_vector(in->type) && bits >= 16) || fail(v, "elements cannot be narrowed");
    case IR_VMULE_S:
    case IR_VMULE_U:
    case IR_VDOT_S:
        return (ir_type_is_vector(in->type) && bits <= 32) || fail(v, "elements cannot be widened");
    case IR_VSAD:
        return (ir_type_is_vector(in->type) && bits == 8) || fail(v, "elements are not bytes");
    case IR_VMOVMSK:
        return ir_type_is_int(in->type) || fail(v, "result is not an integer");
    default:
        return ir_type_is_vector(in->type) || fail(v, "not a vector");
    }
}

static bool check_aux(struct verifier *v)
{
    const struct ir_insn *in = v->in;
    if (!check_words(v))
        return false;
    switch ((enum ir_aux_kind)ir_op_facts[in->op].aux) {
    case IR_AUX_MEM:
    case IR_AUX_AMO:
        return check_memory(v);
    case IR_AUX_FP:
        return check_fp(v);
    case IR_AUX_X87:
    case IR_AUX_X87MEM:
        return check_x87(v);
    case IR_AUX_BITS: {
        unsigned pos = ir_bits_pos(in->aux), len = ir_bits_len(in->aux);
        return (len && pos + len <= ir_type_bits((enum ir_type)in->type)) || fail(v, "field is outside of the value");
    }
    case IR_AUX_VEC:
        return check_vector(v);
    default:
        return true;
    }
}

static bool check_imm(struct verifier *v)
{
    const struct ir_insn *in = v->in;
    const struct ir_state *state = v->block->state;
    unsigned kind = ir_op_facts[in->op].imm;
    if (kind == IR_IMM_HELPER || kind == IR_IMM_VEC_FN)
        return in->imm || fail(v, "no function");
    if (kind != IR_IMM_ROW)
        return true;
    if (in->imm >= state->count)
        return fail(v, "no such row");
    return state->rows[in->imm].type == in->type || fail(v, "row %s has another type", state->rows[in->imm].name);
}

/* --- rules of single operations --- */

static bool check_widths(struct verifier *v)
{
    const struct ir_insn *in = v->in;
    unsigned to = ir_type_bits((enum ir_type)in->type), from = ir_insn_arg_count(in) ? ir_type_bits(arg_type(v, 0)) : 0;
    bool ok = true;
    switch (in->op) {
    case IR_SEXT:
    case IR_ZEXT:
        ok = ir_type_is_int(in->type) && from < to;
        break;
    case IR_TRUNC:
        ok = (ir_type_is_int(in->type) || in->type == IR_I1) && from > to;
        break;
    case IR_CONCAT:
        ok = from * 2 == to && arg_type(v, 0) == arg_type(v, 1);
        break;
    case IR_HIGH:
        ok = from == to * 2;
        break;
    case IR_BITCAST:
        ok = from == to && arg_type(v, 0) != in->type;
        break;
    case IR_FBOX:
        ok = in->type == IR_F64 && from == 32;
        break;
    case IR_FUNBOX:
        ok = in->type == IR_F32 && from == 64;
        break;
    case IR_VFN:
        ok = ir_type_is_vector(in->type);
        break;
    case IR_FFLAGS:
        ok = in->type == IR_I32;
        break;
    case IR_BSWAP:
        ok = to >= 16;
        break;
    default:
        break;
    }
    return ok || fail(v, "widths do not fit");
}

static bool check_end(struct verifier *v)
{
    bool last = v->at == v->block->count - 1, ends = ir_op_facts[v->in->op].effects & IR_FX_END;
    if (last != ends)
        return fail(v, last ? "the block does not end" : "the block goes on after its end");
    return true;
}

bool ir_verify(const struct ir_block *block, char *message, size_t size)
{
    struct verifier v = {.block = block, .message = message, .size = size};
    if (block->count == 0 || block->count > IR_MAX_INSNS)
        return fail(&v, "%u instructions", block->count);
    for (v.at = 0; v.at < block->count; v.at++) {
        v.in = &block->insns[v.at];
        if (v.in->op >= IR_OP_COUNT) {
            v.in = NULL;
            return fail(&v, "no such operation");
        }
        if (!check_operands(&v) || !check_aux(&v) || !check_imm(&v) || !check_widths(&v) || !check_end(&v))
            return false;
    }
    return true;
}
