/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about exits, expanded from exits.def. */
#include "src/ir/exits.h"

const struct ir_exit_facts ir_exit_facts[IR_EXIT_COUNT] = {
#define EXIT(name, text, target, calls) [IR_EXIT_##name] = {text, IR_TARGET_##target, calls},
#include "src/ir/exits.def"
};
