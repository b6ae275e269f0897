/* SPDX-License-Identifier: Apache-2.0 */
/* Checks blocks. A pure function that may run on any thread. */
#ifndef TANDEM_IR_BUILD_VERIFY_H
#define TANDEM_IR_BUILD_VERIFY_H

#include "src/ir/ir.h"

TANDEM_BEGIN_DECLS
/* True if the block obeys ir.h's invariants and the signatures. Else false, and a sentence in message (size bytes). */
bool ir_verify(const struct ir_block *block, char *message, size_t size);
TANDEM_END_DECLS

#endif
