/* SPDX-License-Identifier: Apache-2.0 */
/* Which status flags are alive where in a decoded block.
 *
 * I1  live: flags that may be read, on some way, before they are written again. Behind the block, and where its
 *     branches go to, a few instructions are looked at; what is not known is alive.
 * I2  stored: flags that the state must have after the instruction, because an exit or an instruction that can fault
 *     follows while they are alive. A handler that looks at other flags in its frame finds older ones; they are dead. A
 *     branch stores for both of its ways (taken, stored), so what precedes it need not.
 * I3  in_rows and settles decide in which form: a hint, and what follows from it. Wherever a block may find flags in
 *     the other form and reads or keeps some of them, its first instruction settles.
 * I4  Every byte that was looked at lies behind the block's start and counts as the block's, so that the block is
 *     retired if it changes. */
#include "frontend/x86/decode/x86_scan.h"

#include "src/base/arena.h"

enum { MAX_AHEAD = 48, MAX_TAKEN = 24 }; /* instructions: behind the block, where a branch goes to */

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
static unsigned touched(const struct x86_decoded *d)
{
    const ZydisAccessedFlags *f = d->i.cpu_flags;
    if (d->i.mnemonic == ZYDIS_MNEMONIC_VPTEST || d->i.mnemonic == ZYDIS_MNEMONIC_VTESTPS ||
        d->i.mnemonic == ZYDIS_MNEMONIC_VTESTPD) /* Zydis leaves out the flags that they clear */
        return X86_STATUS;
    return f ? (unsigned)(f->modified | f->set_0 | f->set_1 | f->undefined) & X86_STATUS : 0;
}
static unsigned written(const struct x86_decoded *d) { return may_keep_flags(d) ? 0 : touched(d); }

/* A jump that does not fault: what it reads is not seen again (tier 1 polls behind its decision if flags die there). */
static bool is_direct_jump(const struct x86_decoded *d)
{
    return x86_is_branch(d) || (d->i.meta.category == ZYDIS_CATEGORY_UNCOND_BR && x86_has_direct_target(d));
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
    if (x86_ends_block(d) && !is_direct_jump(d))
        return true;
    if (d->i.mnemonic == ZYDIS_MNEMONIC_DIV || d->i.mnemonic == ZYDIS_MNEMONIC_IDIV || x86_is_x87(d) ||
        d->i.mnemonic == ZYDIS_MNEMONIC_LEAVE || d->i.mnemonic == ZYDIS_MNEMONIC_ENTER ||
        d->i.mnemonic == ZYDIS_MNEMONIC_XLAT || d->i.mnemonic == ZYDIS_MNEMONIC_XGETBV ||
        d->i.mnemonic == ZYDIS_MNEMONIC_AAM)
        return true;
    for (unsigned n = 0; n < d->i.operand_count_visible; n++) {
        if (d->op[n].type == ZYDIS_OPERAND_TYPE_MEMORY && d->op[n].mem.type != ZYDIS_MEMOP_TYPE_AGEN)
            return true;
    }
    return false;
}

