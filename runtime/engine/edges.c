/* SPDX-License-Identifier: Apache-2.0 */
/* Counting exits. See edges.h.
 *
 * I1  A counter is given to another exit only after a grace period: a thread that was stopped between counter and
 *     target goes where the first one did.
 * I2  Whatever chains, redirects or unchains an exit (chain.c) sets its jump without asking: then it is not counted any
 *     more, which edges_settle_locked sees by where the jump goes.
 * I3  The counters' code is written once, before it can be executed; no page is ever both (code_cache.h I1).
 */
#include "runtime/engine/edges.h"

#include <assert.h>
#include <sys/mman.h>

#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "src/ir/region.h"

enum {
    LEAST = 32, /* executions of a block of which shares can be told */
    MAX_EXITS = 16,
};

static_assert(EDGES_MAX * (TCG_EDGE_BYTES + sizeof(struct tcg_edge)) <= CC_NEAR, "code and counters");

static uint8_t *code_of(const struct engine *e) { return e->cc.near; }

static struct tcg_edge *edge_of(const struct engine *e, unsigned i)
{
    return (struct tcg_edge *)(void *)(e->cc.near + CC_NEAR / 2) + i;
}

/* I3 */
static bool write_code(const struct engine *e)
{
    tcg_emit_edges(code_of(e), edge_of(e, 0), EDGES_MAX);
    return mprotect(code_of(e), CC_NEAR / 2, PROT_READ | PROT_EXEC) == 0;
}

bool edges_begin(struct engine *e, struct edges *s)
{
    if (s->grace && !reclaim_passed(e, s->grace))
        return false;
    s->ready = s->ready || write_code(e);
    s->used = 0;
    return s->ready;
}

/* Is an exit counted by itself? A return's landing is no way out of the block. */
static bool is_edge(const struct tcg_exit *x) { return x->jmp_off && x->kind != IR_EXIT_LANDING; }

/* The counter that the exit goes through, or NULL. */
static struct tcg_edge *counter_of(const struct engine *e, const struct tb *tb, const struct tcg_exit *x)
{
    size_t off = (size_t)(tcg_exit_goes(tb->code.rx, x) - code_of(e));
    return off < CC_NEAR / 2 ? edge_of(e, (unsigned)(off / TCG_EDGE_BYTES)) : NULL;
}

static void watch_locked(struct engine *e, struct edges *s, struct tb *tb, struct tcg_exit *x)
{
    const struct tb *target = x->target;
    unsigned i = s->used++;
    struct tcg_edge *edge = edge_of(e, i);
    __atomic_store_n(&edge->count, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&edge->target, target->code.entry, __ATOMIC_RELEASE);
    tcg_patch_exit(tb->code.rw, tb->code.rx, x, code_of(e) + (size_t)i * TCG_EDGE_BYTES);
}

/* Has the block an exit that could be counted and is not? */
static bool misses_one(const struct engine *e, const struct tb *tb)
{
    for (uint32_t i = 0; i < tb->code.exit_count; i++) {
        const struct tcg_exit *x = &tb->code.exits[i];
        if (is_edge(x) && x->target && !counter_of(e, tb, x))
            return true;
    }
    return false;
}

unsigned edges_watch_locked(struct engine *e, struct edges *s, struct tb *tb)
{
    unsigned watched = 0;
    bool anew = misses_one(e, tb); /* then all of its exits begin anew, together */
    if (tb->code.exit_count > MAX_EXITS || s->used + tb->code.exit_count > EDGES_MAX)
        return 0;
    for (uint32_t i = 0; i < tb->code.exit_count; i++) {
        struct tcg_exit *x = &tb->code.exits[i];
        if (!is_edge(x) || !x->target)
            continue;
        watched++;
        struct tcg_edge *edge = counter_of(e, tb, x);
        if (!edge)
            watch_locked(e, s, tb, x);
        else if (anew)
            __atomic_store_n(&edge->count, 0, __ATOMIC_RELAXED);
    }
    return watched;
}

static uint8_t share_of(uint64_t part, uint64_t all) { return (uint8_t)(1 + (part * IR_SHARE_ONE + all / 2) / all); }

void edges_settle_locked(struct engine *e, struct tb *tb, unsigned watched)
{
    uint64_t count[MAX_EXITS] = {0}, all = 0;
    unsigned found = 0;
    for (uint32_t i = 0; watched && i < tb->code.exit_count; i++) {
        struct tcg_exit *x = &tb->code.exits[i];
        const struct tb *target = x->target;
        const struct tcg_edge *edge = is_edge(x) ? counter_of(e, tb, x) : NULL;
        if (!edge)
            continue;
        found++;
        all += count[i] = __atomic_load_n(&edge->count, __ATOMIC_RELAXED);
        tcg_patch_exit(tb->code.rw, tb->code.rx, x, target->code.entry);
    }
    for (uint32_t i = 0; found == watched && all >= LEAST && i < tb->code.exit_count; i++)
        __atomic_store_n(&tb->code.exits[i].share, share_of(count[i], all), __ATOMIC_RELAXED);
}

void edges_end(struct engine *e, struct edges *s) { s->grace = s->used ? reclaim_begin(e) : s->grace; }
