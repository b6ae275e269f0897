/* SPDX-License-Identifier: Apache-2.0 */
/* Guest registers while a region runs: one alloca a row, which LLVM promotes to SSA values; loaded at the entry,
 * stored where the state is seen from outside.
 *
 * I1  At an entry pinned rows come from the parameters; the others stay in cpu->guest until they are written
 *     (LOPT_K_ABSENT).
 * I2  Accesses to struct cpu carry the TBAA type "state", guest accesses "guest": they never alias.
 * I3  A floating-point row is held as one of LOPT_K_* (emit.h). If need_s, row->s is valid whatever the kind.
 * I4  Nothing here changes l->st: lopt_flow_step does.
 * I5  A tag bit is right at every place if the row is LOPT_TAG_ALWAYS, at the shared way out if LOPT_TAG_AT_EXIT.
 */
#include "llvm-opt/emit/emit.h"

LLVMValueRef lopt_cpu_ptr(struct lopt_emit *l, size_t offset)
{
    LLVMValueRef index = lopt_i64(l, offset);
    return l->ll->BuildGEP2(l->b, lopt_type(l, IR_I8), l->cpu, &index, 1, "");
}

LLVMValueRef lopt_cpu_load(struct lopt_emit *l, LLVMTypeRef t, size_t offset, unsigned align)
{
    LLVMValueRef v = l->ll->BuildLoad2(l->b, t, lopt_cpu_ptr(l, offset), "");
    l->ll->SetAlignment(v, align);
    lopt_set_md(l, v, l->c->kind_tbaa, l->c->md_tbaa_state);
    return v;
}

LLVMValueRef lopt_cpu_store(struct lopt_emit *l, LLVMValueRef v, size_t offset, unsigned align)
{
    LLVMValueRef st = l->ll->BuildStore(l->b, v, lopt_cpu_ptr(l, offset));
    l->ll->SetAlignment(st, align);
    lopt_set_md(l, st, l->c->kind_tbaa, l->c->md_tbaa_state);
    return st;
}

static unsigned row_align(const struct lopt_row *r)
{
    unsigned align = 1;
    while (align < 16 && !(r->offset & align))
        align *= 2;
    return align;
}

static LLVMValueRef mem_load(struct lopt_emit *l, const struct lopt_row *r)
{
    if (r->type == IR_I1)
        return lopt_cast(l, LLVMTrunc, lopt_cpu_load(l, lopt_type(l, IR_I8), r->offset, 1), lopt_type(l, IR_I1));
    return lopt_cpu_load(l, lopt_type(l, (enum ir_type)r->type), r->offset, row_align(r));
}

static LLVMValueRef mem_store(struct lopt_emit *l, const struct lopt_row *r, LLVMValueRef v)
{
    if (r->type == IR_I1)
        v = lopt_cast(l, LLVMZExt, v, lopt_type(l, IR_I8));
    return lopt_cpu_store(l, v, r->offset, row_align(r));
}

/* tags = (tags & ~clear) | set */
static void change_tags(struct lopt_emit *l, uint64_t clear, uint64_t set)
{
    LLVMValueRef v;
    if (!(clear | set))
        return;
    v = l->ll->BuildLoad2(l->b, lopt_type(l, IR_I64), l->tags, "");
    if (clear)
        v = lopt_bin(l, LLVMAnd, v, lopt_i64(l, ~clear));
    if (set)
        v = lopt_bin(l, LLVMOr, v, lopt_i64(l, set));
    l->ll->BuildStore(l->b, v, l->tags);
}

/* Tags of a row that holds one kind. */
static uint64_t tags_of_kind(const struct lopt_row *r, uint8_t kind)
{
    return (kind & (LOPT_K_RAW | LOPT_K_RAWBOX) ? r->raw : 0) | (kind & LOPT_K_SINGLE ? r->single : 0);
}

static void set_kind(struct lopt_emit *l, const struct lopt_row *r, uint8_t kind)
{
    uint64_t set = tags_of_kind(r, kind);
    if (r->tagging == LOPT_TAG_ALWAYS)
        change_tags(l, (r->raw | r->single) & ~set, set);
}

static LLVMValueRef load_tag(struct lopt_emit *l, uint64_t bit)
{
    LLVMValueRef v = l->ll->BuildLoad2(l->b, lopt_type(l, IR_I64), l->tags, "");
    return lopt_icmp(l, LLVMIntNE, lopt_bin(l, LLVMAnd, v, lopt_i64(l, bit)), lopt_i64(l, 0));
}

