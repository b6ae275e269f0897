/* SPDX-License-Identifier: Apache-2.0 */
/* Tier 2: compiles a region of IR blocks with LLVM into host code. The only public header of llvm-opt.
 *
 * Use, on an optimizer thread:  lopt_open (loads libLLVM)  -> lopt_compile -> place code -> lopt_link ->
 * lopt_result_fini. A struct lopt belongs to one thread. */
#ifndef TANDEM_LLVM_OPT_LOPT_H
#define TANDEM_LLVM_OPT_LOPT_H

#include <stdio.h>

#include "src/ir/exits.h"
#include "src/ir/ir.h"
#include "src/ir/region.h"

struct lopt; /* LLVM context, target machine, pass pipeline of one optimizer thread */

/* The steps of a compilation, in their order. */
enum lopt_step { LOPT_STEP_EMIT, LOPT_STEP_OPTIMIZE, LOPT_STEP_CODEGEN, LOPT_STEP_READ };

struct lopt_options {
    int level;            /* 0..3: LLVM optimization level */
    const char *passes;   /* LLVM pass pipeline text, or NULL for the default */
    bool verify;          /* run LLVM's verifier on every module */
    bool polls;           /* poll cpu->pending on back-edges (always true outside of experiments) */
    unsigned unroll;      /* copies of a short loop at most, of which one polls; 0 or 1: none */
    bool no_fma;          /* as if the host had no fused multiply-add */
    unsigned fail_one_in; /* tests: give up with STATUS_INJECTED on about one region in n; 0 = never */
    bool no_exit_maps;    /* tests: as if no map said where the values of rare exits are */
    unsigned cpu_level;   /* tests: 1..4: compile for this level of the host (x86-64-v1..v4), not for this machine */
    const char *dump_dir; /* if not NULL, every region's LLVM IR and object are written there */
    void (*on_step)(void *step_arg, enum lopt_step); /* told when a step begins; NULL: nobody asks */
    void *step_arg;
};

/* A way out of the region's code. */
struct lopt_exit {
    uint8_t kind;      /* enum ir_exit_kind; never LANDING */
    uint8_t trap;      /* enum ir_trap */
    bool free_flags;   /* calls: no status flag is read at return_pc (cpu.h I4) */
    gaddr_t pc;        /* where the guest goes on, if the kind knows it (exits.def) */
    gaddr_t return_pc; /* calls */
    uint32_t mode;     /* translation mode there (ir_exit_mode) */
    uint32_t inner;    /* LEVEL: number of the exit that it goes on to, less than its own */
};

/* Where a part of a guest register is when an access faults. */
struct lopt_place {
    uint16_t offset;    /* of the register in struct cpu */
    uint8_t type;       /* enum ir_type of the register */
    uint8_t part;       /* enum lopt_part */
    uint8_t kinds;      /* LOPT_K_*: how it is held */
    uint8_t raw_bit;    /* tag bits, if several kinds are possible (llvm-opt/plan/rows.h) */
    uint8_t single_bit; /* the same */
    uint8_t where : 2;  /* enum lopt_where */
    uint8_t extend : 2; /* enum lopt_extend: at last */
    uint8_t shift : 4;  /* the value is what is there, shifted to the left, plus add */
    int32_t at;         /* number of the register; offset from the stack pointer; the lower half of the constant */
    int32_t add;        /* see shift; the upper half of the constant */
};

enum lopt_part { LOPT_PART_TAGS, LOPT_PART_WIDE, LOPT_PART_SINGLE, LOPT_PART_LOW, LOPT_PART_HIGH };
enum lopt_where { LOPT_IN_GPR, LOPT_IN_VECTOR, LOPT_ON_STACK, LOPT_IS_CONST };
enum lopt_extend { LOPT_EXTEND_NONE, LOPT_EXTEND_SIGN, LOPT_EXTEND_ZERO }; /* from 32 bits to 64 */

/* An access that can fault, and where the guest goes back to then: to the first instruction of its segment. */
struct lopt_access {
    gaddr_t pc;
    uint32_t host;         /* offset in the code */
    uint32_t first_place;  /* index of its first place */
    uint32_t place_count;  /* how many it has */
    uint32_t replay_insns; /* guest instructions from pc to the end of the segment */
};

/* What a fault handler needs to know of a region: no pointers, so that it can be copied and stored. */
struct lopt_faults {
    uint32_t size; /* bytes, with what follows: accesses by their offset, then places */
    uint32_t access_count, place_count, unused;
    struct lopt_access accesses[];
};

struct lopt_result {
    size_t text_size; /* bytes of code and read-only data to reserve, exits not included */
    size_t text_align;
    unsigned exit_count;
    struct lopt_exit *exits;
    unsigned llvm_insns;        /* LLVM instructions after optimization */
    void *object;               /* private */
    struct lopt_faults *faults; /* NULL: none; registers are stored before each access that can fault */
};

TANDEM_BEGIN_DECLS
/* Loads libLLVM if this is the first (thread-safe) and makes a compiler. STATUS_LLVM_MISSING or STATUS_NO_MEMORY with a
 * message otherwise. */
enum status lopt_open(const struct lopt_options *options, struct lopt **lopt, char *message, size_t size);
void lopt_close(struct lopt *lopt);

/* What loading LLVM costs about, in ns of CPU time. Any thread. */
uint64_t lopt_load_cost(void);

/* Compiles one region. The region is only read. On anything but STATUS_OK the result is empty but for the times. */
enum status lopt_compile(struct lopt *lopt, const struct ir_region *region, struct lopt_result *result);

/* Places the compiled code: rw/rx are text_size bytes, aligned to text_align; exit_addr[i] is the rx address of the
 * code of exit i (within 2 GiB). */
enum status lopt_link(const struct lopt_result *result, uint8_t *rw, const uint8_t *rx,
                      const uint8_t *const *exit_addr);
/* Where to jump in at the entry of this number (src/base/cpu.h I5), of code that was placed at rx. NULL: there is
 * none. */
const uint8_t *lopt_entry(const struct lopt_result *result, const uint8_t *rx, unsigned number);
void lopt_result_fini(struct lopt_result *result);

/* Writes a result to size bytes at to, for lopt_load of the same build of tandem on the same kind of host: another
 * process, another time. Returns how many bytes it takes; nothing is written if that is more than size. Any thread. */
size_t lopt_save(const struct lopt_result *result, uint8_t *to, size_t size);
/* Makes a result of saved bytes; no LLVM is needed. STATUS_BAD_FORMAT: they are not what lopt_save wrote. On anything
 * but STATUS_OK the result is empty. Any thread. */
enum status lopt_load(const uint8_t *from, size_t size, struct lopt_result *result);
/* The region's code faulted host bytes behind its begin. If that was an access of faults, completes cpu->guest and
 * cpu->pc to what they were at the begin of its segment, and returns how many guest instructions from there on
 * are to be done one by one: one of them will fault. Else returns 0, and cpu is complete as it is. context: ucontext_t
 * of the fault. Async-signal-safe. */
unsigned lopt_recover(const struct lopt_faults *faults, uint32_t host, struct cpu *cpu, const void *context);

/* Prints the LLVM IR (before and after optimization) and the host code of a region, for --explain. */
enum status lopt_explain(struct lopt *lopt, const struct ir_region *region, FILE *out);
/* Disassembles host code with LLVM's disassembler, an instruction a line. base: the address it runs at. */
enum status lopt_disas_host(const uint8_t *code, size_t size, uint64_t base, FILE *out);
TANDEM_END_DECLS

#endif
