/* SPDX-License-Identifier: Apache-2.0 */
/* The state of lifting one block of RISC-V code, which every lifter gets, and access to guest registers.
 *
 * A lifter is a function rv_lift_<name>(l, i) named by rows of rv_insns.def. It emits the IR of one instruction, and
 * ends the block if the instruction does.
 *
 * x0 never reaches the IR: reads are the constant 0, writes vanish. */
#ifndef TANDEM_FRONTEND_RISCV_RV_CONTEXT_H
#define TANDEM_FRONTEND_RISCV_RV_CONTEXT_H

#include "frontend/block.h"
#include "frontend/riscv/rv_decode.h"
#include "frontend/riscv/rv_state.h"

/* An LR/SC sequence that is being lifted as a load and a compare-and-swap (rv_lift_atomic.c). */
struct rv_llsc {
    gaddr_t sc_pc;  /* of its SC; 0: none */
    ir_ref address; /* i64 */
    ir_ref loaded;  /* what LR read, in the width of the access */
    size_t end;     /* while decoding: offset behind the last sequence */
};

struct rv_lift {
    struct ir_builder *b;
    const struct guest_lift *req;
    gaddr_t pc, next; /* of the instruction at hand, of the one after it */
    struct rv_llsc llsc;
    unsigned branches; /* behind which the block goes on */
    bool goes_on;      /* the instruction at hand is not the block's last */
};

typedef void rv_lift_fn(struct rv_lift *l, const struct rv_insn *i);

/* x[n] as i64, and as i32; n = 0 gives 0. */
static inline ir_ref rv_get_x(struct rv_lift *l, unsigned n)
{
    return n ? ir_get(l->b, rv_row_x(n)) : ir_const(l->b, IR_I64, 0);
}
static inline ir_ref rv_get_w(struct rv_lift *l, unsigned n) { return ir_conv(l->b, IR_TRUNC, IR_I32, rv_get_x(l, n)); }
/* x[n] := v (i64); writes to x0 vanish. */
static inline void rv_put_x(struct rv_lift *l, unsigned n, ir_ref v)
{
    if (n)
        ir_put(l->b, rv_row_x(n), v);
}
/* x[n] := v, sign-extended from its type */
static inline void rv_put_w(struct rv_lift *l, unsigned n, ir_ref v)
{
    rv_put_x(l, n, ir_conv(l->b, IR_SEXT, IR_I64, v));
}
/* The second source as i64: rs2 or the immediate. */
static inline ir_ref rv_src2(struct rv_lift *l, const struct rv_insn *i)
{
    return i->has_imm ? ir_const(l->b, IR_I64, (uint64_t)i->imm) : rv_get_x(l, i->rs2);
}

/* Ends the block with SIGILL at the instruction at hand. */
void rv_lift_illegal(struct rv_lift *l);

#endif
