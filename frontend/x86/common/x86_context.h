/* SPDX-License-Identifier: Apache-2.0 */
/* The state of lifting one block of x86 code, which every lifter gets.
 *
 * A lifter is a function x86_lift_<name>(l, arg) named by rows of x86_insns.def; it emits the IR of the instruction at
 * hand (l->i, l->op) and ends the block if the instruction does. Order inside a lifter: all that may fault (reads, then
 * the write of memory) comes before registers and flags change, so that the instruction can be started again.
 * "SDM" is the Intel 64 and IA-32 Architectures Software Developer's Manual. */
#ifndef TANDEM_FRONTEND_X86_COMMON_X86_CONTEXT_H
#define TANDEM_FRONTEND_X86_COMMON_X86_CONTEXT_H

#include "frontend/block.h"
#include "frontend/x86/common/x86_state.h"
#include "frontend/x86/decode/x86_decode.h"

/* The status flags in the order of x86_flags.c's tables; ZF and PF|SF have values of their own kind (x86_state.def). */
enum x86_flag { X86_FLAG_C, X86_FLAG_O, X86_FLAG_A, X86_FLAG_Z, X86_FLAG_S, X86_FLAG_COUNT };

/* How the flags came to be: what lets conditions be one compare. */
enum x86_flag_kind {
    X86_FLAGS_ROWS,  /* nothing is known: they are in the rows, or in value[] */
    X86_FLAGS_ADD,   /* r = a + b (+ carry) */
    X86_FLAGS_SUB,   /* r = a - b (- carry): also neg (0 - b) */
    X86_FLAGS_CMP,   /* the same, and r is not kept: cmp, scas, cmps, cmpxchg */
    X86_FLAGS_LOGIC, /* r; C = O = 0 */
    X86_FLAGS_TEST,  /* r = a & b, which is not kept; C = O = 0 */
    X86_FLAGS_INC,   /* r = a + 1; C as before */
    X86_FLAGS_DEC,
    X86_FLAGS_FCOM,  /* ucomis a, b: Z, P and C say equal, unordered, less (SDM volume 2, UCOMISD) */
    X86_FLAGS_RESULT /* Z and S (and P) from r; C, O, A given as values or as before */
};

/* What is known of fl_op (x86_state.def). */
enum x86_flag_place {
    X86_PLACE_UNKNOWN, /* as the block found it, or nothing that is needed (x86_flags_branch) */
    X86_PLACE_ROWS,    /* 0 */
    X86_PLACE_RECORD   /* an instruction of the block left a record */
};

struct x86_flags {
    enum x86_flag_place place;
    const struct x86_decoded *recorder; /* X86_PLACE_RECORD: who left it */
    unsigned beside;                    /* and which flags are in their rows all the same: bits as covers */
    unsigned held;                      /* status flags (X86_*) that the state has as they are now */
    uint32_t dead;                      /* between x86_flags_branch and x86_flags_go_on: rows that are, on both ways */
    enum x86_flag_kind kind;
    unsigned covers;              /* bits 1 << enum x86_flag that kind, a, b, r define */
    ir_ref a, b, r, carry;        /* carry: i1 or IR_NO_REF */
    unsigned fcond;               /* X86_FLAGS_FCOM: aux of the compares but for the relation */
    bool raised;                  /* X86_FLAGS_FCOM: a compare has been emitted, for the exceptions that it raises */
    ir_ref value[X86_FLAG_COUNT]; /* what is known by value, or IR_NO_REF */
};

struct x86_lift {
    struct ir_builder *b;
    const struct guest_lift *req;
    gaddr_t pc, next;  /* of the instruction at hand, and behind it */
    unsigned branches; /* behind which the block goes on */
    bool goes_on;      /* the instruction at hand is not the block's last */
    bool is64;
    const ZydisDecodedInstruction *i;
    const ZydisDecodedOperand *op;
    const struct x86_decoded *d;
    struct x86_flags fl;
    /* What x86_operand.c knows of rsp: it is sp + sp_moved, as the PUT with number sp_put wrote it. sp is IR_NO_REF
     * while nothing is known. */
    ir_ref sp;
    uint32_t sp_put;
    int64_t sp_moved;
    uint32_t mode;     /* translation mode here: instructions change it (x86_x87_stack.c) */
    bool c1_set;       /* fp_sw may have C1 set: the next x87 instruction clears it */
    bool unknown_mode; /* the instruction at hand left another one: the block ends with it */
};

typedef void x86_lift_fn(struct x86_lift *l, unsigned arg);

/* The rows whose instructions always raise something. illegal: SIGILL. privileged: SIGSEGV as the kernel raises it for
 * general protection. */
x86_lift_fn x86_lift_illegal, x86_lift_privileged;

#endif
