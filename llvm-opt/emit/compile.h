/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a module to host code. */
#ifndef TANDEM_LLVM_OPT_COMPILE_H
#define TANDEM_LLVM_OPT_COMPILE_H

#include "llvm-opt/emit/compiler.h"

/* Runs the pass pipeline on a module. */
enum status lopt_optimize(struct lopt *opt, LLVMModuleRef module);

#endif
