/* SPDX-License-Identifier: Apache-2.0 */
/* The lifters: every function that a row of x86_insns.def names. A row whose lifter is missing does not link. */
#ifndef TANDEM_FRONTEND_X86_COMMON_X86_LIFTERS_H
#define TANDEM_FRONTEND_X86_COMMON_X86_LIFTERS_H

#include "frontend/x86/common/x86_context.h"

#define X86_INSN(mnemonic, lifter, arg) x86_lift_fn x86_lift_##lifter;
#include "frontend/x86/decode/x86_insns.def"
#undef X86_INSN

#endif
