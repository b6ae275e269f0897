/* SPDX-License-Identifier: Apache-2.0 */
/* Forward dataflow over the region's CFG: which registers may be out of date in cpu->guest, and in which form
 * floating-point rows are held, at the head of each block.
 *
 * I1  The state of a row is a set of LOPT_K_* bits; joining is union, so the analysis ends.
 * I2  lopt_flow_step is the only definition of what an instruction does to the state: the emitter applies the same
 *     function while it emits, so analysis and code cannot disagree.
 * I3  In a precise region every row is LOPT_K_EXACT: what a fault sees must not need repair.
 * I4  A row that the region has not written yet stays in cpu->guest (LOPT_K_ABSENT): its uses load it where they are,
 *     and nothing is loaded at the entry that the way taken does not need. Where a way on which it was written joins,
 *     the other ways load it. So does one that is empty in the mode of the block (ir_state.tagged), whatever was
 *     written there.
 * I5  A row whose kind would depend on the way taken costs instructions where its exact value is read. If such reads
 *     are frequent, against its puts, it is made exact at each put instead.
 */
#include <string.h>

#include "llvm-opt/emit/emit.h"

int lopt_find_block(const struct ir_region *region, gaddr_t pc, uint32_t mode)
{
    for (unsigned i = 0; i < region->count; i++) {
        if (region->blocks[i].block->pc == pc && region->blocks[i].block->mode == mode)
            return (int)i;
    }
    return -1;
}

uint64_t lopt_weight_of(const struct ir_region *region, gaddr_t pc, uint32_t mode)
{
    int i = lopt_find_block(region, pc, mode);
    return i < 0 ? 0 : region->blocks[i].weight;
}

uint64_t lopt_final_weight(const struct ir_region *region, const struct ir_region_block *rb)
{
    const struct ir_insn *last = &rb->block->insns[rb->block->count - 1];
    uint32_t mode = ir_exit_mode(rb->block, rb->block->count);
    uint64_t w = 0;
    if (last->op == IR_JUMP)
        return lopt_weight_of(region, last->imm, mode);
    for (unsigned i = 0; last->op == IR_JUMP_REG && i < rb->target_count; i++)
        w += lopt_weight_of(region, rb->targets[i], mode);
    return w;
}

bool lopt_exit_is_cold(const struct ir_region *region, const struct ir_region_block *rb, const struct ir_insn *in)
{
    if (in->op == IR_EXIT_IF) { /* nearly all executions go on */
        uint64_t on = lopt_final_weight(region, rb);
        return rb->weight && on >= rb->weight - rb->weight / 32;
    }
    if (in->op == IR_JUMP_REG) {
        for (unsigned i = 0; i < rb->target_count; i++) {
            if (lopt_find_block(region, rb->targets[i], ir_exit_mode(rb->block, rb->block->count)) >= 0)
                return true;
        }
    }
    return in->op == IR_TRAP_IF;
}

uint32_t lopt_leave_mode(const struct ir_block *block, const struct ir_insn *in)
{
    bool has_hint = in->op == IR_EXIT_IF || in->op == IR_JUMP || in->op == IR_JUMP_REG;
    return has_hint && in->aux == IR_HINT_MODE ? UINT32_MAX : ir_exit_mode(block, (uint32_t)(in - block->insns));
}

bool lopt_is_empty(const struct lopt_emit *l, unsigned row, uint32_t mode)
{
    return ir_row_is_empty(l->region->blocks[0].block->state, row, mode);
}

static bool is_fp_row(const struct lopt_row *r) { return (r->type == IR_F32 || r->type == IR_F64) && !r->in_memory; }

bool lopt_is_quiet(const struct ir_block *block, ir_ref ref)
{
    switch (block->insns[ref].op) {
    case IR_FADD:
    case IR_FSUB:
    case IR_FMUL:
    case IR_FDIV:
    case IR_FSQRT:
    case IR_FMA:
    case IR_FCVT_FF:
    case IR_FMIN:
    case IR_FMAX:
    case IR_FROUND:
        return true;
    default:
        return false;
    }
}

/* FCANON of the result of an arithmetic operation: its NaNs are quiet. */
static bool is_sinkable_canon(const struct ir_block *block, ir_ref ref)
{
    const struct ir_insn *in = &block->insns[ref];
    if (in->op != IR_FCANON || in->aux >> IR_FP_ELEM_SHIFT & 15 || (in->type != IR_F32 && in->type != IR_F64))
        return false;
    return lopt_is_quiet(block, in->arg[0]);
}

