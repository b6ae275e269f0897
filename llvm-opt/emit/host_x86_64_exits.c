/* SPDX-License-Identifier: Apache-2.0 */
/* Stubs of cold exits on x86-64.
 *
 * Order: what goes to struct cpu is stored; pinned registers that lie in registers are moved, all at once; those that
 * come from elsewhere are loaded; the frame goes. NaNs and boxes are repaired in struct cpu, and pinned values that
 * need it go by way of it.
 *
 * I1  A register is written only when no move that is still to come reads it.
 * I2  Registers that hold no source and are no target are free: behind the stores at least five general ones are, since
 *     ten at most are sources of pinned ones and struct cpu, and behind the moves all that are not pinned.
 * I3  Repairs raise no flag of a guest's that can tell: the NaNs are quiet (plan/kinds.c I3).
 * I4  Statepoints make the function one with calls. So it has no red zone, and its frame is all that is to go.
 */
#include <string.h>

#include "llvm-opt/emit/host_x86_64_code.h"
#include "llvm-opt/emit/stub.h"
#include "src/base/cpu.h"

enum { CPU_REG = R13, VECTORS = 32, BYTES_PER_MOVE = 96, BYTES_BESIDES = 96 };

const unsigned LOPT_STUB_JUMP_BYTES = 5;

static const uint8_t pinned_gpr[CPU_PINNED_GPRS] = {RBP, R12, RBX, R14, RSI, RDI, R8, R9, R15};
static const uint64_t CANONICAL_F64 = UINT64_C(0x7ff8000000000000);
static const uint32_t CANONICAL_F32 = 0x7fc00000;

/* Which register a register's value comes from; -1: it has its value, or none is wanted. */
struct shuffle {
    int8_t from[16];
    bool wanted[16];
};

struct job {
    struct lopt_code c;
    const struct lopt_stub *stub;
    struct shuffle gpr, vec;
    unsigned base; /* register that holds struct cpu */
    bool failed;
};

/* ---- what a move is ---- */

static bool is_pinned(const struct lopt_stub_move *m) { return m->pin_gpr >= 0 || m->pin_fpr >= 0; }

static bool is_in(const struct lopt_stub_move *m, enum lopt_where where)
{
    return !m->in_cpu && m->from.where == where;
}

/* A pinned register whose value is made in struct cpu first. */
static bool goes_by_cpu(const struct lopt_stub_move *m)
{
    bool boxes = m->repair == LOPT_REPAIR_BOX || m->repair == LOPT_REPAIR_RAWBOX;
    bool crosses = is_in(m, m->pin_gpr >= 0 ? LOPT_IN_VECTOR : LOPT_IN_GPR);
    return is_pinned(m) && !m->in_cpu && (boxes || crosses);
}

static bool is_stored(const struct lopt_stub_move *m) { return !is_pinned(m) || goes_by_cpu(m); }

static unsigned target_of(const struct lopt_stub_move *m)
{
    return m->pin_gpr >= 0 ? pinned_gpr[m->pin_gpr] : 1u + (unsigned)m->pin_fpr;
}

/* A pinned register that comes from one of its own kind. */
static bool is_shuffled(const struct lopt_stub_move *m)
{
    return is_pinned(m) && !m->in_cpu && !goes_by_cpu(m) &&
           m->from.where == (m->pin_gpr >= 0 ? LOPT_IN_GPR : LOPT_IN_VECTOR);
}

/* ---- sources ---- */

static bool is_source(const struct lopt_stub *s, enum lopt_where where, unsigned reg)
{
    for (unsigned i = 0; i < s->count; i++) {
        if (is_in(&s->moves[i], where) && s->moves[i].from.at == (int64_t)reg)
            return true;
    }
    return false;
}

