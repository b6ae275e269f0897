/* SPDX-License-Identifier: Apache-2.0 */
/* Guest code as text. */
#ifndef TANDEM_RUNTIME_OBSERVE_DISAS_H
#define TANDEM_RUNTIME_OBSERVE_DISAS_H

#include <stdio.h>

#include "frontend/guest.h"

/* One line an instruction, count at most, of the bytes at code, which the guest has at pc. */
void disas_guest(const struct guest *guest, FILE *out, gaddr_t pc, const uint8_t *code, size_t bytes, unsigned count);

#endif
