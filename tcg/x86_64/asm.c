/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of x86-64 instructions: prefixes, REX or VEX, opcode map, ModRM, SIB, displacement.
 *
 * I1  Register numbers are taken modulo 16: XMM registers need no conversion.
 * I2  A byte register 4..7 always gets a REX prefix, so that it means spl..dil and never ah..bh.
 * I3  Nothing here checks for room; see tcg_buf_room.
 */
#include "tcg/x86_64/asm.h"

enum { REX = 0x40, REX_W = 8, REX_R = 4, REX_X = 2, REX_B = 1 };

static unsigned op_flags(unsigned op) { return op >> 12 & 7; }

/* Legacy prefixes, REX, map and opcode. force: a byte register wants REX (I2). */
static void put_opcode(struct tcg_buf *a, unsigned op, unsigned w, unsigned rex_rxb, bool force)
{
    static const uint8_t prefixes[4] = {0, 0x66, 0xf3, 0xf2};
    unsigned pp = op >> 10 & 3, map = op >> 8 & 3;
    if (pp)
        hx_u8(a, prefixes[pp]);
    if (op_flags(op) & HX_F_W1)
        w = 1;
    unsigned rex = (w ? REX_W : 0) | rex_rxb;
    if (rex || force)
        hx_u8(a, REX | rex);
    if (map)
        hx_u8(a, 0x0f);
    if (map > 1)
        hx_u8(a, map == 2 ? 0x38 : 0x3a);
    hx_u8(a, op & 0xff);
}

static void put_vex(struct tcg_buf *a, unsigned op, unsigned w, unsigned rex_rxb, unsigned vvvv)
{
    unsigned pp = op >> 10 & 3, map = op >> 8 & 3;
    static const uint8_t vex_pp[4] = {0, 1, 2, 3};
    if (op_flags(op) & HX_F_W1)
        w = 1;
    unsigned last = (~vvvv & 15) << 3 | vex_pp[pp];
    if (map == 1 && !w && !(rex_rxb & (REX_X | REX_B))) {
        hx_u8(a, 0xc5), hx_u8(a, (rex_rxb & REX_R ? 0 : 0x80) | last);
    } else {
        hx_u8(a, 0xc4), hx_u8(a, (~rex_rxb & 7) << 5 | map), hx_u8(a, w << 7 | last);
    }
    hx_u8(a, op & 0xff);
}

static unsigned rex_bits(unsigned reg, unsigned index, unsigned base)
{
    return (reg & 8 ? REX_R : 0) | (index & 8 ? REX_X : 0) | (base & 8 ? REX_B : 0);
}

static unsigned mem_rex(unsigned reg, struct tcg_mem m)
{
    return rex_bits(reg, m.index < 0 ? 0 : (unsigned)m.index, m.base < 0 ? 0 : (unsigned)m.base);
}

/* ModRM and what follows, for a memory operand. */
static void put_mem(struct tcg_buf *a, unsigned reg, struct tcg_mem m, unsigned imm_bytes)
{
    unsigned r = (reg & 7) << 3;
    if (m.base == HX_RIP) {
        hx_u8(a, r | 5);
        if ((uint64_t)m.disp - (uintptr_t)a->rx >= (size_t)(a->end - a->start))
            tcg_note_address(a, TCG_RELOC_REL32, imm_bytes, (uint64_t)m.disp);
        hx_u32(a, (uint32_t)((const uint8_t *)(uintptr_t)m.disp - (tcg_buf_here(a) + 4 + imm_bytes)));
        return;
    }
    if (m.base == TCG_NO_REG) {
        hx_u8(a, r | 4), hx_u8(a, m.shift << 6 | (m.index < 0 ? 4 : m.index & 7) << 3 | 5), hx_u32(a, (uint32_t)m.disp);
        return;
    }
    unsigned b = (unsigned)m.base & 7;
    unsigned mod = m.disp == 0 && b != 5 ? 0 : tcg_fits8(m.disp) ? 1 : 2;
    if (m.index >= 0 || b == 4)
        hx_u8(a, mod << 6 | r | 4), hx_u8(a, m.shift << 6 | (m.index < 0 ? 4 : m.index & 7) << 3 | b);
    else
        hx_u8(a, mod << 6 | r | b);
    if (mod == 1)
        hx_u8(a, (uint8_t)m.disp);
    else if (mod == 2)
        hx_u32(a, (uint32_t)m.disp);
}

