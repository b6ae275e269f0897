/* SPDX-License-Identifier: Apache-2.0 */
/* Finds blocks that branch to themselves and whose iterations do the same floating-point operations on consecutive
 * elements of arrays, none using what another computed.
 *
 * I1  The whole block is understood or it is left alone: every value has a shape, and every row that is read is the
 *     same in all iterations or grows by a constant.
 * I2  A floating-point row may pass an element on to the next iteration, from row to row, if it was loaded: its bits
 *     are exact, and nothing was computed.
 * I3  Nothing is assumed about the arrays' places nor about the count of iterations: the code asks (emit/vloop.c).
 */
#include "llvm-opt/plan/vloop.h"

#include "llvm-opt/plan/kinds.h"

#include "src/ir/state.h"

enum { MAX_INSNS = 256, MAX_STRIDE = 1 << 20 };

static const struct ir_insn *def(const struct lopt_vloop *v, ir_ref ref) { return &v->block->insns[ref]; }

/* The value that the row has after the block; IR_NO_REF if it is not written. */
static ir_ref last_put(const struct lopt_vloop *v, uint64_t row)
{
    for (unsigned i = v->block->count; i-- > 0;) {
        if (v->block->insns[i].op == IR_PUT && v->block->insns[i].imm == row)
            return v->block->insns[i].arg[0];
    }
    return IR_NO_REF;
}

static bool put_before(const struct lopt_vloop *v, unsigned at, uint64_t row)
{
    while (at-- > 0) {
        if (v->block->insns[at].op == IR_PUT && v->block->insns[at].imm == row)
            return true;
    }
    return false;
}

static int64_t const_value(const struct ir_insn *in)
{
    return in->type == IR_I32 ? (int32_t)in->imm : (int64_t)in->imm;
}

/* in is x + constant; gives x and the constant. */
static bool is_step(const struct lopt_vloop *v, const struct ir_insn *in, ir_ref *x, uint64_t *by)
{
    if (in->op != IR_ADD)
        return false;
    unsigned c = def(v, in->arg[1])->op == IR_CONST;
    *x = in->arg[!c], *by = (uint64_t)const_value(def(v, in->arg[c]));
    return def(v, in->arg[c])->op == IR_CONST;
}

static bool is_get(const struct lopt_vloop *v, ir_ref ref, uint64_t row)
{
    return def(v, ref)->op == IR_GET && def(v, ref)->imm == row;
}

static bool is_only_unboxed(const struct lopt_vloop *v, unsigned at)
{
    for (unsigned i = at + 1; i < v->block->count; i++) {
        const struct ir_insn *in = &v->block->insns[i];
        for (unsigned a = 0; a < ir_insn_arg_count(in); a++) {
            if (in->arg[a] == at && in->op != IR_FUNBOX)
                return false;
        }
    }
    return true;
}

/* Every vector has elements of one type, that of the first operation or load. */
static bool takes_elem(struct lopt_vloop *v, unsigned type)
{
    if (!v->elem)
        v->elem = (uint8_t)type;
    return (type == IR_F32 || type == IR_F64) && type == v->elem;
}

/* The GET of a row that has the value next after the block. I2 is checked when all shapes are known. */
static struct lopt_shape carried_shape(struct lopt_vloop *v, unsigned at, ir_ref next)
{
    bool boxed = def(v, next)->op == IR_FBOX;
    bool known = v->block->insns[at].type == IR_F64 && takes_elem(v, boxed ? IR_F32 : IR_F64) &&
                 (boxed ? is_only_unboxed(v, at) : def(v, next)->type == IR_F64);
    return (struct lopt_shape){known ? LOPT_SHAPE_LANES : LOPT_SHAPE_NONE, known ? next : 0};
}

/* I2 */
static bool was_loaded(const struct lopt_vloop *v, ir_ref ref)
{
    for (unsigned steps = 0; steps < 4 * v->block->count; steps++) {
        const struct ir_insn *in = def(v, ref);
        if (!lopt_vloop_is_lanes(v, ref) || in->op == IR_LD)
            return lopt_vloop_is_lanes(v, ref);
        if (in->op != IR_GET && in->op != IR_FBOX && in->op != IR_FUNBOX)
            return false;
        ref = in->op == IR_GET ? (ir_ref)v->shape[ref].stride : in->arg[0];
    }
    return false; /* round and round */
}

static bool all_carried_was_loaded(const struct lopt_vloop *v)
{
    for (unsigned i = 0; i < v->block->count; i++) {
        if (v->block->insns[i].op == IR_GET && lopt_vloop_is_lanes(v, (ir_ref)i) && !was_loaded(v, (ir_ref)i))
            return false;
    }
    return true;
}

