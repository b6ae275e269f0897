/* SPDX-License-Identifier: Apache-2.0 */
/* Guest registers while a region runs: one alloca a row, which LLVM promotes to SSA values; loaded at the entry,
 * stored where the state is seen from outside.
 *
 * I1  At an entry pinned rows come from the parameters; the others stay in cpu->guest until they are written
 *     (K_ABSENT).
 * I2  Accesses to struct cpu carry the TBAA type "state", guest accesses "guest": they never alias.
 * I3  A floating-point row is held as one of K_* (lift.h). If need_s, row->s is valid whatever the kind.
 * I4  Nothing here changes l->st: lift_flow_step does.
 * I5  A tag bit is right at every place if the row is TAG_ALWAYS, at the shared way out if TAG_AT_EXIT.
 */
#include "llvm-opt/lift.h"

LLVMValueRef lift_cpu_ptr(struct lift *l, size_t offset)
{
    LLVMValueRef index = l_i64(l, offset);
    return l->ll->BuildGEP2(l->b, lt(l, IR_I8), l->cpu, &index, 1, "");
}

LLVMValueRef lift_cpu_load(struct lift *l, LLVMTypeRef t, size_t offset, unsigned align)
{
    LLVMValueRef v = l->ll->BuildLoad2(l->b, t, lift_cpu_ptr(l, offset), "");
    l->ll->SetAlignment(v, align);
    lift_set_md(l, v, l->c->kind_tbaa, l->c->md_tbaa_state);
    return v;
}

LLVMValueRef lift_cpu_store(struct lift *l, LLVMValueRef v, size_t offset, unsigned align)
{
    LLVMValueRef st = l->ll->BuildStore(l->b, v, lift_cpu_ptr(l, offset));
    l->ll->SetAlignment(st, align);
    lift_set_md(l, st, l->c->kind_tbaa, l->c->md_tbaa_state);
    return st;
}

static unsigned row_align(const struct lift_row *r)
{
    unsigned align = 1;
    while (align < 16 && !(r->offset & align))
        align *= 2;
    return align;
}

static LLVMValueRef mem_load(struct lift *l, const struct lift_row *r)
{
    if (r->type == IR_I1)
        return l_cast(l, LLVMTrunc, lift_cpu_load(l, lt(l, IR_I8), r->offset, 1), lt(l, IR_I1));
    return lift_cpu_load(l, lt(l, (enum ir_type)r->type), r->offset, row_align(r));
}

static LLVMValueRef mem_store(struct lift *l, const struct lift_row *r, LLVMValueRef v)
{
    if (r->type == IR_I1)
        v = l_cast(l, LLVMZExt, v, lt(l, IR_I8));
    return lift_cpu_store(l, v, r->offset, row_align(r));
}

/* tags = (tags & ~clear) | set */
static void change_tags(struct lift *l, uint64_t clear, uint64_t set)
{
    LLVMValueRef v;
    if (!(clear | set))
        return;
    v = l->ll->BuildLoad2(l->b, lt(l, IR_I64), l->tags, "");
    if (clear)
        v = l_bin(l, LLVMAnd, v, l_i64(l, ~clear));
    if (set)
        v = l_bin(l, LLVMOr, v, l_i64(l, set));
    l->ll->BuildStore(l->b, v, l->tags);
}

/* Tags of a row that holds one kind. */
static uint64_t tags_of_kind(const struct lift_row *r, uint8_t kind)
{
    return (kind & (K_RAW | K_RAWBOX) ? r->raw : 0) | (kind & K_SINGLE ? r->single : 0);
}

static void set_kind(struct lift *l, const struct lift_row *r, uint8_t kind)
{
    uint64_t set = tags_of_kind(r, kind);
    if (r->tagging == TAG_ALWAYS)
        change_tags(l, (r->raw | r->single) & ~set, set);
}

static LLVMValueRef load_tag(struct lift *l, uint64_t bit)
{
    LLVMValueRef v = l->ll->BuildLoad2(l->b, lt(l, IR_I64), l->tags, "");
    return l_icmp(l, LLVMIntNE, l_bin(l, LLVMAnd, v, l_i64(l, bit)), l_i64(l, 0));
}

