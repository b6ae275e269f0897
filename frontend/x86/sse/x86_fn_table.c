/* SPDX-License-Identifier: Apache-2.0 */
/* The functions that rows name by number, as records that IR refers to. */
#include "frontend/x86/sse/x86_helpers.h"

const struct ir_vec_fn x86_fns[X86_FN_COUNT] = {
#define X86_FN_ROW(name, kind) {#name, x86_fn_##name, IR_VEC_##kind},
    X86_FNS(X86_FN_ROW)
#undef X86_FN_ROW
};
