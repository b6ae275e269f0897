/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing what tier 2 compiles: the hot part of the control-flow graph around a hot block.
 *
 * Starting at the head, the hottest successor not yet taken is added until nothing hot is left or a cap is reached. A
 * successor counts as hot if the edge to it was taken at least once for every COLD_RATIO entries of the head. A
 * block's exits were counted while a window was open around it (edges.h); for those that were not, the count of the
 * target stands for the edge. A call is followed to its return
 * address, and into the function if that is small and calls no other. Each block belongs to the function through whose
 * entry it was found; its return gets the return addresses of the calls of that function as likely targets. An indirect
 * jump or call gets those that were seen (profile.c).
 *
 * Where a real call of its own goes to, and where one comes back to, a region is entered again, if it has that block:
 * otherwise the block would head a region with the same code once more, and recursion that was left would stay in tier
 * 1 until the outermost call returned.
 *
 * Tier 1's blocks go on behind branches (guest_lift.max_branches). A region's end where a published block begins: the
 * rest is that one's. Tier 1 counts only who jumps there, so those that come from above are added.
 *
 * I1  A block is taken only if its tier-1 block is published: then its pages are protected, and as long as that very
 *     block (same serial) is still published at installation, the bytes read here were the right ones.
 */
#define _GNU_SOURCE
#include "runtime/engine/region.h"

#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runtime/engine/lift.h"
#include "runtime/engine/profile.h"
#include "runtime/engine/tb.h"

#include "src/ir/region.h"

enum {
    COLD_RATIO = 32,
    MAX_CANDIDATES = 1024,
    MAX_CALLS = 64,
    MAX_ENTRIES = CPU_MAX_ENTRIES,
    MAX_OUTSIDE = 64,
    MAX_RECURSION = 4, /* calls of the head that stay inside: its returns compare with each */
    MOST_PERCENT = 80,
    LEAF_BLOCKS = 16,
    LEAF_INSNS = 48
};

struct candidate {
    gaddr_t pc;
    uint32_t mode;
    bool counted;     /* weight is the sum of the edges' that lead there; else it is the block's own count */
    uint64_t weight;  /* executions */
    gaddr_t function; /* to which it belongs: the address that was called, or the head */
};

struct call {
    gaddr_t target, return_pc;
    gaddr_t caller; /* function */
};

struct selection {
    struct engine *e;
    struct arena *arena;
    bool modes;     /* blocks may be of several modes */
    uint64_t floor; /* entries below which a block is cold */
    unsigned max_blocks, max_insns;
    struct ir_region_block *blocks;
    struct tb_identity *identities;
    gaddr_t *functions;              /* of each block */
    unsigned count, insns, branches; /* branches: behind which blocks go on */
    struct candidate queue[MAX_CANDIDATES];
    unsigned queued;
    struct call calls[MAX_CALLS];
    unsigned call_count;
    struct {
        gaddr_t pc;
        uint32_t mode;
    } entries[MAX_ENTRIES]; /* where real calls come back to, and where they go */
    unsigned entry_count;
    const struct ir_block **outside; /* MAX_OUTSIDE */
    unsigned outside_count;
    const struct tb *old; /* the region that is to be replaced */
};

static int index_of(const struct selection *s, gaddr_t pc, uint32_t mode)
{
    const struct ir_region region = {.blocks = s->blocks, .count = s->count};
    return ir_region_find(&region, pc, mode);
}

static bool selected(const struct selection *s, gaddr_t pc, uint32_t mode) { return index_of(s, pc, mode) >= 0; }

/* What is known of how often an edge is taken. */
struct edge {
    bool counted;     /* executions is the edge's; else it is not known but by the target's own count */
    uint64_t through; /* not counted: executions that come from a block above, which tier 1 has not counted there */
    uint64_t executions;
};