void lift_row_set(struct lift *l, unsigned index, LLVMValueRef v)
{
    struct lift_row *r = &l->rows[index];
    if (r->in_memory) {
        mem_store(l, r, v);
        return;
    }
    if (r->split) {
        lift_split_set(l, r, v);
        return;
    }
    l->ll->BuildStore(l->b, v, r->d);
    set_kind(l, r, K_EXACT);
    if (r->need_s)
        l->ll->BuildStore(l->b, lift_unbox(l, v), r->s);
}

/* From cpu->guest into the allocas */
static void load_row(struct lift *l, unsigned index)
{
    if (l->rows[index].split)
        lift_split_load(l, &l->rows[index]);
    else
        lift_row_set(l, index, mem_load(l, &l->rows[index]));
}

static void make_allocas(struct lift *l, struct lift_row *r)
{
    if (r->split) {
        r->low = l->ll->BuildAlloca(l->b, lt(l, IR_F64), "");
        r->high = l->ll->BuildAlloca(l->b, lt(l, IR_I64), "");
        return;
    }
    r->d = l->ll->BuildAlloca(l->b, lt(l, (enum ir_type)r->type), "");
    if (r->need_s || r->all_kinds & K_SINGLE)
        r->s = l->ll->BuildAlloca(l->b, lt(l, IR_F32), "");
    if (r->s && !r->need_s) /* never read before it is set, but LLVM need not know */
        l->ll->BuildStore(l->b, l->ll->ConstNull(lt(l, IR_F32)), r->s);
}

void lift_state_entry(struct lift *l)
{
    l->tags = l->ll->BuildAlloca(l->b, lt(l, IR_I64), "");
    l->cold_number = l->ll->BuildAlloca(l->b, lt(l, IR_I32), "");
    l->ll->BuildStore(l->b, l_i64(l, 0), l->tags);
    for (unsigned i = 0; i < l->row_count; i++) {
        struct lift_row *r = &l->rows[i];
        if (!r->used || r->in_memory)
            continue;
        make_allocas(l, r);
        if (r->pin_gpr >= 0)
            lift_row_set(l, i, l->ll->GetParam(l->fn, 1 + (unsigned)r->pin_gpr));
        else if (r->pin_fpr >= 0)
            lift_row_set(l, i, l->ll->GetParam(l->fn, 1 + CPU_PINNED_GPRS + (unsigned)r->pin_fpr));
        else if (r->need_s || r->at_entry)
            load_row(l, i);
    }
}

void lift_prepare_edge(struct lift *l, unsigned index)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lift_row *r = &l->rows[i];
        if (r->used && !r->in_memory && l->flow_in[index][i] & K_DIRTY && l->st[i] & K_ABSENT)
            load_row(l, i);
    }
}

static LLVMValueRef load_alloca(struct lift *l, LLVMTypeRef t, LLVMValueRef a)
{
    return a ? l->ll->BuildLoad2(l->b, t, a, "") : NULL;
}

/* What the row holds now, as a value that can be looked at later. */
static struct lift_val snapshot(struct lift *l, const struct lift_row *r, uint8_t kinds)
{
    struct lift_val v = {.form = FORM_ROW, .kinds = kinds & K_KINDS};
    LLVMTypeRef i1 = lt(l, IR_I1);
    if (kinds & K_DOUBLE)
        v.d = load_alloca(l, lt(l, (enum ir_type)r->type), r->d);
    if (r->need_s || kinds & K_SINGLE)
        v.s = load_alloca(l, lt(l, IR_F32), r->s);
    v.s_valid = r->need_s || !(kinds & K_DOUBLE);
    if (kinds & (K_RAW | K_RAWBOX))
        v.rawtag = kinds & (K_EXACT | K_BOX) ? load_tag(l, r->raw) : l_int(l, i1, 1);
    else
        v.rawtag = l_int(l, i1, 0);
    if (kinds & K_SINGLE)
        v.single = kinds & K_DOUBLE ? load_tag(l, r->single) : l_int(l, i1, 1);
    else
        v.single = l_int(l, i1, 0);
    return v;
}

/* The exact register of a snapshot. */
LLVMValueRef lift_compose(struct lift *l, const struct lift_val *v)
{
    LLVMValueRef wide = v->d, narrow = NULL;
    bool one_width = !(v->kinds & K_SINGLE) || !(v->kinds & K_DOUBLE);
    if (v->kinds & K_RAW)
        wide = lift_canon(l, v->d, v->kinds & K_EXACT ? v->rawtag : NULL, v->kinds == K_RAW);
    if (v->kinds & K_SINGLE) {
        narrow = v->s;
        if (v->kinds & K_RAWBOX)
            narrow = lift_canon(l, v->s, v->kinds & K_BOX ? v->rawtag : NULL, v->kinds == K_RAWBOX);
        narrow = lift_box(l, narrow);
    }
    if (one_width)
        return narrow ? narrow : wide;
    return l_sel(l, v->single, narrow, wide);
}

