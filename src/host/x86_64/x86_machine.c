/* SPDX-License-Identifier: Apache-2.0 */
/* x86_machine.h by the instructions themselves. Where the CPU forbids those of the tables (UMIP), Linux answers with
 * made-up values (arch/x86/kernel/umip.c). */
#include "src/host/x86_machine.h"

#include <cpuid.h>
#include <immintrin.h>
#include <string.h>

#include "src/host/host.h"

void host_x86_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t out[4])
{
    if (!__get_cpuid_count(leaf, subleaf, &out[0], &out[1], &out[2], &out[3]))
        memset(out, 0, 4 * sizeof out[0]);
}

uint32_t host_x86_cpu_number(void)
{
    unsigned number;
    __builtin_ia32_rdtscp(&number);
    return number;
}

__attribute__((target("rdrnd"))) static bool random_step(unsigned long long *v) { return _rdrand64_step(v); }
__attribute__((target("rdseed"))) static bool seed_step(unsigned long long *v) { return _rdseed64_step(v); }

uint64_t host_x86_random(bool seed)
{
    unsigned long long v;
    while (!(seed ? seed_step(&v) : random_step(&v)))
        host_pause();
    return v;
}

/* ---- descriptor tables ---- */

bool host_x86_lar(uint16_t selector, uint32_t *rights)
{
    uint32_t v = 0;
    bool z;
    __asm__("lar %k[selector], %[v]" : [v] "+r"(v), "=@ccz"(z) : [selector] "r"((uint32_t)selector));
    *rights = v;
    return z;
}

bool host_x86_lsl(uint16_t selector, uint32_t *limit)
{
    uint32_t v = 0;
    bool z;
    __asm__("lsl %k[selector], %[v]" : [v] "+r"(v), "=@ccz"(z) : [selector] "r"((uint32_t)selector));
    *limit = v;
    return z;
}

bool host_x86_verr(uint16_t selector)
{
    bool z;
    __asm__("verr %w[selector]" : "=@ccz"(z) : [selector] "r"(selector));
    return z;
}

bool host_x86_verw(uint16_t selector)
{
    bool z;
    __asm__("verw %w[selector]" : "=@ccz"(z) : [selector] "r"(selector));
    return z;
}

uint64_t host_x86_store_register(enum host_x86_register which, unsigned bits, uint64_t old)
{
    switch (which * 3 + (bits == 64 ? 2u : bits == 32)) {
    case 3 * HOST_X86_SLDT:
        __asm__ volatile("sldt %w0" : "+a"(old));
        break;
    case 3 * HOST_X86_SLDT + 1:
        __asm__ volatile("sldt %k0" : "+a"(old));
        break;
    case 3 * HOST_X86_SLDT + 2:
        __asm__ volatile(".byte 0x48, 0x0f, 0x00, 0xc0" : "+a"(old));
        break;
    case 3 * HOST_X86_STR:
        __asm__ volatile("str %w0" : "+a"(old));
        break;
    case 3 * HOST_X86_STR + 1:
        __asm__ volatile("str %k0" : "+a"(old));
        break;
    case 3 * HOST_X86_STR + 2:
        __asm__ volatile(".byte 0x48, 0x0f, 0x00, 0xc8" : "+a"(old));
        break;
    case 3 * HOST_X86_SMSW:
        __asm__ volatile("smsw %w0" : "+a"(old));
        break;
    case 3 * HOST_X86_SMSW + 1:
        __asm__ volatile("smsw %k0" : "+a"(old));
        break;
    default:
        __asm__ volatile("smsw %q0" : "+a"(old));
        break;
    }
    return old;
}

struct host_x86_table host_x86_table(bool is_idt)
{
    struct host_x86_table t;
    if (is_idt)
        __asm__ volatile("sidt %0" : "=m"(t));
    else
        __asm__ volatile("sgdt %0" : "=m"(t));
    return t;
}
