/* SPDX-License-Identifier: Apache-2.0 */
/* Guest memory, for the other classes of operations. */
#ifndef TANDEM_LLVM_OPT_MEM_H
#define TANDEM_LLVM_OPT_MEM_H

#include "llvm-opt/emit/block.h"

/* The host address of a memory operation, as a pointer. */
LLVMValueRef lopt_address(struct lopt_block *blk, const struct ir_insn *in);
/* A load or store of several iterations' elements, vectors of type t. */
LLVMValueRef lopt_load_lanes(struct lopt_block *blk, const struct ir_insn *in, LLVMTypeRef t);
void lopt_store_lanes(struct lopt_block *blk, const struct ir_insn *in, LLVMValueRef v);
/* Faults if the byte at the store's address + offset cannot be written; else nothing is changed. Only where nobody else
 * has the memory. */
void lopt_probe_store(struct lopt_block *blk, const struct ir_insn *in, unsigned offset);

#endif
