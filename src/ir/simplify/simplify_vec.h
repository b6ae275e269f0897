/* SPDX-License-Identifier: Apache-2.0 */
/* Rules for vectors. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_SIMPLIFY_VEC_H
#define TANDEM_IR_SIMPLIFY_SIMPLIFY_VEC_H

#include "src/ir/build/builder.h"

TANDEM_BEGIN_DECLS
ir_rule ir_rule_vself, ir_rule_vgete, ir_rule_vsete;
TANDEM_END_DECLS

#endif
