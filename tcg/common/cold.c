/* SPDX-License-Identifier: Apache-2.0 */
/* Code at the end of the block.
 *
 * I1  Before each piece there is room for what it can emit at most (host->max_insn_bytes).
 * I2  When the list is full, the last entry is overwritten: the translation has failed already.
 */
#include "tcg/common/cold.h"

struct tcg_cold *tcg_cold_add(struct tcg *t, void (*emit)(struct tcg *, const struct tcg_cold *), uint32_t from)
{
    if (t->cold_count == t->cold_max) {
        tcg_fail(t, STATUS_TOO_LARGE);
        t->cold_count--;
    }
    struct tcg_cold *c = &t->cold[t->cold_count++];
    *c = (struct tcg_cold){.emit = emit, .from = from};
    return c;
}

void tcg_emit_cold(struct tcg *t)
{
    for (unsigned k = 0; k < t->cold_count && tcg_has_room(t); k++) {
        const struct tcg_cold *c = &t->cold[k];
        if (c->from)
            t->host->bind(t, c->from);
        if (c->from2)
            t->host->bind(t, c->from2);
        c->emit(t, c);
    }
}
