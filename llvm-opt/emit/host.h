/* SPDX-License-Identifier: Apache-2.0 */
/* What differs between hosts: one file host_<machine>.c fills this in. */
#ifndef TANDEM_LLVM_OPT_HOST_H
#define TANDEM_LLVM_OPT_HOST_H

#include "llvm-opt/emit/llvm_api.h"

extern const char LOPT_HOST_TRIPLE[];
extern const char LOPT_HOST_BACK_END[]; /* LLVM's name of it, for messages */

/* What the CPU does in an instruction, and so is inlined. */
struct lopt_host_facts {
    bool fma;              /* fused multiply-add */
    bool rounds;           /* floats to integral floats, in any mode */
    bool shuffles_bytes;   /* VTBL of 16 bytes */
    bool packs_words;      /* 32-bit elements to 16 bits, unsigned saturation */
    bool converts_u64;     /* unsigned 64-bit integers to floats */
    bool three_operands;   /* vector instructions that leave both of their operands */
    bool scatters_bits;    /* PDEP, PEXT */
    bool compares_strings; /* pcmpistri and its kin */
    bool aes, clmul, sha;  /* AES, carry-less products, SHA */
};
struct lopt_host_facts lopt_host_facts(void);
/* The same of a made-up CPU: a level of the architecture, from 1 (lopt_options.cpu_level). cpu: LLVM's name of it */
struct lopt_host_facts lopt_host_level_facts(unsigned level, const char **cpu);

/* Registers the back end with the library. Once a process. */
void lopt_host_init(const struct llvm_api *ll);
/* LLVM's type of 80-bit floats. */
LLVMTypeRef lopt_host_f80(const struct llvm_api *ll, LLVMContextRef ctx);

/* An attribute of a function. */
struct lopt_host_attribute {
    const char *name, *value;
};
/* For functions with maps: registers are of a kind that LLVM keeps whole at a map. Ends with a NULL. */
extern const struct lopt_host_attribute LOPT_HOST_MAPPED_ATTRIBUTES[];
/* An assembly statement (AT&T syntax). */
struct lopt_host_asm {
    const char *text, *constraints;
};
/* LLVM's address space for accesses that are to be told from others in the code. An address means the same there. */
extern const unsigned LOPT_HOST_MARKED_SPACE;
/* Orders everything before it and everything behind it. */
extern const struct lopt_host_asm LOPT_HOST_FULL_FENCE;

/* What a relocation of an object asks for. */
enum lopt_fixup_kind {
    LOPT_FIX_UNKNOWN,
    LOPT_FIX_PC32,      /* 32 bits, from the place itself */
    LOPT_FIX_SLOT_PC32, /* the same, of a slot that holds the address */
    LOPT_FIX_ABS64
};
enum lopt_fixup_kind lopt_host_fixup(uint32_t elf_type);
/* The type of sections with unwind tables. */
bool lopt_host_is_unwind(uint32_t section_type);

#endif