/* May the block be left behind it all the same (x86_lift.unknown_mode, IR_TRAP_TRACE)? */
static bool may_end_block(const struct x86_decoded *d)
{
    switch (d->i.mnemonic) {
    case ZYDIS_MNEMONIC_LDMXCSR:
    case ZYDIS_MNEMONIC_VLDMXCSR:
    case ZYDIS_MNEMONIC_FXRSTOR:
    case ZYDIS_MNEMONIC_FXRSTOR64:
    case ZYDIS_MNEMONIC_XRSTOR:
    case ZYDIS_MNEMONIC_XRSTOR64:
    case ZYDIS_MNEMONIC_POPF:
    case ZYDIS_MNEMONIC_POPFD:
    case ZYDIS_MNEMONIC_POPFQ:
        return true;
    default:
        return x86_is_x87(d) || d->i.meta.isa_ext == ZYDIS_ISA_EXT_MMX;
    }
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

/* What becomes of status flags. */
struct fate {
    unsigned live; /* may be read before they are written again (I1) */
    unsigned read; /* of them, those that are read for sure, or kept by an instruction that writes others */
};

struct ahead {
    const struct guest_lift *req;
    bool is64;
    unsigned left; /* instructions that may still be looked at */
    size_t seen;
};

static struct fate fate_at(struct ahead *a, gaddr_t pc);

/* Flags that go on to where nothing is known. kept: they are kept on the way. */
static struct fate unknown(unsigned flags, unsigned kept) { return (struct fate){flags, flags & kept}; }

static struct fate both(struct fate x, struct fate y) { return (struct fate){x.live | y.live, x.read | y.read}; }

static struct fate behind_jump(struct ahead *a, const struct x86_decoded *d, gaddr_t next)
{
    if (x86_repeats_itself(d)) { /* back to itself, where it keeps them, or on */
        unsigned live = fate_at(a, next).live | tested(d);
        return (struct fate){live, live};
    }
    if (!x86_has_direct_target(d))
        return unknown(X86_STATUS, 0);
    struct fate f = fate_at(a, x86_direct_target(d, next, a->is64));
    if (d->i.meta.category == ZYDIS_CATEGORY_COND_BR && f.read != X86_STATUS)
        f = both(f, fate_at(a, next));
    return f;
}

/* The instruction at pc. exact: its bytes may count as the block's, and do now (I4). */
static bool look_at(struct ahead *a, gaddr_t pc, struct x86_decoded *d, bool *exact)
{
    int64_t offset = (int64_t)(pc - a->req->pc), end = (int64_t)(a->req->avail + a->req->after);
    if (!a->left || offset < -(int64_t)a->req->before || offset >= end)
        return false;
    a->left--;
    if (!x86_decode(a->is64, a->req->code + offset, (size_t)(end - offset), d) || !d->legal)
        return false;
    *exact = offset >= 0 && offset + d->i.length <= (int64_t)a->req->avail;
    if (*exact && (size_t)offset + d->i.length > a->seen)
        a->seen = (size_t)offset + d->i.length;
    return true;
}

/* Of the flags as they are at pc. */
static struct fate fate_at(struct ahead *a, gaddr_t pc)
{
    struct fate f = {0, 0};
    unsigned dead = 0, kept = 0;
    struct x86_decoded d;
    while (dead != X86_STATUS) {
        bool exact;
        if (!look_at(a, pc, &d, &exact))
            return both(f, unknown(X86_STATUS & ~dead, kept));
        if (!exact) /* what follows is a hint */
            f.live |= X86_STATUS & ~dead;
        f = both(f, unknown(tested(&d) & ~dead, X86_STATUS));
        dead |= written(&d);
        kept |= touched(&d) ? X86_STATUS & ~dead : 0;
        pc += d.i.length;
        if (x86_ends_block(&d)) {
            struct fate on = behind_jump(a, &d, pc);
            return both(f, (struct fate){on.live & ~dead, (on.read | (on.live & kept)) & ~dead});
        }
    }
    return f;
}

/* ---- the block ---- */

struct scan {
    struct guest_block *k;
    struct x86_decoded *insns;
    struct ahead ahead;
    struct fate *before; /* of the flags before each instruction, from the one at hand on */
};

/* Where the branch insns[n], behind which the block has size bytes, goes to: often to an instruction of the block. */
static struct fate behind_taken(struct scan *s, unsigned n, size_t size)
{
    const struct guest_block *k = s->k;
    gaddr_t target = x86_direct_target(&s->insns[n], k->req->pc + size, s->ahead.is64);
    if (k->changing)
        return unknown(X86_STATUS, 0);
    while (++n < k->count) {
        if (k->req->pc + size == target)
            return s->before[n];
        size += k->bytes[n];
    }
    s->ahead.left = MAX_TAKEN;
    return fate_at(&s->ahead, target);
}

/* What d does to flags that meet this fate behind it. */
static struct fate fate_before(const struct x86_decoded *d, struct fate behind)
{
    unsigned kept = behind.live & ~d->written;
    return (struct fate){kept | tested(d), (behind.read & ~d->written) | tested(d) | (touched(d) ? kept : 0)};
}

/* The branch insns[n]. behind: what becomes of the flags on the way on; then on both ways. Leaves what must be in the
 * state on the way on in stored, and of read those that blocks behind this one read. */
static void spread_branch(struct scan *s, unsigned n, size_t size, struct fate *behind, unsigned stored, unsigned *read)
{
    struct x86_decoded *d = &s->insns[n];
    struct fate taken = behind_taken(s, n, size);
    d->stored = stored;
    d->in_rows = stored & *read;
    d->taken = taken.live;
    d->taken_in_rows = taken.live & taken.read;
    *behind = both(*behind, taken);
    *read |= taken.read;
}

static void spread(struct scan *s, struct fate behind)
{
    unsigned stored = behind.live, read = behind.read; /* read: by blocks behind this one */
    size_t size = s->k->end;
    for (unsigned n = s->k->count; n-- > 0; size -= s->k->bytes[n]) {
        struct x86_decoded *d = &s->insns[n];
        const bool branch = x86_is_branch(d);
        d->written = d->legal ? written(d) : 0;
        d->settles = false;
        if (branch)
            spread_branch(s, n, size, &behind, stored, &read);
        d->live = behind.live;
        if (!branch) {
            d->stored = stored = d->legal && may_end_block(d) ? behind.live : stored;
            d->in_rows = stored & read;
        }
        if (d->legal)
            behind = fate_before(d, behind);
        s->before[n] = behind;
        stored = branch ? 0 : !d->legal ? stored : may_fault(d) ? behind.live : stored & ~d->written;
        read &= ~d->written;
    }
}

/* Does an instruction read flags from before the block, or keep some that are alive and write others (I3)? */
static bool needs_rows(const struct x86_decoded *insns, unsigned count)
{
    unsigned known = 0;
    for (unsigned n = 0; n < count && insns[n].legal; n++) {
        const struct x86_decoded *d = &insns[n];
        unsigned kept = touched(d) ? d->live & ~d->written : 0;
        if ((tested(d) | kept) & ~known)
            return true;
        known |= d->written;
    }
    return false;
}

void x86_scan(struct guest_block *k, struct x86_decoded *insns, bool is64)
{
    const struct x86_decoded *last = &insns[k->count - 1];
    const gaddr_t behind = k->req->pc + k->end;
    struct fate f = unknown(X86_STATUS, 0);
    struct scan s = {.k = k, .insns = insns, .ahead = {.req = k->req, .is64 = is64, .left = MAX_AHEAD}};
    s.before = arena_alloc_raw(k->b->arena, k->count * sizeof *s.before);
    if (k->changing) /* what comes behind may be another instruction by then: all flags are alive */
        s.ahead.left = 0;
    if (!x86_ends_block(last) || x86_is_branch(last))
        f = fate_at(&s.ahead, behind);
    else if (last->legal)
        f = behind_jump(&s.ahead, last, behind);
    spread(&s, f);
    insns[0].settles = needs_rows(insns, k->count);
    ir_note_bytes(k->b, s.ahead.seen > k->end ? s.ahead.seen : k->end); /* I4 */
}
