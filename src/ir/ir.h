/* SPDX-License-Identifier: Apache-2.0 */
/* The intermediate representation: typed, single-assignment, straight-line blocks with one entry, side exits and one
 * final exit. A value is named by the index of the instruction that defines it.
 *
 * I1  A block is sealed once, verified, and const from then on; any thread may read it.
 * I2  Operands refer to earlier instructions only. The last instruction, and no other, has effect END.
 * I3  PUTs, stores, calls and exits happen in program order. What a later exit or fault sees is every PUT before it.
 * I4  Blocks live in the arena that their builder was given.
 */
#ifndef TANDEM_IR_IR_H
#define TANDEM_IR_IR_H

#include "src/base/arena.h"
#include "src/base/cpu.h"
#include "src/base/status.h"
#include "src/base/types.h"
#include "src/ir/aux_bits.h"
#include "src/ir/ops.h"
#include "src/ir/type.h"

typedef uint16_t ir_ref;
enum { IR_NO_REF = 0xffff, IR_MAX_INSNS = 0xfff0 };

struct ir_insn {
    uint8_t op;   /* enum ir_op */
    uint8_t type; /* enum ir_type: the T of the signature */
    uint16_t aux;
    ir_ref arg[4]; /* unused: IR_NO_REF (CONST of 128 bits: see ops.def) */
    uint64_t imm;
};

/* A C function that generated code calls for what is rare. Arguments and result are 64-bit patterns (integers
 * zero-extended, floats as their bits). It runs on the generated code's stack with the guest's FP environment live: FP
 * operations in it that must not raise flags have to save and restore. It must not use more than 64 KiB of stack. */
