/* SPDX-License-Identifier: Apache-2.0 */
/* The intermediate representation: typed, single-assignment, straight-line blocks with one entry, side exits and one
 * final exit. A value is named by the index of the instruction that defines it.
 *
 * I1  A block is sealed once, verified, and const from then on; any thread may read it.
 * I2  Operands refer to earlier instructions only. The last instruction, and no other, has effect END.
 * I3  PUTs, stores, calls and exits happen in program order. What a later exit or fault sees is every PUT before it.
 * I4  Blocks live in the arena that their builder was given.
 */
#ifndef TANDEM_IR_IR_H
#define TANDEM_IR_IR_H

#include "src/base/arena.h"
#include "src/base/cpu.h"
#include "src/base/fp.h"
#include "src/base/status.h"
#include "src/base/types.h"

enum ir_type {
    IR_VOID,
    IR_I1,
    IR_I8,
    IR_I16,
    IR_I32,
    IR_I64,
    IR_I128,
    IR_F32,
    IR_F64,
    IR_F80,
    IR_V128,
    IR_V256,
    IR_TYPE_COUNT
};

enum ir_op {
#define OP(name, text, sig, aux, effects) IR_##name,
#include "src/ir/ir_ops.def"
#undef OP
    IR_OP_COUNT
};

enum ir_effect {
    IR_FX_PURE = 0,
    IR_FX_RSTATE = 1,
    IR_FX_WSTATE = 2,
    IR_FX_RMEM = 4,
    IR_FX_WMEM = 8,
    IR_FX_FAULT = 16,
    IR_FX_FPOBS = 32,
    IR_FX_FPFLAG = 64,
    IR_FX_EXIT = 128,
    IR_FX_END = 256
};

enum ir_cond { /* aux of ICMP */
               IR_EQ,
               IR_NE,
               IR_SLT,
               IR_SLE,
               IR_SGT,
               IR_SGE,
               IR_ULT,
               IR_ULE,
               IR_UGT,
               IR_UGE,
               IR_COND_COUNT
};

/* aux of FCMP and VFCMP: bits 0-2 the relation, bit 3 set if a quiet NaN, too, raises invalid, bit 4 set if nothing
 * does, not even a signaling NaN (then bit 3 means nothing); bits 5 and 6 as IR_FP_DAZ and the x86 NaN rule; bits 8-11
 * vector element */
enum ir_fcond {
    IR_FEQ,
    IR_FLT,
    IR_FLE,
    IR_FUNO, /* FUNO: unordered */
    IR_FCOND_MASK = 7,
    IR_FCOND_SIGNALING = 8,
    IR_FCOND_NOEXC = 16,
    IR_FCOND_DAZ = 32,
    IR_FCOND_X86 = 64 /* subnormal operands raise FP_DE */
};

