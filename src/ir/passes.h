/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done to a block: verify, print, parse, optimize, execute. All but the interpreter are pure functions of
 * their arguments and may run on any thread. */
#ifndef TANDEM_IR_PASSES_H
#define TANDEM_IR_PASSES_H

#include <stdio.h>

#include "src/ir/ir.h"

TANDEM_BEGIN_DECLS
/* True if the block obeys ir.h's invariants and the signatures. Else false, and a sentence in message (size bytes). */
bool ir_verify(const struct ir_block *block, char *message, size_t size);

/* Text form, one instruction a line; ir_parse reads the same. */
void ir_print(FILE *out, const struct ir_block *block);
/* Parses the text of one block. On STATUS_SYNTAX, message says line and reason. The block lives in the arena. */
enum status ir_parse(const char *text, const struct ir_state *state, struct arena *arena, const struct ir_block **block,
                     char *message, size_t size);

/* In place on an unsealed list of instructions; return the new count (refs are renumbered). Called by ir_builder_seal:
 * folding of constants and identities, PUT/GET forwarding, overwritten PUTs (none across a fault or exit), FCANON that
 * no one can see (an FCANON whose use is arithmetic, a compare or a conversion is bypassed), dead code; FCANONs are
 * moved together in pairs. */
uint32_t ir_optimize(struct ir_insn *insns, uint32_t count, const struct ir_state *state, struct arena *scratch);

/* Result of executing a block in the reference interpreter. */
struct ir_exit {
    enum cpu_exit reason; /* CPU_EXIT_LOOKUP: go on at pc; CPU_EXIT_TRAP: trap */
    enum ir_trap trap;
    gaddr_t pc;
    enum ir_hint hint;
};
/* Executes the block on cpu's state and the memory of this process (guest address = host address). cpu->pc is the pc of
 * the current instruction at every access that can fault. FP is computed by softfp; flags go to cpu->fp_flags; the
 * rounding mode RDYN is the one in cpu->fp_env. The host's FPU is left alone. The thread of that cpu only. */
void ir_interp(struct cpu *cpu, const struct ir_block *block, struct ir_exit *exit);

/* A value of any IR type. */
union ir_value {
    uint64_t u64[4];
    uint32_t u32[8];
    uint8_t u8[32];
    float f32;
    double f64;
    unsigned __int128 u128;
};
/* Executes one value operation (no state, no control; memory operations allowed) on operand values. It is the fallback
 * of back ends for operations that they do not inline. The guest's FP environment is live (src/base/cpu.h I3): RDYN is
 * the mode in it; flags go to cpu->fp_flags. IR_MEM_ALIGNED is not checked. */
void ir_eval(struct cpu *cpu, const struct ir_insn *insn, const enum ir_type *arg_types, const union ir_value *args,
             union ir_value *result);
/* In the child of a fork, while it has one thread: another thread of the parent may have been inside a store
 * conditional. */
void ir_forget_reservations(void);
TANDEM_END_DECLS

#endif
