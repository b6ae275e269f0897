/* SPDX-License-Identifier: Apache-2.0 */
/* The backward pass over a block: see liveness.c. */
#ifndef TANDEM_TCG_COMMON_LIVENESS_H
#define TANDEM_TCG_COMMON_LIVENESS_H

#include "tcg/common/context.h"

/* Fills val[]: types, uses, last uses, fusion, register hints. */
void tcg_liveness(struct tcg *t);

#endif
