/* SPDX-License-Identifier: Apache-2.0 */
/* The sticky FP flags and the rounding modes as every part of tandem numbers them: RISC-V's order. */
#ifndef TANDEM_BASE_FP_H
#define TANDEM_BASE_FP_H

/* FP_DE: a subnormal operand, which only x86 and Arm report. The other five are IEEE 754's. */
enum fp_flag {
    FP_NX = 1,
    FP_UF = 2,
    FP_OF = 4,
    FP_DZ = 8,
    FP_NV = 16,
    FP_DE = 32,
    FP_IEEE_FLAGS = 31,
    FP_ALL_FLAGS = 63
};

/* The four modes that every host has; enum ir_rm begins with them. */
enum fp_rounding { FP_TO_NEAREST, FP_TO_ZERO, FP_DOWN, FP_UP };

#endif
