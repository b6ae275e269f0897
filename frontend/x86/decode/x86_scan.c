/* SPDX-License-Identifier: Apache-2.0 */
/* Which status flags are alive where in a decoded block.
 *
 * I1  live: flags that may be read, on some way, before they are written again. Behind the block a few instructions of
 *     its direct successors are looked at; what is not known is alive.
 * I2  stored: flags that must be in the rows after the instruction, because an exit or an instruction that can fault
 *     follows while they are alive. A handler that looks at other flags in its frame finds older ones; they are dead.
 * I3  Every byte that was looked at lies behind the block's start and counts as the block's, so that the block is
 *     retired if it changes. */
#include "frontend/x86/decode/x86_scan.h"

enum { MAX_AHEAD = 16 };

/* ---- what an instruction does to flags ---- */

static unsigned tested(const struct x86_decoded *d)
{
    return d->i.cpu_flags ? (unsigned)d->i.cpu_flags->tested & X86_STATUS : 0;
}

/* Shifts and repeated string instructions may leave the flags as they were. */
static bool may_keep_flags(const struct x86_decoded *d)
{
    switch (d->i.mnemonic) {
    case ZYDIS_MNEMONIC_SHL:
    case ZYDIS_MNEMONIC_SHR:
    case ZYDIS_MNEMONIC_SAR:
    case ZYDIS_MNEMONIC_SHLD:
    case ZYDIS_MNEMONIC_SHRD:
    case ZYDIS_MNEMONIC_ROL:
    case ZYDIS_MNEMONIC_ROR:
    case ZYDIS_MNEMONIC_RCL:
    case ZYDIS_MNEMONIC_RCR:
        return d->op[1].type != ZYDIS_OPERAND_TYPE_IMMEDIATE ||
               !(d->op[1].imm.value.u & (d->i.operand_width == 64 ? 63 : 31));
    default:
        return x86_is_repeated(&d->i);
    }
}

/* Undefined flags count as written: no program can want the value. */
static unsigned written(const struct x86_decoded *d)
{
    const ZydisAccessedFlags *f = d->i.cpu_flags;
    if (!f || may_keep_flags(d))
        return 0;
    return (unsigned)(f->modified | f->set_0 | f->set_1 | f->undefined) & X86_STATUS;
}

static bool may_fault(const struct x86_decoded *d)
{
    if (!d->legal)
        return true;
    switch (d->i.meta.category) {
    case ZYDIS_CATEGORY_NOP:
    case ZYDIS_CATEGORY_WIDENOP:
    case ZYDIS_CATEGORY_PREFETCH:
        return false;
    case ZYDIS_CATEGORY_PUSH:
    case ZYDIS_CATEGORY_POP:
    case ZYDIS_CATEGORY_STRINGOP:
    case ZYDIS_CATEGORY_SYSTEM:
    case ZYDIS_CATEGORY_SEGOP:
    case ZYDIS_CATEGORY_IO:
    case ZYDIS_CATEGORY_RDWRFSGS:
        return true;
    default:
        break;
    }
    if (d->i.mnemonic == ZYDIS_MNEMONIC_DIV || d->i.mnemonic == ZYDIS_MNEMONIC_IDIV ||
        d->i.meta.isa_ext == ZYDIS_ISA_EXT_X87 || d->i.mnemonic == ZYDIS_MNEMONIC_LEAVE ||
        d->i.mnemonic == ZYDIS_MNEMONIC_ENTER || d->i.mnemonic == ZYDIS_MNEMONIC_XLAT ||
        d->i.mnemonic == ZYDIS_MNEMONIC_XGETBV || d->i.mnemonic == ZYDIS_MNEMONIC_AAM)
        return true;
    for (unsigned n = 0; n < d->i.operand_count_visible; n++) {
        if (d->op[n].type == ZYDIS_OPERAND_TYPE_MEMORY && d->op[n].mem.type != ZYDIS_MEMOP_TYPE_AGEN)
            return true;
    }
    return false;
}

