/* SPDX-License-Identifier: Apache-2.0 */
/* Compilers for machines that may not load what is misaligned load byte by byte, and put the bytes together:
 *
 *     %1 = ld i64 %0 {i8}; %2 = ld i64 %0 +1 {i8}; %4 = shl i64 %2 8; %5 = or i64 %4 %1
 *
 * That is one load of 16 bits. What else is used of the bytes on the way is extracted from it.
 *
 * I1  Values of which each byte is one of memory, or 0, are followed through shifts by whole bytes, ORs and
 *     conversions. Bytes are at base + at + n if they lie in little-endian order, n being the place in the value, or at
 *     base + at - n in big-endian order.
 * I2  The wide load is where the first of the loads was. Up to the last one only loads, PUTs and what has no effect
 *     happens, so that memory stays the same for this thread. For what others store, loads of different addresses may
 *     be made in any order: only for guests where that is so (guest.h).
 * I3  The wide load may fault for a byte that a later instruction would have loaded. Its guest instruction is marked:
 *     the runtime then goes back to it and on one by one (IR_INSN_REPLAYS).
 * I4  Each load goes into one wide load at most, and only if that saves instructions.
 */
#include "src/ir/simplify/merge_loads.h"

#include <string.h>

#include "src/ir/int_ops.h"

enum { MAX_BYTES = 8 };

struct bytes {
    uint8_t mask; /* bytes that are memory's; 0: the value is something else */
    bool little, big, sext;
    ir_ref base, first; /* the first of its loads */
    uint16_t epoch;     /* I2: the same between two of them */
    uint16_t insn, last_insn;
    int64_t at_little, at_big;
};

/* By the root of the tree, the value that is what the wide load gives. */
struct tree {
    int gain; /* instructions */
    ir_ref wide;
};

struct merging {
    const struct ir_insn *old;
    uint32_t old_count;
    struct bytes *bytes;
    ir_ref *owner; /* root of the tree that the value is in; IR_NO_REF: none */
    bool *outside; /* used by something that is not in its tree */
    bool *lasting; /* and not only by PUTs that will be dead */
    struct tree *trees;
    struct ir_insn *insns;
    uint32_t count, mark; /* the last INSN */
    ir_ref *map;
};

/* ---- which bytes a value has ---- */

static unsigned byte_count(uint8_t mask) { return (unsigned)__builtin_popcount(mask); }

static struct bytes of_load(const struct ir_insn *in, ir_ref i)
{
    const unsigned odd = IR_MEM_BIG | IR_MEM_ORDER | IR_MEM_SPACE | IR_MEM_ALIGNED;
    enum ir_type t = ir_mem_type(in->aux);
    bool wide = t == IR_I32;
    if (in->type != IR_I64 || in->aux & odd || (t != IR_I8 && t != IR_I16 && !wide) ||
        (in->aux & IR_MEM_SIGNED && !wide))
        return (struct bytes){0};
    unsigned n = ir_type_bits(t) / 8;
    return (struct bytes){.mask = (uint8_t)((1u << n) - 1),
                          .little = true,
                          .big = n == 1,
                          .sext = in->aux & IR_MEM_SIGNED,
                          .base = in->arg[0],
                          .first = i,
                          .at_little = (int64_t)in->imm,
                          .at_big = (int64_t)in->imm};
}

static struct bytes shifted(const struct merging *m, const struct ir_insn *in)
{
    struct bytes b = m->bytes[in->arg[0]];
    const struct ir_insn *by = &m->old[in->arg[1]];
    unsigned places = (unsigned)by->imm / 8, size = ir_type_bits((enum ir_type)in->type) / 8;
    if (!b.mask || by->op != IR_CONST || by->imm % 8 || by->imm >= 8 * size || b.sext || b.mask << places >> size)
        return (struct bytes){0};
    b.mask = (uint8_t)(b.mask << places);
    b.at_little -= places;
    b.at_big += places;
    return b;
}

