/* SPDX-License-Identifier: Apache-2.0 */
/* The disassembler, for struct guest. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_DISAS_H
#define TANDEM_FRONTEND_AARCH64_A64_DISAS_H

#include "frontend/guest.h"

TANDEM_BEGIN_DECLS
/* As struct guest's disas says: all features are taken as present, and what does not decode is shown as data. */
unsigned a64_disas(gaddr_t pc, const uint8_t *code, size_t avail, char *text, size_t size);
TANDEM_END_DECLS

#endif
