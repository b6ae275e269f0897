/* SPDX-License-Identifier: Apache-2.0 */
/* x87 arithmetic in software: what the IR's X87_* operations compute, but for the transcendental functions, whose last
 * bits the manuals leave open (src/host/x87.h). SDM volume 1, chapter 8, with all exceptions masked. Pure functions but
 * for struct f80.
 *
 * Values of 80 bits travel in the low bits of an int_u128. NaNs, unnormals, pseudo-denormals and the flags are those of
 * an x87 (tests/unit/ir/f80_host_test.cc compares). */
#ifndef TANDEM_IR_F80_H
#define TANDEM_IR_F80_H

#include "src/ir/int_ops.h"
#include "src/ir/ir.h"

/* In: the control word. Out: exception flags, which accumulate, and condition codes of the last operation, both in
 * their places in the status word. */
struct f80 {
    uint16_t control, status;
};

enum { F80_C0 = 0x100, F80_C1 = 0x200, F80_C2 = 0x400, F80_C3 = 0x4000 };

TANDEM_BEGIN_DECLS
/* Does f80_compute know the function? If not, the host does. */
bool f80_knows(enum ir_x87 fn);
/* b: of functions of two operands */
int_u128 f80_compute(struct f80 *u, enum ir_x87 fn, int_u128 a, int_u128 b);
/* The result of a function of which an operand is a NaN or not an encoding; false: none is. count: operands */
bool f80_nan(struct f80 *u, const int_u128 *operands, unsigned count, int_u128 *result);
/* f80 with an operand that was read from memory: F32 F64 I16 I32 */
int_u128 f80_with_memory(struct f80 *u, enum ir_x87_mem op, int_u128 a, enum ir_type type, uint64_t bits);
/* F32 F64 I16 I32 I64 */
int_u128 f80_load(struct f80 *u, enum ir_type type, uint64_t bits);
/* The reverse; trunc: to an integer toward zero whatever the mode. Zero-extended. */
uint64_t f80_store(struct f80 *u, enum ir_type type, bool trunc, int_u128 a);
/* fcom, fucom, fxam: the condition codes of them */
uint16_t f80_compare(struct f80 *u, enum ir_x87_com op, int_u128 a, int_u128 b);
TANDEM_END_DECLS

#endif
