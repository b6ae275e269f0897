/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for guest state, memory and exits. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_SIMPLIFY_STATE_H
#define TANDEM_IR_SIMPLIFY_SIMPLIFY_STATE_H

#include "src/ir/build/builder.h"

TANDEM_BEGIN_DECLS
ir_rule ir_rule_get, ir_rule_put, ir_rule_forget, ir_rule_dead_flags, ir_rule_memory, ir_rule_store, ir_rule_side_exit,
    ir_rule_jump_reg;
TANDEM_END_DECLS

#endif
