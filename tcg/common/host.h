/* SPDX-License-Identifier: Apache-2.0 */
/* The seam between tier 1 and a host: a host's folder fills one struct tcg_host, and defines the functions of
 * tcg/tcg.h. Nothing in tcg/common knows more of the host than this.
 *
 * I1  Moves, loads, stores and constants leave the host's flags alone: a compare and its consumer may be apart.
 * I2  Emitters get all operands (ra_use) before the result (ra_def), which may take over an operand's register. */
#ifndef TANDEM_TCG_COMMON_HOST_H
#define TANDEM_TCG_COMMON_HOST_H

#include "tcg/common/context.h"

/* Which values the only consumer of an operation may emit as parts of its own instruction (fusion.c). */
enum tcg_fusion {
    TCG_FUSE_NONE,
    TCG_FUSE_ADDRESS, /* the sum of arg[0] and imm is an address */
    TCG_FUSE_SUM,     /* an integer sum: a scaled index, or as EITHER */
    TCG_FUSE_EITHER,  /* commutative, on integers: either operand may be in memory */
    TCG_FUSE_SECOND,  /* on integers: the second operand may be in memory */
    TCG_FUSE_VECTOR,  /* on floats and vectors: the second operand may be in memory */
    TCG_FUSE_COMPARE, /* an integer compare */
    TCG_FUSE_EXTEND,  /* from memory, or of a condition in the host's flags */
    TCG_FUSE_SELECT,  /* by a condition in the host's flags */
    TCG_FUSE_BRANCH   /* on a condition in the host's flags */
};

/* How the host does one IR operation. */
typedef void tcg_emit_fn(struct tcg *t, const struct ir_insn *in, unsigned param);
struct tcg_op {
    tcg_emit_fn *emit;
    uint8_t param;
    uint8_t fusion; /* enum tcg_fusion */
};

struct tcg_host {
    /* ---- registers ---- */
    tcg_regset scratch_gprs;   /* hold values within a block */
    tcg_regset fprs;           /* hold values; those that no guest register is pinned to are scratch */
    const int8_t *pinned_gprs; /* CPU_PINNED_GPRS of them, in the order of pinned rows */
    const int8_t *pinned_fprs; /* CPU_PINNED_FPRS of them */
    int8_t cpu_reg;            /* holds struct cpu * */

    /* ---- operations ---- */
    const struct tcg_op *ops; /* IR_OP_COUNT of them */
    size_t max_insn_bytes;    /* host code for one operation, or one piece of cold code, at most */

    /* ---- what operands may be ---- */
    bool (*is_imm)(unsigned type, uint64_t bits);    /* of an operation on integers of this type */
    bool (*is_disp)(int64_t disp);                   /* of an address */
    unsigned max_index_shift;                        /* in an address or a sum, from 1 */
    unsigned max_load_order;                         /* of a load that is an operand (IR_MEM_ORDER) */
    bool (*vector_from_memory)(const struct tcg *t); /* vector operands may be in memory, at any address */

    /* ---- moves (I1) ---- */
    void (*move)(struct tcg *t, int dst, int src); /* of one class */
    void (*load)(struct tcg *t, unsigned type, int reg, struct tcg_mem m);
    void (*store)(struct tcg *t, unsigned type, struct tcg_mem m, int reg);
    void (*load_const)(struct tcg *t, int reg, ir_ref v);
    /* [m] := the constant v without a register; false: not possible, and nothing was done */
    bool (*store_const)(struct tcg *t, struct tcg_mem m, ir_ref v);
    /* Values of class TCG_RC_MEM: from place to place, and a constant to its place */
    void (*copy_wide)(struct tcg *t, unsigned type, struct tcg_mem to, struct tcg_mem from);
    void (*write_const)(struct tcg *t, struct tcg_mem m, ir_ref v);

    /* ---- code ---- */
    /* What comes before the first instruction: check of the guest's code. Has the counter emitted, too. */
    void (*head)(struct tcg *t);
    void (*bind)(struct tcg *t, uint32_t from); /* the jump of tcg_cold.from leads here */

    /* ---- values of class TCG_RC_MEM that the host keeps elsewhere ---- */
    void (*before)(struct tcg *t, const struct ir_insn *in); /* each instruction */
    void (*after)(struct tcg *t);
    void (*dead)(struct tcg *t, ir_ref v);              /* v is past its last use */
    void (*before_get)(struct tcg *t, unsigned row);    /* memory must have what the row holds */
    bool (*put)(struct tcg *t, unsigned row, ir_ref v); /* true: kept elsewhere, memory is not to be written */
    void (*put_mode)(struct tcg *t, uint32_t mode);     /* the guest's translation mode changes to this */
};

#endif
