/* SPDX-License-Identifier: Apache-2.0 */
/* The one symbol of the module: what tier 2 calls of LLVM, by name. */
#include "llvm-opt/emit/llvm_module.h"

#include "llvm-opt/emit/llvm_api.h"

const struct lopt_llvm_symbol tandem_llvm_symbols[] = {
#define FN(name) {"LLVM" #name, (void (*)(void))LLVM##name},
#include "llvm-opt/emit/llvm_api.def"
#undef FN
    {0},
};