/* FUNBOX of a row that holds a raw single: fmv.s. */
static bool is_raw_single(const struct lopt_emit *l, const struct ir_block *block, const uint8_t *get_kinds, ir_ref ref)
{
    const struct ir_insn *in = &block->insns[ref];
    return in->op == IR_FUNBOX && block->insns[in->arg[0]].op == IR_GET && get_kinds[in->arg[0]] == LOPT_K_RAWBOX &&
           is_fp_row(&l->rows[block->insns[in->arg[0]].imm]);
}

uint8_t lopt_put_kinds(const struct lopt_emit *l, const struct ir_block *block, const uint8_t *get_kinds,
                       const struct ir_insn *put)
{
    const struct lopt_row *row = &l->rows[put->imm];
    if (!is_fp_row(row) || l->region->precise || row->eager)
        return LOPT_K_EXACT;
    const struct ir_insn *def = &block->insns[put->arg[0]];
    if (is_sinkable_canon(block, put->arg[0]))
        return LOPT_K_RAW;
    if (def->op == IR_FBOX && row->type == IR_F64)
        return is_sinkable_canon(block, def->arg[0]) || is_raw_single(l, block, get_kinds, def->arg[0]) ? LOPT_K_RAWBOX
                                                                                                        : LOPT_K_BOX;
    if (def->op == IR_GET && is_fp_row(&l->rows[def->imm]))
        return get_kinds[put->arg[0]];
    return LOPT_K_EXACT;
}

static void set_all(const struct lopt_emit *l, uint8_t *st, uint8_t clear, uint8_t set)
{
    for (unsigned r = 0; r < l->row_count; r++)
        st[r] = (uint8_t)((st[r] & ~clear) | set);
}

void lopt_flow_step(const struct lopt_emit *l, const struct ir_block *block, unsigned at, uint8_t *st,
                    uint8_t *get_kinds)
{
    const struct ir_insn *in = &block->insns[at];
    unsigned fx = ir_insn_effects(in);
    if (l->region->precise && fx & IR_FX_FAULT)
        set_all(l, st, LOPT_K_DIRTY, 0);
    switch (in->op) {
    case IR_GET:
        get_kinds[at] = st[in->imm] & LOPT_K_ABSENT ? LOPT_K_EXACT : st[in->imm] & LOPT_K_KINDS;
        break;
    case IR_PUT:
        if (!l->rows[in->imm].in_memory)
            st[in->imm] = lopt_put_kinds(l, block, get_kinds, in) | LOPT_K_DIRTY;
        break;
    case IR_DEAD_FLAGS:
        lopt_flags_forget(l, (uint32_t)in->imm, st);
        break;
    case IR_LL:
        for (unsigned r = 0; r < LOPT_RESV_ROWS; r++)
            st[lopt_resv_row(l, r)] = LOPT_K_EXACT | LOPT_K_DIRTY;
        break;
    case IR_SC:
        st[lopt_resv_row(l, LOPT_ROW_RESV_ADDR)] = LOPT_K_EXACT | LOPT_K_DIRTY;
        break;
    case IR_CALL:
        if (fx & (IR_FX_RSTATE | IR_FX_WSTATE))
            set_all(l, st, LOPT_K_DIRTY, 0);
        if (fx & IR_FX_WSTATE)
            for (unsigned r = 0; r < l->row_count; r++)
                st[r] = (uint8_t)((st[r] & ~LOPT_K_KINDS) | LOPT_K_EXACT | (l->rows[r].need_s ? 0 : LOPT_K_ABSENT));
        break;
    default:
        break;
    }
}

static bool is_mixed(uint8_t st)
{
    uint8_t kinds = st & LOPT_K_KINDS;
    return kinds & (kinds - 1);
}

/* mode: where the state goes on; dead: flags there */
static bool merge(const struct lopt_emit *l, uint8_t *into, const uint8_t *st, uint32_t mode, uint32_t dead)
{
    bool changed = false, cold = into == l->flow_cold;
    for (unsigned r = 0; r < l->row_count; r++) {
        bool before =
            cold && (l->rows[r].type == IR_F80 || l->rows[r].flag >= 0); /* it is stored before the shared way out */
        bool stays = before || lopt_is_empty(l, r, mode) || lopt_is_flag(l, r, dead);
        uint8_t v = into[r] | (stays ? LOPT_K_EXACT | LOPT_K_ABSENT : st[r]);
        changed |= v != into[r];
        into[r] = v;
    }
    return changed;
}

