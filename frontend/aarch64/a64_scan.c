/* SPDX-License-Identifier: Apache-2.0 */
/* Which flags are alive where in a decoded block.
 *
 * I1  live: flags that may be read, on some way, before they are written again. Behind the block, and where its
 *     branches go to, a few instructions are looked at; what is not known is alive.
 * I2  stored: flags that must be in the state after the instruction, because an exit or an instruction that can fault
 *     follows while they are alive. A handler that looks at other flags in its frame finds older ones; they are dead. A
 *     branch stores for both of its ways (taken, stored), so what precedes it need not.
 * I3  in_rows and settles decide in which form: a hint, and what follows from it. A block that reads flags from before
 *     it settles. For a hint alone, bytes are looked at that may change unnoticed.
 * I4  Every other byte that was looked at lies behind the block's start and counts as the block's, so that the block is
 *     retired if it changes. */
#include "frontend/aarch64/a64_scan.h"

#include <string.h>

#include "frontend/aarch64/a64_context.h"

enum { MAX_AHEAD = 48, MAX_TAKEN = 24, INSN_BYTES = 4 }; /* instructions: behind the block, where a branch goes to */

/* ---- what an instruction does to flags ---- */

static unsigned read_by_condition(unsigned cond)
{
    static const uint8_t sets[8] = {A64_Z, A64_C, A64_N, A64_V, A64_C | A64_Z, A64_N | A64_V, A64_N | A64_Z | A64_V, 0};
    return sets[cond >> 1];
}

static unsigned reads(const struct a64_insn *i)
{
    switch ((enum a64_flag_use)i->row->flags) {
    case A64_FLAGS_ALL:
        return A64_NZCV;
    case A64_FLAGS_C:
    case A64_FLAGS_C_SETS:
        return A64_C;
    case A64_FLAGS_COND:
    case A64_FLAGS_COND_SETS:
        return read_by_condition(a64_bits(i, 12, 4));
    case A64_FLAGS_BCOND:
        return read_by_condition(a64_bits(i, 0, 4));
    default:
        return 0;
    }
}

static unsigned writes(const struct a64_insn *i)
{
    return i->row->flags == A64_FLAGS_SETS || i->row->flags == A64_FLAGS_C_SETS || i->row->flags == A64_FLAGS_COND_SETS
               ? A64_NZCV
               : 0;
}

static bool may_fault(const struct a64_insn *i)
{
    switch ((enum a64_kind)i->row->kind) {
    case A64_KIND_INT:
    case A64_KIND_FP:
    case A64_KIND_BRANCH:
    case A64_KIND_JUMP:
        return false;
    default:
        return true;
    }
}

/* ---- what comes behind the block ---- */

/* What becomes of flags. */
struct fate {
    unsigned live; /* may be read before they are written again (I1) */
    unsigned read; /* of them, those that are known to be read */
};

struct ahead {
    const struct guest_lift *req;
    unsigned left; /* instructions that may still be looked at */
    size_t seen;
};

static struct fate both(struct fate a, struct fate b) { return (struct fate){a.live | b.live, a.read | b.read}; }

/* The instruction at pc. exact: its bytes may count as the block's, and do now (I4). */
static bool look_at(struct ahead *a, gaddr_t pc, struct a64_insn *i, bool *exact)
{
    const int64_t offset = (int64_t)(pc - a->req->pc), end = (int64_t)(a->req->avail + a->req->after);
    uint32_t word;
    if (!a->left || offset < -(int64_t)a->req->before || offset + INSN_BYTES > end)
        return false;
    a->left--;
    memcpy(&word, a->req->code + offset, sizeof word);
    *exact = offset >= 0 && offset + INSN_BYTES <= (int64_t)a->req->avail;
    if (*exact && (size_t)offset + INSN_BYTES > a->seen)
        a->seen = (size_t)offset + INSN_BYTES;
    return a64_decode(word, a->req->config->features, i);
}

