/* SPDX-License-Identifier: Apache-2.0 */
/* Records of new tier-1 blocks. */
#ifndef TANDEM_RUNTIME_ENGINE_NEW_TB_H
#define TANDEM_RUNTIME_ENGINE_NEW_TB_H

#include "runtime/engine/engine.h"

struct ir_block;
struct tb;

/* A new tier-1 block in the reservation, whose code begins where that does. There is room for it and its pages. */
struct tb *new_tb(struct engine *e, const struct ir_block *block, struct cc_reservation *r);
/* Notes the pages of the block's guest code, in the reservation. */
void new_tb_pages(struct tb *tb, struct cc_reservation *r);

#endif
