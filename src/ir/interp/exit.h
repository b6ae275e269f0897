/* SPDX-License-Identifier: Apache-2.0 */
/* How the interpreter left a block. */
#ifndef TANDEM_IR_INTERP_EXIT_H
#define TANDEM_IR_INTERP_EXIT_H

#include "src/ir/ir.h"

struct ir_exit {
    enum cpu_exit reason; /* CPU_EXIT_LOOKUP: go on at pc; CPU_EXIT_TRAP: trap */
    enum ir_trap trap;
    gaddr_t pc;
    enum ir_hint hint;
};

#endif
