/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of host code that is being written: through a writable alias of the memory that it will run in. It belongs to
 * one thread; who writes makes sure that there is room. */
#ifndef TANDEM_TCG_COMMON_BUF_H
#define TANDEM_TCG_COMMON_BUF_H

#include "tcg/tcg.h"

struct tcg_buf {
    uint8_t *p; /* next byte to write */
    uint8_t *start, *end;
    const uint8_t *rx; /* where start will run */
    /* Addresses outside of this code, in the order of their places; NULL: they are not noted. */
    struct tcg_reloc *relocs;
    unsigned reloc_count, max_relocs; /* a count above the maximum: there was no room */
};

static inline size_t tcg_buf_off(const struct tcg_buf *a) { return (size_t)(a->p - a->start); }
static inline size_t tcg_buf_room(const struct tcg_buf *a) { return (size_t)(a->end - a->p); }
/* The address at which the next byte will run. */
static inline const uint8_t *tcg_buf_here(const struct tcg_buf *a) { return a->rx + tcg_buf_off(a); }
/* The field of an address comes next. */
static inline void tcg_note_address(struct tcg_buf *a, enum tcg_reloc_kind kind, unsigned tail, uint64_t addr)
{
    if (!a->relocs)
        return;
    if (a->reloc_count < a->max_relocs)
        a->relocs[a->reloc_count] = (struct tcg_reloc){
            .off = (uint32_t)tcg_buf_off(a), .kind = (uint8_t)kind, .tail = (uint8_t)tail, .addr = addr};
    if (a->reloc_count <= a->max_relocs)
        a->reloc_count++;
}

#endif
