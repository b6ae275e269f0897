/* SPDX-License-Identifier: Apache-2.0 */
/* Code at the end of the block: stubs of exits, polls, rare cases, data. */
#ifndef TANDEM_TCG_COMMON_COLD_H
#define TANDEM_TCG_COMMON_COLD_H

#include "tcg/common/host.h"

/* A piece of code that emit will write behind the block; from: the jump to it, or 0. The other fields are the
 * caller's to fill. */
struct tcg_cold *tcg_cold_add(struct tcg *t, void (*emit)(struct tcg *, const struct tcg_cold *), uint32_t from);
/* Writes all of it. */
void tcg_emit_cold(struct tcg *t);
/* There is room for one more operation or piece of cold code. */
static inline bool tcg_has_room(struct tcg *t)
{
    if (tcg_buf_room(&t->a) < t->host->max_insn_bytes)
        tcg_fail(t, STATUS_CACHE_FULL);
    return t->status == STATUS_OK;
}

#endif
