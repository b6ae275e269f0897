/* SPDX-License-Identifier: Apache-2.0 */
/* The rules, as the one function that a builder calls for each instruction. */
#ifndef TANDEM_IR_SIMPLIFY_SIMPLIFY_H
#define TANDEM_IR_SIMPLIFY_SIMPLIFY_H

#include "src/ir/build/builder.h"

TANDEM_BEGIN_DECLS
ir_rule ir_simplify;
TANDEM_END_DECLS

#endif
