/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing what tier 2 compiles. */
#ifndef TANDEM_RUNTIME_ENGINE_REGION_H
#define TANDEM_RUNTIME_ENGINE_REGION_H

#include "runtime/engine/engine.h"
#include "src/base/hash.h"
#include "src/ir/region.h"

struct tb;

/* Which block, at an address at which there may be another one later. */
struct tb_identity {
    gaddr_t pc;
    uint32_t mode;
    uint64_t serial;      /* of its tier-1 block; stored: generation of its pages */
    struct hash128 bytes; /* of the guest's bytes that it was lifted from */
};

/* What the optimizer is to compile, or what was compiled in an earlier run, and how to tell whether it is still true at
 * installation. */
struct region_plan {
    struct ir_region region;
    struct tb_identity *identities; /* of each block, then of those outside */
    uint32_t guest_insns;
    bool stored; /* from the cache on disk: its blocks need not have been translated by this process */
};
/* Chooses the hot blocks around head and lifts them into the arena. Inside a section. */
enum status region_select(struct engine *e, struct tb *head, struct arena *arena, struct region_plan *plan);

#endif