LLVMValueRef lift_row_value(struct lift *l, unsigned index)
{
    const struct lift_row *r = &l->rows[index];
    if (r->split) {
        struct lift_val pair = lift_split_get(l, index);
        return lift_pair_join(l, &pair);
    }
    if (r->in_memory || l->st[index] & K_ABSENT)
        return mem_load(l, r);
    if ((l->st[index] & K_KINDS) == K_EXACT)
        return load_alloca(l, lt(l, (enum ir_type)r->type), r->d);
    struct lift_val v = snapshot(l, r, l->st[index]);
    return lift_compose(l, &v);
}

LLVMValueRef lift_get(struct lift *l, const struct ir_insn *in, unsigned param)
{
    const struct lift_row *r = &l->rows[in->imm];
    uint8_t kinds = l->st[in->imm] & K_KINDS;
    if (r->split) {
        l->vals[in - l->block->insns] = lift_split_get(l, (unsigned)in->imm);
        return NULL;
    }
    if (r->in_memory || l->st[in->imm] & K_ABSENT || (kinds == K_EXACT && !r->need_s))
        return lift_row_value(l, (unsigned)in->imm);
    l->vals[in - l->block->insns] = snapshot(l, r, kinds);
    return NULL;
}

static LLVMValueRef tag_bits(struct lift *l, LLVMValueRef flag, uint64_t bit)
{
    return l_sel(l, flag, l_i64(l, bit), l_i64(l, 0));
}

static void copy_tags(struct lift *l, const struct lift_row *r, const struct lift_val *v)
{
    bool one_kind = !(v->kinds & (v->kinds - 1));
    if (r->tagging != TAG_ALWAYS)
        return;
    if (one_kind) {
        set_kind(l, r, v->kinds);
        return;
    }
    LLVMValueRef t = l->ll->BuildLoad2(l->b, lt(l, IR_I64), l->tags, "");
    t = l_bin(l, LLVMAnd, t, l_i64(l, ~(r->raw | r->single)));
    t = l_bin(l, LLVMOr, t, tag_bits(l, v->rawtag, r->raw));
    if (r->single)
        t = l_bin(l, LLVMOr, t, tag_bits(l, v->single, r->single));
    l->ll->BuildStore(l->b, t, l->tags);
}

/* PUT of what a GET gave: form and tags are copied, not made exact. */
static void copy_row(struct lift *l, struct lift_row *r, ir_ref ref)
{
    const struct lift_val *v = &l->vals[ref];
    if (v->d)
        l->ll->BuildStore(l->b, v->d, r->d);
    if (r->need_s && !v->s_valid) {
        l->ll->BuildStore(l->b, lift_unbox(l, lift_exact(l, ref)), r->s);
    } else if (v->s && r->s) {
        l->ll->BuildStore(l->b, v->s, r->s);
    }
    copy_tags(l, r, v);
}

LLVMValueRef lift_put(struct lift *l, const struct ir_insn *in, unsigned param)
{
    struct lift_row *r = &l->rows[in->imm];
    ir_ref ref = in->arg[0];
    struct lift_val *v = &l->vals[ref];
    uint8_t kinds = r->in_memory ? K_EXACT : lift_put_kinds(l, l->block, l->get_kinds, in) & K_KINDS;
    if (r->split && v->form == FORM_PAIR) {
        lift_split_put(l, r, v);
    } else if (v->form == FORM_ROW && !r->in_memory && kinds == v->kinds) {
        copy_row(l, r, ref);
    } else if (kinds == K_RAW) {
        l->ll->BuildStore(l->b, v->raw, r->d);
        set_kind(l, r, K_RAW);
        if (r->need_s) /* by bits: code that vanishes if no one reads row->s */
            l->ll->BuildStore(l->b, lift_unbox(l, lift_canon(l, v->raw, NULL, false)), r->s);
    } else if (kinds & K_SINGLE) {
        LLVMValueRef s = kinds == K_RAWBOX ? l->vals[v->inner].raw : lift_exact(l, v->inner);
        l->ll->BuildStore(l->b, s, r->s);
        set_kind(l, r, kinds);
    } else {
        lift_row_set(l, (unsigned)in->imm, lift_exact(l, ref));
    }
    return NULL;
}

