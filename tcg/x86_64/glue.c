/* SPDX-License-Identifier: Apache-2.0 */
/* Code between C and generated code, emitted once per code cache: enter, the ways to leave, indirect jumps, return
 * misses; and the constants that generated code refers to.
 *
 * I1  enter saves C's callee-saved registers on C's stack (cpu->c_sp) and MXCSR in cpu->host_mxcsr; leave undoes it. In
 *     between, rsp is generated code's stack (cpu->jit_sp).
 * I2  Every way to leave sets cpu->exit_reason and stores the pinned registers, in that order, and may be jumped to
 * from either tier.
 */
#include <cpuid.h>
#include <ucontext.h>

#include "src/ir/fp_watch.h"
#include "tcg/x86_64/internal.h"

const int8_t tcg_pinned_gprs[CPU_PINNED_GPRS] = {RBP, R12, RBX, R14, RSI, RDI, R8, R9, R15};
const int8_t tcg_pinned_fprs[CPU_PINNED_FPRS] = {XMM(1), XMM(2), XMM(3), XMM(4), XMM(5), XMM(6)};
/* the same registers in a signal context */
static const int pinned_gregs[CPU_PINNED_GPRS] = {REG_RBP, REG_R12, REG_RBX, REG_R14, REG_RSI,
                                                  REG_RDI, REG_R8,  REG_R9,  REG_R15};
static const uint8_t callee_saved[] = {RBP, RBX, R12, R13, R14, R15};

static uint32_t detect_features(void)
{
    unsigned a, b, c, d, features = 0;
    if (__get_cpuid(1, &a, &b, &c, &d)) {
        bool os_avx = false;
        if (c & bit_OSXSAVE) {
            unsigned lo, hi;
            __asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
            os_avx = (lo & 6) == 6;
        }
        features |= os_avx && c & bit_AVX ? TCG_HAS_AVX : 0;
        features |= os_avx && c & bit_FMA ? TCG_HAS_FMA : 0;
        features |= c & bit_SSSE3 ? TCG_HAS_SSSE3 : 0;
        features |= c & bit_SSE4_1 ? TCG_HAS_SSE41 : 0;
        features |= c & bit_SSE4_2 ? TCG_HAS_SSE42 : 0;
        features |= c & bit_POPCNT ? TCG_HAS_POPCNT : 0;
        features |= c & bit_PCLMUL ? TCG_HAS_CLMUL : 0;
    }
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d))
        features |= (b & bit_BMI ? TCG_HAS_BMI1 : 0) | (b & bit_BMI2 ? TCG_HAS_BMI2 : 0) |
                    (features & TCG_HAS_AVX && b & bit_AVX2 ? TCG_HAS_AVX2 : 0);
    if (__get_cpuid(0x80000001, &a, &b, &c, &d))
        features |= c & bit_LZCNT ? TCG_HAS_LZCNT : 0;
    return features;
}

/* ---- constants ---- */

static void emit_constants(struct asm_buf *a, struct tcg_glue *glue)
{
    static const uint64_t values[K_COUNT][2] = {[K_SIGN64] = {1ull << 63, 0},
                                                [K_ABS64] = {~0ull >> 1, 0},
                                                [K_SIGN32] = {1u << 31, 0},
                                                [K_ABS32] = {~0u >> 1, 0},
                                                [K_NAN64] = {0x7ff8ull << 48, 0},
                                                [K_NAN32] = {0x7fc00000, 0},
                                                [K_TWO63_F64] = {0x43e0ull << 48, 0},
                                                [K_TWO63_F32] = {0x5f000000, 0},
                                                [K_TWO32_F64] = {0x41f0ull << 48, 0},
                                                [K_TWO32_F32] = {0x4f800000, 0},
                                                [K_MINUS1_F64] = {0xbff0ull << 48, 0},
                                                [K_MINUS1_F32] = {0xbf800000, 0}};
    while ((uintptr_t)asm_here(a) & 15)
        x_u8(a, 0xcc);
    glue->consts = asm_here(a);
    memcpy(a->p, values, sizeof values);
    a->p += sizeof values;
}

