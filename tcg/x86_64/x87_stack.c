/* SPDX-License-Identifier: Apache-2.0 */
/* Values of 80 bits on the host's x87 stack, from one operation of a block to the next.
 *
 * A result stays on the stack until nothing needs it, and what a PUT stores to a register of the guest's x87 stack (a
 * tagged row, ir.h) is not written to memory before an exit: by then most of these registers are empty again. Where an
 * access may fault in between, the pc map says which row is in which register, and tcg_save_x87 takes them from the
 * signal's frame.
 *
 * I1  st[0..depth) are the values from the bottom of the host's stack to its top; IR_NO_REF: nothing that is needed.
 * I2  put[r] is the value that row tagged + r ought to have in memory; it is on the stack as long as it is there.
 * I3  A value that is not on the stack has a home, or is a constant.
 * I4  The stack is empty where a block is left, and around everything that may call C code (keeps).
 * I5  An empty row's last value is kept for what reads all of the state later in the block, and for a later push of the
 *     same value, of which the passes have removed the PUT.
 * I6  Nothing here changes the flags.
 */
#include "tcg/x86_64/x87_stack.h"

#include <ucontext.h>

#include "src/ir/state.h"
#include "tcg/common/facts.h"
#include "tcg/common/record.h"
#include "tcg/common/reg_file.h"
#include "tcg/common/regalloc.h"
#include "tcg/common/regalloc_row.h"
#include "tcg/x86_64/move.h"

enum { ST_COUNT = 8, NIBBLE = 4, NIBBLE_USED = 8 };
static_assert(ST_COUNT * NIBBLE == 8 * sizeof(((struct tcg_pc_map *)0)->x87), "a nibble for each register");
static_assert(ST_COUNT == ARRAY_LEN(((struct tcg_x87 *)0)->st), "the struct has room for the stack");

/* Every struct tcg of this host is the first member of a struct tcg_x86. */
static inline struct tcg_x87 *xs_of(const struct tcg *t) { return &((struct tcg_x86 *)(uintptr_t)t)->x87; }

static void bytes(struct tcg *t, unsigned b0, unsigned b1) { hx_u8(&t->a, b0), hx_u8(&t->a, b1); }
static unsigned row_of(const struct tcg *t, unsigned r) { return t->block->state->tagged + r; }
static bool is_alive(const struct tcg *t, ir_ref v) { return !(t->val[v].flags & TCG_VF_DEAD); }

static bool is_put(const struct tcg *t, ir_ref v)
{
    bool found = false;
    for (unsigned r = 0; r < ST_COUNT; r++)
        found = found || xs_of(t)->put[r] == v;
    return found;
}

static int find(const struct tcg *t, ir_ref v)
{
    int i = xs_of(t)->depth;
    while (i-- > 0 && xs_of(t)->st[i] != v)
        ;
    return i;
}

static void forget_if_dead(struct tcg *t, ir_ref v)
{
    int i = v == IR_NO_REF || is_alive(t, v) || is_put(t, v) ? -1 : find(t, v);
    if (i >= 0)
        xs_of(t)->st[i] = IR_NO_REF;
}

static void drop_put(struct tcg *t, unsigned r)
{
    ir_ref v = xs_of(t)->put[r];
    xs_of(t)->put[r] = IR_NO_REF;
    forget_if_dead(t, v);
}

/* What a PUT of the mode says; all bits set: not known */
static uint32_t mode_put(const struct tcg *t, const struct ir_insn *in)
{
    return t->val[in->arg[0]].flags & TCG_VF_CONST ? (uint32_t)t->insns[in->arg[0]].imm : UINT32_MAX;
}

static bool is_empty(const struct tcg *t, unsigned r, uint32_t mode)
{
    return ir_row_is_empty(t->block->state, row_of(t, r), mode);
}

