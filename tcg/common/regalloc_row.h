/* SPDX-License-Identifier: Apache-2.0 */
/* Guest registers and values that live in memory only: see regalloc_row.c. */
#ifndef TANDEM_TCG_COMMON_REGALLOC_ROW_H
#define TANDEM_TCG_COMMON_REGALLOC_ROW_H

#include "tcg/common/host.h"

/* Pinned rows and the host's registers for them; what is left is scratch. */
void ra_init_rows(struct tcg *t);
/* GET and PUT */
void ra_get_row(struct tcg *t, unsigned row);
void ra_put_row(struct tcg *t, unsigned row, ir_ref v);
/* Where a value of class TCG_RC_MEM is (constants are written out first). */
struct tcg_mem ra_wide(struct tcg *t, ir_ref v);
/* A value whose home is a state row gets another one (or a register), because the row changes. */
void ra_leave_row(struct tcg *t, ir_ref v, bool to_slot);

#endif