struct ir_helper {
    const char *name;
    uint64_t (*fn)(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
    uint8_t args;   /* 0..4 */
    uint8_t result; /* enum ir_type; IR_VOID if none */
    /* enum ir_effect of this helper, instead of CALL's. RSTATE and WSTATE mean any row of cpu->guest, pinned ones, too;
     * without them no register is spilled or reloaded around the call. */
    uint16_t effects;
};

/* A pure C function of whole values, for vector operations that are too rare for a row of their own (VFN). It may touch
 * neither state nor memory nor FP flags. The result does not overlap the operands; imm is the instruction's aux. */
union ir_value;
struct ir_vec_fn {
    const char *name;
    void (*fn)(union ir_value *result, const union ir_value *const *args, unsigned imm);
    uint8_t kind; /* enum ir_vec_kind */
};

/* What a host may have an instruction for: x86's of these names (SDM volume 2). */
enum { IR_VEC_LENGTHS = 0x100 };
enum ir_vec_kind {
    IR_VEC_OTHER,
    IR_VEC_AESENC,
    IR_VEC_AESENCLAST,
    IR_VEC_AESDEC,
    IR_VEC_AESDECLAST,
    IR_VEC_PCLMUL, /* imm bits 0 and 4: which half of each operand */
    IR_VEC_SHA1NEXTE,
    IR_VEC_SHA1MSG1,
    IR_VEC_SHA1MSG2,
    IR_VEC_SHA1RNDS4, /* imm bits 0 and 1: the function */
    IR_VEC_SHA256RNDS2,
    IR_VEC_SHA256MSG1,
    IR_VEC_SHA256MSG2,
    IR_VEC_PMADDUBSW,
    IR_VEC_MPSADBW, /* imm bits 0 to 2: where */
    IR_VEC_VPERMILPS,
    IR_VEC_VPERMILPD,
    IR_VEC_AESIMC,          /* from here on: of one operand */
    IR_VEC_AESKEYGENASSIST, /* imm bits 0 to 7 */
    IR_VEC_PHMINPOSUW,
    IR_VEC_RCPPS,
    IR_VEC_RSQRTPS,
    /* pcmpistri, pcmpestri: the result's low 64 bits are OF, LAHF << 8, index << 32, the others 0. arg[2]: the lengths,
     * eax and edx in 32 bits each, if imm has IR_VEC_LENGTHS; imm bits 0 to 6: the instruction's */
    IR_VEC_PCMPSTRI,
    IR_VEC_PCMPSTRM, /* pcmpistrm, pcmpestrm: what they leave in xmm0 */
    IR_VEC_KINDS
};

struct ir_block {
    gaddr_t pc;
    uint32_t mode;        /* translation mode it was lifted for */
    uint32_t guest_bytes; /* guest code covered: [pc, pc + guest_bytes) */
    uint32_t guest_insns;
    uint32_t count; /* instructions */
    bool fp_fast;   /* built with ir_builder.fp_fast */
    const struct ir_insn *insns;
    const struct ir_state *state;
};

/* What the row of its operation says of one instruction; for CALL, what its helper says. */
static inline struct ir_op_facts ir_facts(const struct ir_insn *in)
{
    if (__builtin_expect(in->op != IR_CALL, 1))
        return ir_op_facts[in->op];
    const struct ir_helper *h = (const struct ir_helper *)(uintptr_t)in->imm;
    struct ir_op_facts facts = ir_op_facts[IR_CALL];
    facts.effects = h->effects;
    facts.args = h->args;
    facts.result = h->result;
    return facts;
}

static inline unsigned ir_insn_effects(const struct ir_insn *in) { return ir_facts(in).effects; }
/* Number of operands that are value references. */
static inline unsigned ir_insn_arg_count(const struct ir_insn *in) { return ir_facts(in).args; }

/* Type of the value an instruction defines; IR_VOID if none. */
static inline enum ir_type ir_insn_result_type(const struct ir_insn *in)
{
    unsigned result = ir_op_facts[in->op].result;
    return (enum ir_type)(result == IR_TYPE_COUNT ? in->type : result);
}

/* The type of the elements on which an instruction works; IR_VOID: it works on whole values. */
static inline enum ir_type ir_insn_elem(const struct ir_insn *in)
{
    unsigned kind = ir_op_facts[in->op].aux;
    return kind == IR_AUX_VEC                          ? ir_vec_elem(in->aux)
           : kind == IR_AUX_FP || kind == IR_AUX_FCOND ? ir_fp_elem(in->aux)
                                                       : IR_VOID;
}

/* May it leave for the guest pc in its imm? EXIT_IF and JUMP do. */
static inline bool ir_insn_has_target(const struct ir_insn *in) { return in->op == IR_EXIT_IF || in->op == IR_JUMP; }

/* Does it leave for code that the translation mode may have changed for? */
static inline bool ir_insn_changes_mode(const struct ir_insn *in)
{
    return ir_op_facts[in->op].aux == IR_AUX_HINT && in->aux == IR_HINT_MODE;
}

/* Does it trap if its address is misaligned (ir_misaligned_trap)? */
static inline bool ir_insn_checks_alignment(const struct ir_insn *in)
{
    unsigned kind = ir_op_facts[in->op].aux;
    return (kind == IR_AUX_MEM || kind == IR_AUX_AMO) && in->aux & IR_MEM_ALIGNED;
}

/* Is a NaN that it gives a quiet one? */
static inline bool ir_insn_is_quiet(const struct ir_insn *in) { return ir_op_facts[in->op].traits & IR_QUIET; }

/* The upper half of a constant of more than 64 bits. */
static inline uint64_t ir_const_high(const struct ir_insn *c)
{
    return c->arg[0] | (uint64_t)c->arg[1] << 16 | (uint64_t)c->arg[2] << 32 | (uint64_t)c->arg[3] << 48;
}

TANDEM_BEGIN_DECLS
/* The translation mode in which the exit at index at of the block is taken: that of the last PUT of the mode's row
 * before it (a constant, or the exit is IR_HINT_MODE), else the block's. */
uint32_t ir_exit_mode(const struct ir_block *block, uint32_t at);
TANDEM_END_DECLS

#endif
