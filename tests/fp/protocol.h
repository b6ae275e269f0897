/* SPDX-License-Identifier: Apache-2.0 */
/* What the host and the guest program of the proof of exact floating point say to each other. */
#ifndef TANDEM_TESTS_FP_PROTOCOL_H
#define TANDEM_TESTS_FP_PROTOCOL_H

#include <stdint.h>

enum {
    FP_OPERANDS_FD = 3,
    FP_RESULTS_FD = 4,
    FP_GROUP = 16,       /* cases between two looks at the flags */
    FP_OPERANDS = 3,     /* words a case */
    FP_BATCH = 20000,    /* cases at most */
    FP_KERNEL_RUNS = 48, /* of one instruction, at most */
    FP_OPERANDS_SIZE = FP_BATCH * FP_OPERANDS * 8,
    FP_RESULTS_SIZE = FP_BATCH * 9 * FP_KERNEL_RUNS
};

struct fp_command {
    uint32_t kernel, frm;   /* number in the table of kernels; rounding mode to set first */
    uint32_t cases;         /* a multiple of FP_GROUP */
    uint32_t values, flags; /* offsets in the file of results, where they begin */
};

#endif
