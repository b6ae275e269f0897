/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows a region touches, and how often. */
#ifndef TANDEM_LLVM_OPT_PLAN_SCAN_H
#define TANDEM_LLVM_OPT_PLAN_SCAN_H

#include "llvm-opt/plan/rows.h"
#include "src/ir/region.h"

TANDEM_BEGIN_DECLS
/* Fills in what the table says about uses. */
void lopt_scan(struct lopt_rows *rows, const struct ir_region *region);
TANDEM_END_DECLS

#endif