/* ---- enter and leave ---- */

static void move_pins(struct asm_buf *a, const struct ir_state *s, bool save)
{
    for (unsigned k = 0; k < CPU_PINNED_GPRS && k < s->pinned_gpr_count; k++)
        x_rm(a, save ? X_MOV_MR : X_MOV_RM, 1, tcg_pinned_gprs[k], MEM(R13, s->rows[s->pinned_gpr[k]].offset));
    for (unsigned k = 0; k < CPU_PINNED_FPRS && k < s->pinned_fpr_count; k++)
        x_rm(a, save ? X_MOVSD_MR : X_MOVSD_RM, 0, tcg_pinned_fprs[k], MEM(R13, s->rows[s->pinned_fpr[k]].offset));
}

static void push_pop(struct asm_buf *a, unsigned reg, bool pop)
{
    if (reg >= 8)
        x_u8(a, 0x41);
    x_u8(a, (pop ? 0x58 : 0x50) + (reg & 7));
}

static void emit_enter(struct asm_buf *a, const struct ir_state *s, struct tcg_glue *glue)
{
    glue->enter = asm_here(a);
    for (unsigned k = 0; k < ARRAY_LEN(callee_saved); k++)
        push_pop(a, callee_saved[k], false);
    x_mov_rr(a, 1, R13, RDI);
    x_mov_rr(a, 1, RAX, RSI);
    x_rm(a, X_LDMXCSR, 0, 3, CPU_MEM(host_mxcsr));
    x_rm(a, X_LDMXCSR, 0, 2, CPU_MEM(mxcsr));
    x_store(a, SZ64, CPU_MEM(c_sp), RSP);
    x_rm(a, X_MOV_RM, 1, RSP, CPU_MEM(jit_sp));
    move_pins(a, s, false);
    x_rr(a, X_GRP5, 0, 4, RAX);
}

static const uint8_t *emit_leave(struct asm_buf *a, const struct ir_state *s, bool vzeroupper)
{
    const uint8_t *leave = asm_here(a);
    move_pins(a, s, true);
    x_rm(a, X_LDMXCSR, 0, 3, CPU_MEM(mxcsr));
    x_rm(a, X_LDMXCSR, 0, 2, CPU_MEM(host_mxcsr));
    x_store(a, SZ64, CPU_MEM(jit_sp), RSP);
    x_rm(a, X_MOV_RM, 1, RSP, CPU_MEM(c_sp));
    if (vzeroupper)
        x_u8(a, 0xc5), x_u8(a, 0xf8), x_u8(a, 0x77);
    for (unsigned k = ARRAY_LEN(callee_saved); k-- > 0;)
        push_pop(a, callee_saved[k], true);
    x_u8(a, 0xc3);
    return leave;
}

/* [off] := rax; exit_reason := reason; leave */
static const uint8_t *emit_exit(struct asm_buf *a, const uint8_t *leave, enum cpu_exit reason, int32_t off)
{
    const uint8_t *entry = asm_here(a);
    x_store(a, SZ64, MEM(R13, off), RAX);
    x_mov_mi(a, SZ32, CPU_MEM(exit_reason), (int32_t)reason);
    x_jmp_to(a, leave);
    return entry;
}

static const uint8_t *emit_exit_link(struct asm_buf *a, const uint8_t *leave)
{
    const uint8_t *entry = asm_here(a);
    x_rm(a, X_MOV_RM, 1, RCX, MEM(RAX, offsetof(struct tcg_exit, pc)));
    x_store(a, SZ64, CPU_MEM(pc), RCX);
    emit_exit(a, leave, CPU_EXIT_LINK, CPU_OFF(exit_arg));
    return entry;
}

/* ---- indirect jumps and returns ---- */

