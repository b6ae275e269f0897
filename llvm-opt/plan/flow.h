/* SPDX-License-Identifier: Apache-2.0 */
/* In which kinds (LOPT_K_*) the rows are held at the head of each block, and at the ways out. */
#ifndef TANDEM_LLVM_OPT_PLAN_FLOW_H
#define TANDEM_LLVM_OPT_PLAN_FLOW_H

#include "llvm-opt/plan/flags.h"
#include "llvm-opt/plan/rows.h"
#include "llvm-opt/plan/unroll.h"

enum { LOPT_COLD_SITES = 3 }; /* fewer rare ways out are not worth a shared one */

struct lopt_flow {
    uint8_t **in;        /* per block, per row: kinds at its head; in[i][0] is 0 if no way leads there */
    uint8_t *entry;      /* per row: kinds where the region is entered */
    uint8_t *cold;       /* per row: kinds at the shared way out */
    unsigned cold_sites; /* places from which a rare way leaves */
};

TANDEM_BEGIN_DECLS
/* Finds the kinds, and decides for each row whether it is put exact (eager) and whether it has tag bits.
 * STATUS_UNSUPPORTED: more rows want tag bits than there are. */
enum status lopt_flow_find(struct lopt_flow *flow, const struct lopt_loops *loops, struct lopt_rows *rows,
                           const struct lopt_flags *flags, struct arena *arena);
/* Copies the state at the head of block index. */
void lopt_flow_head(const struct lopt_flow *flow, const struct lopt_rows *rows, unsigned index, uint8_t *st);
TANDEM_END_DECLS

#endif
