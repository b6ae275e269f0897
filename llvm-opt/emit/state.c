/* SPDX-License-Identifier: Apache-2.0 */
/* Guest registers while a region runs: slots that LLVM promotes to values, loaded at the entry or where they are
 * wanted, stored where the state is seen from outside.
 *
 * I1  At an entry pinned rows come from the parameters. The others stay in struct cpu until they are written
 *     (LOPT_K_ABSENT).
 * I2  Accesses to struct cpu carry the TBAA type "state", accesses to guest memory "guest": they never alias.
 * I3  A floating-point row is held in one of the kinds LOPT_K_*. If need_s, its single part is valid whatever the kind.
 * I4  Nothing here changes s->st: lopt_kinds_step does, and leave.c for the time of a way out.
 * I5  Splitting changes no value. Any operation may be applied to a split row: lopt_row_value joins it, and
 *     lopt_row_set splits what is put.
 * I6  Accesses to a row that stays in struct cpu (plan/homes.c) are volatile: LLVM would else keep its value alive from
 *     block to block, too, and move its stores over accesses that may fault.
 */
#include "llvm-opt/emit/state.h"

#include <string.h>

#include "llvm-opt/emit/nan.h"
#include "llvm-opt/emit/tags.h"
#include "llvm-opt/plan/segments.h"

static const struct lopt_row *row_of(const struct lopt_state *s, unsigned row) { return &s->plan->rows.row[row]; }

static unsigned row_align(const struct lopt_row *r)
{
    unsigned align = 1;
    while (align < 16 && !(r->offset & align))
        align *= 2;
    return align;
}

static LLVMValueRef mem_load(struct lopt_build *b, const struct lopt_row *r)
{
    if (r->type == IR_I1)
        return lopt_cast(b, LLVMTrunc, lopt_cpu_load(b, lopt_type(b, IR_I8), r->offset, 1), lopt_type(b, IR_I1));
    return lopt_cpu_load(b, lopt_type(b, (enum ir_type)r->type), r->offset, row_align(r));
}

static LLVMValueRef mem_store(struct lopt_build *b, const struct lopt_row *r, LLVMValueRef v)
{
    if (r->type == IR_I1)
        v = lopt_cast(b, LLVMZExt, v, lopt_type(b, IR_I8));
    return lopt_cpu_store(b, v, r->offset, row_align(r));
}

/* ---- split rows ---- */

static struct lopt_val load_halves(struct lopt_build *b, const struct lopt_row *r)
{
    LLVMValueRef low = lopt_cpu_load(b, lopt_type(b, IR_F64), r->offset, 8);
    return lopt_pair(low, lopt_cpu_load(b, lopt_type(b, IR_I64), r->offset + 8u, 8));
}

struct lopt_val lopt_row_pair(struct lopt_state *s, unsigned row)
{
    struct lopt_build *b = s->b;
    if (s->st[row] & LOPT_K_ABSENT)
        return load_halves(b, row_of(s, row));
    LLVMValueRef low = b->ll->BuildLoad2(b->ir, lopt_type(b, IR_F64), s->slots[row].low, "");
    return lopt_pair(low, b->ll->BuildLoad2(b->ir, lopt_type(b, IR_I64), s->slots[row].high, ""));
}

void lopt_row_put_pair(struct lopt_state *s, unsigned row, const struct lopt_val *v)
{
    struct lopt_build *b = s->b;
    b->ll->BuildStore(b->ir, v->low, s->slots[row].low);
    b->ll->BuildStore(b->ir, v->high, s->slots[row].high);
}

static void store_pair(struct lopt_state *s, unsigned row, bool is_volatile)
{
    struct lopt_build *b = s->b;
    unsigned offset = row_of(s, row)->offset;
    struct lopt_val v = lopt_row_pair(s, row);
    LLVMValueRef low = lopt_cpu_store(b, v.low, offset, 8), high = lopt_cpu_store(b, v.high, offset + 8, 8);
    if (is_volatile) {
        b->ll->SetVolatile(low, 1);
        b->ll->SetVolatile(high, 1);
    }
}

/* ---- one row ---- */

void lopt_row_set(struct lopt_state *s, unsigned index, LLVMValueRef v)
{
    struct lopt_build *b = s->b;
    const struct lopt_row *r = row_of(s, index);
    if (r->in_memory) { /* I6 */
        b->ll->SetVolatile(mem_store(b, r, v), 1);
        return;
    }
    if (r->split) {
        struct lopt_val pair = lopt_pair_of(b, v);
        lopt_row_put_pair(s, index, &pair);
        return;
    }
    b->ll->BuildStore(b->ir, v, s->slots[index].d);
    lopt_tags_set_kind(b, s->tags, r, LOPT_K_EXACT);
    if (r->need_s)
        b->ll->BuildStore(b->ir, lopt_unbox(b, v), s->slots[index].s);
}