void lopt_row_set(struct lopt_emit *l, unsigned index, LLVMValueRef v)
{
    struct lopt_row *r = &l->rows[index];
    if (r->in_memory) {
        mem_store(l, r, v);
        return;
    }
    if (r->split) {
        lopt_split_set(l, r, v);
        return;
    }
    l->ll->BuildStore(l->b, v, r->d);
    set_kind(l, r, LOPT_K_EXACT);
    if (r->need_s)
        l->ll->BuildStore(l->b, lopt_unbox(l, v), r->s);
}

/* From cpu->guest into the allocas */
static void load_row(struct lopt_emit *l, unsigned index)
{
    if (l->rows[index].split)
        lopt_split_load(l, &l->rows[index]);
    else
        lopt_row_set(l, index, mem_load(l, &l->rows[index]));
}

static void make_allocas(struct lopt_emit *l, struct lopt_row *r)
{
    if (r->split) {
        r->low = l->ll->BuildAlloca(l->b, lopt_type(l, IR_F64), "");
        r->high = l->ll->BuildAlloca(l->b, lopt_type(l, IR_I64), "");
        return;
    }
    r->d = l->ll->BuildAlloca(l->b, lopt_type(l, (enum ir_type)r->type), "");
    if (r->need_s || r->all_kinds & LOPT_K_SINGLE)
        r->s = l->ll->BuildAlloca(l->b, lopt_type(l, IR_F32), "");
    if (r->s && !r->need_s) /* never read before it is set, but LLVM need not know */
        l->ll->BuildStore(l->b, l->ll->ConstNull(lopt_type(l, IR_F32)), r->s);
}

void lopt_state_entry(struct lopt_emit *l)
{
    l->tags = l->ll->BuildAlloca(l->b, lopt_type(l, IR_I64), "");
    l->cold_number = l->ll->BuildAlloca(l->b, lopt_type(l, IR_I32), "");
    l->ll->BuildStore(l->b, lopt_i64(l, 0), l->tags);
    for (unsigned i = 0; i < l->row_count; i++) {
        struct lopt_row *r = &l->rows[i];
        if (!r->used || r->in_memory)
            continue;
        make_allocas(l, r);
        if (r->pin_gpr >= 0)
            lopt_row_set(l, i, l->ll->GetParam(l->fn, 1 + (unsigned)r->pin_gpr));
        else if (r->pin_fpr >= 0)
            lopt_row_set(l, i, l->ll->GetParam(l->fn, 1 + CPU_PINNED_GPRS + (unsigned)r->pin_fpr));
        else if (r->need_s || r->at_entry)
            load_row(l, i);
    }
}

void lopt_prepare_edge(struct lopt_emit *l, unsigned index)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lopt_row *r = &l->rows[i];
        if (r->used && !r->in_memory && l->flow_in[index][i] & LOPT_K_DIRTY && l->st[i] & LOPT_K_ABSENT)
            load_row(l, i);
    }
}

static LLVMValueRef load_alloca(struct lopt_emit *l, LLVMTypeRef t, LLVMValueRef a)
{
    return a ? l->ll->BuildLoad2(l->b, t, a, "") : NULL;
}

/* What the row holds now, as a value that can be looked at later. */
static struct lopt_val snapshot(struct lopt_emit *l, const struct lopt_row *r, uint8_t kinds)
{
    struct lopt_val v = {.form = LOPT_FORM_ROW, .kinds = kinds & LOPT_K_KINDS};
    LLVMTypeRef i1 = lopt_type(l, IR_I1);
    if (kinds & LOPT_K_DOUBLE)
        v.d = load_alloca(l, lopt_type(l, (enum ir_type)r->type), r->d);
    if (r->need_s || kinds & LOPT_K_SINGLE)
        v.s = load_alloca(l, lopt_type(l, IR_F32), r->s);
    v.s_valid = r->need_s || !(kinds & LOPT_K_DOUBLE);
    if (kinds & (LOPT_K_RAW | LOPT_K_RAWBOX))
        v.rawtag = kinds & (LOPT_K_EXACT | LOPT_K_BOX) ? load_tag(l, r->raw) : lopt_int(l, i1, 1);
    else
        v.rawtag = lopt_int(l, i1, 0);
    if (kinds & LOPT_K_SINGLE)
        v.single = kinds & LOPT_K_DOUBLE ? load_tag(l, r->single) : lopt_int(l, i1, 1);
    else
        v.single = lopt_int(l, i1, 0);
    return v;
}

