/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of x86 as ptrace shows them: struct user_regs_struct of both widths (uapi asm/ptrace-abi.h,
 * asm/user_64.h and user_32.h), and the XSAVE area of NT_X86_XSTATE.
 *
 * I1  Segment registers are shown, and what is written to them is ignored; x86-64's bases are set.
 * I2  The trap flag is the debugger's while it steps, and the program's own otherwise: what is written is kept. */
#include "frontend/x86/abi/x86_ptrace.h"

#include <elf.h>
#include <string.h>

#include "frontend/x86/x87/x86_fpstate.h"

struct regs_64 {
    uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi, orig_rax, rip, cs, eflags, rsp,
        ss, fs_base, gs_base, ds, es, fs, gs;
};
struct regs_32 {
    uint32_t ebx, ecx, edx, esi, edi, ebp, eax, ds, es, fs, gs, orig_eax, eip, cs, eflags, esp, ss;
};
_Static_assert(sizeof(struct regs_64) == 216 && offsetof(struct regs_64, orig_rax) == 120, "struct user_regs_struct");
_Static_assert(sizeof(struct regs_32) == 68 && offsetof(struct regs_32, orig_eax) == 44, "struct user_regs_struct32");

static void get_fp(const struct cpu *cpu, uint8_t *fp)
{
    struct x86_xsave area;
    const uint64_t features = X86_XF_ALL;
    memset(&area, 0, sizeof area);
    x86_fpstate_store(cpu, &area, X86_XF_ALL);
    area.xstate_bv = X86_XF_ALL;
    memcpy(area.software, &features, sizeof features); /* as the kernel: XCR0 */
    memcpy(fp, &area, sizeof area);
}

static bool is_fp(const uint8_t *fp)
{
    struct x86_xsave area;
    memcpy(&area, fp, sizeof area);
    return !(area.x87.mxcsr & ~(uint32_t)X86_MXCSR_MASK);
}

static void set_fp(struct cpu *cpu, const uint8_t *fp)
{
    struct x86_xsave area;
    memcpy(&area, fp, sizeof area);
    x86_fpstate_load(cpu, &area, X86_XF_ALL, (unsigned)area.xstate_bv & X86_XF_ALL);
}

static void get_64(const struct cpu *cpu, uint8_t *regs, uint8_t *fp)
{
    const struct x86_state *s = x86_state_const(cpu);
    const struct regs_64 r = {.r15 = s->r15,
                              .r14 = s->r14,
                              .r13 = s->r13,
                              .r12 = s->r12,
                              .rbp = s->rbp,
                              .rbx = s->rbx,
                              .r11 = s->r11,
                              .r10 = s->r10,
                              .r9 = s->r9,
                              .r8 = s->r8,
                              .rax = s->rax,
                              .rcx = s->rcx,
                              .rdx = s->rdx,
                              .rsi = s->rsi,
                              .rdi = s->rdi,
                              .rip = cpu->pc,
                              .cs = s->cs,
                              .eflags = x86_get_eflags(s),
                              .rsp = s->rsp,
                              .ss = s->ss,
                              .fs_base = s->fs_base,
                              .gs_base = s->gs_base,
                              .ds = s->ds,
                              .es = s->es,
                              .fs = s->fs,
                              .gs = s->gs};
    memcpy(regs, &r, sizeof r);
    get_fp(cpu, fp);
}

static void set_64(struct cpu *cpu, const uint8_t *regs)
{
    struct x86_state *s = x86_state_of(cpu);
    struct regs_64 r;
    memcpy(&r, regs, sizeof r);
    s->r8 = r.r8, s->r9 = r.r9, s->r10 = r.r10, s->r11 = r.r11;
    s->r12 = r.r12, s->r13 = r.r13, s->r14 = r.r14, s->r15 = r.r15;
    s->rdi = r.rdi, s->rsi = r.rsi, s->rbp = r.rbp, s->rbx = r.rbx;
    s->rdx = r.rdx, s->rax = r.rax, s->rcx = r.rcx, s->rsp = r.rsp;
    s->fs_base = r.fs_base, s->gs_base = r.gs_base; /* I1 */
    x86_set_eflags(s, (uint32_t)r.eflags);
    cpu->pc = r.rip;
}

static void get_32(const struct cpu *cpu, uint8_t *regs, uint8_t *fp)
{
    const struct x86_state *s = x86_state_const(cpu);
    const struct regs_32 r = {.ebx = (uint32_t)s->rbx,
                              .ecx = (uint32_t)s->rcx,
                              .edx = (uint32_t)s->rdx,
                              .esi = (uint32_t)s->rsi,
                              .edi = (uint32_t)s->rdi,
                              .ebp = (uint32_t)s->rbp,
                              .eax = (uint32_t)s->rax,
                              .ds = s->ds,
                              .es = s->es,
                              .fs = s->fs,
                              .gs = s->gs,
                              .eip = (uint32_t)cpu->pc,
                              .cs = s->cs,
                              .eflags = x86_get_eflags(s),
                              .esp = (uint32_t)s->rsp,
                              .ss = s->ss};
    memcpy(regs, &r, sizeof r);
    get_fp(cpu, fp);
}

static void set_32(struct cpu *cpu, const uint8_t *regs)
{
    struct x86_state *s = x86_state_of(cpu);
    struct regs_32 r;
    memcpy(&r, regs, sizeof r);
    s->rbx = r.ebx, s->rcx = r.ecx, s->rdx = r.edx, s->rsi = r.esi;
    s->rdi = r.edi, s->rbp = r.ebp, s->rax = r.eax, s->rsp = r.esp;
    x86_set_eflags(s, r.eflags);
    cpu->pc = r.eip;
}

const struct guest_ptrace x86_ptrace_64 = {
    .regs_size = sizeof(struct regs_64),
    .fp_size = sizeof(struct x86_xsave),
    .fp_note = NT_X86_XSTATE,
    .steps = true,
    .orig_at = offsetof(struct regs_64, orig_rax),
    .get = get_64,
    .set_regs = set_64,
    .is_fp = is_fp,
    .set_fp = set_fp,
};

const struct guest_ptrace x86_ptrace_32 = {
    .regs_size = sizeof(struct regs_32),
    .fp_size = sizeof(struct x86_xsave),
    .fp_note = NT_X86_XSTATE,
    .steps = true,
    .orig_at = offsetof(struct regs_32, orig_eax),
    .get = get_32,
    .set_regs = set_32,
    .is_fp = is_fp,
    .set_fp = set_fp,
};
