/* SPDX-License-Identifier: Apache-2.0 */
/* Vector registers that hold scalars. x86's scalar instructions change the lower element and keep the rest; as vectors,
 * each of them would be followed by a blend, which lies in the chain of dependent operations. So a row whose lower f64
 * is mostly changed alone is held in two allocas, and values that are made of it as a LOPT_FORM_PAIR, joined where a
 * whole vector is wanted.
 *
 * I1  Splitting changes no value; any operation may be applied to a split row, by way of lopt_exact and lopt_split_set.
 */
#include "llvm-opt/emit/emit.h"

static bool is_vector_row(const struct lopt_emit *l, uint64_t row) { return l->rows[row].type == IR_V128; }

/* VGETE or VSETE of the lower f64 */
static bool is_low(const struct ir_insn *in)
{
    return (in->op == IR_VGETE || in->op == IR_VSETE) && (in->aux & IR_VEC_ELEM) == IR_F64 && in->imm == 0;
}

static bool takes_pair(const struct ir_insn *user, unsigned arg)
{
    return user->op == IR_PUT || (is_low(user) && arg == 0);
}

void lopt_split_count(struct lopt_emit *l, const struct ir_region_block *rb, ir_ref at)
{
    const struct ir_insn *in = &rb->block->insns[at];
    for (unsigned a = 0; a < ir_insn_arg_count(in); a++) {
        const struct ir_insn *def = &rb->block->insns[in->arg[a]];
        if (def->op == IR_GET && is_vector_row(l, def->imm) && !takes_pair(in, a))
            l->rows[def->imm].vector_uses += rb->weight + 1;
    }
    if (in->op != IR_PUT || !is_vector_row(l, in->imm))
        return;
    const struct ir_insn *def = &rb->block->insns[in->arg[0]];
    if (is_low(def) && def->op == IR_VSETE)
        l->rows[in->imm].scalar_puts += rb->weight + 1;
    else if (def->op != IR_GET && def->op != IR_CONST)
        l->rows[in->imm].vector_uses += rb->weight + 1;
}

void lopt_split_choose(struct lopt_emit *l)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        struct lopt_row *r = &l->rows[i];
        r->split = r->type == IR_V128 && !r->in_memory && r->scalar_puts > r->vector_uses;
    }
}

/* ---- values ---- */

static LLVMTypeRef pair_type(struct lopt_emit *l, enum ir_type e) { return l->ll->VectorType(lopt_type(l, e), 2); }
static LLVMValueRef index_of(struct lopt_emit *l, unsigned i) { return lopt_int(l, lopt_type(l, IR_I32), i); }

LLVMValueRef lopt_pair_join(struct lopt_emit *l, const struct lopt_val *v)
{
    LLVMValueRef x = l->ll->GetUndef(pair_type(l, IR_F64));
    x = l->ll->BuildInsertElement(l->b, x, lopt_bitcast(l, v->high, lopt_type(l, IR_F64)), index_of(l, 1), "");
    x = l->ll->BuildInsertElement(l->b, x, v->low, index_of(l, 0), "");
    return lopt_bitcast(l, x, lopt_type(l, IR_V128));
}

static LLVMValueRef element(struct lopt_emit *l, LLVMValueRef vector, enum ir_type e, unsigned i)
{
    return l->ll->BuildExtractElement(l->b, lopt_bitcast(l, vector, pair_type(l, e)), index_of(l, i), "");
}

static struct lopt_val pair(LLVMValueRef low, LLVMValueRef high)
{
    return (struct lopt_val){.form = LOPT_FORM_PAIR, .low = low, .high = high};
}

static struct lopt_val pair_of(struct lopt_emit *l, LLVMValueRef vector)
{
    return pair(element(l, vector, IR_F64, 0), element(l, vector, IR_I64, 1));
}

LLVMValueRef lopt_pair_low(struct lopt_emit *l, const struct ir_insn *in)
{
    const struct lopt_val *v = &l->vals[in->arg[0]];
    return is_low(in) && v->form == LOPT_FORM_PAIR ? v->low : NULL;
}

bool lopt_pair_set_low(struct lopt_emit *l, const struct ir_insn *in)
{
    const struct lopt_val *v = &l->vals[in->arg[0]];
    bool is_const = l->block->insns[in->arg[0]].op == IR_CONST;
    if (!is_low(in) || in->type != IR_V128 || (v->form != LOPT_FORM_PAIR && !is_const) ||
        lopt_type_of(l, in->arg[1]) != IR_F64)
        return false;
    LLVMValueRef high = is_const ? element(l, lopt_exact(l, in->arg[0]), IR_I64, 1) : v->high;
    l->vals[in - l->block->insns] = pair(lopt_exact(l, in->arg[1]), high);
    return true;
}

/* ---- rows ---- */

static struct lopt_val load_halves(struct lopt_emit *l, const struct lopt_row *r)
{
    LLVMValueRef low = lopt_cpu_load(l, lopt_type(l, IR_F64), r->offset, 8);
    return pair(low, lopt_cpu_load(l, lopt_type(l, IR_I64), r->offset + 8u, 8));
}

struct lopt_val lopt_split_get(struct lopt_emit *l, unsigned row)
{
    const struct lopt_row *r = &l->rows[row];
    if (l->st[row] & LOPT_K_ABSENT)
        return load_halves(l, r);
    LLVMValueRef low = l->ll->BuildLoad2(l->b, lopt_type(l, IR_F64), r->low, "");
    return pair(low, l->ll->BuildLoad2(l->b, lopt_type(l, IR_I64), r->high, ""));
}

void lopt_split_put(struct lopt_emit *l, const struct lopt_row *r, const struct lopt_val *v)
{
    l->ll->BuildStore(l->b, v->low, r->low);
    l->ll->BuildStore(l->b, v->high, r->high);
}

void lopt_split_set(struct lopt_emit *l, const struct lopt_row *r, LLVMValueRef vector)
{
    struct lopt_val v = pair_of(l, vector);
    lopt_split_put(l, r, &v);
}

void lopt_split_load(struct lopt_emit *l, const struct lopt_row *r)
{
    struct lopt_val v = load_halves(l, r);
    lopt_split_put(l, r, &v);
}

void lopt_split_store(struct lopt_emit *l, unsigned row, bool is_volatile)
{
    const struct lopt_row *r = &l->rows[row];
    struct lopt_val v = lopt_split_get(l, row);
    LLVMValueRef low = lopt_cpu_store(l, v.low, r->offset, 8), high = lopt_cpu_store(l, v.high, r->offset + 8u, 8);
    if (is_volatile) {
        l->ll->SetVolatile(low, 1);
        l->ll->SetVolatile(high, 1);
    }
}
