/* SPDX-License-Identifier: Apache-2.0 */
/* The host's registers by use: the register contract of tcg.h. */
#include "tcg/x86_64/regs.h"

const int8_t tcg_pinned_gprs[CPU_PINNED_GPRS] = {HX_RBP, HX_R12, HX_RBX, HX_R14, HX_RSI, HX_RDI, HX_R8, HX_R9, HX_R15};
const int8_t tcg_pinned_fprs[CPU_PINNED_FPRS] = {HX_XMM(1), HX_XMM(2), HX_XMM(3), HX_XMM(4), HX_XMM(5), HX_XMM(6)};
