/* SPDX-License-Identifier: Apache-2.0 */
/* What the aux field of an instruction says: a section for each kind of aux (enum ir_aux_kind), with the functions that
 * take it apart. Nobody else shifts and masks. */
#ifndef TANDEM_IR_AUX_BITS_H
#define TANDEM_IR_AUX_BITS_H

#include "src/base/fp.h"
#include "src/ir/traps.h"
#include "src/ir/type.h"

/* ---- COND: an integer condition ---- */

enum ir_cond {
#define COND(name, text, swapped, inverse) IR_##name,
#include "src/ir/conds.def"
    IR_COND_COUNT
};

TANDEM_BEGIN_DECLS
/* The condition that holds of (b, a) where cond holds of (a, b): ULT gives UGT. */
enum ir_cond ir_cond_swapped(unsigned cond);
/* The condition that holds where cond does not: ULT gives UGE. */
enum ir_cond ir_cond_inverse(unsigned cond);
TANDEM_END_DECLS

/* ---- FCOND: a floating-point relation (FCMP and VFCMP), and what it raises ---- */

enum ir_fcond {
    /* bits 0-2: the relation. FUNO: unordered, one of the operands is a NaN */
    IR_FEQ,
    IR_FLT,
    IR_FLE,
    IR_FUNO,
    IR_FCOND_MASK = 7,
    /* A quiet NaN raises invalid, too. */
    IR_FCOND_SIGNALING = 8,
    /* Nothing raises anything, not even a signaling NaN; IR_FCOND_SIGNALING means nothing then. */
    IR_FCOND_NOEXC = 16,
    /* as IR_FP_DAZ */
    IR_FCOND_DAZ = 32,
    /* x86: subnormal operands raise FP_DE. */
    IR_FCOND_X86 = 64,
    /* as IR_FP_TRAPS */
    IR_FCOND_TRAPS = 128
    /* bits 8-11: the element type, as for FP */
};

/* ---- INSN: a guest instruction ---- */

enum ir_insn_bits {
    IR_INSN_BYTES = 0xff,
    /* Its loads may fault for a byte that one of the next IR_REPLAY_INSNS - 1 instructions loads. Everything else is as
     * before this one, and going on one by one from here finds the right one. */
    IR_INSN_REPLAYS = 1 << 8,
    IR_REPLAY_INSNS = 64
};

/* ---- MEM, AMO: an access to guest memory ---- */

enum ir_mem_bits {
    /* enum ir_type of the access */
    IR_MEM_TYPE = 0xf,
    /* LD: sign-extends what is narrower than its result. */
    IR_MEM_SIGNED = 1 << 4,
    IR_MEM_BIG = 1 << 5, /* big-endian */
    /* 0 relaxed; 1 acquire (loads), release (stores); 2 both; 3 sequentially consistent */
    IR_MEM_ORDER = 3 << 6,
    IR_MEM_ORDER_SHIFT = 6,
    IR_MEM_SPACE = 3 << 8, /* address space; 0: data */
    /* Misalignment is the guest's fault: ir_misaligned_trap. */
    IR_MEM_ALIGNED = 1 << 10,
    /* AMO: enum ir_amo, bits 11-15 */
    IR_AMO_SHIFT = 11
};

enum ir_amo {
    IR_AMO_XCHG,
    IR_AMO_ADD,
    IR_AMO_AND,
    IR_AMO_OR,
    IR_AMO_XOR,
    IR_AMO_MIN_S,
    IR_AMO_MAX_S,
    IR_AMO_MIN_U,
    IR_AMO_MAX_U,
    IR_AMO_COUNT
};

static inline uint16_t ir_mem(enum ir_type t) { return (uint16_t)t; }
static inline enum ir_type ir_mem_type(uint16_t aux) { return (enum ir_type)(aux & IR_MEM_TYPE); }
static inline unsigned ir_mem_order(uint16_t aux) { return (aux & IR_MEM_ORDER) >> IR_MEM_ORDER_SHIFT; }
static inline enum ir_amo ir_amo_op(uint16_t aux) { return (enum ir_amo)(aux >> IR_AMO_SHIFT); }

/* Misaligned vectors are a general protection fault on x86, the only guest that asks. */
static inline enum ir_trap ir_misaligned_trap(uint16_t aux)
{
    return ir_mem_type(aux) >= IR_V128 ? IR_TRAP_PRIVILEGED : IR_TRAP_MISALIGNED;
}

/* ---- FENCE: which earlier accesses are ordered before which later ones ---- */

enum { IR_FENCE_RR = 1, IR_FENCE_RW = 2, IR_FENCE_WR = 4, IR_FENCE_WW = 8, IR_FENCE_FULL = 15 };

/* ---- FP: rounding, NaNs, subnormals, the element type ---- */

enum ir_rm {
    IR_RNE = FP_TO_NEAREST,
    IR_RTZ = FP_TO_ZERO,
    IR_RDN = FP_DOWN,
    IR_RUP = FP_UP,
    IR_RMM, /* to nearest, ties away */
    IR_ROD, /* to odd */
    /* The guest's current mode, which is the one of cpu->fp_env. A frontend whose current mode is one that the host
     * cannot express must lift with the mode spelled out (the mode is part of the block's key). */
    IR_RDYN = 7
};