static struct lopt_shape row_shape(const struct lopt_rows *rows, struct lopt_vloop *v, unsigned at)
{
    uint64_t row = v->block->insns[at].imm, by;
    ir_ref next = last_put(v, row), x;
    if (rows->row[row].in_memory || put_before(v, at, row))
        return (struct lopt_shape){LOPT_SHAPE_NONE, 0};
    if (next == IR_NO_REF)
        return (struct lopt_shape){LOPT_SHAPE_AFFINE, 0};
    const struct ir_insn *in = def(v, next);
    if (in->type == IR_F64)
        return carried_shape(v, at, next);
    if (in->type == IR_I64 && is_step(v, in, &x, &by) && is_get(v, x, row))
        return (struct lopt_shape){LOPT_SHAPE_AFFINE, by};
    if (in->op != IR_SEXT || in->type != IR_I64)
        return (struct lopt_shape){LOPT_SHAPE_NONE, 0};
    in = def(v, in->arg[0]);
    if (in->type == IR_I32 && is_step(v, in, &x, &by) && def(v, x)->op == IR_TRUNC && is_get(v, def(v, x)->arg[0], row))
        return (struct lopt_shape){LOPT_SHAPE_WORD, by};
    return (struct lopt_shape){LOPT_SHAPE_NONE, 0};
}

static struct lopt_shape integer_shape(const struct lopt_vloop *v, const struct ir_insn *in)
{
    const struct lopt_shape none = {LOPT_SHAPE_NONE, 0}, a = v->shape[in->arg[0]];
    if (in->op == IR_TRUNC && in->type == IR_I32 && a.kind != LOPT_SHAPE_NONE && a.kind != LOPT_SHAPE_LANES)
        return (struct lopt_shape){LOPT_SHAPE_AFFINE, a.stride};
    if (a.kind != LOPT_SHAPE_AFFINE)
        return none;
    if (in->op == IR_SEXT)
        return in->type == IR_I64 && def(v, in->arg[0])->type == IR_I32 ? (struct lopt_shape){LOPT_SHAPE_SEXT, a.stride}
                                                                        : none;
    if (in->op == IR_SHL && def(v, in->arg[1])->op == IR_CONST)
        return (struct lopt_shape){LOPT_SHAPE_AFFINE,
                                   a.stride << (def(v, in->arg[1])->imm & (ir_type_bits(in->type) - 1))};
    if ((in->op != IR_ADD && in->op != IR_SUB) || v->shape[in->arg[1]].kind != LOPT_SHAPE_AFFINE)
        return none;
    uint64_t b = v->shape[in->arg[1]].stride;
    return (struct lopt_shape){LOPT_SHAPE_AFFINE, in->op == IR_ADD ? a.stride + b : a.stride - b};
}

/* A plain access to the element that comes next in each iteration; elem: whose it is. */
static bool is_contiguous(struct lopt_vloop *v, const struct ir_insn *in, unsigned elem)
{
    const unsigned odd = IR_MEM_BIG | IR_MEM_ORDER | IR_MEM_SPACE | IR_MEM_ALIGNED;
    struct lopt_shape a = v->shape[in->arg[0]];
    unsigned bits = ir_type_bits(ir_mem_type(in->aux));
    return !(in->aux & odd) && takes_elem(v, elem) && bits == ir_type_bits((enum ir_type)elem) &&
           a.kind == LOPT_SHAPE_AFFINE && a.stride == bits / 8;
}

/* Singles are stored as the integers that their bits are. */
static bool is_understood_store(struct lopt_vloop *v, const struct ir_insn *in)
{
    const struct ir_insn *value = def(v, in->arg[1]);
    bool known = lopt_vloop_same(v, in->arg[1]) || lopt_vloop_is_lanes(v, in->arg[1]);
    return known && value->type == ir_mem_type(in->aux) && is_contiguous(v, in, v->elem);
}

static bool operands_are_known(const struct lopt_vloop *v, const struct ir_insn *in, bool *same)
{
    *same = true;
    for (unsigned i = 0; i < ir_insn_arg_count(in); i++) {
        *same &= lopt_vloop_same(v, in->arg[i]);
        if (!lopt_vloop_same(v, in->arg[i]) && !lopt_vloop_is_lanes(v, in->arg[i]))
            return false;
    }
    return true;
}

static bool is_lane_op(struct lopt_vloop *v, const struct ir_insn *in)
{
    const unsigned special = IR_FP_DAZ | IR_FP_FTZ | IR_FP_TINY_BEFORE | IR_FP_NAN | IR_FP_ELEM;
    switch (in->op) {
    case IR_FMA:
        if (!v->has_fma)
            return false;
        /* fallthrough */
    case IR_FADD:
    case IR_FSUB:
    case IR_FMUL:
    case IR_FDIV:
    case IR_FSQRT:
        return !(in->aux & special) && ir_fp_rm(in->aux) == IR_RDYN && takes_elem(v, in->type);
    case IR_FNEG:
    case IR_FABS:
        return !ir_fp_elem(in->aux) && takes_elem(v, in->type);
    case IR_FCANON:
        return !ir_fp_elem(in->aux) && takes_elem(v, in->type) && ir_insn_is_quiet(&v->block->insns[in->arg[0]]);
    case IR_BITCAST:
        return in->type == (v->elem == IR_F32 ? IR_I32 : IR_I64);
    case IR_FBOX:
        return v->elem == IR_F32 && in->type == IR_F64;
    case IR_FUNBOX:
        return v->elem == IR_F32 && def(v, in->arg[0])->op == IR_GET;
    default:
        return false;
    }
}

