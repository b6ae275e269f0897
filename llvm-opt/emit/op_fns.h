/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that emit an operation each, as ops.def names them. One returns the value that the instruction defines, or
 * NULL if it defines none or has set its lopt_val itself. */
#ifndef TANDEM_LLVM_OPT_OP_FNS_H
#define TANDEM_LLVM_OPT_OP_FNS_H

#include "llvm-opt/emit/block.h"

typedef LLVMValueRef (*lopt_op_fn)(struct lopt_block *blk, const struct ir_insn *in, unsigned param);

#define L(name, fn, param) LLVMValueRef fn(struct lopt_block *blk, const struct ir_insn *in, unsigned param_);
#include "llvm-opt/emit/ops.def"
#undef L

#endif
