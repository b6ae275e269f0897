/* SPDX-License-Identifier: Apache-2.0 */
/* Which values are emitted by their only consumer: see fusion.c. */
#ifndef TANDEM_TCG_COMMON_FUSION_H
#define TANDEM_TCG_COMMON_FUSION_H

#include "tcg/common/context.h"

/* Marks (TCG_VF_FUSED) what instruction i will emit itself, as the host's record of its operation says. Instructions
 * behind it are done. */
void tcg_fuse(struct tcg *t, const struct ir_insn *in, ir_ref i);
/* v has one use and comes from this operation. */
bool tcg_single_use(const struct tcg *t, ir_ref v, enum ir_op op);

#endif
