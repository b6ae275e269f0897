/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter's integer operations, expanded from int_ops.def, and the moves of values of any type. */
#include "src/ir/interp/ev.h"

/* w, aw and aux are not used by every row. */
#define BEGIN(name)                                                                                                    \
    void ir_ev_##name(struct ir_ev *e)                                                                                 \
    {                                                                                                                  \
        __attribute__((unused)) const unsigned w = ir_ev_width(e), aux = e->in->aux;                                   \
        __attribute__((unused)) const unsigned aw =                                                                    \
            ir_op_infos[IR_##name].sig[2] == 'T' ? w : ir_type_bits(ir_ev_arg_type(e, 0));                             \
        const int_u128 a = ir_value_bits(e->a[0], aw);
#define END(name, expr)                                                                                                \
    ir_value_set(e->r, ir_type_bits(ir_insn_result_type(e->in)), expr);                                                \
    }
#define INT1(name, expr) BEGIN(name) END(name, expr)
#define INT2(name, expr)                                                                                               \
    BEGIN(name) const int_u128 b = ir_value_bits(e->a[1], aw);                                                         \
    END(name, expr)
#define INT3(name, expr)                                                                                               \
    BEGIN(name) const int_u128 b = ir_value_bits(e->a[1], aw);                                                         \
    const int_u128 c = ir_value_bits(e->a[2], ir_type_bits(ir_ev_arg_type(e, 2)));                                     \
    END(name, expr)

#include "src/ir/int_ops.def"

static void copy(struct ir_ev *e, const union ir_value *v) { memcpy(e->r, v, ir_ev_width(e) > 64 ? 32 : 8); }

void ir_ev_CONST(struct ir_ev *e) { ir_ev_result(e, ir_const_bits(e->in)); }

void ir_ev_SELECT(struct ir_ev *e) { copy(e, ir_ev_arg_bool(e, 0) ? e->a[1] : e->a[2]); }

void ir_ev_BITCAST(struct ir_ev *e) { copy(e, e->a[0]); }

void ir_ev_PREFETCH(struct ir_ev *e) { __builtin_prefetch((const void *)(uintptr_t)e->a[0]->u64[0]); }
