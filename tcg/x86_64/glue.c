/* SPDX-License-Identifier: Apache-2.0 */
/* Code between C and generated code, emitted once per code cache: enter, the ways to leave, indirect jumps, return
 * misses.
 *
 * Invariants
 * I1  enter saves C's callee-saved registers on C's stack, that stack's pointer in cpu->c_sp, and C's MXCSR in
 *     cpu->host_fp_env. leave restores all three.
 * I2  Between enter and leave, rsp is the stack of generated code (cpu->jit_sp).
 * I3  Every way to leave sets cpu->exit_reason, then stores the pinned registers.
 * I4  Code of either tier may jump to every way to leave.
 */
#include "src/host/context.h"
#include "src/ir/fp_watch.h"
#include "src/ir/interp/interp.h"
#include "src/ir/state.h"
#include "tcg/x86_64/consts.h"
#include "tcg/x86_64/exit_parts.h"
#include "tcg/x86_64/features.h"
#include "tcg/x86_64/regs.h"

static const uint8_t callee_saved[] = {HX_RBP, HX_RBX, HX_R12, HX_R13, HX_R14, HX_R15};

const bool tcg_available = true;

/* ---- enter and leave ---- */

static void move_pins(struct tcg_buf *a, const struct ir_state *s, bool save)
{
    for (unsigned k = 0; k < CPU_PINNED_GPRS && k < s->pinned_gpr_count; k++)
        hx_rm(a, save ? HX_MOV_MR : HX_MOV_RM, 1, tcg_pinned_gprs[k],
              TCG_MEM(HX_R13, s->rows[s->pinned_gpr[k]].offset));
    for (unsigned k = 0; k < CPU_PINNED_FPRS && k < s->pinned_fpr_count; k++)
        hx_rm(a, save ? HX_MOVSD_MR : HX_MOVSD_RM, 0, tcg_pinned_fprs[k],
              TCG_MEM(HX_R13, s->rows[s->pinned_fpr[k]].offset));
}

static void emit_enter(struct tcg_buf *a, const struct ir_state *s, struct tcg_glue *glue)
{
    glue->enter = tcg_buf_here(a);
    for (unsigned k = 0; k < ARRAY_LEN(callee_saved); k++)
        hx_push(a, callee_saved[k]);
    hx_mov_rr(a, 1, HX_R13, HX_RDI);
    hx_mov_rr(a, 1, HX_RAX, HX_RSI);
    hx_rm(a, HX_LDMXCSR, 0, 3, HX_CPU(host_fp_env));
    hx_rm(a, HX_LDMXCSR, 0, 2, HX_CPU(fp_env));
    hx_store(a, TCG_SZ64, HX_CPU(c_sp), HX_RSP);
    hx_rm(a, HX_MOV_RM, 1, HX_RSP, HX_CPU(jit_sp));
    move_pins(a, s, false);
    hx_rr(a, HX_GRP5, 0, 4, HX_RAX);
}

static const uint8_t *emit_leave(struct tcg_buf *a, const struct ir_state *s, bool vzeroupper)
{
    const uint8_t *leave = tcg_buf_here(a);
    move_pins(a, s, true);
    hx_rm(a, HX_LDMXCSR, 0, 3, HX_CPU(fp_env));
    hx_rm(a, HX_LDMXCSR, 0, 2, HX_CPU(host_fp_env));
    hx_store(a, TCG_SZ64, HX_CPU(jit_sp), HX_RSP);
    hx_rm(a, HX_MOV_RM, 1, HX_RSP, HX_CPU(c_sp));
    if (vzeroupper)
        hx_u8(a, 0xc5), hx_u8(a, 0xf8), hx_u8(a, 0x77);
    for (unsigned k = ARRAY_LEN(callee_saved); k-- > 0;)
        hx_pop(a, callee_saved[k]);
    hx_u8(a, 0xc3);
    return leave;
}

/* One way to leave: stores rax at cpu + off, sets exit_reason, and jumps to leave. */
static const uint8_t *emit_exit(struct tcg_buf *a, const uint8_t *leave, enum cpu_exit reason, int32_t off)
{
    const uint8_t *entry = tcg_buf_here(a);
    hx_store(a, TCG_SZ64, TCG_MEM(HX_R13, off), HX_RAX);
    hx_mov_mi(a, TCG_SZ32, HX_CPU(exit_reason), (int32_t)reason);
    hx_jmp_to(a, leave);
    return entry;
}

static const uint8_t *emit_exit_link(struct tcg_buf *a, const uint8_t *leave)
{
    const uint8_t *entry = tcg_buf_here(a);
    hx_rm(a, HX_MOV_RM, 1, HX_RCX, TCG_MEM(HX_RAX, offsetof(struct tcg_exit, pc)));
    hx_store(a, TCG_SZ64, HX_CPU(pc), HX_RCX);
    emit_exit(a, leave, CPU_EXIT_LINK, TCG_CPU_OFF(exit_arg));
    return entry;
}

