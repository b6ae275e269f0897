/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM 19's C API as a struct of function pointers, which library.c fills. */
#ifndef TANDEM_LLVM_OPT_LLVM_API_H
#define TANDEM_LLVM_OPT_LLVM_API_H

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Error.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "src/base/types.h"

struct llvm_api {
#define FN(name) __typeof__(&LLVM##name) name;
#include "llvm-opt/emit/llvm_api.def"
#undef FN
};

#endif
