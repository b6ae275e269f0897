/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM IR of a region. */
#ifndef TANDEM_LLVM_OPT_REGION_H
#define TANDEM_LLVM_OPT_REGION_H

#include "llvm-opt/emit/compiler.h"
#include "src/ir/region.h"

/* Builds the module of a region, which the caller disposes of. exits and their count go to result. */
enum status lopt_emit_region(struct lopt *opt, const struct ir_region *region, LLVMModuleRef *module,
                             struct lopt_result *result);

#endif
