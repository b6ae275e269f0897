/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM 19's C API as a struct of function pointers: libLLVM is loaded by the first thread that needs it and stays. Any
 * thread. The struct is const once loaded. */
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

/* The API, loading the library if this is the first call. NULL if it cannot be loaded; then message (if not NULL, size
 * bytes) says why. */
const struct llvm_api *lopt_llvm_api(char *message, size_t size);

#endif