/* GETX, PUTX: address of the row; rows of the range lie at equal distances. */
static LLVMValueRef indexed_ptr(struct lift *l, const struct ir_insn *in)
{
    const struct lift_row *r = &l->rows[in->imm];
    unsigned stride = in->aux > 1 ? (unsigned)(l->rows[in->imm + 1].offset - r->offset) : 0u;
    LLVMTypeRef i64 = lt(l, IR_I64);
    LLVMValueRef index = lift_exact(l, in->arg[0]);
    if (ir_type_bits(lift_type_of(l, in->arg[0])) < 64)
        index = l_cast(l, LLVMZExt, index, i64);
    else if (ir_type_bits(lift_type_of(l, in->arg[0])) > 64)
        index = l_cast(l, LLVMTrunc, index, i64);
    index = l_bin(l, LLVMURem, index, l_i64(l, in->aux ? in->aux : 1));
    index = l_bin(l, LLVMAdd, l_bin(l, LLVMMul, index, l_i64(l, stride)), l_i64(l, r->offset));
    return l->ll->BuildGEP2(l->b, lt(l, IR_I8), l->cpu, &index, 1, "");
}

LLVMValueRef lift_getx(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef v = l->ll->BuildLoad2(l->b, lt(l, (enum ir_type)in->type), indexed_ptr(l, in), "");
    l->ll->SetAlignment(v, 1);
    lift_set_md(l, v, l->c->kind_tbaa, l->c->md_tbaa_state);
    return v;
}

LLVMValueRef lift_putx(struct lift *l, const struct ir_insn *in, unsigned param)
{
    LLVMValueRef v = lift_exact(l, in->arg[1]);
    LLVMValueRef st = l->ll->BuildStore(l->b, v, indexed_ptr(l, in));
    l->ll->SetAlignment(st, 1);
    lift_set_md(l, st, l->c->kind_tbaa, l->c->md_tbaa_state);
    return NULL;
}

void lift_flush(struct lift *l, bool pinned, bool is_volatile)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lift_row *r = &l->rows[i];
        if (!r->used || r->in_memory || !(l->st[i] & K_DIRTY))
            continue;
        if (!pinned && (r->pin_gpr >= 0 || r->pin_fpr >= 0))
            continue;
        if (r->split) {
            lift_split_store(l, i, is_volatile);
            continue;
        }
        LLVMValueRef st = mem_store(l, r, lift_row_value(l, i));
        if (is_volatile)
            l->ll->SetVolatile(st, 1);
    }
}

void lift_row_store(struct lift *l, unsigned row, LLVMValueRef v) { mem_store(l, &l->rows[row], v); }

void lift_flush_wide(struct lift *l)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lift_row *r = &l->rows[i];
        if (r->used && !r->in_memory && r->type == IR_F80 && l->st[i] & K_DIRTY)
            mem_store(l, r, lift_row_value(l, i));
    }
}

void lift_reload(struct lift *l)
{
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lift_row *r = &l->rows[i];
        if (r->used && !r->in_memory && r->need_s)
            load_row(l, i);
    }
}

void lift_prepare_cold(struct lift *l)
{
    uint64_t clear = 0, set = 0;
    for (unsigned i = 0; i < l->row_count; i++) {
        const struct lift_row *r = &l->rows[i];
        if (!r->used || r->in_memory)
            continue;
        uint8_t kinds = l->st[i] & K_KINDS;
        if (l->flow_cold[i] & K_DIRTY & ~l->st[i]) { /* memory is up to date: keep nothing alive for it */
            load_row(l, i);
            kinds = K_EXACT;
        }
        if (r->tagging == TAG_AT_EXIT) {
            set |= tags_of_kind(r, kinds);
            clear |= (r->raw | r->single) & ~tags_of_kind(r, kinds);
        }
    }
    change_tags(l, clear, set);
}

void lift_before_fault(struct lift *l)
{
    if (!l->region->precise)
        return;
    lift_flush(l, true, true);
    l->ll->SetVolatile(lift_cpu_store(l, l_i64(l, l->insn_pc), offsetof(struct cpu, pc), 8), 1);
}
