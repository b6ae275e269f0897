/* SPDX-License-Identifier: Apache-2.0 */
/* Guest registers in a region: what the region does with each row, and how it is going to be held.
 *
 * A floating-point row need not hold the register's exact bits while the region runs. Take `fadd.s f1, f2, f3` of a
 * RISC-V guest. The host's sum may be any quiet NaN where the guest wants the canonical one (RAW), and it is a single
 * where the register is 64 bits with the upper half all ones (BOX). Both are repaired where the exact bits are seen. */
#ifndef TANDEM_LLVM_OPT_PLAN_ROWS_H
#define TANDEM_LLVM_OPT_PLAN_ROWS_H

#include "src/base/arena.h"
#include "src/ir/ir.h"
#include "src/ir/region.h"

/* What is known of a row at a point of the region. Several of the first four: it depends on the way taken. */
enum {
    LOPT_K_EXACT = 1,  /* the wide part is the register */
    LOPT_K_RAW = 2,    /* the wide part is; a quiet NaN in it stands for the canonical one */
    LOPT_K_BOX = 4,    /* the single part, boxed, is the register */
    LOPT_K_RAWBOX = 8, /* the single part, boxed, is; a quiet NaN in it stands for the canonical one */
    LOPT_K_SINGLE = LOPT_K_BOX | LOPT_K_RAWBOX,
    LOPT_K_DOUBLE = LOPT_K_EXACT | LOPT_K_RAW,
    LOPT_K_KINDS = 15,
    LOPT_K_DIRTY = 16, /* struct cpu may be out of date (pinned rows: always at entry) */
    LOPT_K_ABSENT = 64 /* only struct cpu holds it for sure; never together with LOPT_K_DIRTY */
};

/* Where the kind of a row depends on the way taken, tag bits say at run time which it is. */
enum lopt_tagging {
    LOPT_TAG_NONE,    /* the kind is known everywhere */
    LOPT_TAG_AT_EXIT, /* the bits are set before the shared way out only */
    LOPT_TAG_ALWAYS   /* every PUT keeps the bits up to date */
};

/* One row. */
struct lopt_row {
    uint16_t offset;         /* from struct cpu */
    uint8_t type;            /* enum ir_type */
    int8_t pin_gpr, pin_fpr; /* index among the pinned, or -1 */
    int8_t flag;             /* number of the status flag that it is (ir_state.flags), or -1 */
    bool used;
    bool in_memory;       /* never held outside of struct cpu */
    bool need_s;          /* read as f32 somewhere: the single part is kept up to date with every kind */
    bool eager;           /* only LOPT_K_EXACT is put */
    bool at_entry;        /* loaded at the entry: a load of 80 bits is slow, and keeping the value costs no register */
    bool split;           /* a vector held as its lower f64 and its upper 64 bits (split.c) */
    uint64_t exact_reads; /* executions of reads of its exact value */
    uint64_t soft_puts;   /* executions of PUTs of other kinds than exact */
    uint64_t scalar_puts; /* executions of PUTs that change the lower f64 alone */
    uint64_t vector_uses; /* executions of other PUTs and reads of a vector */
    uint8_t all_kinds;    /* union over the region */
    uint8_t tagging;      /* enum lopt_tagging */
    uint64_t raw, single; /* this row's tag bits, if tagging */
};

struct lopt_rows {
    struct lopt_row *row;
    unsigned count;
    unsigned pin_gpr[CPU_PINNED_GPRS], pin_fpr[CPU_PINNED_FPRS]; /* row, or count: unused */
    const struct ir_region *region;
    bool maps;            /* a fault finds the rows by maps (segments.h) */
    bool stores;          /* every access that can fault stores every row before it */
    bool shared_exit;     /* rare exits leave together */
    unsigned access_bits; /* widest access that is one host instruction */
    bool has_calls;       /* the region calls helpers */
};

TANDEM_BEGIN_DECLS
/* Makes the table of the region's guest, nothing used yet. */
void lopt_rows_init(struct lopt_rows *rows, const struct ir_region *region, struct arena *arena);
TANDEM_END_DECLS

static inline bool lopt_row_is_pinned(const struct lopt_row *r) { return r->pin_gpr >= 0 || r->pin_fpr >= 0; }
/* The row is held outside of struct cpu somewhere in the region. */
static inline bool lopt_row_is_held(const struct lopt_row *r) { return r->used && !r->in_memory; }
/* Its bit among the guest's status flags, or 0. */
static inline uint32_t lopt_row_flag(const struct lopt_rows *rows, uint64_t row)
{
    int flag = rows->row[row].flag;
    return flag < 0 ? 0 : UINT32_C(1) << flag;
}

#endif