static void add_edge(struct selection *s, gaddr_t pc, uint32_t mode, gaddr_t function, struct edge edge)
{
    const struct tb *tb = tb_find(s->e, pc, mode);
    if (!tb || tb->volatile_code || tb->changes_itself || selected(s, pc, mode))
        return;
    uint64_t weight = edge.counted ? edge.executions : tb_executions(tb) + edge.through;
    if (!edge.counted && weight < s->floor && __atomic_load_n(&tb->heat.stopped, __ATOMIC_RELAXED))
        weight = s->floor;                      /* it was hot when it stopped counting */
    if (weight < (edge.counted ? 1 : s->floor)) /* those that were counted add up */
        return;
    for (unsigned i = 0; i < s->queued && edge.counted; i++) {
        struct candidate *c = &s->queue[i];
        if (c->pc == pc && c->mode == mode && c->counted) {
            c->weight += weight;
            return;
        }
    }
    if (s->queued < MAX_CANDIDATES)
        s->queue[s->queued++] = (struct candidate){pc, mode, edge.counted, weight, function};
}

static void add_candidate(struct selection *s, gaddr_t pc, uint32_t mode, gaddr_t function)
{
    add_edge(s, pc, mode, function, (struct edge){0});
}

static struct candidate take_hottest(struct selection *s)
{
    unsigned best = 0;
    for (unsigned i = 1; i < s->queued; i++)
        if (s->queue[i].weight > s->queue[best].weight)
            best = i;
    struct candidate c = s->queue[best];
    s->queue[best] = s->queue[--s->queued];
    return c;
}

/* Reads guest code without risk: the guest may unmap it at any moment. */
static struct lift_code read_guest(struct engine *e, gaddr_t pc, uint8_t room[LIFT_ROOM])
{
    const uint8_t *code;
    size_t avail, before = lift_before(pc), most = LIFT_FETCH_MAX + LIFT_AFTER_MAX;
    if (!e->mem->fetch(e->memory, pc, &code, &avail))
        return lift_code(room, 0, 0);
    struct iovec local = {room, before + (avail < most ? avail : most)};
    struct iovec remote = {(void *)(uintptr_t)(code - before), local.iov_len};
    ssize_t n = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    return lift_code(room + before, n < (ssize_t)before ? 0 : (size_t)n - before, before);
}

/* Is code entered at tb that another region has already? */
static bool has_other_region(const struct selection *s, const struct tb *tb)
{
    const struct tb *region = __atomic_load_n(&tb->region, __ATOMIC_ACQUIRE);
    return region && region != s->old;
}

/* Does a guest instruction begin at i, and is the one before it a branch? (An exit to itself is none: x86's lock.) */
static bool is_behind_branch(const struct ir_block *block, uint32_t i)
{
    const struct ir_insn *exit = NULL;
    if (block->insns[i].op != IR_INSN)
        return false;
    while (i-- > 0) {
        const struct ir_insn *in = &block->insns[i];
        if (in->op == IR_INSN)
            return exit && exit->imm != in->imm;
        exit = in->op == IR_EXIT_IF ? in : exit;
    }
    return false;
}

/* Guest instructions of a block up to the first behind a branch where another published block begins; or all. */
static unsigned own_insns(const struct selection *s, const struct ir_block *block)
{
    unsigned insns = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        if (is_behind_branch(block, i) && tb_find(s->e, block->insns[i].imm, ir_exit_mode(block, i)))
            return insns;
        insns += block->insns[i].op == IR_INSN;
    }
    return insns;
}

/* The IR of a block that is published, and what says whether it still is. */
static enum status lift_published(struct selection *s, gaddr_t pc, uint32_t mode, struct tb_identity *identity,
                                  const struct ir_block **block)
{
    const struct tb *tb = tb_find(s->e, pc, mode);
    if (!tb)
        return STATUS_STALE;
    *identity = (struct tb_identity){.pc = pc, .mode = mode, .serial = tb->serial};
    uint8_t room[LIFT_ROOM];
    struct lift_code code = read_guest(s->e, pc, room);
    if (!code.avail)
        return STATUS_BAD_FETCH;
    enum status status = lift_block(s->e, pc, mode, code, (unsigned)s->e->options->block_insns, s->arena, block);
    unsigned own = status == STATUS_OK ? own_insns(s, *block) : 0;
    if (status == STATUS_OK && own < (*block)->guest_insns)
        status = lift_block(s->e, pc, mode, code, own, s->arena, block);
    if (status == STATUS_OK)
        identity->bytes = hash128_of((struct hash128){{0, 0}}, code.bytes, (*block)->guest_bytes);
    return status;
}