/* struct cpu comes into a register; r13, if it is on the stack. What was there goes to where it was. */
static void take_base(struct job *j)
{
    const struct lopt_stub *s = j->stub;
    int32_t slot = (int32_t)s->cpu.at;
    j->base = s->cpu.where == LOPT_IN_GPR ? (unsigned)s->cpu.at : CPU_REG;
    j->failed |= s->cpu.where == LOPT_IN_VECTOR || s->cpu.where == LOPT_IS_CONST;
    j->gpr.from[CPU_REG] = (int8_t)j->base;
    j->gpr.wanted[CPU_REG] = true;
    if (s->cpu.where != LOPT_ON_STACK)
        return;
    if (!is_source(s, LOPT_IN_GPR, CPU_REG)) {
        lopt_code_load(&j->c, CPU_REG, RSP, slot, 8);
        return;
    }
    lopt_code_exchange_slot(&j->c, CPU_REG, slot);
    for (unsigned i = 0; i < s->count; i++) {
        struct lopt_stub_move *m = &s->moves[i];
        if (is_in(m, LOPT_IN_GPR) && m->from.at == CPU_REG)
            m->from.where = LOPT_ON_STACK, m->from.at = slot;
    }
}

static void plan_shuffles(struct job *j)
{
    for (unsigned i = 0; i < j->stub->count; i++) {
        const struct lopt_stub_move *m = &j->stub->moves[i];
        if (!is_shuffled(m))
            continue;
        struct shuffle *s = m->pin_gpr >= 0 ? &j->gpr : &j->vec;
        s->from[target_of(m)] = (int8_t)m->from.at;
        s->wanted[target_of(m)] = true;
    }
}

/* A register that no shuffle reads. Those that are pinned are not asked for: a load may have filled them. */
static unsigned free_register(const struct shuffle *s, unsigned base)
{
    for (unsigned r = 0; r < 16; r++) {
        bool busy = r == RSP || r == base;
        for (unsigned t = 0; t < 16; t++)
            busy |= s->wanted[t] && s->from[t] == (int8_t)r;
        if (!busy)
            return r;
    }
    return RSP; /* never (I2) */
}

/* ---- stores ---- */

static void store_constant(struct job *j, const struct lopt_stub_move *m)
{
    uint64_t v = (uint64_t)m->from.at;
    j->failed |= m->bytes > 8;
    if (m->bytes == 8 && m->from.at != (int32_t)m->from.at) {
        lopt_code_store_constant(&j->c, j->base, m->offset, (uint32_t)v, 4);
        lopt_code_store_constant(&j->c, j->base, m->offset + 4, (uint32_t)(v >> 32), 4);
        return;
    }
    lopt_code_store_constant(&j->c, j->base, m->offset, (uint32_t)v, m->bytes);
}

static void store_register(struct job *j, const struct lopt_stub_move *m)
{
    unsigned from = (unsigned)m->from.at;
    if (m->from.where == LOPT_IN_GPR) {
        j->failed |= m->bytes > 8;
        lopt_code_store(&j->c, from, j->base, m->offset, m->bytes);
    } else {
        j->failed |= m->bytes < 4;
        lopt_code_store_vector(&j->c, from, j->base, m->offset, m->bytes);
    }
}

static void copy_slot(struct job *j, const struct lopt_stub_move *m)
{
    int32_t slot = (int32_t)m->from.at;
    if (m->bytes <= 8) {
        unsigned r = free_register(&j->gpr, j->base);
        lopt_code_load(&j->c, r, RSP, slot, m->bytes);
        lopt_code_store(&j->c, r, j->base, m->offset, m->bytes);
        return;
    }
    unsigned r = free_register(&j->vec, 16);
    lopt_code_load_vector(&j->c, r, RSP, slot, m->bytes);
    lopt_code_store_vector(&j->c, r, j->base, m->offset, m->bytes);
}

/* All but what is on the stack first: then there are free registers (I2). */
static void store_rows(struct job *j)
{
    for (unsigned i = 0; i < j->stub->count; i++) {
        const struct lopt_stub_move *m = &j->stub->moves[i];
        if (is_stored(m) && m->from.where == LOPT_IS_CONST)
            store_constant(j, m);
        else if (is_stored(m) && m->from.where != LOPT_ON_STACK)
            store_register(j, m);
    }
    for (unsigned i = 0; i < j->stub->count; i++) {
        if (is_stored(&j->stub->moves[i]) && j->stub->moves[i].from.where == LOPT_ON_STACK)
            copy_slot(j, &j->stub->moves[i]);
    }
}

