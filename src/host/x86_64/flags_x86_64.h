/* SPDX-License-Identifier: Apache-2.0 */
/* flags.h on x86-64, whose flags are the generic ones. */
#ifndef TANDEM_HOST_FLAGS_X86_64_H
#define TANDEM_HOST_FLAGS_X86_64_H

#include "src/base/types.h"

enum { HOST_GENERIC_ABI = false, HOST_MAP_32BIT = 0x40 };

static inline uint64_t host_open_flags(uint64_t generic) { return generic; }
static inline uint64_t host_open_flags_to_generic(uint64_t flags) { return flags; }

#endif
