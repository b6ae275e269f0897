/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM IR of a region. */
#ifndef TANDEM_LLVM_OPT_REGION_H
#define TANDEM_LLVM_OPT_REGION_H

#include "llvm-opt/emit/compiler.h"
#include "llvm-opt/emit/exit_sites.h"
#include "llvm-opt/emit/points.h"
#include "src/base/arena.h"
#include "src/ir/region.h"

enum lopt_maps {
    LOPT_MAPS,         /* by maps */
    LOPT_MAPS_GUARDED, /* by maps that cost a little more (points.c I4) */
    LOPT_STORES,       /* they are stored before each access */
};

/* How cold exits leave. */
enum lopt_cold {
    LOPT_COLD_MAPS,   /* each by a map (exit_sites.c) */
    LOPT_COLD_SHARED, /* together (leave.c I4) */
};

struct lopt_emitted {
    LLVMModuleRef module;         /* the caller disposes of it */
    struct lopt_points points;    /* what the object's maps are of; in the arena */
    struct lopt_exit_sites sites; /* the same */
};

/* Builds the module of a region. Exits and their count go to result. maps: how a fault in a precise region finds the
 * registers. */
enum status lopt_emit_region(struct lopt *opt, const struct ir_region *region, enum lopt_maps maps, enum lopt_cold cold,
                             struct arena *arena, struct lopt_emitted *emitted, struct lopt_result *result);

#endif
