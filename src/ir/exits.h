/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds of exits out of generated code, expanded from exits.def. Both tiers and the engine speak of these. (IR_EXIT_IF
 * is an operation, in ops.h.) */
#ifndef TANDEM_IR_EXITS_H
#define TANDEM_IR_EXITS_H

#include "src/base/types.h"

enum ir_exit_kind {
#define EXIT(name, text, target, calls) IR_EXIT_##name,
#include "src/ir/exits.def"
    IR_EXIT_COUNT
};

/* What an exit's record knows of where the guest goes on. */
enum ir_exit_target { IR_TARGET_NONE, IR_TARGET_PC, IR_TARGET_BLOCK };

struct ir_exit_facts {
    const char *text;
    uint8_t target; /* enum ir_exit_target */
    bool calls;     /* has a landing */
};

TANDEM_BEGIN_DECLS
extern const struct ir_exit_facts ir_exit_facts[IR_EXIT_COUNT];
TANDEM_END_DECLS

static inline bool ir_exit_calls(unsigned kind) { return ir_exit_facts[kind].calls; }

#endif