static struct lopt_shape shape_of(const struct lopt_rows *rows, struct lopt_vloop *v, unsigned at)
{
    const struct ir_insn *in = &v->block->insns[at];
    bool same, pure = !ir_op_facts[in->op].effects;
    if (in->op == IR_GET)
        return row_shape(rows, v, at);
    if (in->op == IR_LD)
        return (struct lopt_shape){
            in->type == ir_mem_type(in->aux) && is_contiguous(v, in, in->type) ? LOPT_SHAPE_LANES : LOPT_SHAPE_NONE, 0};
    bool known = operands_are_known(v, in, &same);
    if (known && same && pure)
        return (struct lopt_shape){LOPT_SHAPE_AFFINE, 0};
    if (known && is_lane_op(v, in))
        return (struct lopt_shape){LOPT_SHAPE_LANES, 0};
    return pure && ir_insn_arg_count(in) ? integer_shape(v, in) : (struct lopt_shape){LOPT_SHAPE_NONE, 0};
}

/* The branch at the end: exit.if to the block itself while an integer has not come to its bound. */
static bool find_condition(struct lopt_vloop *v)
{
    const struct ir_insn *branch = &v->block->insns[v->block->count - 2], *cmp = def(v, branch->arg[0]);
    if (cmp->op != IR_ICMP || cmp->type != IR_I64)
        return false;
    bool swap = lopt_vloop_same(v, cmp->arg[0]);
    v->x = cmp->arg[swap], v->bound = cmp->arg[!swap];
    v->cond = (uint8_t)(swap ? ir_cond_swapped(cmp->aux) : cmp->aux);
    struct lopt_shape s = v->shape[v->x];
    int64_t stride = (int64_t)s.stride;
    if (!lopt_vloop_same(v, v->bound) || !stride || stride > MAX_STRIDE || stride < -MAX_STRIDE)
        return false;
    if (v->cond == IR_NE)
        return s.kind == LOPT_SHAPE_AFFINE || s.kind == LOPT_SHAPE_SEXT;
    bool up = v->cond == IR_SLT || v->cond == IR_ULT, down = v->cond == IR_SGT || v->cond == IR_UGT;
    return s.kind == LOPT_SHAPE_AFFINE && (stride > 0 ? up : down);
}

static bool ends_in_own_branch(const struct ir_block *b)
{
    if (b->count < 3 || b->count > MAX_INSNS || b->insns[b->count - 1].op != IR_JUMP)
        return false;
    const struct ir_insn *branch = &b->insns[b->count - 2];
    return branch->op == IR_EXIT_IF && branch->imm == b->pc && branch->aux == IR_HINT_NONE;
}

/* Shapes and effects of all but the branch. */
static bool is_understood(const struct lopt_rows *rows, struct lopt_vloop *v)
{
    unsigned stores = 0;
    for (unsigned i = 0; i + 2 < v->block->count; i++) {
        const struct ir_insn *in = &v->block->insns[i];
        if (in->op == IR_INSN || (in->op == IR_ICMP && i == v->block->insns[v->block->count - 2].arg[0]))
            continue;
        if (in->op == IR_ST) {
            stores++;
            if (!is_understood_store(v, in))
                return false;
            continue;
        }
        if (in->op == IR_PUT) {
            unsigned kind = v->shape[in->arg[0]].kind;
            if (rows->row[in->imm].in_memory || kind == LOPT_SHAPE_NONE || kind == LOPT_SHAPE_WORD)
                return false;
            continue;
        }
        v->shape[i] = shape_of(rows, v, i);
        if (v->shape[i].kind == LOPT_SHAPE_NONE)
            return false;
    }
    return stores > 0 && all_carried_was_loaded(v);
}

const struct lopt_vloop *lopt_vloop_find(const struct lopt_rows *rows, const struct ir_block *block, bool has_fma,
                                         struct arena *arena)
{
    if (!ends_in_own_branch(block))
        return NULL;
    struct lopt_vloop *v = arena_alloc(arena, sizeof *v);
    *v = (struct lopt_vloop){.block = block, .has_fma = has_fma};
    v->shape = arena_alloc(arena, block->count * sizeof *v->shape);
    if (!is_understood(rows, v) || !find_condition(v))
        return NULL;
    v->lanes = LOPT_VLOOP_BYTES * 8 / ir_type_bits((enum ir_type)v->elem);
    return v;
}
