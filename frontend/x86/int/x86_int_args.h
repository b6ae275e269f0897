/* SPDX-License-Identifier: Apache-2.0 */
/* What rows of x86_insns.def say to the lifters of this room (arg). */
#ifndef TANDEM_FRONTEND_X86_INT_X86_INT_ARGS_H
#define TANDEM_FRONTEND_X86_INT_X86_INT_ARGS_H

/* arg of the rows of x86_lift_alu */
enum x86_alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP, ALU_TEST };

/* arg of the rows of x86_lift_bt and x86_lift_bls */
enum x86_bit_op { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };
enum x86_bls { BLS_I, BLS_MSK, BLS_R };

/* arg of the rows of x86_lift_decimal */
enum x86_decimal { DECIMAL_AAA, DECIMAL_AAS, DECIMAL_DAA, DECIMAL_DAS, DECIMAL_AAM, DECIMAL_AAD };

/* arg of the rows of x86_lift_string */
enum x86_string { STRING_MOVS, STRING_STOS, STRING_LODS, STRING_SCAS, STRING_CMPS };

#endif
