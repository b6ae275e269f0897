/* SPDX-License-Identifier: Apache-2.0 */
/* The types of the IR's values, expanded from types.def. */
#ifndef TANDEM_IR_TYPE_H
#define TANDEM_IR_TYPE_H

#include "src/base/types.h"

enum ir_type {
    IR_VOID,
#define TYPE(name, text, bits) IR_##name,
#include "src/ir/types.def"
    IR_TYPE_COUNT
};

/* Operands and memory may have these types; IR_I1 is in none of the classes. */
static inline bool ir_type_is_int(unsigned t) { return t >= IR_I8 && t <= IR_I128; }
static inline bool ir_type_is_float(unsigned t) { return t >= IR_F32 && t <= IR_F80; }
static inline bool ir_type_is_vector(unsigned t) { return t == IR_V128 || t == IR_V256; }

TANDEM_BEGIN_DECLS
unsigned ir_type_bits(enum ir_type t);
const char *ir_type_name(enum ir_type t);
TANDEM_END_DECLS

#endif
