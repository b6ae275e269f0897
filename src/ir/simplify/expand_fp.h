/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point operations as others. Private to this folder. */
#ifndef TANDEM_IR_SIMPLIFY_EXPAND_FP_H
#define TANDEM_IR_SIMPLIFY_EXPAND_FP_H

#include "src/ir/build/builder.h"

/* The value of the operation in terms of others, or IR_NO_REF if it is left as it is. */
ir_rule ir_expand_fp;

#endif
