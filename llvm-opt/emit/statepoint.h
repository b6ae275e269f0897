/* SPDX-License-Identifier: Apache-2.0 */
/* Statepoints: how LLVM is asked where values are at a place of the code. */
#ifndef TANDEM_LLVM_OPT_STATEPOINT_H
#define TANDEM_LLVM_OPT_STATEPOINT_H

#include "llvm-opt/emit/build.h"

enum { LOPT_POINT_BEGIN = 1 << 30 }; /* in the number of a statepoint: it is not behind accesses (points.h) */

struct lopt_statepoint {
    uint32_t number;
    unsigned patch_bytes; /* of nops in the code */
    LLVMValueRef *values;
    unsigned count;
};

void lopt_statepoint_emit(struct lopt_build *b, const struct lopt_statepoint *p);

#endif
