/* SPDX-License-Identifier: Apache-2.0 */
/* How this host does each IR operation: see ops.def. */
#ifndef TANDEM_TCG_X86_64_OP_TABLE_H
#define TANDEM_TCG_X86_64_OP_TABLE_H

#include "tcg/common/host.h"

extern const struct tcg_op tcg_ops[IR_OP_COUNT];

#endif