/* The hot blocks of a function, as far as they are known. */
struct leaf {
    gaddr_t blocks[LEAF_BLOCKS];
    unsigned count, insns;
};

static bool add_leaf_block(const struct selection *s, struct leaf *leaf, gaddr_t pc, uint32_t mode)
{
    const struct tb *tb = tb_find(s->e, pc, mode);
    if (!tb || tb_executions(tb) < s->floor)
        return true; /* cold: stays outside */
    for (unsigned i = 0; i < leaf->count; i++)
        if (leaf->blocks[i] == pc)
            return true;
    if (leaf->count == LEAF_BLOCKS)
        return false;
    leaf->blocks[leaf->count++] = pc;
    return true;
}

/* Adds the block's successors. False: it calls other functions than the head and itself, or goes who knows where. */
static bool add_leaf_successors(const struct selection *s, struct leaf *leaf, const struct ir_block *block,
                                uint32_t mode)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const struct ir_insn *in = &block->insns[i];
        const bool calls = in->op == IR_JUMP && in->aux == IR_HINT_CALL;
        if (calls ? in->imm != s->blocks[0].block->pc && in->imm != leaf->blocks[0]
                  : in->op == IR_JUMP_REG && in->aux != IR_HINT_RET)
            return false;
        if (!calls && (ir_insn_has_target(in) || in->op == IR_CALL_HINT) && !add_leaf_block(s, leaf, in->imm, mode))
            return false;
    }
    return true;
}

/* A small function that calls none, or only itself and the head. Only such a one is followed: a region of a larger one
 * and its callers has few of the blocks of each, and is left and entered all the time. (With all calls followed, perl,
 * python3, gawk and mawk were 10 to 20 % slower once everything was compiled.) */
static bool is_small_leaf(struct selection *s, gaddr_t function, uint32_t mode)
{
    struct leaf leaf = {.blocks = {function}, .count = 1};
    for (unsigned i = 0; i < leaf.count; i++) {
        const struct ir_block *block;
        struct tb_identity identity;
        if (lift_published(s, leaf.blocks[i], mode, &identity, &block) != STATUS_OK)
            continue;
        leaf.insns += block->guest_insns;
        if (leaf.insns > LEAF_INSNS || !add_leaf_successors(s, &leaf, block, mode))
            return false;
    }
    return true;
}

/* A function is followed from one call only: then its returns have one target. A function that has a region is not
 * compiled again. But calls of the head itself stay inside: to the region, recursion is a loop. Any other call is a
 * real call, which the host's return predictor knows better than a chain of compares does. */
static bool may_follow(struct selection *s, gaddr_t target, uint32_t mode)
{
    if (!s->e->options->inline_calls || s->call_count == MAX_CALLS)
        return false;
    if (target == s->blocks[0].block->pc)
        return s->call_count < MAX_RECURSION;
    for (unsigned i = 0; i < s->call_count; i++)
        if (s->calls[i].target == target)
            return false;
    const struct tb *tb = tb_find(s->e, target, mode);
    return !selected(s, target, mode) && tb && !has_other_region(s, tb) && is_small_leaf(s, target, mode);
}

/* Is this call followed? Several blocks may end in the same one. */
static bool follows(const struct selection *s, gaddr_t target, gaddr_t return_pc)
{
    for (unsigned k = 0; k < s->call_count; k++)
        if (s->calls[k].target == target && s->calls[k].return_pc == return_pc)
            return true;
    return false;
}

/* If the region has this block, it will be entered there. */
static void add_entry(struct selection *s, gaddr_t pc, uint32_t mode)
{
    if (s->entry_count < MAX_ENTRIES) {
        s->entries[s->entry_count].pc = pc;
        s->entries[s->entry_count++].mode = mode;
    }
}

/* caller: function of the block that calls */
static void follow(struct selection *s, gaddr_t target, gaddr_t return_pc, uint32_t mode, gaddr_t caller,
                   struct edge edge)
{
    s->calls[s->call_count++] = (struct call){target, return_pc, caller};
    add_edge(s, target, mode, target, edge);
    add_edge(s, return_pc, mode, caller, edge);
}

