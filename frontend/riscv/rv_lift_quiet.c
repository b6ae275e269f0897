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
 * trap and forward jumps (which do not poll) are followed; all others are taken to see rX. What remains: an
 * asynchronous signal that arrives on such a way, at a jump that is not linked yet, shows its handler the old rX in the
 * frame. I2  The bytes that the proof has read belong to the block (guest_bytes), so that it is retired when they
 * change. I3  Each of the three keeps its INSN, and rX is written by the first.
 */
#include <string.h>

#include "frontend/riscv/rv_lift.h"

/* the lifters, by which some rows are told apart */
#define RV_INSN(id, name, pattern, format, operands, ext, kind, check, lifter, arg) rv_lift_fn rv_lift_##lifter;
#include "frontend/riscv/rv_insns.def"

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
    if (i->row->lift == rv_lift_load_imm)
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

    if (i->imm <= 0 || (branch ? reads(i, a->reg) : i->row->lift != rv_lift_jal || i->rd != 0))
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
        if (i.row->lift == rv_lift_nop && i.row->kind == RV_KIND_INT)
            continue;
        if ((i.row->kind != RV_KIND_INT && i.row->kind != RV_KIND_FP) || reads(&i, a->reg))
            return false;
        if (writes(&i, a->reg))
            return true;
    }
    return false;
}

static void next_insn(struct rv_lift *l, unsigned len)
{
    l->pc = l->next;
    l->next += len;
    l->insns++;
    ir_insn_start(l->b, l->pc, len);
}

/* True if code holds the three, i being the first. */
static bool is_quiet_compare(const struct rv_lift *l, const struct rv_insn *i, const uint8_t *code, size_t avail,
                             struct rv_insn *compare)
{
    uint64_t features = l->req->config->features;
    struct rv_insn restore;

    if (!is_frflags(i) || !(features & RV_EXT_F) || l->llsc.sc_pc || l->insns + QUIET_INSNS > l->req->max_insns)
        return false;
    if (!rv_fetch(code + 4, avail - 4, features, compare) || compare->row->lift != rv_lift_fcmp || compare->rd == i->rd)
        return false;
    return rv_fetch(code + 8, avail - 8, features, &restore) && restore.row == &rv_rows[RV_OP_csrrw] &&
           restore.imm == CSR_FFLAGS && restore.rd == 0 && restore.rs1 == i->rd;
}

bool rv_lift_quiet_compare(struct rv_lift *l, const struct rv_insn *i, const uint8_t *code, size_t avail)
{
    struct rv_insn compare;
    struct ahead a = {.code = code, .avail = avail, .config = l->req->config, .reg = i->rd, .left = MAX_AHEAD};
    size_t offset = l->pc - l->b->pc;

    if (!is_quiet_compare(l, i, code, avail, &compare))
        return false;
    bool dead = l->req->mode != RV_MODE_INVALID_RM /* FP instructions trap */ && dead_at(&a, 4 * QUIET_INSNS);
    l->next = l->pc + 4;
    ir_insn_start(l->b, l->pc, 4);
    if (!dead)
        rv_put_x(l, i->rd, rv_read_fflags(l));
    else if (offset + a.seen > l->b->guest_bytes)
        l->b->guest_bytes = (uint32_t)(offset + a.seen); /* I2 */
    next_insn(l, 4);
    if (compare.rd)
        rv_lift_fcmp_noexc(l, &compare);
    next_insn(l, 4);
    l->pc = l->next;
    l->insns++;
    return true;
}
