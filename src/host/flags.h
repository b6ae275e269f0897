/* SPDX-License-Identifier: Apache-2.0 */
/* What of system calls differs between Linux's architectures. Most have the generic flags (asm-generic/fcntl.h), as
 * riscv64 and x86 do, Arm and AArch64 have their own.
 *
 *   uint64_t host_open_flags(uint64_t generic)           generic O_* to O_* of the host; unknown bits stay
 *   uint64_t host_open_flags_to_generic(uint64_t flags)  and back
 *   HOST_GENERIC_ABI                                     are its numbers and structures the generic 64-bit ABI's?
 *   HOST_MAP_32BIT                                       mmap below 2 GiB; 0: the host has no such flag */
#ifndef TANDEM_HOST_FLAGS_H
#define TANDEM_HOST_FLAGS_H

#include "src/base/types.h"

/* Between generic O_* and Arm's, in both directions (arch/arm64/include/uapi/asm/fcntl.h): O_DIRECT 0x4000 and 0x10000,
 * O_LARGEFILE 0x8000 and 0x20000, O_DIRECTORY 0x10000 and 0x4000, O_NOFOLLOW 0x20000 and 0x8000. So bits 14-15 and
 * 16-17 are exchanged. */
static inline uint64_t host_arm_open_flags(uint64_t flags)
{
    return (flags & ~UINT64_C(0x3c000)) | (flags & 0xc000) << 2 | (flags & 0x30000) >> 2;
}

#if defined(__x86_64__)
#include "src/host/x86_64/flags_x86_64.h"
#elif defined(__aarch64__)
#include "src/host/aarch64/flags_aarch64.h"
#else
#error "src/host: write a folder for this host"
#endif

#endif
