/* SPDX-License-Identifier: Apache-2.0 */
/* Disassembly by the table rv_insns.def, in the notation of binutils without aliases. Any thread. */
#ifndef TANDEM_FRONTEND_RISCV_RV_DISAS_H
#define TANDEM_FRONTEND_RISCV_RV_DISAS_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* guest.disas: one instruction into text; its length in bytes, 0 if avail is too small. */
unsigned rv_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
TANDEM_END_DECLS

#endif
