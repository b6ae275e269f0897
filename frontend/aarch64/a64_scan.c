/* SPDX-License-Identifier: Apache-2.0 */
/* Which flags are alive where in a decoded block.
 *
 * I1  live: flags that may be read, on some way, before they are written again. Behind the block, and where its
 *     branches go to, a few instructions are looked at; what is not known is alive.
 * I2  stored: flags that must be in their rows after the instruction, because an exit or an instruction that can fault
 *     follows while they are alive. A handler that looks at other flags in its frame finds older ones; they are dead. A
 *     branch stores for both of its ways (taken, stored), so what precedes it need not.
 * I3  Every byte that was looked at lies behind the block's start and counts as the block's, so that the block is
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

struct ahead {
    const struct guest_lift *req;
    unsigned left; /* instructions that may still be looked at */
    size_t seen;
};

/* The instruction at pc, if its bytes may count as the block's; they do now (I3). */
static bool look_at(struct ahead *a, gaddr_t pc, struct a64_insn *i)
{
    const size_t offset = pc - a->req->pc;
    uint32_t word;
    if (!a->left || offset >= a->req->avail || a->req->avail - offset < INSN_BYTES)
        return false;
    a->left--;
    memcpy(&word, a->req->code + offset, sizeof word);
    if (offset + INSN_BYTES > a->seen)
        a->seen = offset + INSN_BYTES;
    return a64_decode(word, a->req->config->features, i);
}

/* Of the flags as they are at pc (I1). */
static unsigned live_at(struct ahead *a, gaddr_t pc)
{
    struct a64_insn i;
    unsigned live = 0;
    while (look_at(a, pc, &i)) {
        live |= reads(&i);
        if (writes(&i) || live == A64_NZCV)
            return live;
        if (i.row->kind == A64_KIND_JUMP_REG || i.row->kind == A64_KIND_TRAP)
            return A64_NZCV;
        if (i.row->kind == A64_KIND_BRANCH)
            live |= live_at(a, a64_direct_target(&i, pc));
        pc = i.row->kind == A64_KIND_JUMP ? a64_direct_target(&i, pc) : pc + INSN_BYTES;
    }
    return A64_NZCV;
}

/* ---- the block ---- */

struct scan {
    struct guest_block *k;
    struct a64_insn *insns;
    struct ahead ahead;
    uint8_t *before; /* flags that are alive before each instruction, from the one at hand on */
};

/* Where the branch insns[n] goes to: often to an instruction of the block behind it. */
static unsigned live_if_taken(struct scan *s, unsigned n)
{
    const struct guest_block *k = s->k;
    gaddr_t target = a64_direct_target(&s->insns[n], k->req->pc + n * INSN_BYTES);
    size_t at = (size_t)(target - k->req->pc) / INSN_BYTES;
    if (k->changing)
        return A64_NZCV;
    if (target > k->req->pc && at > n && at < k->count)
        return s->before[at];
    s->ahead.left = MAX_TAKEN;
    return live_at(&s->ahead, target);
}

/* live: flags that are alive behind the block. */
static void spread(struct scan *s, unsigned live)
{
    unsigned stored = live;
    for (unsigned n = s->k->count; n-- > 0;) {
        struct a64_insn *i = &s->insns[n];
        const bool branch = i->row && i->row->kind == A64_KIND_BRANCH;
        if (branch) {
            i->taken = (uint8_t)live_if_taken(s, n);
            i->stored = (uint8_t)stored;
            live |= i->taken;
        } else if (i->row && (i->row->kind == A64_KIND_SYS || a64_may_leave(i))) {
            stored = live;
        }
        i->live = (uint8_t)live;
        if (!branch)
            i->stored = (uint8_t)stored;
        if (i->row)
            live = (live & ~writes(i)) | reads(i);
        s->before[n] = (uint8_t)live;
        stored = branch ? 0 : !i->row || may_fault(i) ? live : stored & ~writes(i);
    }
}

static unsigned live_behind(struct scan *s)
{
    const struct guest_block *k = s->k;
    const struct a64_insn *last = &s->insns[k->count - 1];
    const gaddr_t behind = k->req->pc + k->end;
    if (!last->row || last->row->kind == A64_KIND_JUMP_REG || last->row->kind == A64_KIND_TRAP || k->changing)
        return A64_NZCV;
    if (last->row->kind == A64_KIND_JUMP)
        return live_at(&s->ahead, a64_direct_target(last, behind - INSN_BYTES));
    return live_at(&s->ahead, behind);
}

void a64_scan(struct guest_block *k, struct a64_insn *insns)
{
    struct scan s = {.k = k, .insns = insns, .ahead = {.req = k->req, .left = MAX_AHEAD}};
    s.before = arena_alloc_raw(k->b->arena, k->count);
    spread(&s, live_behind(&s));
    ir_note_bytes(k->b, s.ahead.seen > k->end ? s.ahead.seen : k->end); /* I3 */
}
