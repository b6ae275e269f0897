/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder: masks and matches come from the rows' patterns when this file is compiled; the way from a word to the
 * rows that may match it is a table of bits 31 to 21, and of bits 15 to 10 where many rows share those.
 *
 * I1  The first row in table order whose pattern matches, whose feature is on and whose check holds decides.
 * I2  The table is made from the rows by the first who decodes, and const from then on. */
#include "frontend/aarch64/a64_decode.h"
#include "frontend/aarch64/a64_fp_args.h"
#include "frontend/aarch64/a64_fp_fns.h"
#include "frontend/aarch64/a64_half.h"
#include "frontend/aarch64/a64_half_args.h"
#include "frontend/aarch64/a64_vec_args.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- the rows ---- */

#define FIXED(p, i) ((uint32_t)((p)[i] == '0' || (p)[i] == '1') << (31 - (i)))
#define ONE(p, i)   ((uint32_t)((p)[i] == '1') << (31 - (i)))
#define EIGHT(f, p, i)                                                                                                 \
    (f(p, i) | f(p, i + 1) | f(p, i + 2) | f(p, i + 3) | f(p, i + 4) | f(p, i + 5) | f(p, i + 6) | f(p, i + 7))
#define ALL(f, p) (EIGHT(f, p, 0) | EIGHT(f, p, 8) | EIGHT(f, p, 16) | EIGHT(f, p, 24))

#define ROW(id, name_, pattern, operands_, feature_, kind_, flags_, check_, lifter, arg_, section)                     \
    [A64_OP_##id] = {.name = name_,                                                                                    \
                     .operands = operands_,                                                                            \
                     .mask = ALL(FIXED, pattern),                                                                      \
                     .match = ALL(ONE, pattern),                                                                       \
                     .arg = arg_,                                                                                      \
                     .feature = A64_FEAT_##feature_,                                                                   \
                     .kind = A64_KIND_##kind_,                                                                         \
                     .flags = A64_FLAGS_##flags_,                                                                      \
                     .check = A64_CHECK_##check_},
const struct a64_row a64_rows[A64_OP_COUNT] = {
#define A64_INSN(...) ROW(__VA_ARGS__)
#include "frontend/aarch64/a64_table.def"
};
#define A64_INSN(id, name, pattern, ...) _Static_assert(sizeof(pattern) == 33, #id);
#include "frontend/aarch64/a64_table.def"

/* ---- from a word to its rows (I2) ---- */

enum { KEY_SHIFT = 21, KEYS = 1 << 11, KEY2_SHIFT = 10, KEYS2 = 1 << 6, MANY = 6 };

struct list {
    uint16_t begin, count; /* of pool */
};
struct node {
    struct list rows;
    const struct list *by_key2; /* NULL: rows are few */
};
static struct node nodes[KEYS];
static uint16_t *pool;
static uint32_t pool_count, pool_size;

static void *claim(void *p, size_t bytes)
{
    p = realloc(p, bytes);
    if (!p)
        abort();
    return p;
}

/* Room in the pool for the rows that have been counted for a list, which is empty then. */
static void make_room(struct list *list)
{
    while (pool_count + list->count > pool_size)
        pool = claim(pool, (pool_size = pool_size ? 2 * pool_size : 1 << 14) * sizeof *pool);
    assert(pool_count + list->count <= UINT16_MAX);
    const unsigned count = list->count;
    *list = (struct list){.begin = (uint16_t)pool_count};
    pool_count += count;
}

/* The list of a key may get the row. fills: it does; else it is counted. */
static void visit(struct list *list, uint16_t row, bool fills)
{
    if (fills)
        pool[list->begin + list->count] = row;
    list->count++;
}

/* Each key that words of the row may have in the bits of keys from shift on: the fixed bits, and every subset of the
 * others. lists: that of key 0; those of the next keys are stride bytes apart each. */
static void visit_keys(char *lists, size_t stride, uint16_t row, unsigned shift, uint32_t keys, bool fills)
{
    const uint32_t fixed = a64_rows[row].match >> shift & (keys - 1);
    const uint32_t open = ~(a64_rows[row].mask >> shift) & (keys - 1);
    uint32_t subset = 0;
    do {
        visit((struct list *)(lists + (fixed | subset) * stride), row, fills);
        subset = (subset - open) & open;
    } while (subset);
}

/* The rows of a node by bits 15 to 10. */
static const struct list *split(const struct list *rows)
{
    struct list *lists = claim(NULL, KEYS2 * sizeof *lists);
    memset(lists, 0, KEYS2 * sizeof *lists);
    for (unsigned fills = 0; fills < 2; fills++) {
        for (unsigned n = 0; n < rows->count; n++)
            visit_keys((char *)lists, sizeof *lists, pool[rows->begin + n], KEY2_SHIFT, KEYS2, fills);
        for (uint32_t key = 0; key < KEYS2 && !fills; key++)
            make_room(&lists[key]);
    }
    return lists;
}

static void make_table(void)
{
    for (unsigned fills = 0; fills < 2; fills++) {
        for (unsigned row = 0; row < A64_OP_COUNT; row++)
            visit_keys((char *)&nodes[0].rows, sizeof *nodes, (uint16_t)row, KEY_SHIFT, KEYS, fills);
        for (uint32_t key = 0; key < KEYS && !fills; key++)
            make_room(&nodes[key].rows);
    }
    for (uint32_t key = 0; key < KEYS; key++) {
        if (nodes[key].rows.count > MANY)
            nodes[key].by_key2 = split(&nodes[key].rows);
    }
}

static const struct list *rows_of(uint32_t word)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_table);
    const struct node *node = &nodes[word >> KEY_SHIFT];
    return node->by_key2 ? &node->by_key2[word >> KEY2_SHIFT & (KEYS2 - 1)] : &node->rows;
}