/* The last block's. */
static void add_call(struct selection *s, gaddr_t target, gaddr_t return_pc, uint32_t mode, struct edge edge)
{
    if (follows(s, target, return_pc))
        return;
    bool may = may_follow(s, target, mode);
    if (!may || target == s->blocks[0].block->pc) /* what leaves the recursion for once comes back to it */
        add_entry(s, return_pc, mode);
    if (may) {
        follow(s, target, return_pc, mode, s->functions[s->count - 1], edge);
    } else {
        s->blocks[s->count - 1].call_out = true;
        add_entry(s, target, mode);
        add_edge(s, return_pc, mode, s->functions[s->count - 1], edge);
    }
}

/* A return in another mode than that of the calls (an x87 result): their return addresses in that mode, too. */
static void add_returns(struct selection *s, uint32_t mode)
{
    for (unsigned i = 0; s->modes && i < s->call_count; i++)
        add_candidate(s, s->calls[i].return_pc, mode, s->calls[i].caller);
}

/* An indirect call is followed to the functions that it was seen to call, if these are most of it; whatever else it
 * calls is a real call, and comes back to where the region is entered again. */
static void add_indirect_call(struct selection *s, const struct tb *tb, gaddr_t return_pc, uint32_t mode)
{
    gaddr_t pc[IR_REGION_MAX_TARGETS], caller = s->functions[s->count - 1];
    unsigned share[IR_REGION_MAX_TARGETS], n = profile_targets(tb, pc, share, IR_REGION_MAX_TARGETS), sum = 0;
    bool may[IR_REGION_MAX_TARGETS];
    add_entry(s, return_pc, mode);
    for (unsigned i = 0; i < n; i++) {
        may[i] = pc[i] != s->blocks[0].block->pc && may_follow(s, pc[i], mode);
        sum += may[i] ? share[i] : 0;
    }
    for (unsigned i = 0; i < n && sum >= MOST_PERCENT; i++)
        if (may[i] && s->call_count < MAX_CALLS)
            follow(s, pc[i], return_pc, mode, caller, (struct edge){0});
}

/* The targets of a switch or a computed jump. */
static void add_indirect_jump(struct selection *s, const struct tb *tb, uint32_t mode)
{
    gaddr_t pc[IR_REGION_MAX_TARGETS];
    unsigned n = profile_targets(tb, pc, NULL, IR_REGION_MAX_TARGETS);
    for (unsigned i = 0; i < n; i++)
        add_candidate(s, pc[i], mode, s->functions[s->count - 1]);
}

/* Is the block shorter than tier 1's? */
static bool is_cut(const struct ir_block *block, const struct tb *tb) { return block->guest_insns < tb->guest_insns; }

static struct edge edge_of(const struct ir_region_block *b, unsigned share)
{
    return (struct edge){.counted = b->shares, .executions = b->weight * share / IR_SHARE_ONE};
}

/* The last block's. */
static void add_successors(struct selection *s, const struct tb *tb)
{
    const struct ir_region_block *b = &s->blocks[s->count - 1];
    const struct ir_block *block = b->block;
    gaddr_t return_pc = 0, function = s->functions[s->count - 1];
    unsigned side = 0, rest = IR_SHARE_ONE;
    for (uint32_t i = 0; i < block->count; i++) {
        const struct ir_insn *insn = &block->insns[i];
        uint32_t mode = ir_exit_mode(block, i);
        struct edge end = edge_of(b, rest);
        if (insn->op == IR_EXIT_IF) {
            unsigned share = b->shares ? b->shares[side++] : 0;
            rest -= share < rest ? share : rest;
            add_edge(s, insn->imm, mode, function, edge_of(b, share));
        } else if (insn->op == IR_JUMP && insn->aux == IR_HINT_NONE) {
            end.through = is_cut(block, tb) ? b->weight : 0;
            add_edge(s, insn->imm, mode, function, end);
        } else if (insn->op == IR_CALL_HINT) {
            return_pc = insn->imm;
        } else if (insn->op == IR_JUMP && insn->aux == IR_HINT_CALL) {
            add_call(s, insn->imm, return_pc, mode, end);
        } else if (insn->op == IR_JUMP_REG && insn->aux == IR_HINT_RET) {
            add_returns(s, mode);
        } else if (insn->op == IR_JUMP_REG && insn->aux == IR_HINT_CALL) {
            add_indirect_call(s, tb, return_pc, mode);
        } else if (insn->op == IR_JUMP_REG) {
            add_indirect_jump(s, tb, mode);
        }
    }
}

