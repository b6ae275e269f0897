/* SPDX-License-Identifier: Apache-2.0 */
/* The table that fault handlers use (struct lopt_faults), made from what the object says. */
#ifndef TANDEM_LLVM_OPT_FAULTS_H
#define TANDEM_LLVM_OPT_FAULTS_H

#include "llvm-opt/emit/points.h"
#include "llvm-opt/emit/stack_map.h"

/* Makes the table; NULL in *faults if there are no accesses. STATUS_MAP_LOST: some value of some point is not to be
 * found at some access. */
enum status lopt_faults_make(const struct lopt_object_maps *maps, const uint8_t *code, size_t code_size,
                             const struct lopt_points *points, struct lopt_faults **faults);

#endif
