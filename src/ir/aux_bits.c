/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about conditions, expanded from conds.def. */
#include "src/ir/aux_bits.h"

enum ir_cond ir_cond_swapped(unsigned cond)
{
    static const uint8_t swapped_of[IR_COND_COUNT] = {
#define COND(name, text, swapped, inverse) [IR_##name] = IR_##swapped,
#include "src/ir/conds.def"
    };
    return (enum ir_cond)swapped_of[cond];
}

enum ir_cond ir_cond_inverse(unsigned cond)
{
    static const uint8_t inverse_of[IR_COND_COUNT] = {
#define COND(name, text, swapped, inverse) [IR_##name] = IR_##inverse,
#include "src/ir/conds.def"
    };
    return (enum ir_cond)inverse_of[cond];
}
