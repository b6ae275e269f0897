/* SPDX-License-Identifier: Apache-2.0 */
/* The text form of aux, as tables that printer, parser and verifier share. Internal to src/ir.
 *
 * aux is written as words in braces. Each kind of aux is a list of fields; a field's value is one of its words, or
 * name=number where it has no word for it. A word that is NULL is the default and not written. Words are unique within
 * a kind.
 */
#ifndef TANDEM_IR_TEXT_H
#define TANDEM_IR_TEXT_H

#include "src/ir/ops.h"

struct ir_aux_field {
    const char *name;
    uint8_t shift;
    uint8_t bits;
    uint8_t word_count;
    const char *const *words;
};

struct ir_aux_fields {
    const struct ir_aux_field *fields;
    unsigned count;
};

/* One for each kind of aux. */
extern const struct ir_aux_fields ir_aux_tables[IR_AUX_COUNT];
/* Words of struct ir_helper's effects. */
extern const struct ir_aux_fields ir_effect_fields;

#endif