static struct bytes either(const struct merging *m, const struct ir_insn *in)
{
    struct bytes a = m->bytes[in->arg[0]], c = m->bytes[in->arg[1]];
    bool same = a.mask && c.mask && !(a.mask & c.mask) && a.base == c.base && a.epoch == c.epoch;
    bool extends = (a.sext && c.mask >> 3) || (c.sext && a.mask >> 3); /* a copy of the sign over the other's bytes */
    a.little &= c.little && a.at_little == c.at_little;
    a.big &= c.big && a.at_big == c.at_big;
    if (!same || extends || !(a.little || a.big))
        return (struct bytes){0};
    a.mask |= c.mask;
    a.sext |= c.sext;
    a.first = a.first < c.first ? a.first : c.first;
    a.insn = a.insn < c.insn ? a.insn : c.insn;
    a.last_insn = a.last_insn > c.last_insn ? a.last_insn : c.last_insn;
    return a.last_insn - a.insn < IR_REPLAY_INSNS ? a : (struct bytes){0};
}

static struct bytes converted(const struct merging *m, const struct ir_insn *in)
{
    struct bytes b = m->bytes[in->arg[0]];
    bool narrow = in->op == IR_TRUNC;
    if (in->type != (narrow ? IR_I32 : IR_I64) || (!narrow && ir_insn_result_type(&m->old[in->arg[0]]) != IR_I32))
        return (struct bytes){0};
    if (narrow)
        b.mask &= 0xf;
    b.sext = in->op == IR_SEXT && b.mask & 8;
    return b;
}

static struct bytes bytes_of(const struct merging *m, ir_ref i)
{
    const struct ir_insn *in = &m->old[i];
    switch (in->op) {
    case IR_LD:
        return of_load(in, i);
    case IR_SHL:
        return shifted(m, in);
    case IR_OR:
        return either(m, in);
    case IR_TRUNC:
    case IR_SEXT:
    case IR_ZEXT:
        return converted(m, in);
    default:
        return (struct bytes){0};
    }
}

/* I2 */
static bool is_barrier(const struct ir_insn *in)
{
    const unsigned harmless = IR_FX_RSTATE | IR_FX_WSTATE | IR_FX_RMEM | IR_FX_FAULT | IR_FX_FPOBS | IR_FX_FPFLAG;
    return in->op == IR_CALL || ir_op_facts[in->op].effects & ~harmless || (in->op == IR_LD && ir_mem_order(in->aux));
}

static void find_bytes(struct merging *m)
{
    uint16_t epoch = 0, insn = 0;
    for (uint32_t i = 0; i < m->old_count; i++) {
        insn += m->old[i].op == IR_INSN;
        epoch += is_barrier(&m->old[i]);
        m->bytes[i] = bytes_of(m, (ir_ref)i);
        if (m->old[i].op == IR_LD)
            m->bytes[i].epoch = epoch, m->bytes[i].insn = m->bytes[i].last_insn = insn;
    }
}

/* ---- trees ---- */

static bool is_root(const struct merging *m, ir_ref i)
{
    const struct bytes *b = &m->bytes[i];
    bool whole = b->mask == 3 || b->mask == 15 || b->mask == 255;
    return m->old[i].op == IR_OR && m->owner[i] == IR_NO_REF && whole && (!b->sext || b->mask == 15);
}

static unsigned operands(const struct ir_insn *in) { return in->op == IR_LD ? 0 : in->op == IR_OR ? 2 : 1; }

/* A byte of a value lies so many bytes further in the wide one. */
static int64_t places_up(const struct bytes *b, const struct bytes *root)
{
    return root->little ? b->at_little - root->at_little : root->at_big - b->at_big;
}

/* May the value be taken from the root's? Its bytes are then one field. */
static bool is_field(const struct bytes *b)
{
    unsigned low = b->mask ? (unsigned)__builtin_ctz(b->mask) : 0;
    return b->mask && (b->mask >> low & ((b->mask >> low) + 1)) == 0;
}

static bool is_free(const struct merging *m, ir_ref i)
{
    bool ok = m->owner[i] == IR_NO_REF && is_field(&m->bytes[i]);
    for (unsigned a = 0; ok && a < operands(&m->old[i]); a++)
        ok = is_free(m, m->old[i].arg[a]);
    return ok;
}

