/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames as the Linux kernel lays them out for x86-64 (arch/x86/kernel/signal_64.c, uapi asm/sigcontext.h and
 * asm/ucontext.h): struct rt_sigframe { return address; ucontext; siginfo }, above it the XSAVE area that the ucontext
 * points at.
 *
 * I1  The frame begins 64-byte aligned with 8 bytes of nothing, so that a handler finds rsp as after a call: rsp + 8 is
 *     a multiple of 16.
 * I2  A handler starts with rdi = signal, rsi = &siginfo, rdx = &ucontext, rax = 0, DF clear, and FP registers as at
 *     the start of a program.
 * I3  FP_XSTATE_MAGIC1 in the area's software bytes and FP_XSTATE_MAGIC2 behind it say that there is more than fxsave's
 *     part; sigreturn believes them only together. */
#include "frontend/x86/abi/x86_signal.h"
#include "frontend/x86/abi/x86_odd_address.h"

#include <signal.h>
#include <string.h>

enum {
    UC_FP_XSTATE = 1,
    UC_SIGCONTEXT_SS = 2,
    UC_STRICT_RESTORE_SS = 4,
    XSTATE_MAGIC1 = 0x46505853,
    XSTATE_MAGIC2 = 0x46505845,
};
/* Exceptions as struct sigcontext names them, and bits of a page fault's error code (asm/trapnr.h, asm/trap_pf.h). */
enum {
    TRAP_DE = 0,
    TRAP_DB = 1,
    TRAP_BP = 3,
    TRAP_UD = 6,
    TRAP_SS = 12,
    TRAP_GP = 13,
    TRAP_PF = 14,
    TRAP_MF = 16,
    TRAP_AC = 17,
    TRAP_XF = 19
};
enum { PF_PROT = 1, PF_WRITE = 2, PF_USER = 4, PF_INSTR = 16 };

struct sig_stack {
    uint64_t sp;
    int32_t flags;
    uint32_t pad;
    uint64_t size;
};
struct sig_context {
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags;
    uint16_t cs, gs, fs, ss;
    uint64_t err, trapno, oldmask, cr2, fpstate, reserved[8];
};
struct sig_ucontext {
    uint64_t flags, link;
    struct sig_stack stack;
    struct sig_context mcontext;
    uint64_t sigmask;
};
struct sw_bytes { /* struct _fpx_sw_bytes */
    uint32_t magic1, extended_size;
    uint64_t xfeatures;
    uint32_t xstate_size, padding[7];
};
struct rt_sigframe {
    uint64_t pad; /* I1 */
    uint64_t pretcode;
    struct sig_ucontext uc;
    uint8_t siginfo[128];
    struct x86_xsave fp;
    uint32_t magic2;
};

_Static_assert(offsetof(struct sig_ucontext, mcontext) == 40, "struct ucontext");
_Static_assert(sizeof(struct sig_context) == 256, "struct sigcontext");
_Static_assert(offsetof(struct rt_sigframe, fp) == X86_SIGFRAME_CORE && X86_SIGFRAME_CORE % 64 == 0,
               "struct rt_sigframe");
_Static_assert(sizeof(struct rt_sigframe) == X86_SIGFRAME_SIZE, "struct rt_sigframe");
_Static_assert(sizeof(struct sw_bytes) == 48, "struct _fpx_sw_bytes");

/* arch/x86/kernel/traps.c: what the CPU gives no address for has none. */
void x86_trap(const struct cpu *cpu, enum ir_trap trap, struct guest_trap *out)
{
    static const struct {
        int signo, code;
        bool has_address;
    } traps[IR_TRAP_COUNT] = {
        [IR_TRAP_BREAKPOINT] = {SIGTRAP, SI_KERNEL, false}, [IR_TRAP_DEBUG] = {SIGTRAP, TRAP_BRKPT, true},
        [IR_TRAP_ILLEGAL] = {SIGILL, ILL_ILLOPN, true},     [IR_TRAP_DIV_ZERO] = {SIGFPE, FPE_INTDIV, true},
        [IR_TRAP_MISALIGNED] = {SIGBUS, BUS_ADRALN, false}, [IR_TRAP_FETCH] = {SIGSEGV, SEGV_MAPERR, true},
        [IR_TRAP_PRIVILEGED] = {SIGSEGV, SI_KERNEL, false}, [IR_TRAP_FP] = {SIGFPE, FPE_FLTINV, true},
        [IR_TRAP_X87] = {SIGFPE, FPE_FLTINV, true},
    };
    *out = (struct guest_trap){traps[trap].signo, traps[trap].code, traps[trap].has_address ? cpu->pc : 0};
    if (trap == IR_TRAP_FP)
        out->code = x86_sse_trap_code(cpu);
    if (trap == IR_TRAP_X87)
        out->code = x86_x87_trap_code(cpu);
    if (trap == IR_TRAP_FETCH && !x86_is_canonical(cpu->pc)) { /* it is the jump that faults */
        out->code = SI_KERNEL;
        out->addr = 0;
    }
}

