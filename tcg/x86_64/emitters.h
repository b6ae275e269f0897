/* SPDX-License-Identifier: Apache-2.0 */
/* The emitters that rows of ops.def name, and the parameters that those take which serve several operations. */
#ifndef TANDEM_TCG_X86_64_EMITTERS_H
#define TANDEM_TCG_X86_64_EMITTERS_H

#include "tcg/common/host.h"

enum { TCG_DIV_SIGNED = 1, TCG_DIV_REM = 2 };
enum { TCG_FP_ADD, TCG_FP_SUB, TCG_FP_MUL, TCG_FP_DIV, TCG_FP_SQRT };
enum { HX_PS_SRL = 2, HX_PS_SRA = 4, HX_PS_SLL = 6 }; /* digits of the vector shifts */

#define EMIT(op, fn, param, fusion) tcg_emit_fn tcg_emit_##fn;
#include "tcg/x86_64/ops.def"
#undef EMIT

#endif
