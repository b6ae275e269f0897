/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces that exits are built from, in both tiers.
 *
 * I1  A patchable rel32 is 4-aligned and within one cache line: a store of it is atomic for threads that fetch it as an
 *     instruction.
 * I2  Every exit arrives with rsp % 16 == 8 and leaves so: a level of the return stack is 16 bytes.
 */
#include "tcg/x86_64/exit_parts.h"

#include "tcg/x86_64/regs.h"

void tcg_emit_link_stub(struct tcg_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit)
{
    hx_mov_address(a, HX_RAX, (uintptr_t)exit);
    hx_jmp_to(a, glue->exit_link);
}

void tcg_emit_push_return(struct tcg_buf *a, gaddr_t pc)
{
    if (tcg_fits32((int64_t)pc)) {
        hx_u8(a, 0x68), hx_u32(a, (uint32_t)pc);
    } else {
        hx_mov_ri(a, HX_RCX, pc);
        hx_u8(a, 0x50 + HX_RCX);
    }
}

uint32_t tcg_emit_patchable(struct tcg_buf *a, unsigned opcode, const uint8_t *base_rx, struct tcg_exit *exit)
{
    hx_align_rel32(a, 1);
    hx_u8(a, opcode);
    exit->jmp_off = (uint32_t)(tcg_buf_here(a) - base_rx);
    hx_u32(a, 0);
    return (uint32_t)tcg_buf_off(a);
}

void tcg_emit_mode_check(struct tcg_buf *a, const struct tcg_glue *glue, const struct tcg_exit *exit)
{
    if (!glue->modes)
        return;
    hx_alu_mi(a, HX_ALU_CMP, TCG_SZ32, HX_CPU(mode), (int32_t)exit->mode);
    uint32_t same = hx_jcc8(a, HX_CC_E);
    hx_mov_ri(a, HX_RAX, exit->pc);
    hx_jmp_to(a, glue->jump_ind);
    hx_bind8(a, same);
}

uint32_t tcg_emit_poll(struct tcg_buf *a)
{
    hx_alu_mi(a, HX_ALU_CMP, TCG_SZ32, HX_CPU(pending), 0);
    return hx_jcc(a, HX_CC_NE);
}

uint32_t tcg_emit_stack_check(struct tcg_buf *a)
{
    hx_alu_rm(a, HX_ALU_CMP, TCG_SZ64, HX_RSP, HX_CPU(jit_sp_limit));
    return hx_jcc(a, HX_CC_B);
}

void tcg_emit_trap_exit(struct tcg_buf *a, const struct tcg_glue *glue, unsigned trap, gaddr_t pc)
{
    hx_mov_ri(a, HX_RAX, pc);
    hx_store(a, TCG_SZ64, HX_CPU(pc), HX_RAX);
    hx_mov_ri(a, HX_RAX, trap);
    hx_jmp_to(a, glue->exit_trap);
}

/* Jumps on if the key of the slot at rcx * 8 is that in the register, else to miss. */
static void probe(struct tcg_buf *a, int key, const uint8_t *miss)
{
    static_assert(sizeof(struct cpu_ibtc_entry) == 16, "slot * 16 = (bits & mask << 1) * 8");
    struct tcg_mem pc = {.base = HX_R13,
                         .index = HX_RCX,
                         .shift = 3,
                         .disp = TCG_CPU_OFF(ibtc) + (int)offsetof(struct cpu_ibtc_entry, pc)};
    struct tcg_mem host = pc;
    host.disp = TCG_CPU_OFF(ibtc) + (int)offsetof(struct cpu_ibtc_entry, host);
    hx_alu_rm(a, HX_ALU_CMP, TCG_SZ64, (unsigned)key, pc);
    hx_u8(a, 0x0f), hx_branch_to(a, 0x80 + HX_CC_NE, miss);
    hx_rm(a, HX_GRP5, 0, 4, host);
}

/* The key of rax: rax itself where its mode is known to be 0, as that of most x86 code is; else made in rdx. */
void tcg_emit_ibtc(struct tcg_buf *a, const struct tcg_glue *glue, int mode)
{
    const bool plain = !glue->modes || mode == 0;
    hx_mov_rr(a, 0, HX_RCX, HX_RAX); /* cpu_ibtc_index */
    hx_shift_ri(a, HX_SH_SHR, 0, HX_RCX, CPU_IBTC_FOLD);
    hx_alu_rr(a, HX_ALU_XOR, TCG_SZ32, HX_RCX, HX_RAX);
    hx_alu_rm(a, HX_ALU_AND, TCG_SZ32, HX_RCX, HX_CPU(ibtc_mask));
    if (!plain) { /* cpu_ibtc_key */
        if (mode == TCG_ANY_MODE) {
            hx_rm(a, HX_MOV_RM, 0, HX_RDX, HX_CPU(mode));
            hx_shift_ri(a, HX_SH_SHL, 1, HX_RDX, CPU_IBTC_MODE_SHIFT);
        } else {
            hx_mov_ri(a, HX_RDX, (uint64_t)mode << CPU_IBTC_MODE_SHIFT);
        }
        hx_alu_rr(a, HX_ALU_XOR, TCG_SZ64, HX_RDX, HX_RAX);
    }
    probe(a, plain ? HX_RAX : HX_RDX, plain ? glue->ibtc_plain : glue->ibtc_other);
}

/* The keys are in rax and in rdx. */
void tcg_emit_ibtc_others(struct tcg_buf *a, struct tcg_glue *glue)
{
    glue->ibtc_plain = tcg_buf_here(a);
    hx_mov_rr(a, 1, HX_RDX, HX_RAX);
    glue->ibtc_other = tcg_buf_here(a);
    hx_alu_ri(a, HX_ALU_XOR, TCG_SZ32, HX_RCX, 1 << 1); /* cpu_ibtc_other */
    probe(a, HX_RDX, glue->exit_lookup);
}