void xs_init(struct tcg *t)
{
    *xs_of(t) = (struct tcg_x87){.mode = t->block->mode};
    memset(xs_of(t)->put, 0xff, sizeof xs_of(t)->put);
    for (uint32_t i = 0; i < t->block->count && t->block->state->tagged_count; i++) { /* I5 */
        const struct ir_insn *in = &t->insns[i];
        bool reads = ir_insn_effects(in) & IR_FX_RSTATE && in->op != IR_GET;
        bool is_mode = in->op == IR_PUT && in->imm == t->block->state->mode_row;
        for (unsigned r = 0; r < ST_COUNT && (reads || is_mode); r++) {
            if (reads || !is_empty(t, r, mode_put(t, in)))
                xs_of(t)->kept[r] = i;
        }
    }
}

/* ---- moving ---- */

static unsigned top(const struct tcg *t) { return xs_of(t)->depth - 1u; }

unsigned xs_at(const struct tcg *t, ir_ref v) { return top(t) - (unsigned)find(t, v); }

static void to_top(struct tcg *t, unsigned i)
{
    ir_ref v = xs_of(t)->st[i];
    if (i == top(t))
        return;
    bytes(t, 0xd9, 0xc8 + top(t) - i); /* fxch */
    xs_of(t)->st[i] = xs_of(t)->st[top(t)];
    xs_of(t)->st[top(t)] = v;
}

static void pop_to(struct tcg *t, unsigned i)
{
    bytes(t, 0xdd, 0xd8 + top(t) - i); /* fstp st(i) */
    xs_of(t)->st[i] = xs_of(t)->st[top(t)];
    xs_of(t)->depth--;
}

/* Row r of memory is about to change: a value that has its home there moves. */
static void free_row(struct tcg *t, unsigned r, ir_ref v)
{
    ir_ref w = t->row_val[row_of(t, r)];
    if (w == IR_NO_REF || w == v)
        return;
    if (!is_alive(t, w) || find(t, w) >= 0)
        ra_drop_home(t, w);
    else
        ra_leave_row(t, w, true);
}

/* The top, v, goes to its rows, or if there is none and it is still needed, to a home. */
static void store_top(struct tcg *t, ir_ref v)
{
    struct tcg_val *x = &t->val[v];
    struct tcg_mem first = {0};
    bool stored = false;
    for (unsigned r = 0; r < ST_COUNT; r++) {
        if (xs_of(t)->put[r] != v)
            continue;
        struct tcg_mem m = ra_row_mem(t, row_of(t, r));
        free_row(t, r, v);
        if (stored)
            tcg_copy_wide(t, IR_F80, m, first);
        else
            hx_rm(&t->a, 0xdb, 0, 7, first = m); /* fstp */
        stored = true;
        xs_of(t)->put[r] = IR_NO_REF;
        if (x->home == TCG_HOME_NONE && is_alive(t, v) && !(x->flags & TCG_VF_CONST)) {
            x->home = (uint16_t)(TCG_HOME_ROW + row_of(t, r));
            t->row_val[row_of(t, r)] = v;
        }
    }
    if (!stored && is_alive(t, v) && x->home == TCG_HOME_NONE && !(x->flags & TCG_VF_CONST)) {
        ra_take_slot(t, v);
        hx_rm(&t->a, 0xdb, 0, 7, ra_home_mem(t, v));
        stored = true;
    }
    if (!stored)
        bytes(t, 0xdd, 0xd8);
    xs_of(t)->depth--;
}

static void evict(struct tcg *t, unsigned i)
{
    to_top(t, i);
    ir_ref v = xs_of(t)->st[top(t)];
    if (v != IR_NO_REF)
        store_top(t, v);
    else
        pop_to(t, top(t));
}

static bool is_operand(const struct tcg *t, ir_ref v)
{
    const struct ir_insn *in = &t->insns[t->cur];
    bool found = false;
    for (unsigned k = 0, n = ir_insn_arg_count(in); k < n; k++)
        found = found || in->arg[k] == v;
    return found;
}