/* The exact register of a snapshot. */
LLVMValueRef lopt_compose(struct lopt_emit *l, const struct lopt_val *v)
{
    LLVMValueRef wide = v->d, narrow = NULL;
    bool one_width = !(v->kinds & LOPT_K_SINGLE) || !(v->kinds & LOPT_K_DOUBLE);
    if (v->kinds & LOPT_K_RAW)
        wide = lopt_canon(l, v->d, v->kinds & LOPT_K_EXACT ? v->rawtag : NULL, v->kinds == LOPT_K_RAW);
    if (v->kinds & LOPT_K_SINGLE) {
        narrow = v->s;
        if (v->kinds & LOPT_K_RAWBOX)
            narrow = lopt_canon(l, v->s, v->kinds & LOPT_K_BOX ? v->rawtag : NULL, v->kinds == LOPT_K_RAWBOX);
        narrow = lopt_box(l, narrow);
    }
    if (one_width)
        return narrow ? narrow : wide;
    return lopt_sel(l, v->single, narrow, wide);
}

LLVMValueRef lopt_row_value(struct lopt_emit *l, unsigned index)
{
    const struct lopt_row *r = &l->rows[index];
    if (r->split) {
        struct lopt_val pair = lopt_split_get(l, index);
        return lopt_pair_join(l, &pair);
    }
    if (r->in_memory || l->st[index] & LOPT_K_ABSENT)
        return mem_load(l, r);
    if ((l->st[index] & LOPT_K_KINDS) == LOPT_K_EXACT)
        return load_alloca(l, lopt_type(l, (enum ir_type)r->type), r->d);
    struct lopt_val v = snapshot(l, r, l->st[index]);
    return lopt_compose(l, &v);
}

LLVMValueRef lopt_op_get(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    const struct lopt_row *r = &l->rows[in->imm];
    uint8_t kinds = l->st[in->imm] & LOPT_K_KINDS;
    if (r->split) {
        l->vals[in - l->block->insns] = lopt_split_get(l, (unsigned)in->imm);
        return NULL;
    }
    if (r->in_memory || l->st[in->imm] & LOPT_K_ABSENT || (kinds == LOPT_K_EXACT && !r->need_s))
        return lopt_row_value(l, (unsigned)in->imm);
    l->vals[in - l->block->insns] = snapshot(l, r, kinds);
    return NULL;
}

static LLVMValueRef tag_bits(struct lopt_emit *l, LLVMValueRef flag, uint64_t bit)
{
    return lopt_sel(l, flag, lopt_i64(l, bit), lopt_i64(l, 0));
}

static void copy_tags(struct lopt_emit *l, const struct lopt_row *r, const struct lopt_val *v)
{
    bool one_kind = !(v->kinds & (v->kinds - 1));
    if (r->tagging != LOPT_TAG_ALWAYS)
        return;
    if (one_kind) {
        set_kind(l, r, v->kinds);
        return;
    }
    LLVMValueRef t = l->ll->BuildLoad2(l->b, lopt_type(l, IR_I64), l->tags, "");
    t = lopt_bin(l, LLVMAnd, t, lopt_i64(l, ~(r->raw | r->single)));
    t = lopt_bin(l, LLVMOr, t, tag_bits(l, v->rawtag, r->raw));
    if (r->single)
        t = lopt_bin(l, LLVMOr, t, tag_bits(l, v->single, r->single));
    l->ll->BuildStore(l->b, t, l->tags);
}

/* PUT of what a GET gave: form and tags are copied, not made exact. */
static void copy_row(struct lopt_emit *l, struct lopt_row *r, ir_ref ref)
{
    const struct lopt_val *v = &l->vals[ref];
    if (v->d)
        l->ll->BuildStore(l->b, v->d, r->d);
    if (r->need_s && !v->s_valid) {
        l->ll->BuildStore(l->b, lopt_unbox(l, lopt_exact(l, ref)), r->s);
    } else if (v->s && r->s) {
        l->ll->BuildStore(l->b, v->s, r->s);
    }
    copy_tags(l, r, v);
}

LLVMValueRef lopt_op_put(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    struct lopt_row *r = &l->rows[in->imm];
    ir_ref ref = in->arg[0];
    struct lopt_val *v = &l->vals[ref];
    uint8_t kinds = r->in_memory ? LOPT_K_EXACT : lopt_put_kinds(l, l->block, l->get_kinds, in) & LOPT_K_KINDS;
    if (r->split && v->form == LOPT_FORM_PAIR) {
        lopt_split_put(l, r, v);
    } else if (v->form == LOPT_FORM_ROW && !r->in_memory && kinds == v->kinds) {
        copy_row(l, r, ref);
    } else if (kinds == LOPT_K_RAW) {
        l->ll->BuildStore(l->b, v->raw, r->d);
        set_kind(l, r, LOPT_K_RAW);
        if (r->need_s) /* by bits: code that vanishes if no one reads row->s */
            l->ll->BuildStore(l->b, lopt_unbox(l, lopt_canon(l, v->raw, NULL, false)), r->s);
    } else if (kinds & LOPT_K_SINGLE) {
        LLVMValueRef s = kinds == LOPT_K_RAWBOX ? l->vals[v->inner].raw : lopt_exact(l, v->inner);
        l->ll->BuildStore(l->b, s, r->s);
        set_kind(l, r, kinds);
    } else {
        lopt_row_set(l, (unsigned)in->imm, lopt_exact(l, ref));
    }
    return NULL;
}