/* What was counted of the block's exits (ir_region_block.shares); tier 1's block has those in the same order, and more
 * if this one is cut. NULL: they were not counted. */
static const uint8_t *shares_of(struct selection *s, const struct ir_block *block, const struct tb *tb)
{
    unsigned sides = 0, at = 0;
    for (uint32_t i = 0; i < block->count; i++)
        sides += block->insns[i].op == IR_EXIT_IF;
    uint8_t *shares = arena_alloc(s->arena, sides + 1);
    sides = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        if (block->insns[i].op != IR_EXIT_IF)
            continue;
        while (at < tb->code.exit_count && tb->code.exits[at].pc != block->insns[i].imm)
            at++;
        unsigned share = at < tb->code.exit_count ? __atomic_load_n(&tb->code.exits[at++].share, __ATOMIC_RELAXED) : 0;
        if (!share)
            return NULL;
        shares[sides++] = (uint8_t)(share - 1);
    }
    return sides || __atomic_load_n(&tb->heat.counted, __ATOMIC_RELAXED) ? shares : NULL;
}

/* Branches behind which the block goes on. */
static unsigned inner_branches(const struct ir_block *block)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < block->count; i++)
        n += is_behind_branch(block, i);
    return n;
}

static enum status add_block(struct selection *s, struct candidate c)
{
    const struct ir_block *block;
    struct tb_identity identity;
    enum status status = lift_published(s, c.pc, c.mode, &identity, &block);
    if (status != STATUS_OK)
        return status;
    if (s->insns + block->guest_insns > s->max_insns && s->count)
        return STATUS_TOO_LARGE;
    const struct tb *tb = tb_find(s->e, c.pc, c.mode);
    if (!tb || tb->serial != identity.serial)
        return STATUS_STALE;
    s->identities[s->count] = identity;
    s->functions[s->count] = c.function;
    uint64_t own = tb_executions(tb); /* more than those of the edges that are seen so far, in a loop */
    s->blocks[s->count++] = (struct ir_region_block){
        .block = block, .weight = c.weight > own ? c.weight : own, .shares = shares_of(s, block, tb)};
    s->insns += block->guest_insns;
    s->branches += inner_branches(block);
    add_successors(s, tb);
    return STATUS_OK;
}

static void add_target(struct selection *s, struct ir_region_block *b, gaddr_t pc)
{
    uint32_t mode = ir_exit_mode(b->block, b->block->count);
    for (unsigned i = 0; i < b->target_count; i++)
        if (b->targets[i] == pc)
            return;
    if (b->target_count < IR_REGION_MAX_TARGETS && selected(s, pc, mode))
        b->targets[b->target_count++] = pc;
}

/* Does a block of the function end in a return? */
static bool returns(const struct selection *s, gaddr_t function)
{
    for (unsigned i = 0; i < s->count; i++) {
        const struct ir_block *b = s->blocks[i].block;
        if (s->functions[i] == function && b->insns[b->count - 1].op == IR_JUMP_REG &&
            b->insns[b->count - 1].aux == IR_HINT_RET)
            return true;
    }
    return false;
}

/* A function that shares its end with another one (the head is in the middle of it, or it jumps there) returns from
 * that one's blocks. */
static void choose_returns(struct selection *s, struct ir_region_block *b, gaddr_t function)
{
    for (unsigned own = 2; own--;)
        for (unsigned k = 0; k < s->call_count; k++)
            if ((s->modes || selected(s, s->calls[k].target, b->block->mode)) &&
                (own ? s->calls[k].target == function : !returns(s, s->calls[k].target)))
                add_target(s, b, s->calls[k].return_pc);
}

static gaddr_t return_pc_of(const struct ir_block *block)
{
    for (uint32_t i = block->count; i--;)
        if (block->insns[i].op == IR_CALL_HINT)
            return block->insns[i].imm;
    return 0;
}

