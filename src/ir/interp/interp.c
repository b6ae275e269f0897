/* SPDX-License-Identifier: Apache-2.0 */
/* The reference interpreter: executes a block one instruction after the other, by a table of functions that ops.def
 * fills. The oracle of all tests, hence simple rather than fast.
 *
 * I1  cpu->pc is the start of the current guest instruction whenever memory is touched, and the exit's pc afterwards.
 * I2  The lowest bytes of a value are its bits; nothing is assumed about the bytes above its width.
 */
#include "src/ir/interp/interp.h"

#include <assert.h>

#include "src/ir/interp/ev.h"
#include "src/ir/interp/eval_counts.h"

static ir_ev_fn *const functions[IR_OP_COUNT] = {
#define OP(name, text, sig, aux, imm, traits, effects) [IR_##name] = ir_ev_##name,
#include "src/ir/ops.def"
};

void ir_interp(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit)
{
    union ir_value values[block->count];
    struct ir_ev e = {.cpu = cpu, .insns = block->insns, .state = block->state, .exit = exit};
    cpu->pc = block->pc;
    for (uint32_t i = 0; !e.left; i++) {
        assert(i < block->count);
        e.in = &block->insns[i];
        for (unsigned n = ir_insn_arg_count(e.in), a = 0; a < n; a++)
            e.a[a] = &values[e.in->arg[a]];
        e.r = &values[i];
        functions[e.in->op](&e);
    }
    cpu->pc = exit->pc; /* I1 */
}

void ir_eval(struct cpu *cpu, const struct ir_insn *insn, const enum ir_type *arg_types, const union ir_value *args,
             union ir_value *result)
{
    struct ir_ev e = {.cpu = cpu, .in = insn, .types = arg_types, .r = result, .live_fp = true};
    for (unsigned n = ir_insn_arg_count(insn), a = 0; a < n; a++)
        e.a[a] = &args[a];
    if (__builtin_expect(cpu->eval_counts != NULL, 0))
        ir_eval_count(cpu->eval_counts, insn, arg_types[0]);
    functions[insn->op](&e);
}
