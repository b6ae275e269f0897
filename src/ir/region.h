/* SPDX-License-Identifier: Apache-2.0 */
/* A region: what the optimizer compiles as one. It is a hot piece of the guest's control-flow graph, a list of blocks.
 *
 * I1  An exit whose target is a block of the region goes there, unless call_out says otherwise; any other exit leaves.
 * I2  A region lives as long as its compilation and is const meanwhile.
 */
#ifndef TANDEM_IR_REGION_H
#define TANDEM_IR_REGION_H

#include "src/ir/ir.h"

enum { IR_REGION_MAX_TARGETS = 16, IR_REGION_MAX_WITHIN = 4, IR_SHARE_ONE = 254 };

struct ir_region_block {
    const struct ir_block *block;
    gaddr_t targets[IR_REGION_MAX_TARGETS]; /* of JUMP_REG: likely ones, most likely first; tested in this order */
    unsigned target_count;
    uint64_t weight; /* executions seen in tier 1; 0: unknown */
    /* For each IR_EXIT_IF in turn: of IR_SHARE_ONE executions of the block how many leave there; what is left of them
     * goes on to the end. NULL: unknown. */
    const uint8_t *shares;
    bool call_out; /* the final call leaves the region even if its target is a block of it */
    /* Not 0: the region may be entered here, too, by this number (src/base/cpu.h I5). No two blocks have the same. */
    uint8_t entry;
    /* Return addresses of the followed calls that the block is within, innermost first. Exits from there push their
     * levels (src/base/cpu.h I4), so it is a hint as they are. */
    gaddr_t within[IR_REGION_MAX_WITHIN];
    unsigned within_count;
};

struct ir_region {
    const struct ir_region_block *blocks; /* blocks[0] is the head, where the region is entered */
    unsigned count;
    /* The blocks outside: those that the region leaves to, as far as they are known. The region stores only the status
     * flags that they may read. */
    const struct ir_block *const *outside;
    unsigned outside_count;
    /* Every register can be found when an access faults, since the guest may look at them in a handler. */
    bool precise;
    /* Another thread or process may see in which order memory is accessed, and an atomic operation half done. If not,
     * all accesses are plain ones. */
    bool ordered;
};

/* Index of the region's block at pc, or -1. */
static inline int ir_region_find(const struct ir_region *region, gaddr_t pc, uint32_t mode)
{
    for (unsigned i = 0; i < region->count; i++) {
        if (region->blocks[i].block->pc == pc && region->blocks[i].block->mode == mode)
            return (int)i;
    }
    return -1;
}

#endif
