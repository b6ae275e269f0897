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
};

struct lopt_result {
    size_t text_size; /* bytes of code and read-only data to reserve, exits not included */
    size_t text_align;
    unsigned exit_count;
    struct lopt_exit *exits;
    unsigned llvm_insns; /* LLVM instructions after optimization */
    void *object;        /* private */
};

TANDEM_BEGIN_DECLS
/* Loads libLLVM if this is the first (thread-safe) and makes a compiler. STATUS_LLVM_MISSING with a message
 * otherwise. */
enum status lopt_open(const struct lopt_options *options, struct lopt **lopt, char *message, size_t size);
void lopt_close(struct lopt *lopt);

/* Compiles one region. The region is only read. On anything but STATUS_OK the result is empty. */
enum status lopt_compile(struct lopt *lopt, const struct ir_region *region, struct lopt_result *result);

/* Places the compiled code: rw/rx are text_size bytes, aligned to text_align; exit_addr[i] is the rx address of the
 * code of exit i (within 2 GiB).
 * entry: where to jump in (rx). */
enum status lopt_link(const struct lopt_result *result, uint8_t *rw, const uint8_t *rx, const uint8_t *const *exit_addr,
                      const uint8_t **entry);
void lopt_result_fini(struct lopt_result *result);

/* Writes a result to size bytes at to, for lopt_load of the same build of tandem on the same kind of host: another
 * process, another time. Returns how many bytes it takes; nothing is written if that is more than size. Any thread. */
size_t lopt_save(const struct lopt_result *result, uint8_t *to, size_t size);
/* Makes a result of saved bytes; no LLVM is needed. STATUS_BAD_FORMAT: they are not what lopt_save wrote. On anything
 * but STATUS_OK the result is empty. Any thread. */
enum status lopt_load(const uint8_t *from, size_t size, struct lopt_result *result);

/* Prints the LLVM IR (before and after optimization) and the host code of a region, for --explain. */
enum status lopt_explain(struct lopt *lopt, const struct ir_region *region, FILE *out);
/* Disassembles host code with LLVM's disassembler, an instruction a line. base: the address it runs at. */
enum status lopt_disas_host(const uint8_t *code, size_t size, uint64_t base, FILE *out);
TANDEM_END_DECLS

#endif
