/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of host code that is being written: through a writable alias of the memory that it will run in. It belongs to
 * one thread; who writes makes sure that there is room. */
#ifndef TANDEM_TCG_COMMON_BUF_H
#define TANDEM_TCG_COMMON_BUF_H

#include "src/base/types.h"

struct tcg_buf {
    uint8_t *p; /* next byte to write */
    uint8_t *start, *end;
    const uint8_t *rx; /* where start will run */
};

static inline size_t tcg_buf_off(const struct tcg_buf *a) { return (size_t)(a->p - a->start); }
static inline size_t tcg_buf_room(const struct tcg_buf *a) { return (size_t)(a->end - a->p); }
/* The address at which the next byte will run. */
static inline const uint8_t *tcg_buf_here(const struct tcg_buf *a) { return a->rx + tcg_buf_off(a); }

#endif