/* From struct cpu into the slot. */
static void load_row(struct lopt_state *s, unsigned index)
{
    const struct lopt_row *r = row_of(s, index);
    if (!r->split) {
        lopt_row_set(s, index, mem_load(s->b, r));
        return;
    }
    struct lopt_val pair = load_halves(s->b, r);
    lopt_row_put_pair(s, index, &pair);
}

static LLVMValueRef load_alloca(struct lopt_build *b, LLVMTypeRef t, LLVMValueRef a)
{
    return a ? b->ll->BuildLoad2(b->ir, t, a, "") : NULL;
}

struct lopt_val lopt_row_snapshot(struct lopt_state *s, unsigned row, uint8_t kinds)
{
    struct lopt_build *b = s->b;
    const struct lopt_row *r = row_of(s, row);
    const struct lopt_slot *slot = &s->slots[row];
    struct lopt_val v = {.form = LOPT_FORM_ROW, .kinds = kinds & LOPT_K_KINDS};
    LLVMTypeRef i1 = lopt_type(b, IR_I1);
    if (kinds & LOPT_K_DOUBLE)
        v.d = load_alloca(b, lopt_type(b, (enum ir_type)r->type), slot->d);
    if (r->need_s || kinds & LOPT_K_SINGLE)
        v.s = load_alloca(b, lopt_type(b, IR_F32), slot->s);
    v.s_valid = r->need_s || !(kinds & LOPT_K_DOUBLE);
    if (kinds & (LOPT_K_RAW | LOPT_K_RAWBOX))
        v.rawtag = kinds & (LOPT_K_EXACT | LOPT_K_BOX) ? lopt_tags_load(b, s->tags, r->raw) : lopt_int(b, i1, 1);
    else
        v.rawtag = lopt_int(b, i1, 0);
    if (kinds & LOPT_K_SINGLE)
        v.single = kinds & LOPT_K_DOUBLE ? lopt_tags_load(b, s->tags, r->single) : lopt_int(b, i1, 1);
    else
        v.single = lopt_int(b, i1, 0);
    return v;
}

LLVMValueRef lopt_row_value(struct lopt_state *s, unsigned index)
{
    struct lopt_build *b = s->b;
    const struct lopt_row *r = row_of(s, index);
    if (r->split) {
        struct lopt_val pair = lopt_row_pair(s, index);
        return lopt_pair_join(b, &pair);
    }
    if (r->in_memory) { /* I6 */
        LLVMValueRef v = mem_load(b, r);
        b->ll->SetVolatile(v, 1);
        return v;
    }
    if (s->st[index] & LOPT_K_ABSENT)
        return mem_load(b, r);
    if ((s->st[index] & LOPT_K_KINDS) == LOPT_K_EXACT)
        return load_alloca(b, lopt_type(b, (enum ir_type)r->type), s->slots[index].d);
    struct lopt_val v = lopt_row_snapshot(s, index, s->st[index]);
    return lopt_compose(b, &v);
}

void lopt_row_store(struct lopt_state *s, unsigned row, LLVMValueRef v) { mem_store(s->b, row_of(s, row), v); }

/* ---- the region's entry ---- */

/* A pinned row comes in a register. Where each access stores the rows, it is in struct cpu, too (plan/flow.c I6). */
static void enter_pinned(struct lopt_state *s, unsigned index, LLVMValueRef v)
{
    lopt_row_set(s, index, v);
    if (s->plan->rows.stores)
        s->b->ll->SetVolatile(mem_store(s->b, row_of(s, index), v), 1);
}

static void make_allocas(struct lopt_state *s, const struct lopt_row *r, struct lopt_slot *slot)
{
    struct lopt_build *b = s->b;
    if (r->split) {
        slot->low = b->ll->BuildAlloca(b->ir, lopt_type(b, IR_F64), "");
        slot->high = b->ll->BuildAlloca(b->ir, lopt_type(b, IR_I64), "");
        return;
    }
    slot->d = b->ll->BuildAlloca(b->ir, lopt_type(b, (enum ir_type)r->type), "");
    if (r->need_s || r->all_kinds & LOPT_K_SINGLE)
        slot->s = b->ll->BuildAlloca(b->ir, lopt_type(b, IR_F32), "");
    if (slot->s && !r->need_s) /* never read before it is set, but LLVM need not know */
        b->ll->BuildStore(b->ir, b->ll->ConstNull(lopt_type(b, IR_F32)), slot->s);
}

