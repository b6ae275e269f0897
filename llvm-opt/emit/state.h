/* SPDX-License-Identifier: Apache-2.0 */
/* Guest registers while a region runs. */
#ifndef TANDEM_LLVM_OPT_STATE_H
#define TANDEM_LLVM_OPT_STATE_H

#include "llvm-opt/emit/val.h"
#include "llvm-opt/plan/plan.h"

/* Allocas of a row, which LLVM promotes to values; NULL: the row has no such part. */
struct lopt_slot {
    LLVMValueRef d, s;      /* of the row's type; of f32 */
    LLVMValueRef low, high; /* if split: of f64; of i64 */
};

struct lopt_state {
    struct lopt_build *b;
    const struct lopt_plan *plan;
    struct lopt_slot *slots; /* per row */
    LLVMValueRef tags;       /* alloca of i64: the tag bits of rows whose kind is open */
    uint8_t *st;             /* LOPT_K_* of each row at the place where code is emitted */
    uint8_t *st_kept;        /* a copy, while a way out is emitted */
};

/* ---- the region's entry ---- */
void lopt_state_init(struct lopt_state *s, struct lopt_build *b, const struct lopt_plan *plan);
/* Slots, parameters, loads; at the region's entry, where tags has been made. */
void lopt_state_entry(struct lopt_state *s);

/* ---- one row ---- */
LLVMValueRef lopt_row_value(struct lopt_state *s, unsigned row);         /* the register's exact value here */
void lopt_row_set(struct lopt_state *s, unsigned row, LLVMValueRef v);   /* as LOPT_K_EXACT; does not touch s->st */
void lopt_row_store(struct lopt_state *s, unsigned row, LLVMValueRef v); /* into struct cpu */
/* What a floating-point row holds now, which is one of these kinds, as a value that can be looked at later. */
struct lopt_val lopt_row_snapshot(struct lopt_state *s, unsigned row, uint8_t kinds);
/* A split row: its halves, from its slot or (LOPT_K_ABSENT) from struct cpu; and setting them. */
struct lopt_val lopt_row_pair(struct lopt_state *s, unsigned row);
void lopt_row_put_pair(struct lopt_state *s, unsigned row, const struct lopt_val *v);

/* ---- all rows ---- */
/* Stores dirty rows to struct cpu: all, or all but the pinned. */
void lopt_flush(struct lopt_state *s, bool pinned, bool is_volatile);
/* Those of 80 bits, before the shared way out or a segment of accesses. */
void lopt_flush_wide(struct lopt_state *s, bool is_volatile);
/* After something wrote struct cpu: rows that are never LOPT_K_ABSENT are loaded again. */
void lopt_reload(struct lopt_state *s);
/* Before going to block index: loads the rows that it expects in their slots and that are not there. */
void lopt_prepare_edge(struct lopt_state *s, unsigned index);
/* Makes slots and tags what the shared way out expects. */
void lopt_prepare_cold(struct lopt_state *s);
/* In a precise region, before an instruction that can fault and has no map: every register and pc in place. */
void lopt_before_fault(struct lopt_state *s, const struct ir_insn *in, gaddr_t pc);

#endif
