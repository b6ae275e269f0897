/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM IR of a region. */
#ifndef TANDEM_LLVM_OPT_REGION_H
#define TANDEM_LLVM_OPT_REGION_H

#include "llvm-opt/emit/compiler.h"
#include "llvm-opt/emit/points.h"
#include "src/base/arena.h"
#include "src/ir/region.h"

enum lopt_maps {
    LOPT_MAPS,         /* by maps */
    LOPT_MAPS_GUARDED, /* by maps that cost a little more (points.c I4) */
    LOPT_STORES,       /* they are stored before each access */
};

struct lopt_emitted {
    LLVMModuleRef module;      /* the caller disposes of it */
    struct lopt_points points; /* what the object's maps are of; in the arena */
};

/* Builds the module of a region. Exits and their count go to result. maps: how a fault in a precise region finds the
 * registers. */
enum status lopt_emit_region(struct lopt *opt, const struct ir_region *region, enum lopt_maps maps, struct arena *arena,
                             struct lopt_emitted *emitted, struct lopt_result *result);

#endif
