/* SPDX-License-Identifier: Apache-2.0 */
/* What an x86-64 host tells user code about itself: identification, random numbers, descriptor tables. SDM volume 2.
 * Other hosts have none of these functions, and no x86 front end. */
#ifndef TANDEM_HOST_X86_MACHINE_H
#define TANDEM_HOST_X86_MACHINE_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* out: eax, ebx, ecx, edx; zeros if there is no such leaf */
void host_x86_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4]);
/* What rdtscp gives beside the counter. */
uint32_t host_x86_cpu_number(void);
/* rdrand, rdseed; waits until there is a number. */
uint64_t host_x86_random(bool seed);

/* lar, lsl: false if ZF says that there is nothing; verr, verw: ZF */
bool host_x86_lar(uint16_t selector, uint32_t *rights);
bool host_x86_lsl(uint16_t selector, uint32_t *limit);
bool host_x86_verr(uint16_t selector);
bool host_x86_verw(uint16_t selector);

enum host_x86_register { HOST_X86_SLDT, HOST_X86_STR, HOST_X86_SMSW };
/* The 64-bit register old after sldt, str or smsw wrote it with an operand of 16, 32 or 64 bits. */
uint64_t host_x86_store_register(enum host_x86_register which, unsigned bits, uint64_t old);

struct host_x86_table {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));
/* sidt, sgdt */
struct host_x86_table host_x86_table(bool is_idt);
TANDEM_END_DECLS

#endif