/* The instructions that are the tree's. */
static int own(struct merging *m, ir_ref i, ir_ref root)
{
    int nodes = 1;
    m->owner[i] = root;
    for (unsigned a = 0; a < operands(&m->old[i]); a++)
        nodes += own(m, m->old[i].arg[a], root);
    return nodes;
}

/* Instructions that it takes to extract it. */
static int price(const struct bytes *b) { return 1 + !(b->mask & 1) + 2 * b->sext; }

/* Does anything look at the row between this PUT and the next one of it, when the trees' loads are gone? */
static bool will_be_dead(const struct merging *m, uint32_t put)
{
    const unsigned looks = IR_FX_RSTATE | IR_FX_FAULT | IR_FX_EXIT | IR_FX_END;
    for (uint32_t i = put + 1; i < m->old_count; i++) {
        const struct ir_insn *in = &m->old[i];
        bool other = in->imm != m->old[put].imm;
        if (in->op == IR_PUT && !other)
            return true;
        if (in->op == IR_LD && m->owner[i] != IR_NO_REF && m->bytes[m->owner[i]].first != i)
            continue;
        if (in->op == IR_GET ? !other : ir_insn_effects(in) & looks)
            return false;
    }
    return false;
}

static void note_uses(struct merging *m)
{
    for (uint32_t i = 0; i < m->old_count; i++) {
        const struct ir_insn *in = &m->old[i];
        for (unsigned n = ir_facts(in).args, a = 0; a < n; a++) {
            ir_ref x = in->arg[a];
            if (m->owner[x] == IR_NO_REF || m->owner[x] == m->owner[i])
                continue;
            m->outside[x] = true;
            m->lasting[x] |= in->op != IR_PUT || !will_be_dead(m, i);
        }
    }
}

static void find_trees(struct merging *m)
{
    for (uint32_t i = m->old_count; i-- > 0;) {
        if (is_root(m, (ir_ref)i) && is_free(m, (ir_ref)i))
            m->trees[i].gain = own(m, (ir_ref)i, (ir_ref)i) - (m->bytes[i].little ? 1 : 3);
    }
    note_uses(m);
    for (uint32_t i = 0; i < m->old_count; i++) {
        if (m->lasting[i] && m->owner[i] != i)
            m->trees[m->owner[i]].gain -= price(&m->bytes[i]);
    }
}

/* ---- the new list ---- */

static ir_ref append(struct merging *m, enum ir_op op, enum ir_type type, unsigned aux, ir_ref a, ir_ref b,
                     uint64_t imm)
{
    m->insns[m->count] = (struct ir_insn){(uint8_t)op, (uint8_t)type, (uint16_t)aux, {a, b, IR_NO_REF, IR_NO_REF}, imm};
    return (ir_ref)m->count++;
}

/* A value of n bytes in the lower part of x, in the other order */
static ir_ref swapped(struct merging *m, ir_ref x, unsigned n, bool sext)
{
    x = append(m, IR_BSWAP, n == 8 ? IR_I64 : IR_I32, 0, x, IR_NO_REF, 0);
    if (n == 2) {
        ir_ref by = append(m, IR_CONST, IR_I32, 0, IR_NO_REF, IR_NO_REF, 16);
        x = append(m, IR_SHR, IR_I32, 0, x, by, 0);
    }
    return n == 8 ? x : append(m, sext ? IR_SEXT : IR_ZEXT, IR_I64, 0, x, IR_NO_REF, 0);
}

static void wide_load(struct merging *m, ir_ref root)
{
    static const uint8_t types[MAX_BYTES + 1] = {[2] = IR_I16, [4] = IR_I32, [8] = IR_I64};
    const struct bytes *b = &m->bytes[root];
    unsigned n = byte_count(b->mask);
    ir_ref base = m->map[b->base];
    m->insns[m->mark].aux |= IR_INSN_REPLAYS;
    if (b->little) {
        unsigned aux = types[n] | (b->sext ? IR_MEM_SIGNED : 0);
        m->trees[root].wide = append(m, IR_LD, IR_I64, aux, base, IR_NO_REF, (uint64_t)b->at_little);
        return;
    }
    enum ir_type t = n == 8 ? IR_I64 : IR_I32;
    ir_ref x = append(m, IR_LD, t, types[n], base, IR_NO_REF, (uint64_t)(b->at_big - (int64_t)n + 1));
    m->trees[root].wide = swapped(m, x, n, b->sext);
}

