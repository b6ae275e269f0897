/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder: a constant table maps a decode key (opcode and funct3, or compressed quadrant and funct3) to a run of
 * rows of rv_insns.def, which are tried in order.
 *
 * I1  A row lies in the group of every key that its pattern can have; groups are contiguous runs of rows.
 * I2  The first row whose pattern matches and whose extensions are on decides: if its check fails, the encoding is
 *     reserved.
 * I3  Everything here is const data: no initialisation, no locks.
 */
#include "frontend/riscv/rv_decode.h"

#include <string.h>

#define ROW(id, name_, mask_, match_, format_, operands_, ext_, kind_, check_, lifter_, arg_)                          \
    [RV_OP_##id] = {.name = name_,                                                                                     \
                    .operands = operands_,                                                                             \
                    .mask = mask_,                                                                                     \
                    .match = match_,                                                                                   \
                    .ext = RV_EXT_##ext_,                                                                              \
                    .arg = arg_,                                                                                       \
                    .format = RV_FMT_##format_,                                                                        \
                    .kind = RV_KIND_##kind_,                                                                           \
                    .check = RV_CHECK_##check_},
const struct rv_row rv_rows[RV_OP_COUNT] = {
#define RV_INSN(...) ROW(__VA_ARGS__)
#include "frontend/riscv/rv_insns.def"
};
#undef ROW

/* First row and row after the last of each group: a marker takes the number of the row that follows it. */
enum group_bounds {
#define RV_INSN(id, ...)            BOUND_ROW_##id,
#define RV_GROUP(name, first, last) BEGIN_##name, BEFORE_##name = BEGIN_##name - 1,
#define RV_GROUP_END(name)          END_##name, AFTER_##name = END_##name - 1,
#include "frontend/riscv/rv_insns.def"
};

struct group {
    uint16_t begin, end;
};
static const struct group groups[RV_KEY_COUNT] = {
#define RV_INSN(...)
#define RV_GROUP(name, first, last) [first... last] = {BEGIN_##name, END_##name},
#define RV_GROUP_END(name)
#include "frontend/riscv/rv_insns.def"
};

static inline uint32_t field(uint32_t w, unsigned pos, unsigned len) { return w >> pos & ((1u << len) - 1); }
static inline int64_t sext(uint64_t v, unsigned bits) { return (int64_t)(v << (64 - bits)) >> (64 - bits); }

/* Immediates, by the manual's figure "Types of immediate produced by RISC-V instructions". */
static int64_t imm_i(uint32_t w) { return (int32_t)w >> 20; }
static int64_t imm_s(uint32_t w) { return sext(field(w, 25, 7) << 5 | field(w, 7, 5), 12); }
static int64_t imm_b(uint32_t w)
{
    return sext(field(w, 31, 1) << 12 | field(w, 7, 1) << 11 | field(w, 25, 6) << 5 | field(w, 8, 4) << 1, 13);
}
static int64_t imm_u(uint32_t w) { return (int32_t)(w & 0xfffff000); }
static int64_t imm_j(uint32_t w)
{
    return sext(field(w, 31, 1) << 20 | field(w, 12, 8) << 12 | field(w, 20, 1) << 11 | field(w, 21, 10) << 1, 21);
}

/* Immediates of compressed instructions (chapter C, table of formats). */
static int64_t imm_ci(uint32_t w) { return sext(field(w, 12, 1) << 5 | field(w, 2, 5), 6); }
static int64_t imm_cshamt(uint32_t w) { return field(w, 12, 1) << 5 | field(w, 2, 5); }
static int64_t imm_ciw(uint32_t w)
{
    return field(w, 7, 4) << 6 | field(w, 11, 2) << 4 | field(w, 5, 1) << 3 | field(w, 6, 1) << 2;
}
static int64_t imm_ci16sp(uint32_t w)
{
    return sext(field(w, 12, 1) << 9 | field(w, 3, 2) << 7 | field(w, 5, 1) << 6 | field(w, 2, 1) << 5 |
                    field(w, 6, 1) << 4,
                10);
}
static int64_t imm_cl_w(uint32_t w) { return field(w, 5, 1) << 6 | field(w, 10, 3) << 3 | field(w, 6, 1) << 2; }
static int64_t imm_cl_d(uint32_t w) { return field(w, 5, 2) << 6 | field(w, 10, 3) << 3; }
static int64_t imm_clsp_w(uint32_t w) { return field(w, 2, 2) << 6 | field(w, 12, 1) << 5 | field(w, 4, 3) << 2; }
static int64_t imm_clsp_d(uint32_t w) { return field(w, 2, 3) << 6 | field(w, 12, 1) << 5 | field(w, 5, 2) << 3; }
static int64_t imm_cssp_w(uint32_t w) { return field(w, 7, 2) << 6 | field(w, 9, 4) << 2; }
static int64_t imm_cssp_d(uint32_t w) { return field(w, 7, 3) << 6 | field(w, 10, 3) << 3; }
static int64_t imm_cj(uint32_t w)
{
    return sext(field(w, 12, 1) << 11 | field(w, 8, 1) << 10 | field(w, 9, 2) << 8 | field(w, 6, 1) << 7 |
                    field(w, 7, 1) << 6 | field(w, 2, 1) << 5 | field(w, 11, 1) << 4 | field(w, 3, 3) << 1,
                12);
}
static int64_t imm_cb(uint32_t w)
{
    return sext(field(w, 12, 1) << 8 | field(w, 5, 2) << 6 | field(w, 2, 1) << 5 | field(w, 10, 2) << 3 |
                    field(w, 3, 2) << 1,
                9);
}

enum { REG_RA = 1, REG_SP = 2 };

static void set_regs(struct rv_insn *i, unsigned rd, unsigned rs1, unsigned rs2)
{
    i->rd = (uint8_t)rd;
    i->rs1 = (uint8_t)rs1;
    i->rs2 = (uint8_t)rs2;
}

static void set_imm(struct rv_insn *i, unsigned rd, unsigned rs1, unsigned rs2, int64_t imm)
{
    set_regs(i, rd, rs1, rs2);
    i->imm = imm;
    i->has_imm = true;
}

/* Fills in the operands of i->raw. A switch of one-line cases: one a format. */
/* clang-format off */
static void decode_operands(enum rv_format format, struct rv_insn *i)
{
    uint32_t w = i->raw;
    unsigned rd = field(w, 7, 5), rs1 = field(w, 15, 5), rs2 = field(w, 20, 5);
    unsigned crs2 = field(w, 2, 5), hi = 8 + field(w, 7, 3), lo = 8 + field(w, 2, 3); /* compressed: rs2; rs1', rd' */

    switch (format) {
    case RV_FMT_NONE: break;
    case RV_FMT_R: set_regs(i, rd, rs1, rs2); break;
    case RV_FMT_R4: set_regs(i, rd, rs1, rs2); i->rs3 = (uint8_t)field(w, 27, 5); break;
    case RV_FMT_I: set_imm(i, rd, rs1, 0, imm_i(w)); break;
    case RV_FMT_SHAMT6: set_imm(i, rd, rs1, 0, field(w, 20, 6)); break;
    case RV_FMT_SHAMT5: set_imm(i, rd, rs1, 0, field(w, 20, 5)); break;
    case RV_FMT_PREFETCH: set_imm(i, 0, rs1, 0, imm_i(w) & ~0x1f); break;
    case RV_FMT_S: set_imm(i, 0, rs1, rs2, imm_s(w)); break;
    case RV_FMT_B: set_imm(i, 0, rs1, rs2, imm_b(w)); break;
    case RV_FMT_U: set_imm(i, rd, 0, 0, imm_u(w)); break;
    case RV_FMT_J: set_imm(i, rd, 0, 0, imm_j(w)); break;
    case RV_FMT_CSR: set_imm(i, rd, rs1, 0, field(w, 20, 12)); break;
    case RV_FMT_CIW: set_imm(i, lo, REG_SP, 0, imm_ciw(w)); break;
    case RV_FMT_CL_W: set_imm(i, lo, hi, lo, imm_cl_w(w)); break;
    case RV_FMT_CL_D: set_imm(i, lo, hi, lo, imm_cl_d(w)); break;
    case RV_FMT_CI: set_imm(i, rd, rd, 0, imm_ci(w)); break;
    case RV_FMT_CI16SP: set_imm(i, rd, rd, 0, imm_ci16sp(w)); break;
    case RV_FMT_CLUI: set_imm(i, rd, 0, 0, imm_ci(w) * 4096); break;
    case RV_FMT_CSHIFT: set_imm(i, hi, hi, 0, imm_cshamt(w)); break;
    case RV_FMT_CANDI: set_imm(i, hi, hi, 0, imm_ci(w)); break;
    case RV_FMT_CA: set_regs(i, hi, hi, lo); break;
    case RV_FMT_CJ: set_imm(i, 0, 0, 0, imm_cj(w)); break;
    case RV_FMT_CB: set_imm(i, 0, hi, 0, imm_cb(w)); break;
    case RV_FMT_CSLLI: set_imm(i, rd, rd, 0, imm_cshamt(w)); break;
    case RV_FMT_CLSP_W: set_imm(i, rd, REG_SP, 0, imm_clsp_w(w)); break;
    case RV_FMT_CLSP_D: set_imm(i, rd, REG_SP, 0, imm_clsp_d(w)); break;
    case RV_FMT_CJR: set_imm(i, 0, rd, 0, 0); break;
    case RV_FMT_CMV: set_regs(i, rd, 0, crs2); break;
    case RV_FMT_CJALR: set_imm(i, REG_RA, rd, 0, 0); break;
    case RV_FMT_CR: set_regs(i, rd, rd, crs2); break;
    case RV_FMT_CSSP_W: set_imm(i, 0, REG_SP, crs2, imm_cssp_w(w)); break;
    case RV_FMT_CSSP_D: set_imm(i, 0, REG_SP, crs2, imm_cssp_d(w)); break;
    }
}
/* clang-format on */

/* clang-format off */
static bool check_holds(enum rv_check check, const struct rv_insn *i)
{
    switch (check) {
    case RV_CHECK_NONE: return true;
    case RV_CHECK_RD: return i->rd != 0;
    case RV_CHECK_RS1: return i->rs1 != 0;
    case RV_CHECK_IMM: return i->imm != 0;
    case RV_CHECK_RM: return rv_rm(i) < 5 || rv_rm(i) == 7;
    }
    return false;
}
/* clang-format on */

bool rv_decode(uint32_t word, uint64_t features, struct rv_insn *i)
{
    bool is_short = (word & 3) != 3;
    uint32_t w = is_short ? word & 0xffff : word;
    unsigned key = is_short ? RV_CKEY(w & 3, w >> 13) : RV_KEY(field(w, 2, 5), field(w, 12, 3));
    const struct group *g = &groups[key];

    memset(i, 0, sizeof(*i));
    i->raw = w;
    i->len = is_short ? 2 : 4;
    for (unsigned n = g->begin; n < g->end; n++) {
        const struct rv_row *row = &rv_rows[n];
        if ((w & row->mask) != row->match)
            continue;
        if ((row->ext & ~features) != 0)
            continue;
        decode_operands((enum rv_format)row->format, i);
        if (!check_holds((enum rv_check)row->check, i))
            return false;
        i->row = row;
        return true;
    }
    return false;
}

bool rv_fetch(const uint8_t *code, size_t avail, uint64_t features, struct rv_insn *i)
{
    uint32_t word = 0;
    uint16_t half = 0;

    i->row = NULL;
    i->len = 0;
    if (avail < 2)
        return false;
    memcpy(&half, code, 2);
    if (rv_insn_len(half) == 2)
        return rv_decode(half, features, i);
    if (avail < 4)
        return false;
    memcpy(&word, code, 4);
    return rv_decode(word, features, i);
}