/* The likely targets of each block's final indirect jump, once it is known which blocks are in. */
static void choose_targets(struct selection *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct ir_region_block *b = &s->blocks[i];
        const struct ir_insn *last = &b->block->insns[b->block->count - 1];
        if (last->op != IR_JUMP_REG)
            continue;
        if (last->aux == IR_HINT_RET) {
            choose_returns(s, b, s->functions[i]);
            continue;
        }
        const struct tb *tb = tb_find(s->e, b->block->pc, b->block->mode);
        gaddr_t pc[IR_REGION_MAX_TARGETS];
        unsigned n = tb ? profile_targets(tb, pc, NULL, IR_REGION_MAX_TARGETS) : 0;
        for (unsigned k = 0; k < n; k++)
            if (last->aux != IR_HINT_CALL || follows(s, pc[k], return_pc_of(b->block)))
                add_target(s, b, pc[k]);
    }
}

static void choose_entries(struct selection *s)
{
    uint8_t number = 0;
    for (unsigned i = 0; i < s->entry_count; i++) {
        int at = index_of(s, s->entries[i].pc, s->entries[i].mode);
        const struct tb *tb = tb_find(s->e, s->entries[i].pc, s->entries[i].mode);
        if (at > 0 && tb && !s->blocks[at].entry && !has_other_region(s, tb))
            s->blocks[at].entry = ++number;
    }
}

/* The calls that each block is within, as far as the region has followed them. What is behind a call of the head's own
 * function is at no known depth. */
static void choose_within(struct selection *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        struct ir_region_block *b = &s->blocks[i];
        gaddr_t function = s->functions[i];
        while (function != s->functions[0] && b->within_count < IR_REGION_MAX_WITHIN) {
            unsigned k = 0;
            while (k < s->call_count && s->calls[k].target != function)
                k++;
            if (k == s->call_count)
                break;
            b->within[b->within_count++] = s->calls[k].return_pc;
            function = s->calls[k].caller;
        }
        if (function != s->functions[0])
            b->within_count = 0;
    }
}

static bool may_change_itself(const struct selection *s, const struct ir_block *b)
{
    const struct engine *e = s->e;
    return e->guest->coherent_code &&
           (e->mem->is_writable(e->memory, b->pc) || e->mem->is_writable(e->memory, b->pc + b->guest_bytes - 1));
}

static void add_outside_block(struct selection *s, gaddr_t pc, uint32_t mode)
{
    const struct tb *tb = tb_find(s->e, pc, mode);
    if (!tb || tb->volatile_code || tb->changes_itself || s->outside_count == MAX_OUTSIDE || selected(s, pc, mode))
        return;
    for (unsigned i = 0; i < s->outside_count; i++)
        if (s->outside[i]->pc == pc && s->outside[i]->mode == mode)
            return;
    const struct ir_block **block = &s->outside[s->outside_count];
    if (lift_published(s, pc, mode, &s->identities[s->count + s->outside_count], block) == STATUS_OK &&
        !may_change_itself(s, *block))
        s->outside_count++;
}

/* Blocks that exits lead to and calls come back to: most write the status flags first, which need not be stored
 * then. */
static void add_outside(struct selection *s)
{
    for (unsigned i = 0; i < s->count; i++) {
        const struct ir_block *b = s->blocks[i].block;
        for (uint32_t k = 0; k < b->count && b->state->flag_count; k++) {
            const struct ir_insn *in = &b->insns[k];
            if (ir_insn_has_target(in) && in->aux != IR_HINT_MODE)
                add_outside_block(s, in->imm, ir_exit_mode(b, k));
            else if (in->op == IR_CALL_HINT)
                add_outside_block(s, in->imm, ir_exit_mode(b, b->count));
        }
    }
}

enum { LONG_BLOCK = 12 }; /* guest instructions a block, from which straight code is worth compiling, too */

enum visit { UNSEEN, OPEN, DONE };

static bool cycle_from(const struct selection *s, unsigned at, uint8_t *visit);

