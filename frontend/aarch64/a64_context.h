/* SPDX-License-Identifier: Apache-2.0 */
/* The state of lifting one block of A64 code, which every lifter gets, and access to guest registers.
 *
 * A lifter is a function a64_lift_<name>(l, i) named by rows of the table. It emits the IR of one instruction, and ends
 * the block if the instruction does.
 *
 * I1  Register 31 is xzr or sp, as the instruction says. xzr never reaches the IR: reads are the constant 0, writes
 *     vanish.
 * I2  All that may fault comes before registers and flags change. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_CONTEXT_H
#define TANDEM_FRONTEND_AARCH64_A64_CONTEXT_H

#include "frontend/aarch64/a64_decode.h"
#include "frontend/aarch64/a64_state.h"
#include "frontend/block.h"

/* How the flags came to be (a64_flags.c). */
enum a64_flags_kind {
    A64_FLAGS_OF_STATE, /* they are what they were before the block */
    A64_FLAGS_OF_VALUES,
    A64_FLAGS_OF_ADD,
    A64_FLAGS_OF_SUB,
    A64_FLAGS_OF_LOGIC, /* of the result; C and V are clear */
    A64_FLAGS_OF_FCMP   /* a compare of the floats a and b */
};
enum { A64_FLAG_COUNT = 4 };

/* Where the state has the flags of held. */
enum a64_flags_place { A64_PLACE_UNKNOWN, A64_PLACE_ROWS, A64_PLACE_RECORD };

struct a64_flags {
    enum a64_flags_kind kind;
    ir_ref a, b, r; /* operands and result */
    ir_ref carry;   /* i1: carry or borrow in; IR_NO_REF: none */
    ir_ref cond;    /* i1: if it is false, the flags are nzcv instead. IR_NO_REF: always true */
    uint8_t nzcv;
    enum a64_flags_place place;
    uint8_t held;                 /* flags that the state has right */
    uint8_t dead;                 /* rows (bits of ir_state.flags) of which IR says so at the branch at hand */
    uint16_t fcond;               /* FCMP: enum ir_fcond bits without relation */
    ir_ref value[A64_FLAG_COUNT]; /* by bit, in the form of the rows; IR_NO_REF: not computed yet */
};

/* A sequence of load and store exclusive that is being lifted as a load and a compare-and-swap (a64_lift_atomic.c). */
struct a64_llsc {
    gaddr_t store_pc; /* of its store; 0: none */
    ir_ref address;   /* i64 */
    ir_ref loaded;    /* in the width of the access */
    size_t end;       /* while decoding: offset behind the last sequence */
};

struct a64_lift {
    struct ir_builder *b;
    const struct guest_lift *req;
    const struct a64_insn *i; /* the instruction at hand */
    gaddr_t pc, next;         /* of it, and of the one after it */
    struct a64_flags fl;
    struct a64_llsc llsc;
    unsigned branches; /* behind which the block goes on */
    bool goes_on;      /* the instruction at hand is not the block's last */
};

typedef void a64_lift_fn(struct a64_lift *l, const struct a64_insn *i);

/* x[n] as i64; 31 is xzr. */
static inline ir_ref a64_get_x(struct a64_lift *l, unsigned n)
{
    return n == 31 ? ir_const(l->b, IR_I64, 0) : ir_get(l->b, a64_row_x(n));
}
/* x[n] as i64; 31 is sp. */
static inline ir_ref a64_get_xsp(struct a64_lift *l, unsigned n) { return ir_get(l->b, a64_row_x(n)); }
static inline enum ir_type a64_type(bool is64) { return is64 ? IR_I64 : IR_I32; }
/* x[n] or w[n]; 31 is xzr. */
static inline ir_ref a64_get(struct a64_lift *l, bool is64, unsigned n)
{
    return ir_conv(l->b, IR_TRUNC, a64_type(is64), a64_get_x(l, n));
}
/* The same; 31 is sp. */
static inline ir_ref a64_get_sp(struct a64_lift *l, bool is64, unsigned n)
{
    return ir_conv(l->b, IR_TRUNC, a64_type(is64), a64_get_xsp(l, n));
}
/* x[n] := v, zero-extended from its type; writes to xzr vanish. */
static inline void a64_put(struct a64_lift *l, unsigned n, ir_ref v)
{
    if (n != 31)
        ir_put(l->b, a64_row_x(n), ir_conv(l->b, IR_ZEXT, IR_I64, v));
}

TANDEM_BEGIN_DECLS
/* The same; 31 is sp. If it is not known to stay a multiple of 16, the block is left where the mode changes: to be
 * called last (a64_may_leave). */
void a64_put_sp(struct a64_lift *l, unsigned n, ir_ref v);
/* May the instruction leave the block behind it, though its kind does not say so? By writing sp. */
bool a64_may_leave(const struct a64_insn *i);
/* The address in x[n], or sp: which must be aligned then. */
ir_ref a64_base(struct a64_lift *l, unsigned n);
/* Ends the block with SIGILL at the instruction at hand. */
void a64_lift_unallocated(struct a64_lift *l);
TANDEM_END_DECLS

#endif
