/* SPDX-License-Identifier: Apache-2.0 */
/* What the lifters of RISC-V instructions share: the state of lifting one block, and access to guest registers.
 * Internal to frontend/riscv. A lifter is a function rv_lift_<name>(l, i) named by rows of rv_insns.def; it emits the
 * IR of one instruction and ends the block if the instruction does. */
#ifndef TANDEM_FRONTEND_RISCV_RV_LIFT_H
#define TANDEM_FRONTEND_RISCV_RV_LIFT_H

#include "frontend/guest.h"
#include "frontend/riscv/rv_decode.h"
#include "frontend/riscv/rv_state.h"

/* An LR/SC sequence that is being lifted as a load and a compare-and-swap (rv_lift_atomic.c). */
struct rv_llsc {
    gaddr_t sc_pc;  /* of its SC; 0: none */
    ir_ref address; /* i64 */
    ir_ref loaded;  /* what LR read, in the width of the access */
};

struct rv_lift {
    struct ir_builder *b;
    const struct guest_lift *req;
    gaddr_t pc, next; /* of the instruction at hand, of the one after it */
    unsigned insns;   /* lifted so far */
    struct rv_llsc llsc;
};

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
/* How many bytes an LR at code[0] and the rest of its sequence take if they can be lifted as a load and a
 * compare-and-swap; 0 if not. *insns: instructions of it. */
unsigned rv_llsc_scan(const struct rv_insn *lr, const uint8_t *code, size_t avail, uint64_t features, unsigned *insns);

/* If i at code[0] begins a compare wrapped in frflags and fsflags, lifts the three instructions, and true. */
bool rv_lift_quiet_compare(struct rv_lift *l, const struct rv_insn *i, const uint8_t *code, size_t avail);
/* The compare i without flags. */
void rv_lift_fcmp_noexc(struct rv_lift *l, const struct rv_insn *i);
/* The accrued flags as i64 (rv_csr.c). */
ir_ref rv_read_fflags(struct rv_lift *l);

/* guest_ops.lift */
enum status rv_lift_block(const struct guest_lift *req, struct ir_builder *b);

#endif
