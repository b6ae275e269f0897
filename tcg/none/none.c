/* SPDX-License-Identifier: Apache-2.0 */
/* tcg.h on a host that has no tier 1, or in a build without it: there is no generated code, and --tier=interp is all
 * there is.
 *
 * I1  The glue is empty and nothing is translated. So no exit, no block and no signal context of generated code exists
 *     that the other functions could be asked about: calling them is a mistake of the caller. */
#include <stdlib.h>
#include <string.h>

#include "tcg/tcg.h"

const bool tcg_available = false;

enum status tcg_emit_glue(uint8_t *rw, const uint8_t *rx, size_t capacity, const struct ir_state *state,
                          struct tcg_glue *glue)
{
    *glue = (struct tcg_glue){.modes = state->mode_row};
    return STATUS_OK;
}

enum status tcg_translate(const struct tcg_request *req, struct tcg_result *result) { return STATUS_UNSUPPORTED; }

size_t tcg_emit_exit(uint8_t *rw, const uint8_t *rx, size_t capacity, const uint8_t *base_rx,
                     const struct tcg_glue *glue, struct tcg_exit *exit, struct tcg_exit *ret, const uint8_t *inner)
{
    return 0; /* no room */
}

/* I1 */
static _Noreturn void no_code(void) { abort(); }

void tcg_patch_exit(uint8_t *base_rw, const uint8_t *base_rx, const struct tcg_exit *exit, const uint8_t *target)
{
    no_code();
}
void tcg_emit_edges(uint8_t *code, const struct tcg_edge *edges, unsigned count) { no_code(); }
const uint8_t *tcg_exit_goes(const uint8_t *base_rx, const struct tcg_exit *exit) { no_code(); }
bool tcg_relocate(const struct tcg_reloc *reloc, uint8_t *field, const uint8_t *rx, uint64_t addr) { no_code(); }
void tcg_save_x87(struct cpu *cpu, const struct ir_state *state, uint32_t x87, const void *ucontext) { no_code(); }
void tcg_save_pinned(struct cpu *cpu, const struct ir_state *state, const void *ucontext) { no_code(); }
