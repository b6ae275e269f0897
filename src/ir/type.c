/* SPDX-License-Identifier: Apache-2.0 */
/* Names and widths of the types. */
#include "src/ir/type.h"

static const struct {
    const char *name;
    uint16_t bits;
} types[IR_TYPE_COUNT] = {
    [IR_VOID] = {"void", 0},
#define TYPE(name, text, bits) [IR_##name] = {text, bits},
#include "src/ir/types.def"
};

unsigned ir_type_bits(enum ir_type t) { return t < IR_TYPE_COUNT ? types[t].bits : 0; }

const char *ir_type_name(enum ir_type t) { return t < IR_TYPE_COUNT ? types[t].name : "?"; }
