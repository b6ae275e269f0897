/* SPDX-License-Identifier: Apache-2.0 */
/* libLLVM, loaded by the first thread that needs it; it stays. Any thread. */
#ifndef TANDEM_LLVM_OPT_LIBRARY_H
#define TANDEM_LLVM_OPT_LIBRARY_H

#include "llvm-opt/emit/llvm_api.h"

/* The API, const once loaded. NULL if the library cannot be loaded; then message (if not NULL, size bytes) says why. */
const struct llvm_api *lopt_llvm_api(char *message, size_t size);

#endif