/* aux of LD ST CAS LL SC AMO */
enum {
    IR_MEM_TYPE = 0xf,      /* enum ir_type of the access */
    IR_MEM_SIGNED = 1 << 4, /* LD: sign-extend */
    IR_MEM_BIG = 1 << 5,    /* big-endian */
    IR_MEM_ORDER = 3 << 6,  /* 0 relaxed, 1 acquire (loads) / release (stores), 2 both, 3 sequentially consistent */
    IR_MEM_ORDER_SHIFT = 6,
    IR_MEM_SPACE = 3 << 8,    /* address space: 0 = data */
    IR_MEM_ALIGNED = 1 << 10, /* misalignment is the guest's fault: ir_misaligned_trap */
    IR_AMO_SHIFT = 11         /* AMO: enum ir_amo in bits 11-15 */
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

/* aux of FENCE: which earlier accesses are ordered before which later ones */
enum { IR_FENCE_RR = 1, IR_FENCE_RW = 2, IR_FENCE_WR = 4, IR_FENCE_WW = 8, IR_FENCE_FULL = 15 };

/* aux of the FP operations */
enum ir_rm {
    IR_RNE = FP_TO_NEAREST,
    IR_RTZ = FP_TO_ZERO,
    IR_RDN = FP_DOWN,
    IR_RUP = FP_UP,
    IR_RMM,
    IR_ROD,
    IR_RDYN = 7
}; /* RMM: ties away; ROD: to odd;
    RDYN: the guest's current mode, which is the one of cpu->fp_env. A frontend whose current mode is one that the host
    cannot express must lift with the mode spelled out (the mode is part of the block's key). */
enum {
    IR_FP_RM = 7,
    IR_FP_NAN = 3 << 3, /* who uses it: 0 any quiet NaN (RISC-V, Arm DN: FCANON follows); 1 x86 (first operand's
                                payload, else default -NaN); 2 Arm (sNaN first, then first operand, default +NaN) */
    IR_FP_NAN_SHIFT = 3,
    /* With the x86 NaN rule these two say what the guest's MXCSR says while such code runs: the mode is part of the
     * block's key. */
    IR_FP_DAZ = 1 << 5,          /* subnormal inputs are zero (x86 DAZ, Arm FZ) */
    IR_FP_FTZ = 1 << 6,          /* subnormal results are zero (x86 FTZ, Arm FZ) */
    IR_FP_TINY_BEFORE = 1 << 7,  /* tininess before rounding (Arm); else after (RISC-V, x86) */
    IR_FP_ELEM_SHIFT = 8,        /* bits 8-11: vector element type, 0 = scalar */
    IR_FP_NEG_PRODUCT = 1 << 12, /* FMA */
    IR_FP_NEG_ADDEND = 1 << 13,  /* FMA */
    IR_FP_EXACT = 1 << 14        /* FROUND: raise inexact */
};

/* aux of X87_UN, X87_BIN */
enum ir_x87 {
#define X87_OP(name, text, operands, byte0, byte1, pops, sw) IR_X87F_##name,
#include "src/ir/x87_ops.def"
    IR_X87F_COUNT
};
/* aux of X87_MEM, X87_LD, X87_ST: memory type in bits 0-3 (IR_MEM_TYPE) and: */
enum {
    IR_X87_TRUNC = 1 << 4, /* X87_ST of an integer: rounds toward zero whatever the mode */
    IR_X87_MEM_SHIFT = 5   /* X87_MEM: bits 5-7 enum ir_x87_mem */
};
enum ir_x87_mem {
    IR_X87M_ADD,
    IR_X87M_MUL,
    IR_X87M_SUB,
    IR_X87M_SUBR,
    IR_X87M_DIV,
    IR_X87M_DIVR
};                                                          /* R: memory op arg[1] */
enum ir_x87_com { IR_X87C_COM, IR_X87C_UCOM, IR_X87C_XAM }; /* XAM: examines arg[0] */
enum { X87_SW_FLAGS = 0x7f, X87_SW_CC = 0x4700, X87_CW_MASKED = 0x3f };

/* aux of VEC operations: bits 0-3 element type */
enum { IR_VEC_ELEM = 0xf };

/* aux of EXTRACT SEXTRACT DEPOSIT: bits 0-7 position, 8-15 length */
static inline uint16_t ir_bits(unsigned pos, unsigned len) { return (uint16_t)(pos | len << 8); }

/* aux of EXIT_IF JUMP JUMP_REG */
enum ir_hint {
    IR_HINT_NONE,
    IR_HINT_CALL, /* a CALL_HINT comes before it */
    IR_HINT_RET,  /* a guest return */
    IR_HINT_MODE  /* the translation mode may have changed: JUMP goes through look-up, never chained */
};

/* aux of TRAP and TRAP_IF: what the runtime is asked to do */
enum ir_trap {
    IR_TRAP_SYSCALL,     /* imm = next pc */
    IR_TRAP_BREAKPOINT,  /* imm = pc of the instruction: SIGTRAP */
    IR_TRAP_ILLEGAL,     /* imm = pc of the instruction: SIGILL */
    IR_TRAP_DIV_ZERO,    /* imm = pc of the instruction: SIGFPE */
    IR_TRAP_MISALIGNED,  /* imm = pc of the instruction: SIGBUS */
    IR_TRAP_ICACHE_SYNC, /* imm = next pc: make code changes visible to this thread */
    IR_TRAP_FETCH,       /* imm = pc that cannot be fetched: SIGSEGV */
    IR_TRAP_PRIVILEGED,  /* imm = pc of the instruction: SIGSEGV as for general protection (x86) */
    IR_TRAP_FP,          /* imm = pc of the instruction: SIGFPE; MXCSR says which exception */
    IR_TRAP_X87,         /* imm = pc of the instruction: SIGFPE; the x87 status word says which exception */
    IR_TRAP_DEBUG,       /* imm = next pc: SIGTRAP of the debugging kind (x86: int1) */
    IR_TRAP_COUNT
};

/* Misaligned vectors are a general protection fault on x86, the only guest that asks. */
static inline enum ir_trap ir_misaligned_trap(uint16_t aux)
{
    return ir_mem_type(aux) >= IR_V128 ? IR_TRAP_PRIVILEGED : IR_TRAP_MISALIGNED;
}

typedef uint16_t ir_ref;
enum { IR_NO_REF = 0xffff, IR_MAX_INSNS = 0xfff0 };

struct ir_insn {
    uint8_t op;   /* enum ir_op */
    uint8_t type; /* enum ir_type: the T of the signature */
    uint16_t aux;
    ir_ref arg[4]; /* unused: IR_NO_REF (CONST of 128 bits: see ir_ops.def) */
    uint64_t imm;
};

/* One row of a guest's register table. */
struct ir_state_row {
    const char *name;
    uint16_t offset; /* bytes from the start of struct cpu */
    uint8_t type;    /* enum ir_type */
};

/* A guest's register table. If it has a mode_row, an instruction changes the translation mode by a PUT of a constant
 * there; an exit then leads to the block of its pc and that mode, and is chained like any other (ir_exit_mode), and
 * IBTC and returns tell modes apart. Modes have at most 16 bits then. Rows do not overlap: the passes forward and drop
 * PUTs row by row. pinned_* are row numbers in descending order of use; the first CPU_PINNED_GPRS i64 rows and the
 * first CPU_PINNED_FPRS f64 rows live in host registers while generated code runs (src/base/cpu.h I1). */
struct ir_state {
    const struct ir_state_row *rows;
    unsigned count;
    const uint16_t *pinned_gpr;
    unsigned pinned_gpr_count;
    const uint16_t *pinned_fpr;
    unsigned pinned_fpr_count;
    unsigned mode_row; /* row of cpu->mode, if instructions change the mode within a block (below); else 0 */
    const uint16_t *
        flags; /* rows of status flags, at most 32: what an exit leaves in those that the block which it goes on with */
    unsigned flag_count; /* writes before it reads them is not defined */
    /* Rows that a bit of the mode says to be empty: row tagged + i, if bit tag_shift + i is clear. What is in one that
     * is empty where an exit is taken is not defined from there on. */
    unsigned tagged, tagged_count, tag_shift;
};
static inline bool ir_row_is_empty(const struct ir_state *s, unsigned row, uint32_t mode)
{
    return row - s->tagged < s->tagged_count && !(mode >> (s->tag_shift + row - s->tagged) & 1);
}

/* A C function that generated code calls for what is rare. Arguments and result are 64-bit patterns (integers
 * zero-extended, floats as their bits). It runs on the generated code's stack with the guest's MXCSR live: FP
 * operations in it that must not raise flags have to save and restore. It must not use more than 64 KiB of stack. */
struct ir_helper {
    const char *name;
    uint64_t (*fn)(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
    uint8_t args;   /* 0..4 */
    uint8_t result; /* enum ir_type; IR_VOID if none */
    uint16_t
        effects; /* enum ir_effect of this helper: narrows those of CALL. Without RSTATE|WSTATE no register is spilled
                         or reloaded for it; RSTATE/WSTATE mean any row of cpu->guest, pinned ones included */
};

/* A pure C function of whole values, for vector operations that are too rare for a row of their own (VFN). It may touch
 * neither state nor memory nor FP flags. The result does not overlap the operands; imm is the instruction's aux. */
union ir_value;
struct ir_vec_fn {
    const char *name;
    void (*fn)(union ir_value *result, const union ir_value *const *args, unsigned imm);
};

struct ir_block {
    gaddr_t pc;
    uint32_t mode;        /* translation mode it was lifted for */
    uint32_t guest_bytes; /* guest code covered: [pc, pc + guest_bytes) */
    uint32_t guest_insns;
    uint32_t count; /* instructions */
    bool fp_fast;   /* built with ir_builder.fp_fast */
    const struct ir_insn *insns;
    const struct ir_state *state;
};

/* What the optimizer compiles: blocks of one hot piece of the control-flow graph. blocks[0] is the main entry. An exit
 * whose target is a block of the region goes there; any other leaves. */
enum { IR_REGION_MAX_TARGETS = 16 };
struct ir_region_block {
    const struct ir_block *block;
    gaddr_t targets[IR_REGION_MAX_TARGETS]; /* JUMP_REG: likely targets, most likely first; tested in this order */
    unsigned target_count;
    uint64_t weight; /* executions seen in tier 1; 0 = unknown */
    bool call_out;   /* the final call leaves the region even if its target is a block of it */
    uint8_t entry;   /* not 0: the region may be entered here, too, with this number (cpu.h I5); no two are the same */
};
struct ir_region {
    const struct ir_region_block *blocks;
    unsigned count;
    const struct ir_block *const *outside; /* blocks that it leaves to: what they do first with status flags is known */
    unsigned outside_count;
    bool precise; /* every register in place before an access that can fault (DESIGN 6) */
    /* Somebody else may see in which order memory is accessed, and atomic operations half done. If not, all accesses
     * are plain ones. */
    bool ordered;
};

/* Facts about operations, from ir_ops.def. */
struct ir_op_info {
    const char *text;
    const char *sig;
    uint8_t aux_kind; /* enum ir_aux_kind */
    uint16_t effects;
};
enum ir_aux_kind {
    IR_AUX_NONE,
    IR_AUX_COND,
    IR_AUX_FCOND,
    IR_AUX_MEM,
    IR_AUX_AMO,
    IR_AUX_FP,
    IR_AUX_BITS,
    IR_AUX_FENCE,
    IR_AUX_TRAP,
    IR_AUX_HINT,
    IR_AUX_VEC,
    IR_AUX_HELPER,
    IR_AUX_X87,
    IR_AUX_X87MEM
};

TANDEM_BEGIN_DECLS
extern const struct ir_op_info ir_op_infos[IR_OP_COUNT];
/* Effects of one instruction; for CALL those of its helper. */
unsigned ir_insn_effects(const struct ir_insn *insn);
/* Number of operands that are value references. */
unsigned ir_insn_arg_count(const struct ir_insn *insn);
/* The translation mode in which the exit at index at of the block is taken: that of the last PUT of the mode's row
 * before it (a constant, or the exit is IR_HINT_MODE), else the block's. */
uint32_t ir_exit_mode(const struct ir_block *block, uint32_t at);
/* Type of the value an instruction defines; IR_VOID if none. */
enum ir_type ir_insn_result_type(const struct ir_insn *insn);
unsigned ir_type_bits(enum ir_type t);
const char *ir_type_name(enum ir_type t);
TANDEM_END_DECLS

#endif