/* ---- registers to registers ---- */

static void move_gpr(struct lopt_code *c, unsigned to, unsigned from) { lopt_code_move(c, to, from); }

static void move_vec(struct lopt_code *c, unsigned to, unsigned from) { lopt_code_move_vector(c, to, from); }

static void swap_gpr(struct lopt_code *c, unsigned a, unsigned b) { lopt_code_exchange(c, a, b); }

/* xmm0 is free: it is no target, and so not in a cycle. */
static void swap_vec(struct lopt_code *c, unsigned a, unsigned b)
{
    lopt_code_move_vector(c, 0, a);
    lopt_code_move_vector(c, a, b);
    lopt_code_move_vector(c, b, 0);
}

struct mover {
    void (*move)(struct lopt_code *c, unsigned to, unsigned from);
    void (*swap)(struct lopt_code *c, unsigned a, unsigned b);
};

static bool is_read(const struct shuffle *s, unsigned reg)
{
    bool read = false;
    for (unsigned t = 0; t < 16; t++)
        read |= s->wanted[t] && t != reg && s->from[t] == (int8_t)reg;
    return read;
}

static void arrive(struct shuffle *s, unsigned reg)
{
    s->wanted[reg] = false;
    s->from[reg] = -1;
}

/* All that is left are cycles: each register that is wanted is read by one other. */
static void break_cycle(struct lopt_code *c, struct shuffle *s, unsigned to, const struct mover *m)
{
    unsigned from = (unsigned)s->from[to];
    m->swap(c, to, from);
    arrive(s, to);
    for (unsigned t = 0; t < 16; t++) {
        if (s->wanted[t] && s->from[t] == (int8_t)to)
            s->from[t] = (int8_t)from; /* where it is now */
    }
    if (s->from[from] == (int8_t)from)
        arrive(s, from);
}

static void do_shuffle(struct lopt_code *c, struct shuffle *s, const struct mover *m)
{
    for (bool left = true; left;) {
        unsigned cycle = 16;
        bool moved = false;
        left = false;
        for (unsigned t = 0; t < 16; t++) {
            if (!s->wanted[t])
                continue;
            if (s->from[t] == (int8_t)t) {
                arrive(s, t);
            } else if (!is_read(s, t)) {
                m->move(c, t, (unsigned)s->from[t]);
                arrive(s, t);
                moved = true;
            } else {
                cycle = t;
                left = true;
            }
        }
        if (left && !moved)
            break_cycle(c, s, cycle, m);
    }
}

/* ---- behind the moves: rax and xmm0 are free, r13 is struct cpu ---- */

/* Canonical, if it is a NaN. */
static void repair_in_cpu(struct lopt_code *c, const struct lopt_stub_move *m)
{
    if (m->repair == LOPT_REPAIR_BOX || m->repair == LOPT_REPAIR_RAWBOX)
        lopt_code_store_constant(c, CPU_REG, m->offset + 4, UINT32_MAX, 4);
    if (m->repair == LOPT_REPAIR_RAW) {
        lopt_code_load_vector(c, 0, CPU_REG, m->offset, 8);
        uint8_t *jump = lopt_code_jump_if_number(c, 0, 8);
        lopt_code_constant(c, RAX, CANONICAL_F64);
        lopt_code_store(c, RAX, CPU_REG, m->offset, 8);
        lopt_code_here(c, jump);
    } else if (m->repair == LOPT_REPAIR_RAWBOX) {
        lopt_code_load_vector(c, 0, CPU_REG, m->offset, 4);
        uint8_t *jump = lopt_code_jump_if_number(c, 0, 4);
        lopt_code_store_constant(c, CPU_REG, m->offset, CANONICAL_F32, 4);
        lopt_code_here(c, jump);
    }
}