bool x86_writes_memory(const struct x86_decoded *d)
{
    for (unsigned n = 0; d->legal && n < d->i.operand_count_visible; n++) {
        if (d->op[n].type == ZYDIS_OPERAND_TYPE_MEMORY && (d->op[n].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE))
            return true;
    }
    return d->legal && (d->i.meta.category == ZYDIS_CATEGORY_PUSH || d->i.meta.category == ZYDIS_CATEGORY_STRINGOP ||
                        d->i.mnemonic == ZYDIS_MNEMONIC_ENTER || d->i.mnemonic == ZYDIS_MNEMONIC_MASKMOVDQU ||
                        d->i.mnemonic == ZYDIS_MNEMONIC_MASKMOVQ || d->i.mnemonic == ZYDIS_MNEMONIC_VMASKMOVDQU);
}

/* ---- what comes behind the block ---- */

struct ahead {
    const struct guest_lift *req;
    bool is64;
    unsigned left; /* instructions that may still be looked at */
    size_t seen;
};

static unsigned live_at(struct ahead *a, gaddr_t pc);

static unsigned live_behind_jump(struct ahead *a, const struct x86_decoded *d, gaddr_t next)
{
    bool direct =
        d->i.operand_count_visible && d->op[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && d->op[0].imm.is_relative;
    if (x86_repeats_itself(d)) /* back to itself, or on */
        return live_at(a, next) | tested(d);
    if (!direct)
        return X86_STATUS;
    gaddr_t target = next + d->op[0].imm.value.u;
    unsigned live = live_at(a, a->is64 ? target : (uint32_t)target);
    if (d->i.meta.category == ZYDIS_CATEGORY_COND_BR && live != X86_STATUS)
        live |= live_at(a, next);
    return live;
}

/* Flags alive at pc (I1). */
static unsigned live_at(struct ahead *a, gaddr_t pc)
{
    unsigned live = 0, dead = 0;
    struct x86_decoded d;
    while (dead != X86_STATUS) {
        size_t offset = pc - a->req->pc;
        if (!a->left || pc < a->req->pc || offset >= a->req->avail)
            return live | (X86_STATUS & ~dead);
        a->left--;
        if (!x86_decode(a->is64, a->req->code + offset, a->req->avail - offset, &d) || !d.legal)
            return live | (X86_STATUS & ~dead);
        if (offset + d.i.length > a->seen)
            a->seen = offset + d.i.length;
        live |= tested(&d) & ~dead;
        dead |= written(&d);
        pc += d.i.length;
        if (x86_ends_block(&d))
            return live | (live_behind_jump(a, &d, pc) & ~dead);
    }
    return live;
}

/* ---- the block ---- */

static void spread(struct x86_decoded *insns, unsigned count, unsigned live)
{
    unsigned stored = live;
    for (unsigned n = count; n-- > 0;) {
        struct x86_decoded *d = &insns[n];
        d->live = live;
        d->stored = stored;
        if (!d->legal)
            continue;
        live = (live & ~written(d)) | tested(d);
        stored = may_fault(d) || x86_ends_block(d) ? live : stored & ~written(d);
    }
}

void x86_scan(struct guest_block *k, struct x86_decoded *insns, bool is64)
{
    const struct x86_decoded *last = &insns[k->count - 1];
    const gaddr_t behind = k->req->pc + k->end;
    unsigned live = X86_STATUS;
    struct ahead a = {.req = k->req, .is64 = is64, .left = MAX_AHEAD};
    if (k->changing) /* what comes behind may be another instruction by then: all flags are alive */
        a.left = 0;
    if (!x86_ends_block(last))
        live = live_at(&a, behind);
    else if (last->legal)
        live = live_behind_jump(&a, last, behind);
    spread(insns, k->count, live);
    ir_note_bytes(k->b, a.seen > k->end ? a.seen : k->end); /* I3 */
}