/* Of the flags as they are at pc. */
static struct fate fate_at(struct ahead *a, gaddr_t pc)
{
    const struct fate unknown = {A64_NZCV, 0};
    struct fate f = {0, 0};
    struct a64_insn i;
    bool exact;
    while (f.read != A64_NZCV && look_at(a, pc, &i, &exact)) {
        if (!exact) /* what follows is a hint */
            f.live = A64_NZCV;
        f = both(f, (struct fate){reads(&i), reads(&i)});
        if (writes(&i))
            return f;
        if (i.row->kind == A64_KIND_JUMP_REG || i.row->kind == A64_KIND_TRAP)
            return both(f, unknown);
        if (i.row->kind == A64_KIND_BRANCH)
            f = both(f, fate_at(a, a64_direct_target(&i, pc)));
        pc = i.row->kind == A64_KIND_JUMP ? a64_direct_target(&i, pc) : pc + INSN_BYTES;
    }
    return both(f, unknown);
}

/* ---- the block ---- */

struct scan {
    struct guest_block *k;
    struct a64_insn *insns;
    struct ahead ahead;
    struct fate *before; /* of the flags before each instruction, from the one at hand on */
};

/* Where the branch insns[n] goes to: often to an instruction of the block behind it. */
static struct fate fate_if_taken(struct scan *s, unsigned n)
{
    const struct guest_block *k = s->k;
    gaddr_t target = a64_direct_target(&s->insns[n], k->req->pc + n * INSN_BYTES);
    size_t at = (size_t)(target - k->req->pc) / INSN_BYTES;
    if (k->changing)
        return (struct fate){A64_NZCV, 0};
    if (target > k->req->pc && at > n && at < k->count)
        return s->before[at];
    s->ahead.left = MAX_TAKEN;
    return fate_at(&s->ahead, target);
}

/* The branch insns[n]. behind: what becomes of the flags on the way on; then on both ways. */
static void spread_branch(struct scan *s, unsigned n, struct fate *behind)
{
    struct a64_insn *i = &s->insns[n];
    const struct fate taken = fate_if_taken(s, n);
    i->taken = (uint8_t)taken.live;
    i->taken_in_rows = taken.read & taken.live;
    *behind = both(*behind, taken);
}

/* behind: what becomes of the flags behind the block. */
static void spread(struct scan *s, struct fate behind)
{
    unsigned stored = behind.live;
    bool in_rows = behind.read; /* by blocks behind this one */
    for (unsigned n = s->k->count; n-- > 0;) {
        struct a64_insn *i = &s->insns[n];
        const bool branch = i->row && i->row->kind == A64_KIND_BRANCH;
        if (i->row && !branch && (i->row->kind == A64_KIND_SYS || a64_may_leave(i)))
            stored = behind.live;
        i->stored = (uint8_t)stored;
        i->in_rows = in_rows && stored;
        if (branch) {
            spread_branch(s, n, &behind);
            in_rows |= i->taken_in_rows;
        }
        i->live = (uint8_t)behind.live;
        if (i->row && writes(i)) {
            behind = (struct fate){0, 0};
            in_rows = false;
        }
        if (i->row)
            behind = both(behind, (struct fate){reads(i), reads(i)});
        s->before[n] = behind;
        stored = branch ? 0 : !i->row || may_fault(i) ? behind.live : i->row && writes(i) ? 0 : stored;
    }
}

/* Does an instruction read flags from before the block (I3)? */
static bool reads_older(const struct a64_insn *insns, unsigned count)
{
    for (unsigned n = 0; n < count && insns[n].row; n++) {
        if (reads(&insns[n]))
            return true;
        if (writes(&insns[n]))
            return false;
    }
    return false;
}

static struct fate fate_behind(struct scan *s)
{
    const struct guest_block *k = s->k;
    const struct a64_insn *last = &s->insns[k->count - 1];
    const gaddr_t behind = k->req->pc + k->end;
    if (!last->row || last->row->kind == A64_KIND_JUMP_REG || last->row->kind == A64_KIND_TRAP || k->changing)
        return (struct fate){A64_NZCV, 0};
    if (last->row->kind == A64_KIND_JUMP)
        return fate_at(&s->ahead, a64_direct_target(last, behind - INSN_BYTES));
    return fate_at(&s->ahead, behind);
}

void a64_scan(struct guest_block *k, struct a64_insn *insns)
{
    struct scan s = {.k = k, .insns = insns, .ahead = {.req = k->req, .left = MAX_AHEAD}};
    s.before = arena_alloc_raw(k->b->arena, k->count * sizeof *s.before);
    spread(&s, fate_behind(&s));
    insns[0].settles = reads_older(insns, k->count);
    ir_note_bytes(k->b, s.ahead.seen > k->end ? s.ahead.seen : k->end); /* I4 */
}
