/* SPDX-License-Identifier: Apache-2.0 */
/* flags.h on AArch64 (arch/arm64/include/uapi/asm/fcntl.h): four flags trade places in pairs of two cycles. */
#ifndef TANDEM_HOST_FLAGS_AARCH64_H
#define TANDEM_HOST_FLAGS_AARCH64_H

#include "src/base/types.h"

enum { HOST_GENERIC_ABI = true, HOST_MAP_32BIT = 0 };

/* Generic and arm64 values: O_DIRECT 0x4000 and 0x10000, O_LARGEFILE 0x8000 and 0x20000, O_DIRECTORY 0x10000 and
 * 0x4000, O_NOFOLLOW 0x20000 and 0x8000. So bits 14-15 and 16-17 are exchanged, in both directions. */
static inline uint64_t host_open_flags(uint64_t generic)
{
    return (generic & ~UINT64_C(0x3c000)) | (generic & 0xc000) << 2 | (generic & 0x30000) >> 2;
}
static inline uint64_t host_open_flags_to_generic(uint64_t flags) { return host_open_flags(flags); }

#endif
