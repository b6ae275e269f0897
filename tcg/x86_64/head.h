/* SPDX-License-Identifier: Apache-2.0 */
/* What comes before a block's first instruction: see head.c. */
#ifndef TANDEM_TCG_X86_64_HEAD_H
#define TANDEM_TCG_X86_64_HEAD_H

#include "tcg/common/context.h"

/* host.h: head */
void tcg_head(struct tcg *t);

#endif