void xs_room(struct tcg *t, unsigned n)
{
    for (unsigned i = xs_of(t)->depth; i-- > 0 && xs_of(t)->depth + n > ST_COUNT;) {
        if (xs_of(t)->st[i] == IR_NO_REF)
            pop_to(t, i);
    }
    for (unsigned i = 0; xs_of(t)->depth + n > ST_COUNT;) {
        if (is_operand(t, xs_of(t)->st[i]))
            i++;
        else
            evict(t, i);
    }
}

/* ---- operands and results ---- */

void xs_use(struct tcg *t, ir_ref v)
{
    uint64_t lo, hi;
    if (find(t, v) >= 0)
        return;
    xs_room(t, 1);
    if (tcg_const_vec(t, v, &lo, &hi) && !lo && !hi)
        bytes(t, 0xd9, 0xee); /* fldz */
    else if (tcg_const_vec(t, v, &lo, &hi) && lo == UINT64_C(1) << 63 && hi == 0x3fff)
        bytes(t, 0xd9, 0xe8); /* fld1 */
    else
        hx_rm(&t->a, 0xdb, 0, 5, ra_wide(t, v)); /* fld */
    xs_of(t)->st[xs_of(t)->depth++] = v;
}

/* The row gets another value, or becomes empty, before anyone can look. */
static bool row_is_replaced(const struct tcg *t, unsigned r)
{
    for (uint32_t i = t->cur + 1u; i < t->block->count; i++) {
        const struct ir_insn *in = &t->insns[i];
        if (in->op == IR_PUT && in->imm == row_of(t, r))
            return true;
        if (in->op == IR_PUT && in->imm == t->block->state->mode_row && i > xs_of(t)->kept[r] &&
            is_empty(t, r, mode_put(t, in)))
            return true;
        if (in->op == IR_GET ? in->imm == row_of(t, r)
                             : in->op != IR_PUT && ir_insn_effects(in) & (IR_FX_FAULT | IR_FX_EXIT | IR_FX_END |
                                                                          IR_FX_RSTATE | IR_FX_WSTATE))
            return false;
    }
    return false;
}

bool xs_ends(const struct tcg *t, ir_ref v)
{
    bool ends = tcg_dies(t, v);
    for (unsigned r = 0; r < ST_COUNT && ends; r++)
        ends = xs_of(t)->put[r] != v || row_is_replaced(t, r);
    return ends;
}

void xs_take(struct tcg *t, ir_ref v)
{
    for (unsigned r = 0; r < ST_COUNT; r++)
        xs_of(t)->put[r] = xs_of(t)->put[r] == v ? IR_NO_REF : xs_of(t)->put[r];
    xs_of(t)->st[find(t, v)] = IR_NO_REF;
}

void xs_to_top(struct tcg *t, ir_ref v) { to_top(t, (unsigned)find(t, v)); }

void xs_copy(struct tcg *t, ir_ref v)
{
    xs_room(t, 1);
    bytes(t, 0xd9, 0xc0 + xs_at(t, v)); /* fld st(i) */
    xs_of(t)->st[xs_of(t)->depth++] = IR_NO_REF;
}

void xs_pushed(struct tcg *t) { xs_of(t)->st[xs_of(t)->depth++] = IR_NO_REF; }
void xs_popped(struct tcg *t) { xs_of(t)->depth--; }
void xs_def(struct tcg *t, unsigned i) { xs_of(t)->st[top(t) - i] = t->cur; }

/* ---- guest registers ---- */

static bool is_tagged(const struct tcg *t, unsigned row)
{
    return row - t->block->state->tagged < t->block->state->tagged_count;
}

void xs_before_get(struct tcg *t, unsigned row)
{
    ir_ref v = is_tagged(t, row) ? xs_of(t)->put[row - t->block->state->tagged] : IR_NO_REF;
    if (v != IR_NO_REF)
        evict(t, (unsigned)find(t, v));
}

