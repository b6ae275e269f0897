/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's register table: where each guest register lies in struct cpu, and what the translators may do with it. A
 * register is a row; GET and PUT name it by the row's number.
 *
 * I1  Rows do not overlap: the passes forward and drop PUTs row by row.
 */
#ifndef TANDEM_IR_STATE_H
#define TANDEM_IR_STATE_H

#include "src/base/types.h"

struct ir_state_row {
    const char *name;
    uint16_t offset; /* bytes from the start of struct cpu */
    uint8_t type;    /* enum ir_type */
};

struct ir_state {
    const struct ir_state_row *rows;
    unsigned count;

    /* Pinned rows: the first CPU_PINNED_GPRS of type i64 and the first CPU_PINNED_FPRS of type f64 live in host
     * registers while generated code runs (src/base/cpu.h I1). Both lists are in descending order of use. */
    const uint16_t *pinned_gpr;
    unsigned pinned_gpr_count;
    const uint16_t *pinned_fpr;
    unsigned pinned_fpr_count;

    /* The row of cpu->mode, if instructions change the translation mode within a block; else 0. Such an instruction
     * PUTs a constant there: x86's fld moves the top of the register stack, which is part of the mode. An exit behind
     * it leads to the block of its pc and of the new mode (ir_exit_mode), and is chained like any other. IBTC and
     * returns tell modes apart (cpu_ibtc_key). A guest without the row empties the IBTC when its mode changes. */
    unsigned mode_row;

    /* The rows of status flags, at most 32, each one flag: x86's carry flag is one. An exit may leave anything in those
     * that the block behind it writes before it reads them. */
    const uint16_t *flags;
    unsigned flag_count;

    /* Tagged rows: rows that a bit of the mode says to be full or empty, as x87's tag word does for st0 to st7. Row
     * tagged + i is empty while bit tag_shift + i of the mode is clear. An exit may leave anything in a row that is
     * empty there. */
    unsigned tagged, tagged_count, tag_shift;
};

static inline bool ir_row_is_empty(const struct ir_state *s, unsigned row, uint32_t mode)
{
    return row - s->tagged < s->tagged_count && !(mode >> (s->tag_shift + row - s->tagged) & 1);
}

#endif
