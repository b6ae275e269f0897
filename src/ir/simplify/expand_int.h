/* SPDX-License-Identifier: Apache-2.0 */
/* Integer operations as vector ones. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_EXPAND_INT_H
#define TANDEM_IR_SIMPLIFY_EXPAND_INT_H

#include "src/ir/build/builder.h"

/* CLMUL and CLMULH of i64: the value in terms of others, or IR_NO_REF if it is left as it is. */
ir_rule ir_expand_clmul;

#endif