void lopt_state_init(struct lopt_state *s, struct lopt_build *b, const struct lopt_plan *plan)
{
    *s = (struct lopt_state){.b = b, .plan = plan};
    s->slots = arena_alloc(b->arena, plan->rows.count * sizeof *s->slots);
    memset(s->slots, 0, plan->rows.count * sizeof *s->slots);
    s->st = arena_alloc(b->arena, plan->rows.count);
    s->st_kept = arena_alloc(b->arena, plan->rows.count);
}

void lopt_state_entry(struct lopt_state *s)
{
    struct lopt_build *b = s->b;
    b->ll->BuildStore(b->ir, lopt_i64(b, 0), s->tags);
    for (unsigned i = 0; i < s->plan->rows.count; i++) {
        const struct lopt_row *r = row_of(s, i);
        if (!lopt_row_is_held(r))
            continue;
        make_allocas(s, r, &s->slots[i]);
        if (r->pin_gpr >= 0)
            enter_pinned(s, i, b->ll->GetParam(b->fn, 1 + (unsigned)r->pin_gpr));
        else if (r->pin_fpr >= 0)
            enter_pinned(s, i, b->ll->GetParam(b->fn, 1 + CPU_PINNED_GPRS + (unsigned)r->pin_fpr));
        else if (r->need_s || r->at_entry)
            load_row(s, i);
    }
}

/* ---- all rows ---- */

void lopt_prepare_edge(struct lopt_state *s, unsigned index)
{
    for (unsigned i = 0; i < s->plan->rows.count; i++) {
        const struct lopt_row *r = row_of(s, i);
        if (lopt_row_is_held(r) && s->plan->flow.in[index][i] & LOPT_K_DIRTY && s->st[i] & LOPT_K_ABSENT)
            load_row(s, i);
    }
}

void lopt_flush(struct lopt_state *s, bool pinned, bool is_volatile)
{
    for (unsigned i = 0; i < s->plan->rows.count; i++) {
        const struct lopt_row *r = row_of(s, i);
        if (!lopt_row_is_held(r) || !(s->st[i] & LOPT_K_DIRTY))
            continue;
        if (!pinned && lopt_row_is_pinned(r))
            continue;
        if (r->split) {
            store_pair(s, i, is_volatile);
            continue;
        }
        LLVMValueRef st = mem_store(s->b, r, lopt_row_value(s, i));
        if (is_volatile)
            s->b->ll->SetVolatile(st, 1);
    }
}

void lopt_flush_wide(struct lopt_state *s, bool is_volatile)
{
    for (unsigned i = 0; i < s->plan->rows.count; i++) {
        const struct lopt_row *r = row_of(s, i);
        if (!lopt_row_is_held(r) || r->type != IR_F80 || !(s->st[i] & LOPT_K_DIRTY))
            continue;
        LLVMValueRef st = mem_store(s->b, r, lopt_row_value(s, i));
        if (is_volatile)
            s->b->ll->SetVolatile(st, 1);
    }
}

void lopt_reload(struct lopt_state *s)
{
    for (unsigned i = 0; i < s->plan->rows.count; i++) {
        const struct lopt_row *r = row_of(s, i);
        if (lopt_row_is_held(r) && r->need_s)
            load_row(s, i);
    }
}

void lopt_prepare_cold(struct lopt_state *s)
{
    uint64_t clear = 0, set = 0;
    for (unsigned i = 0; i < s->plan->rows.count; i++) {
        const struct lopt_row *r = row_of(s, i);
        if (!lopt_row_is_held(r))
            continue;
        uint8_t kinds = s->st[i] & LOPT_K_KINDS;
        if (s->plan->flow.cold[i] & LOPT_K_DIRTY & ~s->st[i]) { /* memory is up to date: keep nothing alive for it */
            load_row(s, i);
            kinds = LOPT_K_EXACT;
        }
        if (r->tagging == LOPT_TAG_AT_EXIT) {
            set |= lopt_tags_of_kind(r, kinds);
            clear |= (r->raw | r->single) & ~lopt_tags_of_kind(r, kinds);
        }
    }
    lopt_tags_change(s->b, s->tags, clear, set);
}

void lopt_before_fault(struct lopt_state *s, const struct ir_insn *in, gaddr_t pc)
{
    struct lopt_build *b = s->b;
    if (!s->plan->region->precise || lopt_access_is_mapped(&s->plan->rows, in))
        return;
    lopt_flush(s, true, true);
    b->ll->SetVolatile(lopt_cpu_store(b, lopt_i64(b, pc), offsetof(struct cpu, pc), 8), 1);
}
