/* SPDX-License-Identifier: Apache-2.0 */
/* Lifts x86 instructions: the hooks of the block loop (frontend/block.h), and which row lifts an instruction.
 *
 * I1  The rows of x86_insns.def are found by Zydis' mnemonic. A mnemonic without a row is illegal (SIGILL), and so is
 *     one whose ISA extension the configured CPU does not have.
 * I2  Blocks go on behind forward branches (guest_lift.max_branches). A block with an indirect jump has no such branch,
 *     since the engine looks where the jump goes by running the block (runtime/engine/profile.c). */
#include "frontend/x86/x86_lift.h"

#include <assert.h>

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

enum { MAX_BLOCK_INSNS = 64 };

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

/* ---- hooks of the block loop ---- */

static void begin(struct guest_block *k, bool is64)
{
    struct x86_lift *l = k->state;
    *l = (struct x86_lift){.b = k->b, .req = k->req, .is64 = is64, .sp = IR_NO_REF, .mode = k->req->mode};
    x86_flags_init(l);
}
static void begin_32(struct guest_block *k) { begin(k, false); }
static void begin_64(struct guest_block *k) { begin(k, true); }

static unsigned decode(const struct guest_lift *req, size_t offset, struct x86_decoded *d, bool is64)
{
    if (!x86_decode(is64, req->code + offset, req->avail - offset, d))
        return 0;
    return d->legal ? d->i.length : 1;
}
static unsigned decode_32(const struct guest_lift *req, size_t offset, void *d)
{
    return decode(req, offset, d, false);
}
static unsigned decode_64(const struct guest_lift *req, size_t offset, void *d) { return decode(req, offset, d, true); }

static bool goes_forward(const struct guest_block *k, const struct x86_decoded *d, bool is64)
{
    gaddr_t pc = (k->req->pc + k->end) & k->pc_mask;
    return x86_is_branch(d) && x86_direct_target(d, pc + d->i.length, is64) > pc;
}

/* I2 */
static enum guest_flow flow(struct guest_block *k, void *insn)
{
    struct x86_lift *l = k->state;
    const struct x86_decoded *d = insn;
    if (!x86_ends_block(d))
        return GUEST_FLOW_ON;
    if (l->branches && x86_jumps_anywhere(d))
        return GUEST_FLOW_LATER;
    if (l->branches == k->req->max_branches || !goes_forward(k, d, l->is64))
        return GUEST_FLOW_ENDS;
    l->branches++;
    return GUEST_FLOW_ON;
}

static bool stores(const void *d) { return x86_writes_memory(d); }

static void scan(struct guest_block *k)
{
    const struct x86_lift *l = k->state;
    struct x86_decoded *insns = guest_block_insn(k, 0);
    x86_scan(k, insns, l->is64);
    x86_x87_scan(insns, k->count);
}

/* Lifts by the row of the instruction. */
static void lift_row(struct x86_lift *l)
{
    const struct x86_decoded *d = l->d;
    bool known = d->legal && x86_cpu_has(l->req->config, &d->i), mmx = known && x86_is_mmx(d);
    if (known && l->mode & X86_MODE_X87_TRAPS && (x86_has_mm(d) || x86_x87_waits(d)))
        x86_x87_wait(l);
    if (known && l->mode & X86_MODE_SSE_TRAPS)
        x86_fp_may_trap(l);
    x86_lift_fn *lift = known && !mmx ? rows[row_of(&d->i)].lift : NULL;
    if (d->too_long || (known && writes_code_segment(l)))
        x86_lift_privileged(l, 0);
    else if (lift)
        lift(l, rows[row_of(&d->i)].arg);
    else if (!mmx || !x86_lift_mmx(l))
        x86_lift_illegal(l, 0);
}

static void lift_insn(struct guest_block *k, const void *insn)
{
    struct x86_lift *l = k->state;
    const uint32_t from = l->b->count;
    l->d = insn;
    l->i = &l->d->i;
    l->op = l->d->op;
    l->pc = k->pc;
    l->next = k->next;
    l->goes_on = k->at + 1 < k->count;
    if (l->d->settles)
        x86_flags_settle(l);
    lift_row(l);
    x86_sp_check(l, from);
    assert(!l->unknown_mode || !(l->d->live & ~l->d->stored)); /* x86_scan.c, may_end_block */
    if (l->unknown_mode && !ir_block_ended(l->b))
        ir_jump(l->b, IR_HINT_MODE, l->next);
}

static void end(struct guest_block *k) { x86_flags_end(k->state); }

#define LIFTER(width)                                                                                                  \
    {                                                                                                                  \
        .state_size = sizeof(struct x86_lift), .insn_size = sizeof(struct x86_decoded), .max_insns = MAX_BLOCK_INSNS,  \
        .begin = begin_##width, .decode = decode_##width, .flow = flow, .stores = stores, .scan = scan,                \
        .lift_insn = lift_insn, .end = end                                                                             \
    }
const struct guest_lifter x86_lifter_32 = LIFTER(32), x86_lifter_64 = LIFTER(64);
