/* SPDX-License-Identifier: Apache-2.0 */
/* Quiet compares. The ISA's fle and flt raise invalid for every NaN, so compilers wrap those that C wants quiet:
 *
 *     frflags rX; flt.d rd, fs1, fs2; fsflags rX
 *
 * The flags afterwards are those before, whatever the operands: the three are lifted as one compare that raises nothing
 * (IR_FCOND_NOEXC), and the flags are at most read. Reading them waits for every FP operation in flight, so that, too,
 * is left out where rX is dead.
 *
 * I1  rX is dead if on every way from here it is written before anything can see it. Only instructions that cannot
 *     trap and forward jumps (which do not poll) are followed; all others are taken to see rX. What remains: an
 *     asynchronous signal that arrives on such a way, at a jump that is not linked yet, shows its handler the old rX in
 *     the frame.
 * I2  The bytes that the proof has read belong to the block (ir_note_bytes), so that it is retired when they change.
 * I3  Each of the three keeps its INSN, and rX is written by the first. */
#include "frontend/riscv/rv_lift_quiet.h"

#include <string.h>

#include "frontend/riscv/rv_csr.h"
#include "frontend/riscv/rv_dispatch.h"
#include "frontend/riscv/rv_lift_fp.h"

enum { CSR_FFLAGS = 1, MAX_AHEAD = 24, QUIET_INSNS = 3 };

struct ahead {
    const uint8_t *code;
    size_t avail, seen; /* seen: end of what was read */
    const struct guest_config *config;
    unsigned reg, left; /* left: instructions that may still be looked at */
};

static bool is_frflags(const struct rv_insn *i)
{
    return i->row == &rv_rows[RV_OP_csrrs] && i->imm == CSR_FFLAGS && i->rs1 == 0 && i->rd != 0;
}

static bool fetch_ahead(struct ahead *a, size_t at, struct rv_insn *i)
{
    if (!a->left || at > a->avail || !rv_fetch(a->code + at, a->avail - at, a->config->features, i))
        return false;
    a->left--;
    if (at + i->len > a->seen)
        a->seen = at + i->len;
    return true;
}

/* Does an instruction that cannot trap read the register, or write it? Unknown operands count as read. */
static bool reads(const struct rv_insn *i, unsigned reg)
{
    if (rv_lifter(i->row) == rv_lift_load_imm)
        return false;
    if (i->row->kind == RV_KIND_FP)
        return strchr(i->row->operands, 's') && i->rs1 == reg;
    return i->rs1 == reg || i->rs2 == reg;
}
static bool writes(const struct rv_insn *i, unsigned reg)
{
    return i->rd == reg && (i->row->kind == RV_KIND_INT || strchr(i->row->operands, 'd'));
}

static bool dead_at(struct ahead *a, size_t at);

/* A jump or branch: both ways of a branch. */
static bool dead_after_jump(struct ahead *a, size_t at, const struct rv_insn *i)
{
    bool branch = i->row->kind == RV_KIND_BRANCH;
    size_t target = at + (size_t)i->imm;

    if (i->imm <= 0 || (branch ? reads(i, a->reg) : rv_lifter(i->row) != rv_lift_jal || i->rd != 0))
        return false;
    return dead_at(a, target) && (!branch || dead_at(a, at + i->len));
}

/* I1 */
static bool dead_at(struct ahead *a, size_t at)
{
    struct rv_insn i;

    for (; fetch_ahead(a, at, &i); at += i.len) {
        if (is_frflags(&i) && i.rd == a->reg)
            return true;
        if (i.row->kind == RV_KIND_BRANCH || i.row->kind == RV_KIND_JUMP)
            return dead_after_jump(a, at, &i);
        if (rv_lifter(i.row) == rv_lift_nop && i.row->kind == RV_KIND_INT)
            continue;
        if ((i.row->kind != RV_KIND_INT && i.row->kind != RV_KIND_FP) || reads(&i, a->reg))
            return false;
        if (writes(&i, a->reg))
            return true;
    }
    return false;
}

/* The next instruction is at hand. */
static void next_insn(struct guest_block *k)
{
    struct rv_lift *l = k->state;
    guest_block_next(k);
    l->pc = k->pc;
    l->next = k->next;
}

/* True if insns holds the three. */
static bool is_quiet_compare(const struct rv_insn *insns)
{
    const struct rv_insn *compare = &insns[1], *restore = &insns[2];
    return is_frflags(&insns[0]) && compare->row && rv_lifter(compare->row) == rv_lift_fcmp &&
           compare->rd != insns[0].rd && restore->row == &rv_rows[RV_OP_csrrw] && restore->imm == CSR_FFLAGS &&
           restore->rd == 0 && restore->rs1 == insns[0].rd;
}

bool rv_lift_quiet_compare(struct guest_block *k, const struct rv_insn *insns)
{
    struct rv_lift *l = k->state;
    const struct guest_lift *req = k->req;
    size_t offset = k->pc - req->pc;

    if (k->at + QUIET_INSNS > k->count || !is_quiet_compare(insns))
        return false;
    struct ahead a = {.code = req->code + offset,
                      .avail = req->avail - offset,
                      .config = req->config,
                      .reg = insns[0].rd,
                      .left = MAX_AHEAD};
    bool dead = req->mode != RV_MODE_INVALID_RM /* FP instructions trap */ && dead_at(&a, 4 * QUIET_INSNS);
    if (dead)
        ir_note_bytes(k->b, offset + a.seen); /* I2 */
    else
        rv_put_x(l, insns[0].rd, rv_read_fflags(l));
    next_insn(k);
    if (insns[1].rd)
        rv_lift_fcmp_noexc(l, &insns[1]);
    next_insn(k);
    return true;
}
