/* SPDX-License-Identifier: Apache-2.0 */
/* What rows of x86_insns.def say to the lifters of this room (arg). */
#ifndef TANDEM_FRONTEND_X86_INT_X86_INT_ARGS_H
#define TANDEM_FRONTEND_X86_INT_X86_INT_ARGS_H

/* arg of the rows of x86_lift_alu */
enum x86_alu {
    X86_ALU_ADD,
    X86_ALU_OR,
    X86_ALU_ADC,
    X86_ALU_SBB,
    X86_ALU_AND,
    X86_ALU_SUB,
    X86_ALU_XOR,
    X86_ALU_CMP,
    X86_ALU_TEST
};

/* arg of the rows of x86_lift_bt and x86_lift_bls */
enum x86_bit_op { X86_BIT_TEST, X86_BIT_SET, X86_BIT_RESET, X86_BIT_COMPLEMENT };
enum x86_bls { X86_BLS_I, X86_BLS_MSK, X86_BLS_R };

/* arg of the rows of x86_lift_decimal */
enum x86_decimal {
    X86_DECIMAL_AAA,
    X86_DECIMAL_AAS,
    X86_DECIMAL_DAA,
    X86_DECIMAL_DAS,
    X86_DECIMAL_AAM,
    X86_DECIMAL_AAD
};

/* arg of the rows of x86_lift_string */
enum x86_string { X86_STRING_MOVS, X86_STRING_STOS, X86_STRING_LODS, X86_STRING_SCAS, X86_STRING_CMPS };

#endif
