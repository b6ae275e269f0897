/* SPDX-License-Identifier: Apache-2.0 */
/* Lifting one block. */
#ifndef TANDEM_RUNTIME_ENGINE_LIFT_H
#define TANDEM_RUNTIME_ENGINE_LIFT_H

#include "runtime/engine/engine.h"

enum {
    LIFT_FETCH_MAX = 512,  /* guest bytes looked at for one block */
    LIFT_BEFORE_MAX = 256, /* and for hints in front of it */
    LIFT_AFTER_MAX = 512,  /* and behind */
    LIFT_ROOM = LIFT_BEFORE_MAX + LIFT_FETCH_MAX + LIFT_AFTER_MAX
};

/* Guest code at a block's pc. */
struct lift_code {
    const uint8_t *bytes;
    size_t avail, before, after; /* readable at bytes, in front of them, and behind */
};

/* Those of count bytes at bytes that a block may be made from. */
static inline struct lift_code lift_code(const uint8_t *bytes, size_t count, size_t before)
{
    size_t avail = count < LIFT_FETCH_MAX ? count : (size_t)LIFT_FETCH_MAX;
    return (struct lift_code){bytes, avail, before, count - avail};
}

/* How many bytes in front of pc can be read if those at pc can. */
static inline size_t lift_before(gaddr_t pc)
{
    size_t on_page = pc % 4096;
    return on_page < LIFT_BEFORE_MAX ? on_page : (size_t)LIFT_BEFORE_MAX;
}

/* Lifts the block at pc into the arena, at most max_insns instructions of it. Any thread. */
enum status lift_block(const struct engine *e, gaddr_t pc, uint32_t mode, struct lift_code code, unsigned max_insns,
                       struct arena *arena, const struct ir_block **block);

#endif