bool xs_put(struct tcg *t, unsigned row, ir_ref v)
{
    unsigned r = row - t->block->state->tagged;
    if (!is_tagged(t, row)) {
        if (find(t, v) >= 0)
            evict(t, (unsigned)find(t, v));
        return false;
    }
    ir_ref old = xs_of(t)->put[r];
    if (t->row_val[row] == v) { /* memory has it still */
        xs_of(t)->put[r] = IR_NO_REF;
    } else {
        xs_use(t, v);
        xs_of(t)->put[r] = v;
    }
    forget_if_dead(t, old);
    return true;
}

static void drop_empty(struct tcg *t)
{
    for (unsigned r = 0; r < ST_COUNT; r++) {
        if (xs_of(t)->put[r] != IR_NO_REF && t->cur > xs_of(t)->kept[r] && is_empty(t, r, xs_of(t)->mode))
            drop_put(t, r);
    }
}

void xs_put_mode(struct tcg *t, uint32_t mode)
{
    xs_of(t)->mode = mode;
    drop_empty(t);
}

/* ---- between instructions ---- */

/* What neither leaves the block nor calls C code: it is executed with values on the stack. */
static bool keeps(const struct tcg *t, const struct ir_insn *in)
{
    switch (in->op) {
    case IR_LD:
    case IR_ST:
        return !(in->aux & IR_MEM_ALIGNED);
    case IR_INSN:
    case IR_CONST:
    case IR_GET:
    case IR_PUT:
    case IR_ADD:
    case IR_SUB:
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_NOT:
    case IR_MUL:
    case IR_SHL:
    case IR_SHR:
    case IR_SAR:
    case IR_TRUNC:
    case IR_ZEXT:
    case IR_SEXT:
    case IR_ICMP:
    case IR_X87_UN:
    case IR_X87_BIN:
    case IR_X87_MEM:
    case IR_X87_LD:
    case IR_X87_ST:
    case IR_X87_COM:
    case IR_X87_CMP:
    case IR_X87_SW:
    case IR_X87_CW:
        return true;
    case IR_SELECT:
        return in->type != IR_F80;
    case IR_FNEG:
    case IR_FABS:
        return in->type == IR_F80;
    default:
        return tcg_is_flag(in);
    }
}

void xs_flush(struct tcg *t)
{
    while (xs_of(t)->depth)
        evict(t, top(t));
    t->locked = t->temps = 0;
}

void xs_before(struct tcg *t, const struct ir_insn *in)
{
    if (xs_of(t)->depth && !keeps(t, in)) {
        if (ir_insn_effects(in) & (IR_FX_EXIT | IR_FX_END) && !ir_insn_changes_mode(in))
            drop_empty(t);
        xs_flush(t);
    }
    xs_note(t);
}

void xs_end(struct tcg *t)
{
    while (xs_of(t)->depth && xs_of(t)->st[top(t)] == IR_NO_REF)
        pop_to(t, top(t));
}

void xs_kill(struct tcg *t, ir_ref v) { forget_if_dead(t, v); }

/* ---- faults ---- */

uint32_t xs_noted(const struct tcg *t) { return xs_of(t)->noted; }

void xs_note(struct tcg *t)
{
    const struct tcg_request *req = t->req;
    uint32_t rows = 0;
    if (!xs_of(t)->depth && !xs_of(t)->noted)
        return;
    for (unsigned r = 0; r < ST_COUNT; r++) {
        if (xs_of(t)->put[r] != IR_NO_REF)
            rows |= (NIBBLE_USED | xs_at(t, xs_of(t)->put[r])) << (NIBBLE * r);
    }
    if (rows == xs_of(t)->noted || !req->map)
        return;
    xs_of(t)->noted = rows;
    tcg_map_add(t, rows);
}

void tcg_save_x87(struct cpu *cpu, const struct ir_state *state, uint32_t rows, const void *ucontext)
{
    const ucontext_t *uc = ucontext;
    for (unsigned r = 0; r < state->tagged_count; r++) {
        unsigned n = rows >> (NIBBLE * r) & 15;
        if (n & NIBBLE_USED)
            memcpy((char *)cpu + state->rows[state->tagged + r].offset, &uc->uc_mcontext.fpregs->_st[n & 7], 10);
    }
}
