/* SPDX-License-Identifier: Apache-2.0 */
/* Lifts one block of x86 code: scan (decode, liveness of flags), then the lifter of each instruction's row.
 *
 * I1  Every path ends the block. An instruction is preceded by its INSN, also an illegal one.
 * I2  The rows of x86_insns.def are found by Zydis' mnemonic; a mnemonic without a row is illegal (SIGILL), and so is
 *     one whose ISA extension the configured CPU does not have. */
#include "frontend/x86/x86_lift.h"

#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/decode/x86_features.h"
#include "frontend/x86/decode/x86_scan.h"
#include "frontend/x86/int/x86_int_args.h"
#include "frontend/x86/sse/x86_sse_args.h"
#include "frontend/x86/sse/x86_vec.h"
#include "frontend/x86/x87/x86_lift_mmx.h"
#include "frontend/x86/x87/x86_x87_stack.h"

#include "src/ir/build/builder.h"

enum { MAX_BLOCK_IR = IR_MAX_INSNS / 4, MAX_BLOCK_INSNS = 64 };

static const struct {
    x86_lift_fn *lift;
    unsigned arg;
} rows[ZYDIS_MNEMONIC_MAX_VALUE + 1] = {
#define X86_INSN(mnemonic, lifter, arg) [ZYDIS_MNEMONIC_##mnemonic] = {x86_lift_##lifter, arg},
#include "frontend/x86/decode/x86_insns.def"
#undef X86_INSN
};

/* movsd and cmpsd are string instructions, too: they share the rows of movsb and cmpsb. */
static ZydisMnemonic row_of(const ZydisDecodedInstruction *i)
{
    if (i->meta.category != ZYDIS_CATEGORY_STRINGOP)
        return i->mnemonic;
    return i->mnemonic == ZYDIS_MNEMONIC_MOVSD   ? ZYDIS_MNEMONIC_MOVSB
           : i->mnemonic == ZYDIS_MNEMONIC_CMPSD ? ZYDIS_MNEMONIC_CMPSB
                                                 : i->mnemonic;
}

/* Code segments cannot be written; 64-bit code knows no such thing. */
static bool writes_code_segment(const struct x86_lift *l)
{
    for (unsigned n = 0; !l->is64 && n < l->i->operand_count_visible; n++) {
        if (x86_is_mem(l, n) && l->op[n].mem.segment == ZYDIS_REGISTER_CS &&
            l->op[n].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
            return true;
    }
    return false;
}

static void lift_insn(struct x86_lift *l, const struct x86_decoded *d)
{
    unsigned length = d->legal ? d->i.length : 1;
    l->d = d;
    l->i = &d->i;
    l->op = d->op;
    l->next = l->pc + length;
    if (!l->is64)
        l->next = (uint32_t)l->next;
    ir_insn_start(l->b, l->pc, length);
    bool known = d->legal && x86_cpu_has(l->req->config, &d->i), mmx = known && x86_is_mmx(d);
    if (known && l->mode & X86_MODE_X87_TRAPS && (x86_has_mm(d) || x87_waits(d)))
        x87_wait(l);
    if (known && l->mode & X86_MODE_SSE_TRAPS)
        x86_fp_may_trap(l);
    x86_lift_fn *lift = known && !mmx ? rows[row_of(&d->i)].lift : NULL;
    if (known && writes_code_segment(l))
        x86_lift_privileged(l, 0);
    else if (lift)
        lift(l, rows[row_of(&d->i)].arg);
    else if (!mmx || !x86_lift_mmx(l))
        x86_lift_illegal(l, 0);
    l->pc = l->next;
}

enum status x86_lift_block(const struct guest_lift *req, struct ir_builder *b, bool is64)
{
    struct x86_lift l = {.b = b, .req = req, .pc = req->pc, .is64 = is64, .sp = IR_NO_REF, .mode = req->mode};
    unsigned max = !req->max_insns ? 1 : req->max_insns < MAX_BLOCK_INSNS ? req->max_insns : MAX_BLOCK_INSNS, count;
    struct x86_decoded *insns = arena_alloc(b->arena, max * sizeof *insns);
    size_t seen;
    if (!insns)
        return STATUS_NO_MEMORY;
    if (!x86_scan(req, is64, insns, max, &count, &seen)) {
        ir_trap(b, IR_TRAP_FETCH, req->pc);
        return STATUS_OK;
    }
    x86_flags_init(&l);
    x86_x87_scan(insns, count);
    for (unsigned n = 0; n < count && !b->ended; n++) {
        if (b->count > MAX_BLOCK_IR)
            return STATUS_TOO_LARGE;
        const uint32_t from = b->count;
        lift_insn(&l, &insns[n]);
        x86_sp_check(&l, from);
        if (l.unknown_mode && !b->ended) {
            x86_flags_flush(&l); /* the scan thought that more of the block would follow */
            ir_jump(b, IR_HINT_MODE, l.pc);
        }
    }
    if (!b->ended) {
        x86_flags_settle(&l);
        ir_jump(b, IR_HINT_NONE, l.pc);
    }
    if (seen > b->guest_bytes)
        b->guest_bytes = (uint32_t)seen;
    return STATUS_OK;
}
