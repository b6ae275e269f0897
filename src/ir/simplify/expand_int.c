/* SPDX-License-Identifier: Apache-2.0 */
/* Integer operations that hosts have for vectors alone. */
#include "src/ir/simplify/expand_int.h"

#include "src/ir/int_ops.h"
#include "src/ir/value.h"

/* Of the lower halves. */
static void clmul(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    (void)imm;
    const int_u128 product = int_clmul(a[0]->u64[0], a[1]->u64[0], 0);
    r->u64[0] = (uint64_t)product, r->u64[1] = (uint64_t)(product >> 64);
}

static const struct ir_vec_fn clmul_fn = {"ir_clmul", clmul, IR_VEC_PCLMUL};

static ir_ref widened(struct ir_builder *b, ir_ref v)
{
    return ir_emit(b, IR_VSETE, IR_V128, IR_I64, ir_const128(b, IR_V128, 0, 0), v, IR_NO_REF, 0);
}

ir_ref ir_expand_clmul(struct ir_builder *b, struct ir_insn *in)
{
    if (in->type != IR_I64)
        return IR_NO_REF;
    const ir_ref p = widened(b, in->arg[0]), q = widened(b, in->arg[1]);
    ir_ref product = ir_emit(b, IR_VFN, IR_V128, 0, p, q, q, (uintptr_t)&clmul_fn);
    return ir_emit(b, IR_VGETE, IR_I64, IR_I64, product, IR_NO_REF, IR_NO_REF, in->op == IR_CLMULH);
}