void tcg_emit_ibtc(struct asm_buf *a, const struct tcg_glue *glue)
{
    unsigned key = RAX;
    static_assert(sizeof(struct cpu_ibtc_entry) == 16, "index * 16 = (pc & mask << 1) * 8");
    struct x_mem pc = {
        .base = R13, .index = RCX, .shift = 3, .disp = CPU_OFF(ibtc) + (int)offsetof(struct cpu_ibtc_entry, pc)};
    struct x_mem host = pc;
    host.disp = CPU_OFF(ibtc) + (int)offsetof(struct cpu_ibtc_entry, host);
    x_mov_rr(a, 0, RCX, RAX);
    x_alu_ri(a, ALU_AND, SZ32, RCX, (CPU_IBTC_SIZE - 1) << 1);
    if (glue->modes) { /* cpu_ibtc_key */
        key = RDX;
        x_rm(a, X_MOV_RM, 0, RDX, CPU_MEM(mode));
        x_shift_ri(a, SH_SHL, 1, RDX, CPU_IBTC_MODE_SHIFT);
        x_alu_rr(a, ALU_XOR, SZ64, RDX, RAX);
    }
    x_alu_rm(a, ALU_CMP, SZ64, key, pc);
    x_u8(a, 0x0f), x_branch_to(a, 0x80 + CC_NE, glue->exit_lookup);
    x_rm(a, X_GRP5, 0, 4, host);
}

/* rax = target; looks for its level on the stack above rsp. If there is none near, the stack stays as it is: a region
 * that followed a call pushed nothing for it, and what is on the stack will match later. What longjmp or a change of
 * coroutines left behind never does, so every CPU_RET_MISSES-th miss drops the stack. */
static void emit_ret_miss(struct asm_buf *a, struct tcg_glue *glue)
{
    enum { LEVELS = 8 };
    glue->ret_miss = asm_here(a);
    x_mov_rr(a, 1, R10, RAX);
    x_rr(a, X_GRP3, 1, UN_NOT, R10);
    x_mov_rr(a, 1, RDX, RSP);
    x_mov_ri(a, RCX, LEVELS);
    x_alu_rm(a, ALU_CMP, SZ64, R10, MEM(RDX, 8));
    uint32_t here = x_jcc8(a, CC_E);
    size_t again = asm_off(a);
    x_alu_rm(a, ALU_CMP, SZ64, RDX, CPU_MEM(jit_sp_base));
    uint32_t bottom = x_jcc8(a, CC_AE);
    x_alu_ri(a, ALU_ADD, SZ64, RDX, 16);
    x_alu_rm(a, ALU_CMP, SZ64, RAX, MEM(RDX, 8));
    uint32_t found = x_jcc8(a, CC_E);
    x_alu_rm(a, ALU_CMP, SZ64, R10, MEM(RDX, 8));
    uint32_t marked = x_jcc8(a, CC_E);
    x_alu_ri(a, ALU_SUB, SZ32, RCX, 1);
    x_bind_to(a, x_jcc(a, CC_NE), again);
    x_bind8(a, bottom);
    x_rm(a, X_MOV_RM, 0, RCX, CPU_MEM(ret_misses));
    x_alu_ri(a, ALU_ADD, SZ32, RCX, 1);
    x_rm(a, X_MOV_MR, 0, RCX, CPU_MEM(ret_misses));
    x_alu_ri(a, ALU_AND, SZ32, RCX, CPU_RET_MISSES - 1);
    uint32_t keep = x_jcc8(a, CC_NE);
    x_rm(a, X_MOV_RM, 1, RSP, CPU_MEM(jit_sp_base));
    x_bind8(a, keep);
    x_jmp_to(a, glue->jump_ind);
    x_bind8(a, found);
    x_bind8(a, marked);
    x_bind8(a, here);
    x_mov_rr(a, 1, RSP, RDX);
    x_u8(a, 0xc3);
}