/* rax: an array of exits; the number of one is popped. */
static const uint8_t *emit_exit_link_of(struct tcg_buf *a, const uint8_t *exit_link)
{
    static_assert(sizeof(struct tcg_exit) == 48, "number * 3 * 16");
    const uint8_t *entry = tcg_buf_here(a);
    hx_pop(a, HX_RCX);
    hx_lea(a, 1, HX_RCX, (struct tcg_mem){.base = HX_RCX, .index = HX_RCX, .shift = 1});
    hx_shift_ri(a, HX_SH_SHL, 1, HX_RCX, 4);
    hx_alu_rr(a, HX_ALU_ADD, TCG_SZ64, HX_RAX, HX_RCX);
    hx_jmp_to(a, exit_link);
    return entry;
}

/* ---- indirect jumps and returns ---- */

/* A guest return to rax that is not in the level on top of the stack. The code looks for rax, plain or as its
 * complement (a marked level), in the LEVELS levels above rsp. If it is there, newer levels are dropped, and a host ret
 * goes there. If it is not, the jump is indirect and the stack stays as it is: a region that followed a call has pushed
 * nothing for it, and the levels on the stack will match later returns. Levels that longjmp or a change of coroutines
 * left behind never match. So every CPU_RET_MISSES-th miss drops the whole stack. */
static void emit_ret_miss(struct tcg_buf *a, struct tcg_glue *glue)
{
    enum { LEVELS = 8 };
    glue->ret_miss = tcg_buf_here(a);
    hx_mov_rr(a, 1, HX_R10, HX_RAX);
    hx_rr(a, HX_GRP3, 1, HX_UN_NOT, HX_R10);
    hx_mov_rr(a, 1, HX_RDX, HX_RSP);
    hx_mov_ri(a, HX_RCX, LEVELS);
    hx_alu_rm(a, HX_ALU_CMP, TCG_SZ64, HX_R10, TCG_MEM(HX_RDX, 8));
    uint32_t here = hx_jcc8(a, HX_CC_E);
    size_t again = tcg_buf_off(a);
    hx_alu_rm(a, HX_ALU_CMP, TCG_SZ64, HX_RDX, HX_CPU(jit_sp_base));
    uint32_t bottom = hx_jcc8(a, HX_CC_AE);
    hx_alu_ri(a, HX_ALU_ADD, TCG_SZ64, HX_RDX, 16);
    hx_alu_rm(a, HX_ALU_CMP, TCG_SZ64, HX_RAX, TCG_MEM(HX_RDX, 8));
    uint32_t found = hx_jcc8(a, HX_CC_E);
    hx_alu_rm(a, HX_ALU_CMP, TCG_SZ64, HX_R10, TCG_MEM(HX_RDX, 8));
    uint32_t marked = hx_jcc8(a, HX_CC_E);
    hx_alu_ri(a, HX_ALU_SUB, TCG_SZ32, HX_RCX, 1);
    hx_bind_to(a, hx_jcc(a, HX_CC_NE), again);
    hx_bind8(a, bottom);
    hx_rm(a, HX_MOV_RM, 0, HX_RCX, HX_CPU(ret_misses));
    hx_alu_ri(a, HX_ALU_ADD, TCG_SZ32, HX_RCX, 1);
    hx_rm(a, HX_MOV_MR, 0, HX_RCX, HX_CPU(ret_misses));
    hx_alu_ri(a, HX_ALU_AND, TCG_SZ32, HX_RCX, CPU_RET_MISSES - 1);
    uint32_t keep = hx_jcc8(a, HX_CC_NE);
    hx_rm(a, HX_MOV_RM, 1, HX_RSP, HX_CPU(jit_sp_base));
    hx_bind8(a, keep);
    hx_jmp_to(a, glue->jump_ind);
    hx_bind8(a, found);
    hx_bind8(a, marked);
    hx_bind8(a, here);
    hx_mov_rr(a, 1, HX_RSP, HX_RDX);
    hx_u8(a, 0xc3);
}

/* A C function is called between save and restore, for code whose registers are in use: every register is kept. rsp %
 * 16 is 0 at the entry. xmm registers are saved, and not the upper halves of ymm ones: no value lives there. */
static const uint8_t kept[] = {HX_RAX, HX_RCX, HX_RDX, HX_RSI, HX_RDI, HX_R8, HX_R9, HX_R10, HX_R11};
enum { XMMS = 16, KEPT_FRAME = XMMS * 16 + 8 };

