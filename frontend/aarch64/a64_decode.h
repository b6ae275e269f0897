/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes A64 instructions by the tables that a64_table.def includes. Any thread. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_DECODE_H
#define TANDEM_FRONTEND_AARCH64_A64_DECODE_H

#include "src/ir/ir.h"

/* Features, as bits of guest_config.features. */
enum a64_feature {
#define A64_FEATURE(id, name, hwcap, hwcap2, models) A64_FEAT_##id,
#include "frontend/aarch64/a64_features.def"
#undef A64_FEATURE
    A64_FEAT_COUNT
};
#define A64_FEAT_ALL ((UINT64_C(1) << A64_FEAT_COUNT) - 1)

/* What an instruction does, as far as the block, look-ahead and generators need to know. */
enum a64_kind {
    A64_KIND_INT,    /* neither faults nor leaves */
    A64_KIND_FP,     /* the same, with floating point or vectors */
    A64_KIND_LOAD,   /* may fault */
    A64_KIND_STORE,  /* may fault */
    A64_KIND_ATOMIC, /* may fault, loads and stores */
    A64_KIND_BRANCH, /* conditional and direct; goes on if not taken */
    A64_KIND_JUMP,   /* direct, always taken */
    A64_KIND_JUMP_REG,
    A64_KIND_TRAP, /* ends the block in the runtime */
    A64_KIND_SYS,  /* may leave behind it, and may fault */
};

/* What it does to NZCV. Whoever sets flags sets all four. */
enum a64_flag_use {
    A64_FLAGS_NONE,
    A64_FLAGS_SETS,
    A64_FLAGS_ALL,    /* reads all */
    A64_FLAGS_C,      /* reads C */
    A64_FLAGS_C_SETS, /* reads C, sets */
    A64_FLAGS_COND,   /* reads what the condition in bits 15 to 12 needs */
    A64_FLAGS_COND_SETS,
    A64_FLAGS_BCOND, /* the condition is in bits 3 to 0 */
};

/* What must hold, or the row does not match. */
enum a64_check {
    A64_CHECK_NONE,
    A64_CHECK_AMOUNT, /* a shift by bits 15 to 10 is less than the width (sf) */
    A64_CHECK_SHIFT,  /* the same, and its kind is not ROR */
    A64_CHECK_EXTEND, /* bits 12 to 10 are at most 4 */
    A64_CHECK_FIELD,  /* bitfields, EXTR: N is sf, immr and imms are less than the width */
    A64_CHECK_MASK,   /* a logical immediate that is not reserved */
    A64_CHECK_WIDE,   /* MOVZ and its kin: the half is in the register */
    A64_CHECK_OPTION, /* register offset: the extension is one of UXTW, LSL, SXTW, SXTX */
    /* vectors: of the element's size in bits 23 and 22, and Q */
    A64_CHECK_V,         /* no single element of 64 bits */
    A64_CHECK_V_BHS,     /* not 64 bits */
    A64_CHECK_V_HS,      /* 16 or 32 bits */
    A64_CHECK_V_BH,      /* 8 or 16 bits */
    A64_CHECK_V_BD,      /* 8 or 64 bits */
    A64_CHECK_V_RED,     /* 8, 16 or 32 bits, four elements at least */
    A64_CHECK_V_SZ,      /* of floats: bit 22 and Q */
    A64_CHECK_V_IMM5,    /* bits 20 to 16 name an element, and Q says that it is one of 64 bits only if it may be */
    A64_CHECK_V_SMOV,    /* ... narrower than the register */
    A64_CHECK_V_UMOV,    /* ... of 64 bits if and only if the register is */
    A64_CHECK_V_EXT,     /* the byte is in the register */
    A64_CHECK_V_LDN,     /* structures: bits 11 and 10 and Q as V */
    A64_CHECK_V_SHIFT,   /* immh is not 0; 64 bits only with Q */
    A64_CHECK_V_NARROW,  /* immh is 1 to 7 */
    A64_CHECK_V_FSHIFT,  /* immh is 4 or more; 64 bits only with Q */
    A64_CHECK_V_SCALAR,  /* immh is not 0 */
    A64_CHECK_V_FSCALAR, /* immh is 4 or more */
    A64_CHECK_V_FELEM,   /* of floats by element: bit 22 and Q, L is 0 for 64 bits */
    A64_CHECK_FIXED,     /* bits 15 to 10: at most the width (sf) of fraction bits */
};

