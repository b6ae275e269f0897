/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions of x86-64 hosts that an x86 guest's are executed by: they are fast, or what they do is up to the CPU.
 * SDM volume 2. A host without the instruction must not be asked. Other hosts have none of these functions, and no x86
 * front end.
 *
 * Functions with an address access guest memory, and fault as the instruction does. */
#ifndef TANDEM_HOST_X86_INSNS_H
#define TANDEM_HOST_X86_INSNS_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* crc32 of the low `bytes` bytes of v: 1, 2, 4 or 8 */
uint64_t host_x86_crc32(uint32_t crc, uint64_t v, unsigned bytes);
/* Approximations of four floats: a and r are 16 bytes of any alignment. They raise no flag. */
void host_x86_rcpps(void *r, const void *a);
void host_x86_rsqrtps(void *r, const void *a);
/* Two halves to two floats, and the reverse: under the FP environment of the calling thread (fpenv.h). rounding: the
 * immediate of vcvtps2ph. */
uint64_t host_x86_halves_to_floats(uint32_t halves);
uint32_t host_x86_floats_to_halves(uint64_t floats, unsigned rounding);

/* rep movs, rep stos with n elements of 2^size bytes, upwards */
void host_x86_rep_movs(unsigned size, uint64_t to, uint64_t from, uint64_t n);
void host_x86_rep_stos(unsigned size, uint64_t to, uint64_t value, uint64_t n);
/* Bytes whose mask has bit 7 set go to memory. value and mask: 16 bytes of any alignment */
void host_x86_maskmovdqu(uint64_t to, const void *value, const void *mask);
/* The x87 unit is left empty. */
void host_x86_maskmovq(uint64_t to, uint64_t value, uint64_t mask);
TANDEM_END_DECLS

#endif