static void leave_cold(struct lopt_emit *l, const uint8_t *st, uint32_t mode)
{
    merge(l, l->flow_cold, st, mode, 0);
    l->cold_sites++;
}

/* The state goes from rb to guest address pc; false if that is outside. */
static bool flow_edge(struct lopt_emit *l, const struct ir_region_block *rb, const struct ir_insn *in, gaddr_t pc,
                      const uint8_t *st, bool *changed)
{
    int to = lopt_find_target(l, rb, in, pc);
    if (to < 0)
        return false;
    uint32_t mode = l->region->blocks[to].block->mode;
    if (lopt_polls(l, rb, (unsigned)to))
        leave_cold(l, st, mode);
    *changed |= merge(l, l->flow_in[to], st, mode, l->dead_flags[to]);
    return true;
}

/* Where control may go from this instruction. */
static void flow_exits(struct lopt_emit *l, const struct ir_region_block *rb, const struct ir_insn *in,
                       const uint8_t *st, bool *changed)
{
    bool inside = false;
    if (in->op == IR_EXIT_IF || in->op == IR_JUMP)
        inside = in->aux != IR_HINT_MODE && flow_edge(l, rb, in, in->imm, st, changed);
    for (unsigned t = 0; in->op == IR_JUMP_REG && t < rb->target_count; t++)
        flow_edge(l, rb, in, rb->targets[t], st, changed);
    if (!inside && lopt_exit_is_cold(l->region, rb, in))
        leave_cold(l, st, lopt_leave_mode(rb->block, in));
}

void lopt_flow_head(const struct lopt_emit *l, unsigned index, uint8_t *st)
{
    memcpy(st, l->flow_in[index], l->row_count);
    for (unsigned r = 0; r < l->row_count; r++) {
        if (st[r] & LOPT_K_DIRTY) /* I4: written on some way, loaded on the others */
            st[r] &= (uint8_t)~LOPT_K_ABSENT;
    }
}

static bool flow_block(struct lopt_emit *l, unsigned index, uint8_t *st, uint8_t *get_kinds)
{
    const struct ir_region_block *rb = &l->region->blocks[index];
    bool changed = false;
    lopt_flow_head(l, index, st);
    for (unsigned i = 0; i < rb->block->count; i++) {
        const struct ir_insn *in = &rb->block->insns[i];
        if (ir_op_infos[in->op].aux_kind == IR_AUX_MEM || in->op == IR_AMO) {
            if (in->aux & IR_MEM_ALIGNED)
                leave_cold(l, st, lopt_leave_mode(rb->block, in));
        }
        lopt_flow_step(l, rb->block, i, st, get_kinds);
        if (in->op == IR_PUT) {
            l->rows[in->imm].all_kinds |= st[in->imm] & LOPT_K_KINDS;
            if (is_mixed(st[in->imm])) /* a copy */
                l->rows[in->imm].tagging = LOPT_TAG_ALWAYS;
        }
        if (ir_op_infos[in->op].effects & IR_FX_EXIT)
            flow_exits(l, rb, in, st, &changed);
    }
    return changed;
}

static void mark_indexed(struct lopt_emit *l, const struct ir_insn *in)
{
    for (unsigned i = 0; i < in->aux && in->imm + i < l->state_rows; i++) {
        struct lopt_row *row = &l->rows[in->imm + i];
        row->in_memory = row->used = true;
        if (row->pin_gpr >= 0 || row->pin_fpr >= 0)
            l->status = STATUS_UNSUPPORTED;
    }
}

/* Operations that take a floating-point row in whatever kind it is. */
static bool takes_any_kind(const struct ir_block *block, ir_ref user)
{
    enum ir_op op = block->insns[user].op;
    return op == IR_PUT || op == IR_FUNBOX || op == IR_FCMP ||
           (lopt_is_quiet(block, user) && op != IR_FMIN && op != IR_FMAX);
}

static void count_exact_reads(struct lopt_emit *l, const struct ir_region_block *rb, ir_ref user)
{
    const struct ir_insn *in = &rb->block->insns[user];
    for (unsigned a = 0; a < ir_insn_arg_count(in) && !takes_any_kind(rb->block, user); a++) {
        const struct ir_insn *def = &rb->block->insns[in->arg[a]];
        if (def->op == IR_GET)
            l->rows[def->imm].exact_reads += rb->weight + 1;
    }
}

static void count_soft_put(struct lopt_emit *l, const struct ir_region_block *rb, const struct ir_insn *put)
{
    const struct ir_insn *def = &rb->block->insns[put->arg[0]];
    if (def->op == IR_FBOX || is_sinkable_canon(rb->block, put->arg[0]))
        l->rows[put->imm].soft_puts += rb->weight + 1;
}