static ir_ref extracted(struct merging *m, ir_ref i)
{
    const struct bytes *b = &m->bytes[i], *root = &m->bytes[m->owner[i]];
    enum ir_type t = (enum ir_type)m->old[i].type;
    unsigned low = (unsigned)__builtin_ctz(b->mask), n = byte_count(b->mask);
    ir_ref v = m->trees[m->owner[i]].wide;
    bool all = b->mask == root->mask && b->sext == root->sext, sext = b->sext && !all;
    if (!all) {
        unsigned pos = (unsigned)(places_up(b, root) + (int64_t)low) * 8;
        v = append(m, IR_EXTRACT, IR_I64, ir_bits(pos, n * 8), v, IR_NO_REF, 0);
    }
    if (low) {
        ir_ref by = append(m, IR_CONST, IR_I64, 0, IR_NO_REF, IR_NO_REF, low * 8);
        v = append(m, IR_SHL, IR_I64, 0, v, by, 0);
    }
    if (t == IR_I32 || sext)
        v = append(m, IR_TRUNC, IR_I32, 0, v, IR_NO_REF, 0);
    return sext ? append(m, IR_SEXT, IR_I64, 0, v, IR_NO_REF, 0) : v;
}

static void copy(struct merging *m, ir_ref i)
{
    struct ir_insn *in = &m->insns[m->count];
    *in = m->old[i];
    for (unsigned n = ir_facts(in).args, a = 0; a < n; a++)
        in->arg[a] = m->map[in->arg[a]];
    if (in->op == IR_INSN)
        m->mark = m->count;
    m->map[i] = (ir_ref)m->count++;
}

static void rewrite(struct merging *m)
{
    for (uint32_t i = 0; i < m->old_count; i++) {
        ir_ref root = m->owner[i];
        if (root == IR_NO_REF || m->trees[root].gain <= 0) {
            copy(m, (ir_ref)i);
            continue;
        }
        if (m->bytes[root].first == i)
            wide_load(m, root);
        if (m->outside[i])
            m->map[i] = extracted(m, (ir_ref)i);
    }
}

/* ---- the pass ---- */

static bool may_have_trees(const struct ir_insn *insns, uint32_t count)
{
    unsigned loads = 0, ors = 0;
    for (uint32_t i = 0; i < count; i++) {
        loads += insns[i].op == IR_LD && ir_type_bits(ir_mem_type(insns[i].aux)) <= 32;
        ors += insns[i].op == IR_OR;
    }
    return loads > 1 && ors;
}

struct ir_insn *ir_merge_loads(struct ir_insn *insns, uint32_t *count, struct arena *arena)
{
    enum { MOST_PER_VALUE = 6 };
    uint32_t n = *count;
    if (!may_have_trees(insns, n) || n > IR_MAX_INSNS / MOST_PER_VALUE)
        return insns;
    struct merging m = {.old = insns, .old_count = n};
    m.bytes = arena_alloc(arena, n * sizeof *m.bytes);
    m.owner = arena_alloc_raw(arena, n * sizeof *m.owner);
    memset(m.owner, 0xff, n * sizeof *m.owner);
    m.outside = arena_alloc(arena, n * sizeof *m.outside);
    m.lasting = arena_alloc(arena, n * sizeof *m.lasting);
    m.trees = arena_alloc(arena, n * sizeof *m.trees);
    find_bytes(&m);
    find_trees(&m);
    bool any = false;
    for (uint32_t i = 0; i < n; i++)
        any |= m.trees[i].gain > 0;
    if (!any)
        return insns;
    m.insns = arena_alloc_raw(arena, n * MOST_PER_VALUE * sizeof *m.insns);
    m.map = arena_alloc_raw(arena, n * sizeof *m.map);
    rewrite(&m);
    *count = m.count;
    return m.insns;
}
