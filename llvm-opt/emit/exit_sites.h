/* SPDX-License-Identifier: Apache-2.0 */
/* Exit sites: cold exits that leave by a map. While LLVM IR is built a site is a statepoint; when the object is read,
 * each of its records becomes a jump to a stub (stubs.h). */
#ifndef TANDEM_LLVM_OPT_EXIT_SITES_H
#define TANDEM_LLVM_OPT_EXIT_SITES_H

#include "llvm-opt/emit/block.h"
#include "llvm-opt/emit/stubs.h"

struct lopt_exit_sites {
    struct lopt_exit_table table; /* in the arena of the build */
    LLVMValueRef *values;         /* of the site that is being emitted */
    unsigned value_count;
};

void lopt_exit_sites_init(struct lopt_exit_sites *sites, struct lopt_build *b, const struct lopt_plan *plan);
/* Leaves the region from here by exit: terminates the current LLVM block. */
void lopt_exit_site_emit(struct lopt_block *blk, unsigned exit);

#endif