static bool full_at_entry(const struct lopt_emit *l, unsigned row)
{
    bool full = false;
    for (unsigned i = 0; i < l->region->count; i++) {
        const struct ir_region_block *rb = &l->region->blocks[i];
        full = full || ((i == 0 || rb->entry) && !lopt_is_empty(l, row, rb->block->mode));
    }
    return full;
}

/* Which rows the region touches, and how. */
static void scan_block(struct lopt_emit *l, const struct ir_region_block *rb)
{
    const struct ir_block *block = rb->block;
    for (unsigned i = 0; i < block->count; i++) {
        const struct ir_insn *in = &block->insns[i];
        count_exact_reads(l, rb, (ir_ref)i);
        lopt_split_count(l, rb, (ir_ref)i);
        switch (in->op) {
        case IR_PUT:
            count_soft_put(l, rb, in);
            l->rows[in->imm].used = true;
            break;
        case IR_GET:
            l->rows[in->imm].used = true;
            l->rows[in->imm].at_entry |= l->rows[in->imm].type == IR_F80 && full_at_entry(l, (unsigned)in->imm);
            break;
        case IR_GETX:
        case IR_PUTX:
            mark_indexed(l, in);
            break;
        case IR_CALL:
            l->has_calls = true;
            break;
        case IR_LL:
        case IR_SC:
            for (unsigned r = 0; r < LOPT_RESV_ROWS; r++)
                l->rows[lopt_resv_row(l, r)].used = true;
            break;
        case IR_FUNBOX:
            if (block->insns[in->arg[0]].op == IR_GET && !l->region->precise)
                l->rows[block->insns[in->arg[0]].imm].need_s = true;
            break;
        default:
            break;
        }
    }
}

static bool overlaps_reservation(const struct lopt_row *r)
{
    return r->offset >= offsetof(struct cpu, resv) &&
           r->offset < offsetof(struct cpu, resv) + sizeof(struct cpu_reservation);
}

static void init_rows(struct lopt_emit *l)
{
    const struct ir_state *state = l->region->blocks[0].block->state;
    l->state_rows = state->count;
    l->row_count = state->count + LOPT_RESV_ROWS;
    l->rows = arena_alloc(&l->arena, l->row_count * sizeof *l->rows);
    for (unsigned r = 0; r < state->count; r++) {
        l->rows[r] = (struct lopt_row){.offset = state->rows[r].offset, .type = state->rows[r].type};
        l->rows[r].in_memory = overlaps_reservation(&l->rows[r]);
    }
    l->rows[lopt_resv_row(l, LOPT_ROW_RESV_ADDR)] =
        (struct lopt_row){.offset = offsetof(struct cpu, resv.addr), .type = IR_I64};
    l->rows[lopt_resv_row(l, LOPT_ROW_RESV_VALUE)] =
        (struct lopt_row){.offset = offsetof(struct cpu, resv.value), .type = IR_I64};
    l->rows[lopt_resv_row(l, LOPT_ROW_RESV_SIZE)] =
        (struct lopt_row){.offset = offsetof(struct cpu, resv.size), .type = IR_I32};
    for (unsigned r = 0; r < LOPT_RESV_ROWS; r++) /* a guest's row may name them, too */
        l->rows[lopt_resv_row(l, r)].in_memory = true;
    for (unsigned r = 0; r < l->row_count; r++) {
        l->rows[r].pin_gpr = l->rows[r].pin_fpr = l->rows[r].flag = -1;
        l->rows[r].all_kinds = LOPT_K_EXACT;
    }
    for (unsigned i = 0; i < state->flag_count; i++)
        l->rows[state->flags[i]].flag = (int8_t)i;
    for (unsigned i = 0; i < CPU_PINNED_GPRS; i++) {
        l->pin_gpr_row[i] = i < state->pinned_gpr_count ? state->pinned_gpr[i] : l->row_count;
        if (i < state->pinned_gpr_count)
            l->rows[state->pinned_gpr[i]].pin_gpr = (int8_t)i, l->rows[state->pinned_gpr[i]].used = true;
    }
    for (unsigned i = 0; i < CPU_PINNED_FPRS; i++) {
        l->pin_fpr_row[i] = i < state->pinned_fpr_count ? state->pinned_fpr[i] : l->row_count;
        if (i < state->pinned_fpr_count)
            l->rows[state->pinned_fpr[i]].pin_fpr = (int8_t)i, l->rows[state->pinned_fpr[i]].used = true;
    }
}