/* ---- fields ---- */

static uint64_t ones(unsigned count) { return count < 64 ? (UINT64_C(1) << count) - 1 : ~UINT64_C(0); }

/* An element of 2, 4, ... 64 bits, a run of ones in it turned right by R, repeated. */
bool a64_logical_imm(uint32_t word, uint64_t *value)
{
    const unsigned n = word >> 22 & 1, immr = word >> 16 & 63, imms = word >> 10 & 63;
    const unsigned kind = n << 6 | (~imms & 63); /* its highest one says the size */
    if (kind < 2)
        return false;
    const unsigned bits = 1u << (31 - __builtin_clz(kind)), s = imms & (bits - 1), r = immr & (bits - 1);
    if (s == bits - 1)
        return false;
    uint64_t v = ones(s + 1);
    if (r)
        v = (v >> r | v << (bits - r)) & ones(bits);
    for (unsigned have = bits; have < 64; have *= 2)
        v |= v << have;
    *value = v;
    return true;
}

static bool is_mask(const struct a64_insn *i)
{
    uint64_t value;
    return (a64_sf(i) || !a64_bits(i, 22, 1)) && a64_logical_imm(i->raw, &value);
}

static bool vector_check_holds(enum a64_check check, const struct a64_insn *i);

/* clang-format off */
static bool check_holds(enum a64_check check, const struct a64_insn *i)
{
    const bool sf = a64_sf(i);
    switch (check) {
    case A64_CHECK_NONE: return true;
    case A64_CHECK_AMOUNT: return sf || !a64_bits(i, 15, 1);
    case A64_CHECK_SHIFT: return (sf || !a64_bits(i, 15, 1)) && a64_bits(i, 22, 2) != 3;
    case A64_CHECK_EXTEND: return a64_bits(i, 10, 3) <= 4;
    case A64_CHECK_FIELD:
        return a64_bits(i, 22, 1) == sf && (sf || !(a64_bits(i, 15, 1) | (a64_bits(i, 21, 1))));
    case A64_CHECK_MASK: return is_mask(i);
    case A64_CHECK_WIDE: return sf || a64_bits(i, 21, 2) < 2;
    case A64_CHECK_OPTION: return a64_bits(i, 14, 1);
    default: return vector_check_holds(check, i);
    }
}
/* clang-format on */

/* clang-format off */
static bool vector_check_holds(enum a64_check check, const struct a64_insn *i)
{
    const unsigned size = a64_bits(i, 22, 2), q = a64_bits(i, 30, 1), immh = a64_bits(i, 19, 4);
    const unsigned imm5 = a64_bits(i, 16, 5), elem = (unsigned)__builtin_ctz(imm5 | 16);
    switch (check) {
    case A64_CHECK_V: return size < 3 || q;
    case A64_CHECK_V_BHS: return size < 3;
    case A64_CHECK_V_HS: return size == 1 || size == 2;
    case A64_CHECK_V_BH: return size < 2;
    case A64_CHECK_V_BD: return size == 0 || size == 3;
    case A64_CHECK_V_RED: return size < 2 || (size == 2 && q);
    case A64_CHECK_V_SZ: return !(size & 1) || q;
    case A64_CHECK_V_IMM5: return elem < 3 || (elem == 3 && q);
    case A64_CHECK_V_SMOV: return elem < 2 || (elem == 2 && q);
    case A64_CHECK_V_UMOV: return q ? elem == 3 : elem < 3;
    case A64_CHECK_V_EXT: return q || !a64_bits(i, 14, 1);
    case A64_CHECK_V_LDN: return q || a64_bits(i, 10, 2) < 3;
    case A64_CHECK_V_SHIFT: return immh && (immh < 8 || q);
    case A64_CHECK_V_NARROW: return immh && immh < 8;
    case A64_CHECK_V_FSHIFT: return immh >= 4 && (immh < 8 || q);
    case A64_CHECK_V_SCALAR: return immh;
    case A64_CHECK_V_FSCALAR: return immh >= 4;
    case A64_CHECK_V_FELEM: return !(size & 1) || (!a64_bits(i, 21, 1) && (q || a64_bits(i, 28, 1)));
    case A64_CHECK_FIXED: return a64_sf(i) || a64_bits(i, 15, 1);
    default: return false;
    }
}
/* clang-format on */

bool a64_decode(uint32_t word, uint64_t features, struct a64_insn *i)
{
    const struct list *list = rows_of(word);
    memset(i, 0, sizeof *i);
    i->raw = word;
    for (unsigned n = 0; n < list->count; n++) {
        const struct a64_row *row = &a64_rows[pool[list->begin + n]];
        if ((word & row->mask) != row->match || !(features >> row->feature & 1) ||
            !check_holds((enum a64_check)row->check, i))
            continue;
        i->row = row;
        return true;
    }
    return false;
}

gaddr_t a64_direct_target(const struct a64_insn *i, gaddr_t pc)
{
    int64_t words = 0;
    if (i->row->kind == A64_KIND_JUMP)
        words = a64_sbits(i, 0, 26);
    else if ((i->raw & 0x7e000000) == 0x36000000) /* tbz, tbnz */
        words = a64_sbits(i, 5, 14);
    else
        words = a64_sbits(i, 5, 19);
    return pc + (uint64_t)words * 4;
}
