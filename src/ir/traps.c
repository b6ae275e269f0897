/* SPDX-License-Identifier: Apache-2.0 */
/* Names of traps, expanded from traps.def. */
#include "src/ir/traps.h"

const char *const ir_trap_names[IR_TRAP_COUNT] = {
#define TRAP(name, text, imm, signal, code) [IR_TRAP_##name] = text,
#include "src/ir/traps.def"
};
