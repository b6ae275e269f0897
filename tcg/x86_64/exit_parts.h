/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces that exits are built from: see exit_parts.c. */
#ifndef TANDEM_TCG_X86_64_EXIT_PARTS_H
#define TANDEM_TCG_X86_64_EXIT_PARTS_H

#include "tcg/tcg.h"
#include "tcg/x86_64/asm.h"

/* Jump to the stub of exit (rax = exit, jmp exit_link). */
void tcg_emit_link_stub(struct tcg_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit);
/* Push the return address as a level of the return stack (rcx is free). */
void tcg_emit_push_return(struct tcg_buf *a, gaddr_t pc);
/* An aligned patchable jmp (0xe9) or call (0xe8); fills exit->jmp_off relative to base. Returns the offset past the
 * rel32. */
uint32_t tcg_emit_patchable(struct tcg_buf *a, unsigned opcode, const uint8_t *base_rx, struct tcg_exit *exit);
/* cmp dword [r13 + pending], 0; jne: returns the offset past the rel32 */
uint32_t tcg_emit_poll(struct tcg_buf *a);
/* cmp rsp, limit; jb: returns the offset past the rel32 */
uint32_t tcg_emit_stack_check(struct tcg_buf *a);
/* IBTC probe for the guest address in rax; uses rcx and rdx. mode: the translation mode, where it is known, or
 * TCG_ANY_MODE: as struct cpu has it */
enum { TCG_ANY_MODE = -1 };
void tcg_emit_ibtc(struct tcg_buf *a, const struct tcg_glue *glue, int mode);
/* glue->ibtc_plain and glue->ibtc_other, which it sets: look into the other slot of the pair. */
void tcg_emit_ibtc_others(struct tcg_buf *a, struct tcg_glue *glue);
/* At a landing: if the mode is not exit->mode (and glue->modes), through the IBTC to exit->pc. */
void tcg_emit_mode_check(struct tcg_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit);
/* Leaves through glue->exit_trap with cpu->pc = pc. */
void tcg_emit_trap_exit(struct tcg_buf *a, const struct tcg_glue *glue, unsigned trap, gaddr_t pc);

#endif