/* Which NaN arithmetic gives. */
enum ir_nan_rule {
    IR_NAN_ANY, /* any quiet one (RISC-V; Arm with DN): an FCANON follows */
    IR_NAN_X86, /* the first operand's payload, else the default, which is negative */
    IR_NAN_ARM  /* a signaling operand's payload, else the first operand's, else the default, which is positive */
};

enum ir_fp_bits {
    IR_FP_RM = 7, /* enum ir_rm */
    IR_FP_NAN = 3 << 3,
    IR_FP_NAN_SHIFT = 3, /* enum ir_nan_rule */
    /* With the x86 NaN rule these two say what the guest's own register says while such code runs: the mode is part
     * of the block's key. */
    IR_FP_DAZ = 1 << 5, /* subnormal operands are zero (x86 DAZ, Arm FZ) */
    IR_FP_FTZ = 1 << 6, /* subnormal results are zero (x86 FTZ, Arm FZ) */
    /* Tininess is detected before rounding (Arm), else after it (RISC-V, x86). */
    IR_FP_TINY_BEFORE = 1 << 7,
    IR_FP_ELEM = 0xf << 8,
    IR_FP_ELEM_SHIFT = 8,        /* enum ir_type of an element; IR_VOID: scalar */
    IR_FP_NEG_PRODUCT = 1 << 12, /* FMA */
    IR_FP_NEG_ADDEND = 1 << 13,  /* FMA */
    IR_FP_EXACT = 1 << 14,       /* FROUND: raises inexact */
    /* The guest has unmasked exceptions in its FP environment: those are its own, not a watch's (fp_watch.h), and are
     * taken. The mode says so, too. */
    IR_FP_TRAPS = 1 << 15
};

static inline uint16_t ir_fp_nan(enum ir_nan_rule rule) { return (uint16_t)(rule << IR_FP_NAN_SHIFT); }
static inline uint16_t ir_fp_elem_bits(enum ir_type elem) { return (uint16_t)(elem << IR_FP_ELEM_SHIFT); }
static inline enum ir_rm ir_fp_rm(uint16_t aux) { return (enum ir_rm)(aux & IR_FP_RM); }
static inline enum ir_nan_rule ir_fp_nan_rule(uint16_t aux)
{
    return (enum ir_nan_rule)((aux & IR_FP_NAN) >> IR_FP_NAN_SHIFT);
}
/* Of FP and FCOND: the type of a vector's elements, or IR_VOID. */
static inline enum ir_type ir_fp_elem(uint16_t aux) { return (enum ir_type)((aux & IR_FP_ELEM) >> IR_FP_ELEM_SHIFT); }

/* ---- VEC: the element type ---- */

enum { IR_VEC_ELEM = 0xf };
static inline enum ir_type ir_vec_elem(uint16_t aux) { return (enum ir_type)(aux & IR_VEC_ELEM); }

/* ---- BITS: a field of an integer (EXTRACT SEXTRACT DEPOSIT), position in bits 0-7, length in 8-15 ---- */

static inline uint16_t ir_bits(unsigned pos, unsigned len) { return (uint16_t)(pos | len << 8); }
static inline unsigned ir_bits_pos(unsigned aux) { return aux & 0xff; }
static inline unsigned ir_bits_len(unsigned aux) { return aux >> 8; }

/* ---- X87: enum ir_x87 of X87_UN and X87_BIN, enum ir_x87_com of X87_COM, enum ir_fcond of X87_CMP ---- */

enum ir_x87 {
#define X87_OP(name, text, operands, byte0, byte1, pops, sw) IR_X87F_##name,
#include "src/ir/x87_ops.def"
    IR_X87F_COUNT
};

enum ir_x87_com {
    IR_X87C_COM,
    IR_X87C_UCOM,
    IR_X87C_XAM /* examines arg[0] */
};

/* Bits of the x87 status and control words. */
enum { X87_SW_FLAGS = 0x7f, X87_SW_CC = 0x4700, X87_CW_MASKED = 0x3f };

/* ---- X87MEM: the memory type in bits 0-3 (IR_MEM_TYPE) ---- */

enum ir_x87_mem_bits {
    /* X87_ST of an integer: rounds toward zero whatever the mode. */
    IR_X87_TRUNC = 1 << 4,
    /* X87_MEM: enum ir_x87_mem, bits 5-7 */
    IR_X87_MEM_SHIFT = 5
};

enum ir_x87_mem {
    IR_X87M_ADD,
    IR_X87M_MUL,
    IR_X87M_SUB,
    IR_X87M_SUBR, /* memory - arg[1] */
    IR_X87M_DIV,
    IR_X87M_DIVR /* memory / arg[1] */
};

/* ---- HINT: what kind of jump it is (EXIT_IF JUMP JUMP_REG) ---- */

enum ir_hint {
    IR_HINT_NONE,
    IR_HINT_CALL, /* a CALL_HINT comes before it */
    IR_HINT_RET,  /* a guest return */
    /* The translation mode may have changed: a JUMP goes through look-up and is never chained. */
    IR_HINT_MODE,
    IR_HINT_COUNT
};

/* ---- TRAP: enum ir_trap (traps.h) ---- */

#endif