static void load_pinned(struct job *j, const struct lopt_stub_move *m)
{
    struct lopt_code *c = &j->c;
    unsigned to = target_of(m);
    bool in_cpu = m->in_cpu || goes_by_cpu(m);
    unsigned base = in_cpu ? CPU_REG : RSP;
    int32_t at = in_cpu ? m->offset : (int32_t)m->from.at;
    if (!in_cpu && m->from.where == LOPT_IS_CONST) {
        lopt_code_constant(c, m->pin_gpr >= 0 ? to : RAX, (uint64_t)m->from.at);
        if (m->pin_gpr < 0)
            lopt_code_to_vector(c, to, RAX);
    } else if (m->pin_gpr >= 0) {
        lopt_code_load(c, to, base, at, 8);
    } else {
        lopt_code_load_vector(c, to, base, at, 8);
    }
}

static void repair_pinned(struct lopt_code *c, const struct lopt_stub_move *m)
{
    unsigned reg = target_of(m);
    uint8_t *jump = lopt_code_jump_if_number(c, reg, 8);
    lopt_code_constant(c, RAX, CANONICAL_F64);
    lopt_code_to_vector(c, reg, RAX);
    lopt_code_here(c, jump);
}

static void finish_rows(struct job *j)
{
    const struct lopt_stub *s = j->stub;
    for (unsigned i = 0; i < s->count; i++) {
        if (is_stored(&s->moves[i]))
            repair_in_cpu(&j->c, &s->moves[i]);
    }
    for (unsigned i = 0; i < s->count; i++) {
        const struct lopt_stub_move *m = &s->moves[i];
        if (is_pinned(m) && !is_shuffled(m))
            load_pinned(j, m);
        if (is_pinned(m) && !goes_by_cpu(m) && !m->in_cpu && m->repair == LOPT_REPAIR_RAW)
            repair_pinned(&j->c, m);
    }
}

/* ---- the whole ---- */

static void init_shuffle(struct shuffle *s)
{
    memset(s, 0, sizeof *s);
    memset(s->from, -1, sizeof s->from);
}

static bool is_known(const struct lopt_stub_move *m)
{
    bool box = m->repair == LOPT_REPAIR_BOX || m->repair == LOPT_REPAIR_RAWBOX;
    return !is_pinned(m) || m->bytes == 8 || (m->pin_fpr >= 0 && m->bytes == 4 && box);
}

size_t lopt_stub_bound(unsigned moves) { return (size_t)moves * BYTES_PER_MOVE + BYTES_BESIDES; }

size_t lopt_stub_write(const struct lopt_stub *stub, uint8_t *to)
{
    static const struct mover gpr = {move_gpr, swap_gpr}, vec = {move_vec, swap_vec};
    struct job j = {.c = {.at = to, .vex = stub->three_operands}, .stub = stub};
    for (unsigned i = 0; i < stub->count; i++)
        j.failed |= !is_known(&stub->moves[i]);
    init_shuffle(&j.gpr);
    init_shuffle(&j.vec);
    take_base(&j);
    plan_shuffles(&j);
    store_rows(&j);
    do_shuffle(&j.c, &j.gpr, &gpr);
    do_shuffle(&j.c, &j.vec, &vec);
    finish_rows(&j);
    if (stub->wide && stub->three_operands)
        lopt_code_forget_upper(&j.c);
    lopt_code_drop(&j.c, stub->frame);
    lopt_code_jump(&j.c);
    return j.failed ? 0 : (size_t)(j.c.at - to);
}

bool lopt_stub_jump(uint8_t *code, uint32_t end, uint32_t target)
{
    static const uint8_t nop[3] = {0x0f, 0x1f, 0x44}; /* of five bytes */
    if (end < 5 || memcmp(code + end - 5, nop, sizeof nop) != 0)
        return false;
    uint32_t distance = target - end;
    code[end - 5] = 0xe9;
    memcpy(code + end - 4, &distance, sizeof distance);
    return true;
}