/* GETX, PUTX: address of the row; rows of the range lie at equal distances. */
static LLVMValueRef indexed_ptr(struct lopt_emit *l, const struct ir_insn *in)
{
    const struct lopt_row *r = &l->rows[in->imm];
    unsigned stride = in->aux > 1 ? (unsigned)(l->rows[in->imm + 1].offset - r->offset) : 0u;
    LLVMTypeRef i64 = lopt_type(l, IR_I64);
    LLVMValueRef index = lopt_exact(l, in->arg[0]);
    if (ir_type_bits(lopt_type_of(l, in->arg[0])) < 64)
        index = lopt_cast(l, LLVMZExt, index, i64);
    else if (ir_type_bits(lopt_type_of(l, in->arg[0])) > 64)
        index = lopt_cast(l, LLVMTrunc, index, i64);
    index = lopt_bin(l, LLVMURem, index, lopt_i64(l, in->aux ? in->aux : 1));
    index = lopt_bin(l, LLVMAdd, lopt_bin(l, LLVMMul, index, lopt_i64(l, stride)), lopt_i64(l, r->offset));
    return l->ll->BuildGEP2(l->b, lopt_type(l, IR_I8), l->cpu, &index, 1, "");
}

LLVMValueRef lopt_op_getx(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef v = l->ll->BuildLoad2(l->b, lopt_type(l, (enum ir_type)in->type), indexed_ptr(l, in), "");
    l->ll->SetAlignment(v, 1);
    lopt_set_md(l, v, l->c->kind_tbaa, l->c->md_tbaa_state);
    return v;
}

LLVMValueRef lopt_op_putx(struct lopt_emit *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef v = lopt_exact(l, in->arg[1]);
    LLVMValueRef st = l->ll->BuildStore(l->b, v, indexed_ptr(l, in));
    l->ll->SetAlignment(st, 1);
    lopt_set_md(l, st, l->c->kind_tbaa, l->c->md_tbaa_state);
    return NULL;
}

void lopt_flush(struct lopt_emit *l, bool pinned, bool is_volatile)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lopt_row *r = &l->rows[i];
        if (!r->used || r->in_memory || !(l->st[i] & LOPT_K_DIRTY))
            continue;
        if (!pinned && (r->pin_gpr >= 0 || r->pin_fpr >= 0))
            continue;
        if (r->split) {
            lopt_split_store(l, i, is_volatile);
            continue;
        }
        LLVMValueRef st = mem_store(l, r, lopt_row_value(l, i));
        if (is_volatile)
            l->ll->SetVolatile(st, 1);
    }
}

void lopt_row_store(struct lopt_emit *l, unsigned row, LLVMValueRef v) { mem_store(l, &l->rows[row], v); }

void lopt_flush_wide(struct lopt_emit *l)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lopt_row *r = &l->rows[i];
        if (r->used && !r->in_memory && r->type == IR_F80 && l->st[i] & LOPT_K_DIRTY)
            mem_store(l, r, lopt_row_value(l, i));
    }
}

void lopt_reload(struct lopt_emit *l)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lopt_row *r = &l->rows[i];
        if (r->used && !r->in_memory && r->need_s)
            load_row(l, i);
    }
}

void lopt_prepare_cold(struct lopt_emit *l)
{
    uint64_t clear = 0, set = 0;
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lopt_row *r = &l->rows[i];
        if (!r->used || r->in_memory)
            continue;
        uint8_t kinds = l->st[i] & LOPT_K_KINDS;
        if (l->flow_cold[i] & LOPT_K_DIRTY & ~l->st[i]) { /* memory is up to date: keep nothing alive for it */
            load_row(l, i);
            kinds = LOPT_K_EXACT;
        }
        if (r->tagging == LOPT_TAG_AT_EXIT) {
            set |= tags_of_kind(r, kinds);
            clear |= (r->raw | r->single) & ~tags_of_kind(r, kinds);
        }
    }
    change_tags(l, clear, set);
}

void lopt_before_fault(struct lopt_emit *l)
{
    if (!l->region->precise)
        return;
    lopt_flush(l, true, true);
    l->ll->SetVolatile(lopt_cpu_store(l, lopt_i64(l, l->insn_pc), offsetof(struct cpu, pc), 8), 1);
}
