/* SPDX-License-Identifier: Apache-2.0 */
/* Integer lifting that several files share. Internal to frontend/x86. */
#ifndef TANDEM_FRONTEND_X86_X86_LIFT_INT_H
#define TANDEM_FRONTEND_X86_X86_LIFT_INT_H

#include "frontend/x86/x86_lift.h"
#include "frontend/x86/x86_string.h"

/* arg of the rows of x86_lift_alu */
enum x86_alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP, ALU_TEST };

/* arg of the rows of x86_lift_bt and x86_lift_bls */
enum x86_bit_op { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };
enum x86_bls { BLS_I, BLS_MSK, BLS_R };

/* arg of the rows of x86_lift_decimal */
enum x86_decimal { DECIMAL_AAA, DECIMAL_AAS, DECIMAL_DAA, DECIMAL_DAS, DECIMAL_AAM, DECIMAL_AAD };

/* Bit pos of an integer as i1. */
ir_ref x86_bit(struct x86_lift *l, ir_ref v, unsigned pos);
/* The flags of mask (X86_*, status flags; PF and SF together) := those bits of eflags, an i64. */
void x86_put_eflags(struct x86_lift *l, unsigned mask, ir_ref eflags);
/* EFLAGS := f (an integer of 16, 32 or 64 bits) as far as user code may. x86_lift_system.c */
void x86_take_eflags(struct x86_lift *l, ir_ref f);
/* A locked read-modify-write of memory: the old value. */
ir_ref x86_amo(struct x86_lift *l, enum ir_amo op, ir_ref addr, ir_ref v);

#endif
