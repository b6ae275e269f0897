/* SPDX-License-Identifier: Apache-2.0 */
/* The pass that brings FCANONs together. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_PAIR_CANONS_H
#define TANDEM_IR_SIMPLIFY_PAIR_CANONS_H

#include "src/base/arena.h"
#include "src/ir/ir.h"

TANDEM_BEGIN_DECLS
/* Reorders in place so that FCANONs follow each other in pairs where they can. */
void ir_pair_canons(struct ir_insn *insns, uint32_t count, struct arena *scratch);
TANDEM_END_DECLS

#endif