static bool cycle_through(const struct selection *s, gaddr_t pc, uint32_t mode, uint8_t *visit)
{
    int to = index_of(s, pc, mode);
    return to >= 0 && (visit[to] == OPEN || (visit[to] == UNSEEN && cycle_from(s, (unsigned)to, visit)));
}

/* Depth-first: is there a way from block at back to a block that is still open? */
static bool cycle_from(const struct selection *s, unsigned at, uint8_t *visit)
{
    const struct ir_region_block *b = &s->blocks[at];
    visit[at] = OPEN;
    for (uint32_t i = 0; i < b->block->count; i++) {
        const struct ir_insn *insn = &b->block->insns[i];
        bool leaves = insn->aux == IR_HINT_MODE || (insn->aux == IR_HINT_CALL && b->call_out);
        if (ir_insn_has_target(insn) && !leaves && cycle_through(s, insn->imm, ir_exit_mode(b->block, i), visit))
            return true;
    }
    for (unsigned t = 0; t < b->target_count; t++)
        if (cycle_through(s, b->targets[t], ir_exit_mode(b->block, b->block->count), visit))
            return true;
    visit[at] = DONE;
    return false;
}

/* Tier 2 gains most where guest registers live in host registers around a loop, or where blocks are long. Elsewhere it
 * takes many more executions to earn its compile time. */
static bool worth_compiling(const struct selection *s, const struct tb *head)
{
    uint8_t *visit = arena_alloc(s->arena, s->count);
    bool worth =
        s->insns >= LONG_BLOCK * (s->count + s->branches) || __atomic_load_n(&head->heat.loopless, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < s->count && !worth; i++)
        worth = visit[i] == UNSEEN && (i == 0 || s->blocks[i].entry) && cycle_from(s, i, visit);
    return worth;
}

/* Code that may change itself must be left at the store that does so (engine_step), with all registers. */
static bool must_be_precise(const struct selection *s)
{
    if (__atomic_load_n(&s->e->precise, __ATOMIC_ACQUIRE))
        return true;
    for (unsigned i = 0; i < s->count; i++) {
        if (may_change_itself(s, s->blocks[i].block))
            return true;
    }
    return false;
}

enum status region_select(struct engine *e, struct tb *head, struct arena *arena, struct region_plan *plan)
{
    const struct options *o = e->options;
    struct selection *s = arena_alloc(arena, sizeof *s);
    s->e = e;
    s->arena = arena;
    s->old = __atomic_load_n(&head->region, __ATOMIC_ACQUIRE);
    s->modes = e->glue.modes;
    s->floor = tb_executions(head) / COLD_RATIO + 1;
    s->max_blocks = (unsigned)o->region_blocks;
    s->max_insns = (unsigned)o->region_insns;
    s->blocks = arena_alloc(arena, s->max_blocks * sizeof *s->blocks);
    s->identities = arena_alloc(arena, (s->max_blocks + MAX_OUTSIDE) * sizeof *s->identities);
    s->outside = arena_alloc(arena, MAX_OUTSIDE * sizeof *s->outside);
    s->functions = arena_alloc(arena, s->max_blocks * sizeof *s->functions);
    enum status status = add_block(s, (struct candidate){head->pc, head->mode, false, tb_executions(head), head->pc});
    if (status != STATUS_OK)
        return status;
    while (s->queued && s->count < s->max_blocks) {
        struct candidate c = take_hottest(s);
        if (c.weight < s->floor)
            break;
        if (!selected(s, c.pc, c.mode))
            (void)add_block(s, c); /* one that does not fit stays out: its edge leaves the region */
    }
    choose_targets(s);
    choose_entries(s);
    choose_within(s);
    if (e->tier != TIER_2 && !worth_compiling(s, head))
        return STATUS_NO_LOOP;
    add_outside(s);
    plan->region = (struct ir_region){.blocks = s->blocks,
                                      .count = s->count,
                                      .outside = s->outside,
                                      .outside_count = s->outside_count,
                                      .precise = must_be_precise(s),
                                      .ordered = __atomic_load_n(&s->e->ordered, __ATOMIC_ACQUIRE)};
    plan->identities = s->identities;
    plan->stored = false;
    plan->guest_insns = s->insns;
    return STATUS_OK;
}