void hx_rr(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, unsigned rm)
{
    unsigned f = op_flags(op);
    bool force = (f & HX_F_R8 && reg >= 4 && reg < 8) || (f & HX_F_M8 && rm >= 4 && rm < 8);
    put_opcode(a, op, w, rex_bits(reg, 0, rm), force);
    hx_u8(a, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

void hx_rm_i(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, struct tcg_mem m, unsigned imm_bytes)
{
    put_opcode(a, op, w, mem_rex(reg, m), op_flags(op) & HX_F_R8 && reg >= 4 && reg < 8);
    put_mem(a, reg, m, imm_bytes);
}

void hx_vrr(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, unsigned vvvv, unsigned rm)
{
    put_vex(a, op, w, rex_bits(reg, 0, rm), vvvv);
    hx_u8(a, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

void hx_vrm(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, unsigned vvvv, struct tcg_mem m)
{
    put_vex(a, op, w, mem_rex(reg, m), vvvv);
    put_mem(a, reg, m, 0);
}

/* The record of alu with its operand size; to_mem: the direction "[m] := [m] alu reg". */
static unsigned alu_op(unsigned alu, unsigned size, bool to_mem)
{
    unsigned op = alu * 8 + (to_mem ? 0 : 2) + (size != TCG_SZ8);
    return op | (size == TCG_SZ16 ? HX_P66 << 10 : 0) | (size == TCG_SZ8 ? (HX_F_R8 | HX_F_M8) << 12 : 0);
}

void hx_alu_rr(struct tcg_buf *a, unsigned alu, unsigned size, unsigned reg, unsigned rm)
{
    hx_rr(a, alu_op(alu, size, false), size == TCG_SZ64, reg, rm);
}
void hx_alu_rm(struct tcg_buf *a, unsigned alu, unsigned size, unsigned reg, struct tcg_mem m)
{
    hx_rm(a, alu_op(alu, size, false), size == TCG_SZ64, reg, m);
}
void hx_alu_mr(struct tcg_buf *a, unsigned alu, unsigned size, struct tcg_mem m, unsigned reg)
{
    hx_rm(a, alu_op(alu, size, true), size == TCG_SZ64, reg, m);
}

/* Group 1 with an immediate: record and immediate length. */
static unsigned alu_imm_op(unsigned size, int32_t imm, unsigned *bytes)
{
    if (size == TCG_SZ8) {
        *bytes = 1;
        return 0x80 | HX_F_M8 << 12;
    }
    bool small = tcg_fits8(imm) || (size == TCG_SZ16 && tcg_fits8((int16_t)imm));
    *bytes = small ? 1 : size == TCG_SZ16 ? 2 : 4;
    return (small ? 0x83 : 0x81) | (size == TCG_SZ16 ? HX_P66 << 10 : 0);
}
static void put_imm(struct tcg_buf *a, int32_t imm, unsigned bytes)
{
    memcpy(a->p, &imm, bytes);
    a->p += bytes;
}

void hx_alu_ri(struct tcg_buf *a, unsigned alu, unsigned size, unsigned reg, int32_t imm)
{
    unsigned bytes, op = alu_imm_op(size, imm, &bytes);
    hx_rr(a, op, size == TCG_SZ64, alu, reg);
    put_imm(a, imm, bytes);
}
void hx_alu_mi(struct tcg_buf *a, unsigned alu, unsigned size, struct tcg_mem m, int32_t imm)
{
    unsigned bytes, op = alu_imm_op(size, imm, &bytes) & ~(unsigned)(HX_F_M8 << 12);
    hx_rm_i(a, op, size == TCG_SZ64, alu, m, bytes);
    put_imm(a, imm, bytes);
}

void hx_shift_ri(struct tcg_buf *a, unsigned shift, unsigned w, unsigned reg, unsigned count)
{
    hx_rr(a, HX_GRP2_I, w, shift, reg);
    hx_u8(a, count);
}

void hx_mov_ri(struct tcg_buf *a, unsigned reg, uint64_t imm)
{
    if (imm <= UINT32_MAX) {
        put_opcode(a, 0xb8 | (reg & 7), 0, rex_bits(0, 0, reg), false);
        hx_u32(a, (uint32_t)imm);
    } else if (tcg_fits32((int64_t)imm)) {
        hx_rr(a, 0xc7, 1, 0, reg);
        hx_u32(a, (uint32_t)imm);
    } else {
        put_opcode(a, 0xb8 | (reg & 7), 1, rex_bits(0, 0, reg), false);
        hx_u64(a, imm);
    }
}

void hx_mov_address(struct tcg_buf *a, unsigned reg, uint64_t addr)
{
    put_opcode(a, 0xb8 | (reg & 7), 1, rex_bits(0, 0, reg), false);
    tcg_note_address(a, TCG_RELOC_ABS64, 0, addr);
    hx_u64(a, addr);
}

void hx_mov_mi(struct tcg_buf *a, unsigned size, struct tcg_mem m, int32_t imm)
{
    unsigned bytes = size == TCG_SZ8 ? 1 : size == TCG_SZ16 ? 2 : 4;
    hx_rm_i(a, (size == TCG_SZ8 ? 0xc6 : 0xc7) | (size == TCG_SZ16 ? HX_P66 << 10 : 0), size == TCG_SZ64, 0, m, bytes);
    put_imm(a, imm, bytes);
}

void hx_lea(struct tcg_buf *a, unsigned w, unsigned reg, struct tcg_mem m) { hx_rm(a, HX_LEA, w, reg, m); }

void hx_load(struct tcg_buf *a, unsigned size, bool sign, unsigned w, unsigned reg, struct tcg_mem m)
{
    static const uint16_t ops[2][4] = {{HX_MOVZX8, HX_MOVZX16, HX_MOV_RM, HX_MOV_RM},
                                       {HX_MOVSX8, HX_MOVSX16, HX_MOV_RM, HX_MOV_RM}};
    if (size == TCG_SZ32 && sign && w)
        hx_rm(a, HX_MOVSXD, 1, reg, m);
    else
        hx_rm(a, ops[sign][size], size == TCG_SZ64 || (sign && w), reg, m);
}

void hx_store(struct tcg_buf *a, unsigned size, struct tcg_mem m, unsigned reg)
{
    static const uint16_t ops[4] = {HX_MOV_MR8, HX_MOV_MR16, HX_MOV_MR, HX_MOV_MR};
    hx_rm(a, ops[size], size == TCG_SZ64, reg, m);
}

void hx_setcc(struct tcg_buf *a, unsigned cc, unsigned reg)
{
    hx_rr(a, (0x90 + cc) | 1 << 8 | HX_F_M8 << 12, 0, 0, reg);
}

void hx_nops(struct tcg_buf *a, unsigned bytes)
{
    static const uint8_t nops[4][4] = {{0}, {0x90}, {0x66, 0x90}, {0x0f, 0x1f, 0x00}};
    for (; bytes; bytes -= bytes > 3 ? 3 : bytes) {
        unsigned n = bytes > 3 ? 3 : bytes;
        memcpy(a->p, nops[n], n);
        a->p += n;
    }
}
