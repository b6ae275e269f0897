/* SPDX-License-Identifier: Apache-2.0 */
/* C functions behind rare vector instructions: the records that IR refers to. Internal to frontend/x86. */
#ifndef TANDEM_FRONTEND_X86_X86_HELPERS_H
#define TANDEM_FRONTEND_X86_X86_HELPERS_H

#include "src/ir/ir.h"

/* x86_helpers_vec.c */
extern const struct ir_vec_fn x86_fn_permilps, x86_fn_permilpd, x86_fn_permd, x86_fn_maddubs, x86_fn_mpsadbw,
    x86_fn_phminposuw;

#endif