/* Gives tag bits to the rows whose kind is open somewhere. */
static void assign_tags(struct lopt_emit *l)
{
    unsigned bit = 0;
    for (unsigned r = 0; r < l->row_count; r++) {
        struct lopt_row *row = &l->rows[r];
        if (row->tagging == LOPT_TAG_NONE && l->cold_sites >= LOPT_COLD_SITES && is_mixed(l->flow_cold[r]))
            row->tagging = LOPT_TAG_AT_EXIT;
        for (unsigned i = 0; i < l->region->count; i++) {
            if (is_mixed(l->flow_in[i][r]))
                row->tagging = LOPT_TAG_ALWAYS;
        }
        if (row->tagging == LOPT_TAG_NONE)
            continue;
        if (bit > 62) {
            l->status = STATUS_UNSUPPORTED;
            return;
        }
        row->raw = UINT64_C(1) << bit++;
        if (row->all_kinds & LOPT_K_SINGLE)
            row->single = UINT64_C(1) << bit++;
    }
}

static void start(struct lopt_emit *l)
{
    for (unsigned i = 0; i < l->region->count; i++)
        memset(l->flow_in[i], 0, l->row_count);
    memset(l->flow_cold, 0, l->row_count);
    for (unsigned r = 0; r < l->row_count; r++) {
        bool pinned = l->rows[r].pin_gpr >= 0 || l->rows[r].pin_fpr >= 0;
        l->rows[r].all_kinds = LOPT_K_EXACT;
        l->rows[r].tagging = LOPT_TAG_NONE;
        l->flow_entry[r] = LOPT_K_EXACT | (pinned                                     ? LOPT_K_DIRTY
                                           : l->rows[r].need_s || l->rows[r].at_entry ? 0
                                                                                      : LOPT_K_ABSENT);
    }
    for (unsigned i = 0; i < l->region->count; i++) {
        if (i == 0 || l->region->blocks[i].entry)
            merge(l, l->flow_in[i], l->flow_entry, l->region->blocks[i].block->mode, l->dead_flags[i]);
    }
}

/* I5: true if a row was found. */
static bool choose_eager(struct lopt_emit *l)
{
    enum {
        READ_COST = 10,
        PUT_COST = 3
    }; /* host instructions: to find out the kind and convert; to canonicalize and box */
    bool found = false;
    for (unsigned r = 0; r < l->row_count; r++) {
        struct lopt_row *row = &l->rows[r];
        bool mixed = row->tagging == LOPT_TAG_ALWAYS;
        for (unsigned i = 0; i < l->region->count && !mixed; i++)
            mixed = is_mixed(l->flow_in[i][r]);
        if (mixed && !row->eager && row->exact_reads * READ_COST > row->soft_puts * PUT_COST)
            row->eager = found = true;
    }
    return found;
}

static void iterate(struct lopt_emit *l)
{
    start(l);
    for (bool changed = true; changed;) {
        changed = false;
        l->cold_sites = 0;
        for (unsigned i = 0; i < l->region->count; i++) {
            if (l->flow_in[i][0])
                changed |= flow_block(l, i, l->st, l->get_kinds);
        }
    }
}

void lopt_flow_init(struct lopt_emit *l)
{
    const struct ir_region *region = l->region;
    unsigned max_insns = 0;
    init_rows(l);
    for (unsigned i = 0; i < region->count; i++) {
        scan_block(l, &region->blocks[i]);
        if (region->blocks[i].block->count > max_insns)
            max_insns = region->blocks[i].block->count;
    }
    lopt_unroll(l);
    l->flow_in = arena_alloc(&l->arena, l->region->count * sizeof *l->flow_in);
    for (unsigned i = 0; i < l->region->count; i++)
        l->flow_in[i] = arena_alloc(&l->arena, l->row_count);
    l->st = arena_alloc(&l->arena, l->row_count);
    l->st_kept = arena_alloc(&l->arena, l->row_count);
    l->flow_cold = arena_alloc(&l->arena, l->row_count);
    l->get_kinds = arena_alloc(&l->arena, max_insns);
    l->vals = arena_alloc(&l->arena, max_insns * sizeof *l->vals);
    l->flow_entry = arena_alloc(&l->arena, l->row_count);
    lopt_split_choose(l);
    lopt_flags_init(l);
    iterate(l);
    while (choose_eager(l))
        iterate(l);
    assign_tags(l);
}