bool x86_steps(const struct cpu *cpu) { return x86_state_const(cpu)->fl_x & X86_TF; }

/* ---- out ---- */

static void fill_registers(struct sig_context *mc, const struct cpu *cpu)
{
    const struct x86_state *s = x86_state_const(cpu);
    *mc = (struct sig_context){
        .r8 = s->r8,
        .r9 = s->r9,
        .r10 = s->r10,
        .r11 = s->r11,
        .r12 = s->r12,
        .r13 = s->r13,
        .r14 = s->r14,
        .r15 = s->r15,
        .rdi = s->rdi,
        .rsi = s->rsi,
        .rbp = s->rbp,
        .rbx = s->rbx,
        .rdx = s->rdx,
        .rax = s->rax,
        .rcx = s->rcx,
        .rsp = s->rsp,
        .rip = cpu->pc,
        .eflags = x86_get_eflags(s),
        .cs = s->cs,
        .gs = s->gs,
        .fs = s->fs,
        .ss = s->ss,
    };
}

void x86_note_cause(struct cpu *cpu, const struct guest_signal *sig, int code, gaddr_t addr)
{
    struct x86_cause *c = &x86_state_of(cpu)->cause;
    c->err = c->trapno = 0;
    switch (sig->signo) {
    case SIGSEGV:
    case SIGBUS:
        c->trapno = code == SI_KERNEL                            ? (sig->signo == SIGBUS ? TRAP_SS : TRAP_GP)
                    : code == BUS_ADRALN && sig->signo == SIGBUS ? TRAP_AC
                                                                 : TRAP_PF;
        if (c->trapno != TRAP_PF)
            break;
        c->cr2 = addr;
        c->err = PF_USER | (sig->fault & GUEST_FAULT_WRITE ? PF_WRITE : 0) |
                 (sig->fault & GUEST_FAULT_PRESENT ? PF_PROT : 0) | (sig->fault & GUEST_FAULT_FETCH ? PF_INSTR : 0);
        break;
    case SIGFPE:
        c->trapno = code == FPE_INTDIV ? TRAP_DE : x86_sse_trap_code(cpu) ? TRAP_XF : TRAP_MF;
        break;
    case SIGILL:
        c->trapno = TRAP_UD;
        break;
    case SIGTRAP:
        c->trapno = code == SI_KERNEL ? TRAP_BP : TRAP_DB;
        break;
    }
}

/* The kernel keeps the last exception: frames of other signals show it, too. */
static void fill_fault(struct sig_context *mc, struct cpu *cpu, const struct guest_signal *sig)
{
    siginfo_t info; /* the host's layout is the guest's */
    memcpy(&info, sig->siginfo, sizeof info);
    if (sig->sync)
        x86_note_cause(cpu, sig, info.si_code, (uintptr_t)info.si_addr);
    const struct x86_cause *c = &x86_state_const(cpu)->cause;
    mc->trapno = c->trapno;
    mc->err = c->err;
    mc->cr2 = c->cr2;
}

void x86_sigframe_put_fp(const struct cpu *cpu, struct x86_xsave *fp, uint32_t *magic2, size_t before)
{
    const struct sw_bytes sw = {.magic1 = XSTATE_MAGIC1,
                                .extended_size = (uint32_t)(before + sizeof *fp + sizeof *magic2),
                                .xfeatures = X86_XF_ALL,
                                .xstate_size = sizeof *fp};
    x86_fpstate_store(cpu, fp, X86_XF_ALL);
    fp->xstate_bv = X86_XF_ALL;
    memcpy(fp->software, &sw, sizeof sw);
    *magic2 = XSTATE_MAGIC2;
}

