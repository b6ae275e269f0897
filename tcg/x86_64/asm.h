/* SPDX-License-Identifier: Apache-2.0 */
/* The x86-64 encoder. An instruction is a small record (asm.def: prefix, map, opcode, register kinds) and is emitted in
 * one of a few forms: register-register, register-memory, each as legacy or VEX encoding. A struct tcg_buf belongs to
 * one thread; the caller makes sure that there is room (see tcg_buf_room). */
#ifndef TANDEM_TCG_X86_64_ASM_H
#define TANDEM_TCG_X86_64_ASM_H

#include <string.h>

#include "tcg/common/buf.h"
#include "tcg/common/place.h"

/* Host registers as ModRM numbers them; an XMM register's number modulo 16 is its own. */
enum hx_reg {
    HX_RAX,
    HX_RCX,
    HX_RDX,
    HX_RBX,
    HX_RSP,
    HX_RBP,
    HX_RSI,
    HX_RDI,
    HX_R8,
    HX_R9,
    HX_R10,
    HX_R11,
    HX_R12,
    HX_R13,
    HX_R14,
    HX_R15,
    HX_XMM0 = TCG_FPR0
};
#define HX_XMM(n) (HX_XMM0 + (n))

enum { HX_PNP, HX_P66, HX_PF3, HX_PF2 };
enum { HX_F_R8 = 1, HX_F_M8 = 2, HX_F_W1 = 4 };
/* An instruction record packed into a word: opcode 0-7, map 8-9, prefix 10-11, flags 12-14. */
#define HX(name, pp, map, opc, flags) HX_##name = (opc) | (map) << 8 | (pp) << 10 | (flags) << 12,
enum hx_op {
#include "tcg/x86_64/asm.def"
};
#undef HX

/* Arithmetic group 1 (opcode n * 8 and /n) */
enum hx_alu { HX_ALU_ADD, HX_ALU_OR, HX_ALU_ADC, HX_ALU_SBB, HX_ALU_AND, HX_ALU_SUB, HX_ALU_XOR, HX_ALU_CMP };
/* Shift group 2 */
enum hx_shift { HX_SH_ROL, HX_SH_ROR, HX_SH_SHL = 4, HX_SH_SHR, HX_SH_SAR = 7 };
/* Unary group 3 */
enum hx_unary { HX_UN_NOT = 2, HX_UN_NEG, HX_UN_MUL, HX_UN_IMUL, HX_UN_DIV, HX_UN_IDIV };
enum hx_cc {
    HX_CC_O,
    HX_CC_NO,
    HX_CC_B,
    HX_CC_AE,
    HX_CC_E,
    HX_CC_NE,
    HX_CC_BE,
    HX_CC_A,
    HX_CC_S,
    HX_CC_NS,
    HX_CC_P,
    HX_CC_NP,
    HX_CC_L,
    HX_CC_GE,
    HX_CC_LE,
    HX_CC_G
};

/* A place by its rx address, encoded as rip-relative: disp is the address. Without any base, disp is 32 bits,
 * sign-extended. */
enum { HX_RIP = -2 };
#define HX_ADDR(p) ((struct tcg_mem){.base = HX_RIP, .index = TCG_NO_REG, .disp = (int64_t)(uintptr_t)(p)})

static inline bool tcg_fits8(int64_t v) { return v == (int8_t)v; }
static inline bool tcg_fits32(int64_t v) { return v == (int32_t)v; }

static inline void hx_u8(struct tcg_buf *a, unsigned b) { *a->p++ = (uint8_t)b; }
static inline void hx_u32(struct tcg_buf *a, uint32_t v) { memcpy(a->p, &v, 4), a->p += 4; }
static inline void hx_u64(struct tcg_buf *a, uint64_t v) { memcpy(a->p, &v, 8), a->p += 8; }

TANDEM_BEGIN_DECLS
/* reg, rm: registers; w: 1 for 64-bit operands */
void hx_rr(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, unsigned rm);
/* imm_bytes: length of an immediate that the caller appends (needed by rip-relative operands) */
void hx_rm_i(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, struct tcg_mem m, unsigned imm_bytes);
/* VEX: reg := op(vvvv, rm) */
void hx_vrr(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, unsigned vvvv, unsigned rm);
void hx_vrm(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, unsigned vvvv, struct tcg_mem m);
/* reg := reg alu rm (CMP sets flags only); size TCG_SZ8..TCG_SZ64 */
void hx_alu_rr(struct tcg_buf *a, unsigned alu, unsigned size, unsigned reg, unsigned rm);
void hx_alu_rm(struct tcg_buf *a, unsigned alu, unsigned size, unsigned reg, struct tcg_mem m);
/* [m] := [m] alu reg */
void hx_alu_mr(struct tcg_buf *a, unsigned alu, unsigned size, struct tcg_mem m, unsigned reg);
void hx_alu_ri(struct tcg_buf *a, unsigned alu, unsigned size, unsigned reg, int32_t imm);
void hx_alu_mi(struct tcg_buf *a, unsigned alu, unsigned size, struct tcg_mem m, int32_t imm);
void hx_shift_ri(struct tcg_buf *a, unsigned shift, unsigned w, unsigned reg, unsigned count);
/* Shortest mov; leaves the flags alone. */
void hx_mov_ri(struct tcg_buf *a, unsigned reg, uint64_t imm);
/* The address of something of the host's: always of the same length. */
void hx_mov_address(struct tcg_buf *a, unsigned reg, uint64_t addr);
void hx_mov_mi(struct tcg_buf *a, unsigned size, struct tcg_mem m, int32_t imm);
void hx_lea(struct tcg_buf *a, unsigned w, unsigned reg, struct tcg_mem m);
/* Loads size bytes, extended to 32 bits (w = 0; upper half zero) or 64. */
void hx_load(struct tcg_buf *a, unsigned size, bool sign, unsigned w, unsigned reg, struct tcg_mem m);
void hx_store(struct tcg_buf *a, unsigned size, struct tcg_mem m, unsigned reg);
void hx_setcc(struct tcg_buf *a, unsigned cc, unsigned reg);
void hx_nops(struct tcg_buf *a, unsigned bytes);
TANDEM_END_DECLS

