/* SPDX-License-Identifier: Apache-2.0 */
/* Statepoints: how LLVM is asked where values are at a place of the code. */
#ifndef TANDEM_LLVM_OPT_STATEPOINT_H
#define TANDEM_LLVM_OPT_STATEPOINT_H

#include "llvm-opt/emit/build.h"

struct lopt_statepoint {
    uint32_t number;      /* with LOPT_POINT_BEGIN or LOPT_EXIT_SITE (stack_map.h) */
    unsigned patch_bytes; /* of nops in the code */
    bool sees_state;      /* what is stored to struct cpu has to be there */
    LLVMValueRef *values;
    unsigned count;
};

void lopt_statepoint_emit(struct lopt_build *b, const struct lopt_statepoint *p);

#endif