static const uint8_t *save_kept(struct tcg_buf *a)
{
    const uint8_t *entry = tcg_buf_here(a);
    for (unsigned k = 0; k < ARRAY_LEN(kept); k++)
        hx_push(a, kept[k]);
    hx_alu_ri(a, HX_ALU_SUB, TCG_SZ64, HX_RSP, KEPT_FRAME);
    for (unsigned k = 0; k < XMMS; k++)
        hx_rm(a, HX_MOVUPS_MR, 0, HX_XMM(k), TCG_MEM(HX_RSP, 16 * (int)k));
    hx_mov_rr(a, 1, HX_RDI, HX_R13);
    return entry;
}

static void call_c(struct tcg_buf *a, uint64_t fn)
{
    hx_mov_ri(a, HX_RAX, fn);
    hx_rr(a, HX_GRP5, 0, 2, HX_RAX);
}

static void restore_kept(struct tcg_buf *a)
{
    for (unsigned k = 0; k < XMMS; k++)
        hx_rm(a, HX_MOVUPS_RM, 0, HX_XMM(k), TCG_MEM(HX_RSP, 16 * (int)k));
    hx_alu_ri(a, HX_ALU_ADD, TCG_SZ64, HX_RSP, KEPT_FRAME);
    for (unsigned k = ARRAY_LEN(kept); k-- > 0;)
        hx_pop(a, kept[k]);
    hx_u8(a, 0xc3);
}

static void emit_kept_calls(struct tcg_buf *a, struct tcg_glue *glue)
{
    glue->fp_flags = save_kept(a);
    call_c(a, (uint64_t)(uintptr_t)fp_watch_read);
    hx_store(a, TCG_SZ32, HX_CPU(fp_read), HX_RAX);
    restore_kept(a);
    glue->eval = save_kept(a);
    hx_lea(a, 1, HX_RCX, HX_CPU(spill));
    hx_lea(a, 1, HX_R8, TCG_MEM(HX_R13, TCG_CPU_OFF(spill) + TCG_EVAL_RESULT_OFF));
    call_c(a, (uint64_t)(uintptr_t)ir_eval);
    restore_kept(a);
}

enum status tcg_emit_glue(uint8_t *rw, const uint8_t *rx, size_t capacity, const struct ir_state *state,
                          struct tcg_glue *glue)
{
    struct tcg_buf a = {.p = rw, .start = rw, .end = rw + capacity, .rx = rx};
    if (capacity < TCG_GLUE_BYTES)
        return STATUS_CACHE_FULL;
    *glue = (struct tcg_glue){.features = tcg_detect_features(), .modes = state->mode_row};
    glue->consts = tcg_emit_constants(&a);
    emit_enter(&a, state, glue);
    const uint8_t *leave = emit_leave(&a, state, glue->features & TCG_HAS_AVX);
    glue->exit_link = emit_exit_link(&a, leave);
    glue->exit_link_of = emit_exit_link_of(&a, glue->exit_link);
    glue->exit_lookup = emit_exit(&a, leave, CPU_EXIT_LOOKUP, TCG_CPU_OFF(pc));
    glue->exit_poll = tcg_buf_here(&a);
    hx_pop(&a, HX_RCX);
    hx_store(&a, TCG_SZ64, HX_CPU(polled_from), HX_RCX);
    emit_exit(&a, leave, CPU_EXIT_POLL, TCG_CPU_OFF(pc));
    glue->exit_hot = emit_exit(&a, leave, CPU_EXIT_HOT, TCG_CPU_OFF(exit_arg));
    glue->exit_trap = emit_exit(&a, leave, CPU_EXIT_TRAP, TCG_CPU_OFF(exit_arg));
    tcg_emit_ibtc_others(&a, glue);
    glue->jump_ind = tcg_buf_here(&a);
    tcg_emit_ibtc(&a, glue, TCG_ANY_MODE);
    emit_ret_miss(&a, glue);
    emit_kept_calls(&a, glue);
    glue->size = tcg_buf_off(&a);
    return STATUS_OK;
}

/* Takes the pinned registers out of the context of a signal. The stack of generated code is dropped: its top is not
 * known, and what lay below the top that was stored last may have been overwritten. */
void tcg_save_pinned(struct cpu *cpu, const struct ir_state *state, const void *ucontext)
{
    const ucontext_t *uc = ucontext;
    for (unsigned k = 0; k < CPU_PINNED_GPRS && k < state->pinned_gpr_count; k++) {
        uint64_t value = host_context_gpr(uc, tcg_pinned_gprs[k]);
        memcpy((char *)cpu + state->rows[state->pinned_gpr[k]].offset, &value, sizeof value);
    }
    for (unsigned k = 0; k < CPU_PINNED_FPRS && k < state->pinned_fpr_count; k++)
        memcpy((char *)cpu + state->rows[state->pinned_fpr[k]].offset,
               host_context_fpr(uc, tcg_pinned_fprs[k] - HX_XMM0), 8);
    host_context_fpenv(uc, &cpu->fp_env);
    cpu->jit_sp = cpu->jit_sp_base;
}