void x86_sigframe_fill(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf)
{
    struct rt_sigframe out = {0};
    out.pretcode = sig->sa_flags & X86_SA_RESTORER ? sig->restorer : sig->trampoline;
    out.uc.flags = UC_FP_XSTATE | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;
    out.uc.stack =
        (struct sig_stack){.sp = sig->altstack_sp, .flags = (int32_t)sig->altstack_flags, .size = sig->altstack_size};
    out.uc.sigmask = sig->mask;
    fill_registers(&out.uc.mcontext, cpu);
    out.uc.mcontext.oldmask = sig->mask;
    out.uc.mcontext.fpstate = frame + offsetof(struct rt_sigframe, fp);
    fill_fault(&out.uc.mcontext, cpu, sig);
    memcpy(out.siginfo, sig->siginfo, sizeof out.siginfo);
    x86_sigframe_put_fp(cpu, &out.fp, &out.magic2, 0);
    memcpy(buf, &out, sizeof out);
}

void x86_sigframe_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame)
{
    struct x86_state *s = x86_state_of(cpu);
    s->rdi = (uint64_t)sig->signo;
    s->rsi = frame + offsetof(struct rt_sigframe, siginfo);
    s->rdx = frame + offsetof(struct rt_sigframe, uc);
    s->rax = 0;
    s->rsp = frame + offsetof(struct rt_sigframe, pretcode);
    x86_set_eflags(s, x86_get_eflags(s) & ~(uint32_t)(X86_DF | X86_TF));
    x86_fpstate_load(cpu, NULL, X86_XF_ALL, 0);
    cpu->pc = sig->handler;
}

/* ---- back ---- */

bool x86_sigframe_part(const uint8_t *buf, struct guest_sigframe_part *part)
{
    struct rt_sigframe in;
    memcpy(&in, buf, X86_SIGFRAME_CORE);
    *part = (struct guest_sigframe_part){.at = in.uc.mcontext.fpstate,
                                         .offset = offsetof(struct rt_sigframe, fp),
                                         .least = X86_FXSAVE_SIZE,
                                         .size = sizeof in.fp + sizeof in.magic2};
    return part->at != 0;
}

static void restore_registers(struct cpu *cpu, const struct sig_context *mc)
{
    struct x86_state *s = x86_state_of(cpu);
    s->r8 = mc->r8, s->r9 = mc->r9, s->r10 = mc->r10, s->r11 = mc->r11;
    s->r12 = mc->r12, s->r13 = mc->r13, s->r14 = mc->r14, s->r15 = mc->r15;
    s->rdi = mc->rdi, s->rsi = mc->rsi, s->rbp = mc->rbp, s->rbx = mc->rbx;
    s->rdx = mc->rdx, s->rax = mc->rax, s->rcx = mc->rcx, s->rsp = mc->rsp;
    x86_set_eflags(s, (uint32_t)mc->eflags);
    cpu->pc = mc->rip;
}

bool x86_sigframe_take_fp(struct cpu *cpu, const struct x86_xsave *fp, uint32_t magic2, bool there)
{
    struct sw_bytes sw;
    memcpy(&sw, fp->software, sizeof sw);
    bool extended = sw.magic1 == XSTATE_MAGIC1 && sw.xstate_size == sizeof *fp && magic2 == XSTATE_MAGIC2; /* I3 */
    unsigned present = extended ? (unsigned)(fp->xstate_bv & sw.xfeatures) : X86_XF_X87 | X86_XF_SSE;
    if (!there)
        present = 0;
    if (present && fp->x87.mxcsr & ~(uint32_t)X86_MXCSR_MASK)
        return false;
    x86_fpstate_load(cpu, fp, X86_XF_ALL, present);
    return true;
}

bool x86_sigframe_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out)
{
    struct rt_sigframe in;
    memcpy(&in, buf, sizeof in);
    if (!x86_sigframe_take_fp(cpu, &in.fp, in.magic2, in.uc.mcontext.fpstate != 0))
        return false;
    restore_registers(cpu, &in.uc.mcontext);
    out->mask = in.uc.sigmask;
    out->has_altstack = true;
    out->altstack_sp = in.uc.stack.sp;
    out->altstack_size = in.uc.stack.size;
    out->altstack_flags = (uint32_t)in.uc.stack.flags;
    cpu->resv.addr = ~UINT64_C(0);
    return true;
}
