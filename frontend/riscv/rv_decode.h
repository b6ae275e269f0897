/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes RISC-V instructions by the table rv_insns.def. Pure functions; any thread. */
#ifndef TANDEM_FRONTEND_RISCV_RV_DECODE_H
#define TANDEM_FRONTEND_RISCV_RV_DECODE_H

#include "src/ir/ir.h"

/* Extensions, as bits of guest_config.features and of rv_row.ext. */
enum rv_ext_index {
#define RV_EXT(id, name, hwcap, hwprobe) RV_EXT_INDEX_##id,
#include "frontend/riscv/rv_ext.def"
#undef RV_EXT
    RV_EXT_COUNT
};
enum rv_ext {
#define RV_EXT(id, name, hwcap, hwprobe) RV_EXT_##id = 1 << RV_EXT_INDEX_##id,
#include "frontend/riscv/rv_ext.def"
#undef RV_EXT
    RV_EXT_C_D = RV_EXT_C | RV_EXT_D,
    RV_EXT_ALL = (1 << RV_EXT_COUNT) - 1
};

/* Where an instruction's operands are. C* formats are the compressed ones. */
enum rv_format {
    RV_FMT_NONE,
    RV_FMT_R,
    RV_FMT_R4,
    RV_FMT_I,
    RV_FMT_SHAMT6,
    RV_FMT_SHAMT5,
    RV_FMT_PREFETCH,
    RV_FMT_S,
    RV_FMT_B,
    RV_FMT_U,
    RV_FMT_J,
    RV_FMT_CSR,
    RV_FMT_CIW,
    RV_FMT_CL_W,
    RV_FMT_CL_D,
    RV_FMT_CI,
    RV_FMT_CI16SP,
    RV_FMT_CLUI,
    RV_FMT_CSHIFT,
    RV_FMT_CANDI,
    RV_FMT_CA,
    RV_FMT_CJ,
    RV_FMT_CB,
    RV_FMT_CSLLI,
    RV_FMT_CLSP_W,
    RV_FMT_CLSP_D,
    RV_FMT_CJR,
    RV_FMT_CMV,
    RV_FMT_CJALR,
    RV_FMT_CR,
    RV_FMT_CSSP_W,
    RV_FMT_CSSP_D
};

/* What an instruction does, as far as generators and look-ahead need to know. */
enum rv_kind {
    RV_KIND_INT,
    RV_KIND_FP,
    RV_KIND_LOAD,
    RV_KIND_STORE,
    RV_KIND_AMO,
    RV_KIND_BRANCH,
    RV_KIND_JUMP,
    RV_KIND_SYS,
    RV_KIND_CSR,
    RV_KIND_COUNT
};

/* What must hold, or the encoding is reserved. */
enum rv_check {
    RV_CHECK_NONE,
    RV_CHECK_RD,  /* rd != 0 */
    RV_CHECK_RS1, /* rs1 != 0 */
    RV_CHECK_IMM, /* immediate != 0 */
    RV_CHECK_RM,  /* rounding mode is not 5 or 6 */
};

/* Patterns: mask, match. */
#define RV_P(mask, match)    (mask), (match)
#define RV_P_EXACT(word)     RV_P(0xffffffff, word)
#define RV_P_I(f3, op)       RV_P(0x0000707f, (uint32_t)(f3) << 12 | (op))
#define RV_P_R(f7, f3, op)   RV_P(0xfe00707f, (uint32_t)(f7) << 25 | (f3) << 12 | (op))
#define RV_P_R1(f12, f3, op) RV_P(0xfff0707f, (uint32_t)(f12) << 20 | (f3) << 12 | (op))
#define RV_P_SH(f6, f3, op)  RV_P(0xfc00707f, (uint32_t)(f6) << 26 | (f3) << 12 | (op))
#define RV_P_R4(fmt, op)     RV_P(0x0600007f, (uint32_t)(fmt) << 25 | (op))
#define RV_P_FP(f7)          RV_P(0xfe00007f, (uint32_t)(f7) << 25 | 0x53)
#define RV_P_FP1(f7, rs2)    RV_P(0xfff0007f, (uint32_t)(f7) << 25 | (rs2) << 20 | 0x53)
#define RV_P_AMO(f5, f3)     RV_P(0xf800707f, (uint32_t)(f5) << 27 | (f3) << 12 | 0x2f)
#define RV_P_C(f3, quadrant) RV_P(0xe003, (f3) << 13 | (quadrant))

/* Decode keys: bits 6..2 (opcode) and 14..12 (funct3) of 32-bit instructions; quadrant and bits 15..13 of compressed
 * ones. */
#define RV_CKEY(quadrant, f3) ((quadrant) << 3 | (f3))
#define RV_KEY(op5, f3)       (24 + ((op5) << 3 | (f3)))
enum { RV_KEY_COUNT = RV_KEY(32, 0) };

/* Row arguments. */
#define RV_MEM(type, is_signed) ((type) | ((is_signed) ? IR_MEM_SIGNED : 0))
#define RV_AMO(op, type)        (IR_AMO_##op << 8 | (type))
#define RV_CVT(op, type)        ((op) << 4 | (type))
enum { RV_CSR_WRITE = 1, RV_CSR_SET = 2, RV_CSR_CLEAR = 3, RV_CSR_OP = 3, RV_CSR_IMM = 4 };

/* Row numbers: RV_OP_addi and so on, in table order. */
enum rv_op {
#define RV_INSN(id, name, pattern, format, operands, ext, kind, check, lifter, arg) RV_OP_##id,
#include "frontend/riscv/rv_insns.def"
    RV_OP_COUNT
};

struct rv_row {
    const char *name, *operands;
    uint32_t mask, match;
    uint32_t ext;
    uint16_t arg;
    uint8_t format, kind, check;
};

/* A decoded instruction. Operands that the format lacks are 0. */
struct rv_insn {
    const struct rv_row *row; /* NULL: illegal or reserved */
    uint32_t raw;
    uint8_t len; /* bytes: 2 or 4, also where row is NULL */
    uint8_t rd, rs1, rs2, rs3;
    bool has_imm;      /* the second source is imm */
    uint16_t sequence; /* rv_lift.c: an LR whose sequence of so many bytes is lifted as one */
    int64_t imm;
};

static inline unsigned rv_rm(const struct rv_insn *i) { return i->raw >> 12 & 7; }
static inline bool rv_aq(const struct rv_insn *i) { return i->raw >> 26 & 1; }
static inline bool rv_rl(const struct rv_insn *i) { return i->raw >> 25 & 1; }

TANDEM_BEGIN_DECLS
extern const struct rv_row rv_rows[RV_OP_COUNT];
/* Length in bytes of the instruction that starts with this halfword. Encodings longer than 32 bits are not defined: 4.
 */
static inline unsigned rv_insn_len(uint16_t half) { return (half & 3) == 3 ? 4 : 2; }
/* Decodes word (bits 31..16 are ignored for a compressed instruction) under the given extensions (enum rv_ext bits).
 * False: illegal, reserved or not enabled; then only raw and len of *i hold. Unprivileged manual, chapters of each
 * extension. */
bool rv_decode(uint32_t word, uint64_t features, struct rv_insn *i);
/* Fetches at code (avail bytes readable) and decodes; false also for what is illegal. i->len = 0: avail is too small.
 */
bool rv_fetch(const uint8_t *code, size_t avail, uint64_t features, struct rv_insn *i);
TANDEM_END_DECLS

#endif
