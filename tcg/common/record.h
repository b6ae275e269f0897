/* SPDX-License-Identifier: Apache-2.0 */
/* What a translation leaves beside code: records of its exits, lines of the pc map. */
#ifndef TANDEM_TCG_COMMON_RECORD_H
#define TANDEM_TCG_COMMON_RECORD_H

#include "tcg/common/context.h"

/* The next exit's record; NULL: there is no room for it, and the translation has failed. */
struct tcg_exit *tcg_new_exit(struct tcg *t, enum ir_exit_kind kind, gaddr_t pc);
/* An exit to pc may close a loop: it polls. */
bool tcg_is_backward(const struct tcg *t, gaddr_t pc);
/* A line of the pc map for here; x87: as in struct tcg_pc_map */
void tcg_map_add(struct tcg *t, uint32_t x87);

#endif
