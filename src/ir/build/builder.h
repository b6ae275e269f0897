/* SPDX-License-Identifier: Apache-2.0 */
/* Appends instructions to a block that is being built. Frontends call these; each returns the reference of the value it
 * defines. Every instruction is simplified before it is appended: constants are folded and a PUT is forwarded to the
 * GETs behind it, so that frontends can be written plainly. A block begins and ends in src/ir/simplify/seal.h.
 *
 * I1  A builder belongs to one thread.
 */
#ifndef TANDEM_IR_BUILDER_H
#define TANDEM_IR_BUILDER_H

#include "src/ir/ir.h"
#include "src/ir/state.h"

struct ir_builder;

/* A rule: looks at an instruction that is about to be appended. It gives a value that the instruction equals (x for
 * x + 0), or IR_DROPPED if it has neither effect nor value, or IR_NO_REF after possibly rewriting *in into something
 * cheaper. It may emit instructions of its own. */
typedef ir_ref ir_rule(struct ir_builder *b, struct ir_insn *in);
/* Not a reference, since it is above IR_MAX_INSNS. */
enum { IR_DROPPED = 0xfffe };

struct ir_builder {
    struct arena *arena; /* owns the block */
    ir_rule *simplify;   /* every instruction but constants goes through it; the builder itself knows no rules */
    const struct ir_state *state;
    struct ir_insn *insns;
    uint32_t count, capacity;
    gaddr_t pc;
    uint32_t mode, guest_bytes, guest_insns;
    ir_ref *row_value; /* per state row: value known to be in it, or IR_NO_REF */
    bool ended;        /* an END instruction was emitted */
    /* For study: floating point without its costs. There is no FCANON, FFLAGS is 0, and compares raise what they raise.
     * Back ends need not raise flags nor look for invalid FMAs and improper NaN boxes; tier 2 assumes round to nearest.
     * To be set after ir_builder_init. */
    bool fp_fast;
    /* Loads may become one (simplify/merge_loads.c I2). To be set after ir_builder_init. */
    bool merges_loads;
};

TANDEM_BEGIN_DECLS
/* Any instruction. Unused arguments are IR_NO_REF. */
ir_ref ir_emit(struct ir_builder *b, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a0, ir_ref a1, ir_ref a2,
               uint64_t imm);

ir_ref ir_const(struct ir_builder *b, enum ir_type type, uint64_t bits);
ir_ref ir_const128(struct ir_builder *b, enum ir_type type, uint64_t lo, uint64_t hi);
/* one or two operands of the type of the first; op is any "T:T", "T:TT" without aux */
ir_ref ir_un(struct ir_builder *b, enum ir_op op, ir_ref a);
ir_ref ir_bin(struct ir_builder *b, enum ir_op op, ir_ref a, ir_ref c);
ir_ref ir_bini(struct ir_builder *b, enum ir_op op, ir_ref a, uint64_t imm);
/* SEXT ZEXT TRUNC HIGH BITCAST FBOX FUNBOX; returns a itself where nothing changes */
ir_ref ir_conv(struct ir_builder *b, enum ir_op op, enum ir_type to, ir_ref a);
ir_ref ir_icmp(struct ir_builder *b, enum ir_cond cond, ir_ref a, ir_ref c);
ir_ref ir_select(struct ir_builder *b, ir_ref cond, ir_ref a, ir_ref c);
ir_ref ir_get(struct ir_builder *b, unsigned row);
ir_ref ir_fflags(struct ir_builder *b);
void ir_put(struct ir_builder *b, unsigned row, ir_ref v);
/* mem: IR_MEM_* bits with the memory type */
ir_ref ir_ld(struct ir_builder *b, enum ir_type type, uint16_t mem, ir_ref addr, int64_t offset);
void ir_st(struct ir_builder *b, uint16_t mem, ir_ref addr, int64_t offset, ir_ref value);
ir_ref ir_amo(struct ir_builder *b, enum ir_amo op, uint16_t mem, ir_ref addr, ir_ref value);
ir_ref ir_cas(struct ir_builder *b, uint16_t mem, ir_ref addr, ir_ref expected, ir_ref desired);
/* FP operations: aux holds IR_FP_*; a1, a2 IR_NO_REF where the operation has fewer operands */
ir_ref ir_fp(struct ir_builder *b, enum ir_op op, enum ir_type type, uint16_t aux, ir_ref a0, ir_ref a1, ir_ref a2);
ir_ref ir_fcmp(struct ir_builder *b, unsigned fcond, ir_ref a, ir_ref c);
ir_ref ir_call(struct ir_builder *b, const struct ir_helper *helper, ir_ref a0, ir_ref a1, ir_ref a2, ir_ref a3);
/* Has the block its END instruction? */
static inline bool ir_block_ended(const struct ir_builder *b) { return b->ended; }
/* The first bytes of guest code from the block's pc on count as the block's: it is retired when they change. */
void ir_note_bytes(struct ir_builder *b, uint64_t bytes);
/* marks the start of the guest instruction at pc, bytes long */
void ir_insn_start(struct ir_builder *b, gaddr_t pc, unsigned bytes);
void ir_call_hint(struct ir_builder *b, gaddr_t return_pc);
/* The status flags state->flags[n] for bits n of mask are dead: written again before they are read, wherever control
 * goes. */
void ir_dead_flags(struct ir_builder *b, uint32_t mask);
void ir_exit_if(struct ir_builder *b, ir_ref cond, gaddr_t target);
/* The same with IR_HINT_MODE: cond says that the translation mode has changed. */
void ir_exit_if_mode(struct ir_builder *b, ir_ref cond, gaddr_t target);
void ir_trap_if(struct ir_builder *b, ir_ref cond, enum ir_trap trap, gaddr_t pc);
void ir_jump(struct ir_builder *b, enum ir_hint hint, gaddr_t target);
void ir_jump_reg(struct ir_builder *b, enum ir_hint hint, ir_ref target);
void ir_trap(struct ir_builder *b, enum ir_trap trap, gaddr_t pc);
enum ir_type ir_type_of(const struct ir_builder *b, ir_ref v);
/* If v is a constant, its bits (low 64). */
bool ir_is_const(const struct ir_builder *b, ir_ref v, uint64_t *bits);
TANDEM_END_DECLS

#endif
