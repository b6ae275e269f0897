/* SPDX-License-Identifier: Apache-2.0 */
/* The forms of x86-64 instructions: prefixes, REX or VEX, opcode map, ModRM, SIB, displacement.
 *
 * I1  Register numbers are taken modulo 16: XMM registers (16..31) need no conversion.
 * I2  A byte register 4..7 always gets a REX prefix, so that it means spl..dil and never ah..bh.
 * I3  Nothing here checks for room; see asm_room.
 */
#include "tcg/x86_64/asm.h"

enum { REX = 0x40, REX_W = 8, REX_R = 4, REX_X = 2, REX_B = 1 };

static unsigned op_flags(unsigned op) { return op >> 12 & 7; }

/* Legacy prefixes, REX, map and opcode. force: a byte register wants REX (I2). */
static void put_opcode(struct asm_buf *a, unsigned op, unsigned w, unsigned rex_rxb, bool force)
{
    static const uint8_t prefixes[4] = {0, 0x66, 0xf3, 0xf2};
    unsigned pp = op >> 10 & 3, map = op >> 8 & 3;
    if (pp)
        x_u8(a, prefixes[pp]);
    if (op_flags(op) & XF_W1)
        w = 1;
    unsigned rex = (w ? REX_W : 0) | rex_rxb;
    if (rex || force)
        x_u8(a, REX | rex);
    if (map)
        x_u8(a, 0x0f);
    if (map > 1)
        x_u8(a, map == 2 ? 0x38 : 0x3a);
    x_u8(a, op & 0xff);
}

static void put_vex(struct asm_buf *a, unsigned op, unsigned w, unsigned rex_rxb, unsigned vvvv)
{
    unsigned pp = op >> 10 & 3, map = op >> 8 & 3;
    static const uint8_t vex_pp[4] = {0, 1, 2, 3};
    if (op_flags(op) & XF_W1)
        w = 1;
    unsigned last = (~vvvv & 15) << 3 | vex_pp[pp];
    if (map == 1 && !w && !(rex_rxb & (REX_X | REX_B))) {
        x_u8(a, 0xc5), x_u8(a, (rex_rxb & REX_R ? 0 : 0x80) | last);
    } else {
        x_u8(a, 0xc4), x_u8(a, (~rex_rxb & 7) << 5 | map), x_u8(a, w << 7 | last);
    }
    x_u8(a, op & 0xff);
}

static unsigned rex_bits(unsigned reg, unsigned index, unsigned base)
{
    return (reg & 8 ? REX_R : 0) | (index & 8 ? REX_X : 0) | (base & 8 ? REX_B : 0);
}

static unsigned mem_rex(unsigned reg, struct x_mem m)
{
    return rex_bits(reg, m.index < 0 ? 0 : (unsigned)m.index, m.base < 0 ? 0 : (unsigned)m.base);
}

/* ModRM and what follows, for a memory operand. */
static void put_mem(struct asm_buf *a, unsigned reg, struct x_mem m, unsigned imm_bytes)
{
    unsigned r = (reg & 7) << 3;
    if (m.base == MEM_RIP) {
        x_u8(a, r | 5);
        x_u32(a, (uint32_t)((const uint8_t *)(uintptr_t)m.disp - (asm_here(a) + 4 + imm_bytes)));
        return;
    }
    if (m.base == NO_REG) {
        x_u8(a, r | 4), x_u8(a, m.shift << 6 | (m.index < 0 ? 4 : m.index & 7) << 3 | 5), x_u32(a, (uint32_t)m.disp);
        return;
    }
    unsigned b = (unsigned)m.base & 7;
    unsigned mod = m.disp == 0 && b != 5 ? 0 : fits8(m.disp) ? 1 : 2;
    if (m.index >= 0 || b == 4)
        x_u8(a, mod << 6 | r | 4), x_u8(a, m.shift << 6 | (m.index < 0 ? 4 : m.index & 7) << 3 | b);
    else
        x_u8(a, mod << 6 | r | b);
    if (mod == 1)
        x_u8(a, (uint8_t)m.disp);
    else if (mod == 2)
        x_u32(a, (uint32_t)m.disp);
}

