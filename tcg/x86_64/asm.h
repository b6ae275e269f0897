/* SPDX-License-Identifier: Apache-2.0 */
/* The x86-64 encoder. An instruction is a small record (asm.def: prefix, map, opcode, register kinds) and is emitted in
 * one of a few forms: register-register, register-memory, each as legacy or VEX encoding. A struct asm_buf belongs to
 * one thread; the caller makes sure that there is room (see asm_room). */
#ifndef TANDEM_TCG_X86_64_ASM_H
#define TANDEM_TCG_X86_64_ASM_H

#include <string.h>

#include "src/base/types.h"

/* Host registers. XMM registers are 16..31 so that one number space names all. */
enum host_reg {
    RAX,
    RCX,
    RDX,
    RBX,
    RSP,
    RBP,
    RSI,
    RDI,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    XMM0,
    HOST_REGS = 32,
    NO_REG = -1
};
#define XMM(n) (XMM0 + (n))

enum { PNP, P66, PF3, PF2 };
enum { XF_R8 = 1, XF_M8 = 2, XF_W1 = 4 };
/* An instruction record packed into a word: opcode 0-7, map 8-9, prefix 10-11, flags 12-14. */
#define X86(name, pp, map, opc, flags) X_##name = (opc) | (map) << 8 | (pp) << 10 | (flags) << 12,
enum x86_op {
#include "tcg/x86_64/asm.def"
};
#undef X86

/* Arithmetic group 1 (opcode n * 8 and /n) */
enum x86_alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };
/* Shift group 2 */
enum x86_shift { SH_ROL, SH_ROR, SH_SHL = 4, SH_SHR, SH_SAR = 7 };
/* Unary group 3 */
enum x86_unary { UN_NOT = 2, UN_NEG, UN_MUL, UN_IMUL, UN_DIV, UN_IDIV };
enum x86_cc { CC_O, CC_NO, CC_B, CC_AE, CC_E, CC_NE, CC_BE, CC_A, CC_S, CC_NS, CC_P, CC_NP, CC_L, CC_GE, CC_LE, CC_G };
/* Operand sizes as powers of two */
enum { SZ8, SZ16, SZ32, SZ64 };

/* [base + (index << shift) + disp]; base NO_REG: absolute (32 bits, sign-extended); base MEM_RIP: disp is the rx
 * address, encoded as rip-relative. */
enum { MEM_RIP = -2 };
struct x_mem {
    int8_t base, index;
    uint8_t shift;
    int64_t disp;
};
#define MEM(b, d)   ((struct x_mem){.base = (b), .index = NO_REG, .disp = (d)})
#define MEM_ADDR(p) ((struct x_mem){.base = MEM_RIP, .index = NO_REG, .disp = (int64_t)(uintptr_t)(p)})

struct asm_buf {
    uint8_t *p; /* next byte to write */
    uint8_t *start, *end;
    const uint8_t *rx; /* where start will run */
};

static inline size_t asm_off(const struct asm_buf *a) { return (size_t)(a->p - a->start); }
static inline size_t asm_room(const struct asm_buf *a) { return (size_t)(a->end - a->p); }
/* The address at which the next byte will run. */
static inline const uint8_t *asm_here(const struct asm_buf *a) { return a->rx + asm_off(a); }
static inline bool fits8(int64_t v) { return v == (int8_t)v; }
static inline bool fits32(int64_t v) { return v == (int32_t)v; }

static inline void x_u8(struct asm_buf *a, unsigned b) { *a->p++ = (uint8_t)b; }
static inline void x_u32(struct asm_buf *a, uint32_t v) { memcpy(a->p, &v, 4), a->p += 4; }
static inline void x_u64(struct asm_buf *a, uint64_t v) { memcpy(a->p, &v, 8), a->p += 8; }

