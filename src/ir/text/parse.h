/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the text form of blocks. */
#ifndef TANDEM_IR_TEXT_PARSE_H
#define TANDEM_IR_TEXT_PARSE_H

#include "src/base/arena.h"
#include "src/ir/ir.h"
#include "src/ir/state.h"

TANDEM_BEGIN_DECLS
/* Parses the text of one block. On STATUS_SYNTAX, message says line and reason. The block lives in the arena. */
enum status ir_parse(const char *text, const struct ir_state *state, struct arena *arena, const struct ir_block **block,
                     char *message, size_t size);
TANDEM_END_DECLS

#endif