/* fp_watch_read for code that has no time to save registers; rsp % 16 == 0 here. No value lives in the upper half of a
 * ymm. */
static void emit_fp_flags(struct asm_buf *a, struct tcg_glue *glue)
{
    static const uint8_t saved[] = {RAX, RCX, RDX, RSI, RDI, R8, R9, R10, R11};
    enum { XMMS = 16, FRAME = XMMS * 16 + 8 };
    glue->fp_flags = asm_here(a);
    for (unsigned k = 0; k < ARRAY_LEN(saved); k++)
        push_pop(a, saved[k], false);
    x_alu_ri(a, ALU_SUB, SZ64, RSP, FRAME);
    for (unsigned k = 0; k < XMMS; k++)
        x_rm(a, X_MOVUPS_MR, 0, XMM(k), MEM(RSP, 16 * (int)k));
    x_mov_rr(a, 1, RDI, R13);
    x_mov_ri(a, RAX, (uint64_t)(uintptr_t)fp_watch_read);
    x_rr(a, X_GRP5, 0, 2, RAX);
    x_store(a, SZ32, CPU_MEM(fp_read), RAX);
    for (unsigned k = 0; k < XMMS; k++)
        x_rm(a, X_MOVUPS_RM, 0, XMM(k), MEM(RSP, 16 * (int)k));
    x_alu_ri(a, ALU_ADD, SZ64, RSP, FRAME);
    for (unsigned k = ARRAY_LEN(saved); k-- > 0;)
        push_pop(a, saved[k], true);
    x_u8(a, 0xc3);
}

enum status tcg_emit_glue(uint8_t *rw, const uint8_t *rx, size_t capacity, const struct ir_state *state,
                          struct tcg_glue *glue)
{
    struct asm_buf a = {.p = rw, .start = rw, .end = rw + capacity, .rx = rx};
    if (capacity < 4096)
        return STATUS_CACHE_FULL;
    *glue = (struct tcg_glue){.features = detect_features(), .modes = state->mode_row};
    emit_constants(&a, glue);
    emit_enter(&a, state, glue);
    const uint8_t *leave = emit_leave(&a, state, glue->features & TCG_HAS_AVX);
    glue->exit_link = emit_exit_link(&a, leave);
    glue->exit_lookup = emit_exit(&a, leave, CPU_EXIT_LOOKUP, CPU_OFF(pc));
    glue->exit_poll = emit_exit(&a, leave, CPU_EXIT_POLL, CPU_OFF(pc));
    glue->exit_hot = emit_exit(&a, leave, CPU_EXIT_HOT, CPU_OFF(exit_arg));
    glue->exit_trap = emit_exit(&a, leave, CPU_EXIT_TRAP, CPU_OFF(exit_arg));
    glue->jump_ind = asm_here(&a);
    tcg_emit_ibtc(&a, glue);
    emit_ret_miss(&a, glue);
    emit_fp_flags(&a, glue);
    glue->size = asm_off(&a);
    return STATUS_OK;
}

/* After a fault the return stack is dropped: what lies below its last known top may have been overwritten. */
void tcg_save_pinned(struct cpu *cpu, const struct ir_state *state, const void *ucontext)
{
    const ucontext_t *uc = ucontext;
    for (unsigned k = 0; k < CPU_PINNED_GPRS && k < state->pinned_gpr_count; k++)
        memcpy((char *)cpu + state->rows[state->pinned_gpr[k]].offset, &uc->uc_mcontext.gregs[pinned_gregs[k]], 8);
    for (unsigned k = 0; k < CPU_PINNED_FPRS && k < state->pinned_fpr_count; k++)
        memcpy((char *)cpu + state->rows[state->pinned_fpr[k]].offset,
               &uc->uc_mcontext.fpregs->_xmm[tcg_pinned_fprs[k] - XMM0], 8);
    cpu->mxcsr = uc->uc_mcontext.fpregs->mxcsr;
    cpu->jit_sp = cpu->jit_sp_base;
}
