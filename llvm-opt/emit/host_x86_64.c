/* SPDX-License-Identifier: Apache-2.0 */
/* x86-64 as a host: triple, CPU features, relocations, types. Its forms of exact floating point are in
 * host_x86_64_fp.c and host_x86_64_x87.c. */
#include <cpuid.h>
#include <elf.h>

#include "llvm-opt/emit/host.h"

const char LOPT_HOST_TRIPLE[] = "x86_64-unknown-linux-gnu";
const char LOPT_HOST_BACK_END[] = "x86-64";

static bool has_sha(void)
{
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_SHA;
}

struct lopt_host_facts lopt_host_facts(void)
{
    __builtin_cpu_init();
    return (struct lopt_host_facts){
        .fma = __builtin_cpu_supports("fma"),
        .rounds = __builtin_cpu_supports("sse4.1"),
        .shuffles_bytes = __builtin_cpu_supports("ssse3"),
        .packs_words = __builtin_cpu_supports("sse4.1"),
        .converts_u64 = __builtin_cpu_supports("avx512f"),
        .three_operands = __builtin_cpu_supports("avx"),
        .scatters_bits = __builtin_cpu_supports("bmi2"),
        .compares_strings = __builtin_cpu_supports("sse4.2"),
        .aes = __builtin_cpu_supports("aes"),
        .clmul = __builtin_cpu_supports("pclmul"),
        .sha = has_sha(),
    };
}

struct lopt_host_facts lopt_host_level_facts(unsigned level, const char **cpu)
{
    static const char *const names[] = {"x86-64", "x86-64-v2", "x86-64-v3", "x86-64-v4"};
    *cpu = names[level < 1 ? 0 : level > ARRAY_LEN(names) ? ARRAY_LEN(names) - 1 : level - 1];
    return (struct lopt_host_facts){
        .fma = level >= 3,
        .rounds = level >= 2,
        .shuffles_bytes = level >= 2,
        .packs_words = level >= 2,
        .converts_u64 = level >= 4,
        .three_operands = level >= 3,
        .scatters_bits = level >= 3,
        .compares_strings = level >= 2,
    };
}

void lopt_host_init(const struct llvm_api *ll)
{
    ll->InitializeX86TargetInfo();
    ll->InitializeX86Target();
    ll->InitializeX86TargetMC();
    ll->InitializeX86AsmPrinter();
    ll->InitializeX86AsmParser(); /* inline assembly */
    ll->InitializeX86Disassembler();
}

LLVMTypeRef lopt_host_f80(const struct llvm_api *ll, LLVMContextRef ctx) { return ll->X86FP80TypeInContext(ctx); }

/* Vectors of 512 bits are spilled and loaded again at each map. */
const struct lopt_host_attribute LOPT_HOST_MAPPED_ATTRIBUTES[] = {
    {"prefer-vector-width", "256"}, {"min-legal-vector-width", "0"}, {NULL, NULL}};

/* That of gs, whose base is 0 in every thread of a program that does not set it: a prefix of one byte. */
const unsigned LOPT_HOST_MARKED_SPACE = 256;

/* A locked operation on the stack orders all that x86 does not order by itself, and costs less than the mfence that
 * LLVM would choose. */
const struct lopt_host_asm LOPT_HOST_FULL_FENCE = {"lock; orl $$0, (%rsp)", "~{memory},~{flags}"};

enum lopt_fixup_kind lopt_host_fixup(uint32_t elf_type)
{
    switch (elf_type) {
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
        return LOPT_FIX_PC32;
    case R_X86_64_GOTPCREL:
    case R_X86_64_GOTPCRELX:
    case R_X86_64_REX_GOTPCRELX:
        return LOPT_FIX_SLOT_PC32;
    case R_X86_64_64:
        return LOPT_FIX_ABS64;
    default:
        return LOPT_FIX_UNKNOWN;
    }
}

bool lopt_host_is_unwind(uint32_t section_type) { return section_type == SHT_X86_64_UNWIND; }