static inline void hx_rm(struct tcg_buf *a, unsigned op, unsigned w, unsigned reg, struct tcg_mem m)
{
    hx_rm_i(a, op, w, reg, m, 0);
}
static inline void hx_mov_rr(struct tcg_buf *a, unsigned w, unsigned dst, unsigned src)
{
    hx_rr(a, HX_MOV_RM, w, dst, src);
}
static inline void hx_cmov(struct tcg_buf *a, unsigned cc, unsigned w, unsigned dst, unsigned src)
{
    hx_rr(a, (0x40 + cc) | 1 << 8, w, dst, src);
}
/* Jumps return the offset just past their rel32, for hx_bind. */
static inline uint32_t hx_jcc(struct tcg_buf *a, unsigned cc)
{
    hx_u8(a, 0x0f), hx_u8(a, 0x80 + cc), hx_u32(a, 0);
    return (uint32_t)tcg_buf_off(a);
}
static inline uint32_t hx_jmp(struct tcg_buf *a)
{
    hx_u8(a, 0xe9), hx_u32(a, 0);
    return (uint32_t)tcg_buf_off(a);
}
/* Short forward jumps inside one emitter: return the offset past the rel8. */
static inline uint32_t hx_jcc8(struct tcg_buf *a, unsigned cc)
{
    hx_u8(a, 0x70 + cc), hx_u8(a, 0);
    return (uint32_t)tcg_buf_off(a);
}
static inline void hx_bind8(struct tcg_buf *a, uint32_t after)
{
    a->start[after - 1] = (uint8_t)(tcg_buf_off(a) - after);
}
static inline void hx_bind_to(struct tcg_buf *a, uint32_t after, size_t target)
{
    int32_t rel = (int32_t)((int64_t)target - (int64_t)after);
    memcpy(a->start + after - 4, &rel, 4);
}
static inline void hx_bind(struct tcg_buf *a, uint32_t after) { hx_bind_to(a, after, tcg_buf_off(a)); }
static inline void hx_push(struct tcg_buf *a, unsigned reg)
{
    if (reg >= 8)
        hx_u8(a, 0x41);
    hx_u8(a, 0x50 + (reg & 7));
}
static inline void hx_pop(struct tcg_buf *a, unsigned reg)
{
    if (reg >= 8)
        hx_u8(a, 0x41);
    hx_u8(a, 0x58 + (reg & 7));
}
/* Jumps to a buffer offset already emitted: the shortest */
static inline bool hx_short_to(struct tcg_buf *a, unsigned opcode, size_t target)
{
    int64_t rel = (int64_t)target - (int64_t)(tcg_buf_off(a) + 2);
    if (tcg_fits8(rel))
        hx_u8(a, opcode), hx_u8(a, (uint8_t)rel);
    return tcg_fits8(rel);
}
static inline void hx_jmp_off(struct tcg_buf *a, size_t target)
{
    if (!hx_short_to(a, 0xeb, target))
        hx_bind_to(a, hx_jmp(a), target);
}
static inline void hx_jcc_off(struct tcg_buf *a, unsigned cc, size_t target)
{
    if (!hx_short_to(a, 0x70 + cc, target))
        hx_bind_to(a, hx_jcc(a, cc), target);
}
/* jmp or call to a fixed rx address within 2 GiB */
static inline void hx_branch_to(struct tcg_buf *a, unsigned opcode, const uint8_t *target)
{
    hx_u8(a, opcode);
    tcg_note_address(a, TCG_RELOC_REL32, 0, (uintptr_t)target);
    hx_u32(a, (uint32_t)(target - (tcg_buf_here(a) + 4)));
}
static inline void hx_jmp_to(struct tcg_buf *a, const uint8_t *target) { hx_branch_to(a, 0xe9, target); }
static inline void hx_call_to(struct tcg_buf *a, const uint8_t *target) { hx_branch_to(a, 0xe8, target); }
/* Pads so that a rel32 that follows opcode_bytes of opcode is 4-aligned. */
static inline void hx_align_rel32(struct tcg_buf *a, unsigned opcode_bytes)
{
    hx_nops(a, (unsigned)(-(uintptr_t)(tcg_buf_here(a) + opcode_bytes) & 3));
}

#endif
