/* SPDX-License-Identifier: Apache-2.0 */
/* Ways out of a region. */
#ifndef TANDEM_LLVM_OPT_LEAVE_H
#define TANDEM_LLVM_OPT_LEAVE_H

#include "llvm-opt/emit/block.h"

struct lopt_exit_fn {
    LLVMValueRef fn;
    bool cold; /* reached by the shared way out */
};

struct lopt_exits {
    struct lopt_exit *list;   /* in the arena of the build */
    struct lopt_exit_fn *fns; /* per exit */
    unsigned count, capacity;
    LLVMBasicBlockRef cold_bb; /* the shared way out; NULL: every exit leaves by itself */
    LLVMValueRef cold_number;  /* alloca of i32: the exit that was taken */
};

/* Leaves the region from here, in that mode (lopt_leave_mode): terminates the current LLVM block. target: value for
 * cpu->pc, or NULL. cold: by a map, or by the shared way out, if there is one. */
void lopt_leave(struct lopt_block *blk, struct lopt_exit exit, uint32_t mode, LLVMValueRef target, bool cold);
/* Emits the shared way out, after all blocks. */
void lopt_finish_cold(struct lopt_block *blk);

#endif
