/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter's guest state, calls and exits.
 *
 * I1  Helpers find the guest's FP environment in the host's FPU, as they do when generated code calls them (cpu.h I3).
 */
#include "src/host/fpenv.h"
#include "src/ir/interp/ev.h"

/* --- guest state --- */

void ir_ev_GET(struct ir_ev *e)
{
    unsigned bits = ir_ev_width(e);
    ir_value_set(e->r, bits, 0);
    memcpy(e->r, (const char *)e->cpu + e->state->rows[e->in->imm].offset, (bits + 7) / 8);
}

void ir_ev_PUT(struct ir_ev *e)
{
    memcpy((char *)e->cpu + e->state->rows[e->in->imm].offset, e->a[0], (ir_ev_width(e) + 7) / 8);
}

/* --- calls --- */

static uint64_t call_helper(struct ir_ev *e, const struct ir_helper *h, const uint64_t *a)
{
    uint32_t host = host_fp_get(); /* I1 */
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
