/* SPDX-License-Identifier: Apache-2.0 */
/* Disassembly: struct guest.disas of the x86 guests. */
#ifndef TANDEM_FRONTEND_X86_DECODE_X86_DISAS_H
#define TANDEM_FRONTEND_X86_DECODE_X86_DISAS_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
unsigned x86_i386_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
unsigned x86_64_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
TANDEM_END_DECLS

#endif