/* Row arguments of loads and stores: the type in memory, IR_MEM_SIGNED, and to which width a signed one is extended. */
enum { A64_MEM_W = 1 << 5 };
#define A64_MEM(type, is_signed) ((type) | ((is_signed) ? IR_MEM_SIGNED : 0))

/* Row numbers: A64_OP_add_imm and so on, in table order. */
enum a64_op {
#define A64_INSN(id, name, pattern, operands, feature, kind, flags, check, lifter, arg, section) A64_OP_##id,
#include "frontend/aarch64/a64_table.def"
    A64_OP_COUNT
};

struct a64_row {
    const char *name, *operands;
    uint32_t mask, match;
    uint16_t arg;
    uint8_t feature, kind, flags, check;
};

/* A decoded instruction. */
struct a64_insn {
    const struct a64_row *row; /* NULL: unallocated, or of a feature that is off */
    uint32_t raw;
    /* Found by a64_scan, sets of flags: alive behind it; to be in the state behind it; branches: alive where it goes
     * to. */
    uint8_t live, stored, taken;
    bool in_rows, taken_in_rows; /* these are to be in their rows, since somebody is known to read them there */
    bool settles;                /* reads flags from before the block */
    uint8_t sequence;            /* a load exclusive: so many bytes of a sequence that is lifted as one; else 0 */
};

static inline uint32_t a64_bits(const struct a64_insn *i, unsigned pos, unsigned len)
{
    return i->raw >> pos & ((1u << len) - 1);
}
static inline int64_t a64_sbits(const struct a64_insn *i, unsigned pos, unsigned len)
{
    return (int64_t)((uint64_t)i->raw << (64 - pos - len)) >> (64 - len);
}
static inline bool a64_sf(const struct a64_insn *i) { return i->raw >> 31; }
/* Row arguments of csel and its kin: what becomes of Rm. */
enum { A64_CSEL_SAME, A64_CSEL_INC, A64_CSEL_INV, A64_CSEL_NEG };

static inline unsigned a64_rd(const struct a64_insn *i) { return i->raw & 31; } /* also Rt */
static inline unsigned a64_rn(const struct a64_insn *i) { return i->raw >> 5 & 31; }
static inline unsigned a64_ra(const struct a64_insn *i) { return i->raw >> 10 & 31; } /* also Rt2 */
static inline unsigned a64_rm(const struct a64_insn *i) { return i->raw >> 16 & 31; } /* also Rs */

TANDEM_BEGIN_DECLS
extern const struct a64_row a64_rows[A64_OP_COUNT];
/* Decodes word under the given features (bits 1 << enum a64_feature). False: unallocated or not enabled; then only raw
 * of *i holds, and row is NULL. DDI 0487, C4. */
bool a64_decode(uint32_t word, uint64_t features, struct a64_insn *i);
/* The value of a logical immediate, N:immr:imms in bits 22 to 10. False: reserved. DDI 0487, DecodeBitMasks. */
bool a64_logical_imm(uint32_t word, uint64_t *value);
/* Where the branch or direct jump i at pc goes to. */
gaddr_t a64_direct_target(const struct a64_insn *i, gaddr_t pc);
TANDEM_END_DECLS

static inline bool a64_is(const struct a64_insn *i, enum a64_op op) { return i->row == &a64_rows[op]; }

#endif