void x_rr(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, unsigned rm)
{
    unsigned f = op_flags(op);
    bool force = (f & XF_R8 && reg >= 4 && reg < 8) || (f & XF_M8 && rm >= 4 && rm < 8);
    put_opcode(a, op, w, rex_bits(reg, 0, rm), force);
    x_u8(a, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

void x_rm_i(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, struct x_mem m, unsigned imm_bytes)
{
    put_opcode(a, op, w, mem_rex(reg, m), op_flags(op) & XF_R8 && reg >= 4 && reg < 8);
    put_mem(a, reg, m, imm_bytes);
}

void x_vrr(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, unsigned vvvv, unsigned rm)
{
    put_vex(a, op, w, rex_bits(reg, 0, rm), vvvv);
    x_u8(a, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

void x_vrm(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, unsigned vvvv, struct x_mem m)
{
    put_vex(a, op, w, mem_rex(reg, m), vvvv);
    put_mem(a, reg, m, 0);
}

/* The record of alu with its operand size; to_mem: the direction "[m] := [m] alu reg". */
static unsigned alu_op(unsigned alu, unsigned size, bool to_mem)
{
    unsigned op = alu * 8 + (to_mem ? 0 : 2) + (size != SZ8);
    return op | (size == SZ16 ? P66 << 10 : 0) | (size == SZ8 ? (XF_R8 | XF_M8) << 12 : 0);
}

void x_alu_rr(struct asm_buf *a, unsigned alu, unsigned size, unsigned reg, unsigned rm)
{
    x_rr(a, alu_op(alu, size, false), size == SZ64, reg, rm);
}
void x_alu_rm(struct asm_buf *a, unsigned alu, unsigned size, unsigned reg, struct x_mem m)
{
    x_rm(a, alu_op(alu, size, false), size == SZ64, reg, m);
}
void x_alu_mr(struct asm_buf *a, unsigned alu, unsigned size, struct x_mem m, unsigned reg)
{
    x_rm(a, alu_op(alu, size, true), size == SZ64, reg, m);
}

/* Group 1 with an immediate: record and immediate length. */
static unsigned alu_imm_op(unsigned size, int32_t imm, unsigned *bytes)
{
    if (size == SZ8) {
        *bytes = 1;
        return 0x80 | XF_M8 << 12;
    }
    bool small = fits8(imm) || (size == SZ16 && fits8((int16_t)imm));
    *bytes = small ? 1 : size == SZ16 ? 2 : 4;
    return (small ? 0x83 : 0x81) | (size == SZ16 ? P66 << 10 : 0);
}
static void put_imm(struct asm_buf *a, int32_t imm, unsigned bytes)
{
    memcpy(a->p, &imm, bytes);
    a->p += bytes;
}

void x_alu_ri(struct asm_buf *a, unsigned alu, unsigned size, unsigned reg, int32_t imm)
{
    unsigned bytes, op = alu_imm_op(size, imm, &bytes);
    x_rr(a, op, size == SZ64, alu, reg);
    put_imm(a, imm, bytes);
}
void x_alu_mi(struct asm_buf *a, unsigned alu, unsigned size, struct x_mem m, int32_t imm)
{
    unsigned bytes, op = alu_imm_op(size, imm, &bytes) & ~(unsigned)(XF_M8 << 12);
    x_rm_i(a, op, size == SZ64, alu, m, bytes);
    put_imm(a, imm, bytes);
}

void x_shift_ri(struct asm_buf *a, unsigned shift, unsigned w, unsigned reg, unsigned count)
{
    x_rr(a, X_GRP2_I, w, shift, reg);
    x_u8(a, count);
}

void x_mov_ri(struct asm_buf *a, unsigned reg, uint64_t imm)
{
    if (imm <= UINT32_MAX) {
        put_opcode(a, 0xb8 | (reg & 7), 0, rex_bits(0, 0, reg), false);
        x_u32(a, (uint32_t)imm);
    } else if (fits32((int64_t)imm)) {
        x_rr(a, 0xc7, 1, 0, reg);
        x_u32(a, (uint32_t)imm);
    } else {
        put_opcode(a, 0xb8 | (reg & 7), 1, rex_bits(0, 0, reg), false);
        x_u64(a, imm);
    }
}

void x_mov_mi(struct asm_buf *a, unsigned size, struct x_mem m, int32_t imm)
{
    unsigned bytes = size == SZ8 ? 1 : size == SZ16 ? 2 : 4;
    x_rm_i(a, (size == SZ8 ? 0xc6 : 0xc7) | (size == SZ16 ? P66 << 10 : 0), size == SZ64, 0, m, bytes);
    put_imm(a, imm, bytes);
}

void x_lea(struct asm_buf *a, unsigned w, unsigned reg, struct x_mem m) { x_rm(a, X_LEA, w, reg, m); }

void x_load(struct asm_buf *a, unsigned size, bool sign, unsigned w, unsigned reg, struct x_mem m)
{
    static const uint16_t ops[2][4] = {{X_MOVZX8, X_MOVZX16, X_MOV_RM, X_MOV_RM},
                                       {X_MOVSX8, X_MOVSX16, X_MOV_RM, X_MOV_RM}};
    if (size == SZ32 && sign && w)
        x_rm(a, X_MOVSXD, 1, reg, m);
    else
        x_rm(a, ops[sign][size], size == SZ64 || (sign && w), reg, m);
}

void x_store(struct asm_buf *a, unsigned size, struct x_mem m, unsigned reg)
{
    static const uint16_t ops[4] = {X_MOV_MR8, X_MOV_MR16, X_MOV_MR, X_MOV_MR};
    x_rm(a, ops[size], size == SZ64, reg, m);
}

void x_setcc(struct asm_buf *a, unsigned cc, unsigned reg) { x_rr(a, (0x90 + cc) | 1 << 8 | XF_M8 << 12, 0, 0, reg); }

void x_nops(struct asm_buf *a, unsigned bytes)
{
    static const uint8_t nops[4][4] = {{0}, {0x90}, {0x66, 0x90}, {0x0f, 0x1f, 0x00}};
    for (; bytes; bytes -= bytes > 3 ? 3 : bytes) {
        unsigned n = bytes > 3 ? 3 : bytes;
        memcpy(a->p, nops[n], n);
        a->p += n;
    }
}
