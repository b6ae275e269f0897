/* SPDX-License-Identifier: Apache-2.0 */
/* Brings FCANONs together in pairs, so that a back end can look for a NaN in two values with one compare. An FCANON
 * waits for the next one, and with it what only passes its value on to the guest's state (FBOX, PUT).
 *
 * I1  Nothing that may fault, leave, call or touch memory comes between the old place and the new one of anything that
 *     waits, so whoever can see the state sees it as it would have been.
 * I2  What needs a waiting value otherwise, or another PUT or a GET of a waiting row, ends the waiting before it.
 */
#include "src/ir/simplify/pair_canons.h"

#include <string.h>

enum { MAX_WAITING = 6, MAX_DISTANCE = 24 };

struct pairing {
    const struct ir_insn *old;
    struct ir_insn *insns; /* in the new order */
    ir_ref *map;           /* old -> new reference */
    uint32_t count;
    ir_ref waiting[MAX_WAITING]; /* old references, the FCANON first */
    unsigned waiting_count;
};

static void place(struct pairing *p, ir_ref old)
{
    struct ir_insn *in = &p->insns[p->count];
    *in = p->old[old];
    for (unsigned n = ir_facts(in).args, a = 0; a < n; a++)
        in->arg[a] = p->map[in->arg[a]];
    p->map[old] = (ir_ref)p->count++;
}

static void place_waiting(struct pairing *p, unsigned from)
{
    for (unsigned i = from; i < p->waiting_count; i++)
        place(p, p->waiting[i]);
    p->waiting_count = 0;
}

static bool uses_waiting(const struct pairing *p, const struct ir_insn *in)
{
    for (unsigned n = ir_facts(in).args, a = 0; a < n; a++)
        for (unsigned i = 0; i < p->waiting_count; i++)
            if (in->arg[a] == p->waiting[i])
                return true;
    return false;
}

/* I2 */
static bool is_waiting_row(const struct pairing *p, const struct ir_insn *in)
{
    for (unsigned i = 0; i < p->waiting_count; i++)
        if (p->old[p->waiting[i]].op == IR_PUT && p->old[p->waiting[i]].imm == in->imm)
            return true;
    return false;
}

/* May in go before what waits? */
static bool may_pass(const struct pairing *p, const struct ir_insn *in)
{
    if (in->op == IR_GET || in->op == IR_PUT)
        return !is_waiting_row(p, in) && !uses_waiting(p, in);
    return !(ir_facts(in).effects & ~(unsigned)(IR_FX_FPOBS | IR_FX_FPFLAG)) && in->op != IR_CALL &&
           !uses_waiting(p, in);
}

static bool may_wait(const struct pairing *p, const struct ir_insn *in)
{
    return (in->op == IR_PUT || in->op == IR_FBOX) && p->waiting_count < MAX_WAITING && uses_waiting(p, in) &&
           (in->op != IR_PUT || !is_waiting_row(p, in));
}

static bool is_checked(const struct pairing *p, const struct ir_insn *in)
{
    return in->op == IR_FCANON && ir_op_facts[p->old[in->arg[0]].op].effects & IR_FX_FPFLAG;
}

static void step(struct pairing *p, ir_ref i)
{
    const struct ir_insn *in = &p->old[i];
    if (!p->waiting_count) {
        if (is_checked(p, in))
            p->waiting[p->waiting_count++] = i;
        else
            place(p, i);
        return;
    }
    if (may_wait(p, in)) {
        p->waiting[p->waiting_count++] = i;
        return;
    }
    if (is_checked(p, in) && in->type == p->old[p->waiting[0]].type && !uses_waiting(p, in)) {
        place(p, p->waiting[0]);
        place(p, i);
        place_waiting(p, 1);
        return;
    }
    if (may_pass(p, in) && i - p->waiting[0] <= MAX_DISTANCE && in->op != IR_FCANON) {
        place(p, i);
        return;
    }
    place_waiting(p, 0);
    step(p, i);
}

static bool has_two(const struct ir_insn *insns, uint32_t count)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < count && n < 2; i++)
        n += insns[i].op == IR_FCANON;
    return n == 2;
}

void ir_pair_canons(struct ir_insn *insns, uint32_t count, struct arena *scratch)
{
    if (!has_two(insns, count))
        return;
    struct ir_insn *old = arena_alloc_raw(scratch, count * sizeof *old);
    memcpy(old, insns, count * sizeof *old);
    struct pairing p = {.old = old, .insns = insns, .map = arena_alloc_raw(scratch, count * sizeof *p.map)};
    for (uint32_t i = 0; i < count; i++)
        step(&p, (ir_ref)i);
    place_waiting(&p, 0);
}