TANDEM_BEGIN_DECLS
/* reg, rm: registers; w: 1 for 64-bit operands */
void x_rr(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, unsigned rm);
/* imm_bytes: length of an immediate that the caller appends (needed by rip-relative operands) */
void x_rm_i(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, struct x_mem m, unsigned imm_bytes);
/* VEX: reg := op(vvvv, rm) */
void x_vrr(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, unsigned vvvv, unsigned rm);
void x_vrm(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, unsigned vvvv, struct x_mem m);
/* reg := reg alu rm (CMP sets flags only); size SZ8..SZ64 */
void x_alu_rr(struct asm_buf *a, unsigned alu, unsigned size, unsigned reg, unsigned rm);
void x_alu_rm(struct asm_buf *a, unsigned alu, unsigned size, unsigned reg, struct x_mem m);
/* [m] := [m] alu reg */
void x_alu_mr(struct asm_buf *a, unsigned alu, unsigned size, struct x_mem m, unsigned reg);
void x_alu_ri(struct asm_buf *a, unsigned alu, unsigned size, unsigned reg, int32_t imm);
void x_alu_mi(struct asm_buf *a, unsigned alu, unsigned size, struct x_mem m, int32_t imm);
void x_shift_ri(struct asm_buf *a, unsigned shift, unsigned w, unsigned reg, unsigned count);
/* Shortest mov; leaves the flags alone. */
void x_mov_ri(struct asm_buf *a, unsigned reg, uint64_t imm);
void x_mov_mi(struct asm_buf *a, unsigned size, struct x_mem m, int32_t imm);
void x_lea(struct asm_buf *a, unsigned w, unsigned reg, struct x_mem m);
/* Loads size bytes, extended to 32 bits (w = 0; upper half zero) or 64. */
void x_load(struct asm_buf *a, unsigned size, bool sign, unsigned w, unsigned reg, struct x_mem m);
void x_store(struct asm_buf *a, unsigned size, struct x_mem m, unsigned reg);
void x_setcc(struct asm_buf *a, unsigned cc, unsigned reg);
void x_nops(struct asm_buf *a, unsigned bytes);
TANDEM_END_DECLS

static inline void x_rm(struct asm_buf *a, unsigned op, unsigned w, unsigned reg, struct x_mem m)
{
    x_rm_i(a, op, w, reg, m, 0);
}
static inline void x_mov_rr(struct asm_buf *a, unsigned w, unsigned dst, unsigned src)
{
    x_rr(a, X_MOV_RM, w, dst, src);
}
static inline void x_cmov(struct asm_buf *a, unsigned cc, unsigned w, unsigned dst, unsigned src)
{
    x_rr(a, (0x40 + cc) | 1 << 8, w, dst, src);
}
static inline void x_cmov_m(struct asm_buf *a, unsigned cc, unsigned w, unsigned dst, struct x_mem m)
{
    x_rm(a, (0x40 + cc) | 1 << 8, w, dst, m);
}
/* Jumps return the offset just past their rel32, for x_bind. */
static inline uint32_t x_jcc(struct asm_buf *a, unsigned cc)
{
    x_u8(a, 0x0f), x_u8(a, 0x80 + cc), x_u32(a, 0);
    return (uint32_t)asm_off(a);
}
static inline uint32_t x_jmp(struct asm_buf *a)
{
    x_u8(a, 0xe9), x_u32(a, 0);
    return (uint32_t)asm_off(a);
}
/* Short forward jumps inside one emitter: return the offset past the rel8. */
static inline uint32_t x_jcc8(struct asm_buf *a, unsigned cc)
{
    x_u8(a, 0x70 + cc), x_u8(a, 0);
    return (uint32_t)asm_off(a);
}
static inline void x_bind8(struct asm_buf *a, uint32_t after) { a->start[after - 1] = (uint8_t)(asm_off(a) - after); }
static inline uint32_t x_jmp8(struct asm_buf *a)
{
    x_u8(a, 0xeb), x_u8(a, 0);
    return (uint32_t)asm_off(a);
}
static inline void x_bind_to(struct asm_buf *a, uint32_t after, size_t target)
{
    int32_t rel = (int32_t)((int64_t)target - (int64_t)after);
    memcpy(a->start + after - 4, &rel, 4);
}
static inline void x_bind(struct asm_buf *a, uint32_t after) { x_bind_to(a, after, asm_off(a)); }
/* jmp to a buffer offset already emitted */
static inline void x_jmp_off(struct asm_buf *a, size_t target) { x_bind_to(a, x_jmp(a), target); }
/* jmp or call to a fixed rx address within 2 GiB */
static inline void x_branch_to(struct asm_buf *a, unsigned opcode, const uint8_t *target)
{
    x_u8(a, opcode), x_u32(a, (uint32_t)(target - (asm_here(a) + 4)));
}
static inline void x_jmp_to(struct asm_buf *a, const uint8_t *target) { x_branch_to(a, 0xe9, target); }
/* Pads so that a rel32 that follows opcode_bytes of opcode is 4-aligned. */
static inline void x_align_rel32(struct asm_buf *a, unsigned opcode_bytes)
{
    x_nops(a, (unsigned)(-(uintptr_t)(asm_here(a) + opcode_bytes) & 3));
}

#endif
