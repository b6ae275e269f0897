/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the text form of blocks. */
#ifndef TANDEM_IR_TEXT_PRINT_H
#define TANDEM_IR_TEXT_PRINT_H

#include <stdio.h>

#include "src/ir/ir.h"

TANDEM_BEGIN_DECLS
/* One instruction a line; ir_parse (parse.h) reads the same. */
void ir_print(FILE *out, const struct ir_block *block);
/* Of an instruction whatever is not an operand: its name, type and attributes, and a vector function's name. */
void ir_print_kind(FILE *out, const struct ir_insn *in);
TANDEM_END_DECLS

#endif
