/* SPDX-License-Identifier: Apache-2.0 */
/* The reference interpreter: executes a block one instruction after the other, by a table of functions that ir_ops.def
 * fills. The oracle of all tests, hence simple rather than fast.
 *
 * I1  cpu->pc is the start of the current guest instruction whenever memory is touched, and the exit's pc afterwards.
 * I2  Helpers find the guest's FP environment in the host's FPU, as they do when generated code calls them (cpu.h I3).
 * I3  The lowest bytes of a value are its bits; nothing is assumed about the bytes above its width.
 */
#include "src/ir/interp/interp.h"

#include <assert.h>

#include "src/host/fpenv.h"

static ir_ev_fn *const functions[IR_OP_COUNT] = {
#define OP(name, text, sig, aux, effects) [IR_##name] = ir_ev_##name,
#include "src/ir/ir_ops.def"
#undef OP
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
    functions[insn->op](&e);
}

/* --- guest state --- */

static void get_row(struct ir_ev *e, uint64_t row)
{
    const char *p = (const char *)e->cpu + e->state->rows[row].offset;
    unsigned bits = ir_ev_width(e);
    ir_value_set(e->r, bits, 0);
    memcpy(e->r, p, (bits + 7) / 8);
}

static void put_row(struct ir_ev *e, uint64_t row, unsigned arg)
{
    char *p = (char *)e->cpu + e->state->rows[row].offset;
    memcpy(p, e->a[arg], (ir_ev_width(e) + 7) / 8);
}

void ir_ev_GET(struct ir_ev *e) { get_row(e, e->in->imm); }

void ir_ev_PUT(struct ir_ev *e) { put_row(e, e->in->imm, 0); }

static uint64_t indexed_row(const struct ir_ev *e) { return e->in->imm + (uint64_t)(ir_ev_arg_own(e, 0) % e->in->aux); }

void ir_ev_GETX(struct ir_ev *e) { get_row(e, indexed_row(e)); }

void ir_ev_PUTX(struct ir_ev *e) { put_row(e, indexed_row(e), 1); }

/* --- calls --- */

static uint64_t call_helper(struct ir_ev *e, const struct ir_helper *h, const uint64_t *a)
{
    uint32_t host = host_fp_get(); /* I2 */
    host_fp_set(e->cpu->fp_env);
    uint64_t result = h->fn(e->cpu, a[0], a[1], a[2], a[3]);
    e->cpu->fp_env = host_fp_get();
    host_fp_set(host);
    return result;
}

void ir_ev_CALL(struct ir_ev *e)
{
    const struct ir_helper *h = (const struct ir_helper *)(uintptr_t)e->in->imm;
    uint64_t args[4] = {0};
    for (unsigned i = 0; i < h->args; i++)
        args[i] = (uint64_t)ir_ev_arg_own(e, i);
    uint64_t result = call_helper(e, h, args);
    if (h->result != IR_VOID)
        ir_value_set(e->r, ir_type_bits((enum ir_type)h->result), result);
}

/* --- structure --- */

static void leave(struct ir_ev *e, gaddr_t pc)
{
    *e->exit = (struct ir_exit){.reason = CPU_EXIT_LOOKUP, .pc = pc, .hint = (enum ir_hint)e->in->aux};
    e->left = true;
}

void ir_ev_leave_trap(struct ir_ev *e, enum ir_trap trap, gaddr_t pc)
{
    *e->exit = (struct ir_exit){.reason = CPU_EXIT_TRAP, .trap = trap, .pc = pc};
    e->left = true;
}

void ir_ev_INSN(struct ir_ev *e) { e->cpu->pc = e->in->imm; }

void ir_ev_CALL_HINT(struct ir_ev *e) {}
void ir_ev_DEAD_FLAGS(struct ir_ev *e) {}

void ir_ev_EXIT_IF(struct ir_ev *e)
{
    if (ir_ev_arg_bool(e, 0))
        leave(e, e->in->imm);
}

void ir_ev_TRAP_IF(struct ir_ev *e)
{
    if (ir_ev_arg_bool(e, 0))
        ir_ev_leave_trap(e, (enum ir_trap)e->in->aux, e->in->imm);
}

void ir_ev_JUMP(struct ir_ev *e) { leave(e, e->in->imm); }

void ir_ev_JUMP_REG(struct ir_ev *e) { leave(e, e->a[0]->u64[0]); }

void ir_ev_TRAP(struct ir_ev *e) { ir_ev_leave_trap(e, (enum ir_trap)e->in->aux, e->in->imm); }
