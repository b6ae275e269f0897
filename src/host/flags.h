/* SPDX-License-Identifier: Apache-2.0 */
/* What of system calls differs between Linux's architectures. Guests have the generic flags
 * (asm-generic/fcntl.h), as riscv64 and x86 do.
 *
 *   uint64_t host_open_flags(uint64_t generic)           O_* of the guest to O_* of the host; unknown bits stay
 *   uint64_t host_open_flags_to_generic(uint64_t flags)  and back
 *   HOST_GENERIC_ABI                                     are its numbers and structures the generic 64-bit ABI's?
 *   HOST_MAP_32BIT                                       mmap below 2 GiB; 0: the host has no such flag */
#ifndef TANDEM_HOST_FLAGS_H
#define TANDEM_HOST_FLAGS_H

#if defined(__x86_64__)
#include "src/host/x86_64/flags_x86_64.h"
#elif defined(__aarch64__)
#include "src/host/aarch64/flags_aarch64.h"
#else
#error "src/host: write a folder for this host"
#endif

#endif
