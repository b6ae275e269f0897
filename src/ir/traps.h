/* SPDX-License-Identifier: Apache-2.0 */
/* Traps: what generated code asks of the runtime, expanded from traps.def. */
#ifndef TANDEM_IR_TRAPS_H
#define TANDEM_IR_TRAPS_H

#include "src/base/types.h"

/* aux of TRAP and TRAP_IF */
enum ir_trap {
#define TRAP(name, text, imm, signal, code) IR_TRAP_##name,
#include "src/ir/traps.def"
    IR_TRAP_COUNT
};

TANDEM_BEGIN_DECLS
extern const char *const ir_trap_names[IR_TRAP_COUNT];
TANDEM_END_DECLS

#endif
