/* SPDX-License-Identifier: Apache-2.0 */
/* flags.h on AArch64. */
#ifndef TANDEM_HOST_FLAGS_AARCH64_H
#define TANDEM_HOST_FLAGS_AARCH64_H

#include "src/base/types.h"

enum { HOST_GENERIC_ABI = true, HOST_MAP_32BIT = 0 };

static inline uint64_t host_open_flags(uint64_t generic) { return host_arm_open_flags(generic); }
static inline uint64_t host_open_flags_to_generic(uint64_t flags) { return host_arm_open_flags(flags); }

#endif
