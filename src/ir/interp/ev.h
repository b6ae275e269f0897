/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the reference interpreter: one function an operation, ir_ev_NAME, each in the file of its kind. A
 * missing one is a link error. Private to this folder. */
#ifndef TANDEM_IR_INTERP_EV_H
#define TANDEM_IR_INTERP_EV_H

#include <string.h>

#include "src/ir/int_ops.h"
#include "src/ir/interp/exit.h"
#include "src/ir/state.h"
#include "src/ir/value.h"

/* Guest memory is this process's memory; what the guest does there is not a bug of ours. */
#define IR_GUEST_ACCESS __attribute__((no_sanitize("address"), no_sanitize("thread"), no_sanitize("undefined")))

/* One operation being executed. */
struct ir_ev {
    struct cpu *cpu;
    const struct ir_insn *in;
    const union ir_value *a[4]; /* operands */
    union ir_value *r;          /* result */
    const enum ir_type *types;  /* of the operands; NULL: see insns */
    const struct ir_insn *insns;
    const struct ir_state *state; /* NULL in ir_eval */
    struct ir_exit *exit;         /* NULL in ir_eval */
    bool left;                    /* exit is filled */
    bool live_fp;                 /* the guest's FP environment is in the host's FPU */
};

typedef void ir_ev_fn(struct ir_ev *e);
#define OP(name, text, sig, aux, imm, traits, effects) ir_ev_fn ir_ev_##name;
#include "src/ir/ops.def"

/* Leaves the block. */
static inline void ir_ev_leave_trap(struct ir_ev *e, enum ir_trap trap, gaddr_t pc)
{
    *e->exit = (struct ir_exit){.reason = CPU_EXIT_TRAP, .trap = trap, .pc = pc};
    e->left = true;
}

static inline unsigned ir_ev_width(const struct ir_ev *e) { return ir_type_bits((enum ir_type)e->in->type); }

static inline enum ir_type ir_ev_arg_type(const struct ir_ev *e, unsigned i)
{
    return e->types ? e->types[i] : ir_insn_result_type(&e->insns[e->in->arg[i]]);
}

/* Low `bits` bits of a value, zero-extended; what is above them in memory does not matter. */
static inline int_u128 ir_value_bits(const union ir_value *v, unsigned bits)
{
    if (bits <= 64)
        return v->u64[0] & (uint64_t)int_mask(bits);
    return ((int_u128)v->u64[1] << 64 | v->u64[0]) & int_mask(bits);
}

static inline void ir_value_set(union ir_value *v, unsigned bits, int_u128 value)
{
    value &= int_mask(bits);
    v->u64[0] = (uint64_t)value;
    if (bits > 64)
        v->u64[1] = (uint64_t)(value >> 64);
    if (bits > 128)
        v->u64[2] = v->u64[3] = 0;
}

/* Operand i as bits of type T of the instruction, of its own type, of i1. */
static inline int_u128 ir_ev_arg(const struct ir_ev *e, unsigned i) { return ir_value_bits(e->a[i], ir_ev_width(e)); }
static inline int_u128 ir_ev_arg_own(const struct ir_ev *e, unsigned i)
{
    return ir_value_bits(e->a[i], ir_type_bits(ir_ev_arg_type(e, i)));
}
static inline bool ir_ev_arg_bool(const struct ir_ev *e, unsigned i) { return e->a[i]->u8[0] & 1; }

static inline void ir_ev_result(struct ir_ev *e, int_u128 value) { ir_value_set(e->r, ir_ev_width(e), value); }

/* Element i, `bits` wide (8 to 64), of a vector. */
static inline uint64_t ir_elem_get(const union ir_value *v, unsigned bits, unsigned i)
{
    uint64_t x = 0;
    memcpy(&x, v->u8 + i * (bits / 8), bits / 8);
    return x;
}
static inline void ir_elem_set(union ir_value *v, unsigned bits, unsigned i, uint64_t x)
{
    memcpy(v->u8 + i * (bits / 8), &x, bits / 8);
}

#endif
