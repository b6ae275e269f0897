/* SPDX-License-Identifier: Apache-2.0 */
/* What an access to an address that is not canonical raises. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_ODD_ADDRESS_H
#define TANDEM_FRONTEND_X86_ABI_X86_ODD_ADDRESS_H

#include "frontend/guest_linux.h"

static inline bool x86_is_canonical(uint64_t address) { return (int64_t)(address << 16) >> 16 == (int64_t)address; }
/* struct guest_linux, odd_address */
int x86_odd_address(const struct cpu *cpu, const uint8_t *code, size_t size);

#endif
