/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames as the Linux kernel lays them out for riscv64 (arch/riscv/kernel/signal.c, uapi asm/ucontext.h and
 * asm/sigcontext.h): struct rt_sigframe { siginfo; ucontext }.
 *
 * I1  The FP area is the largest member of its union (Q), whose trailing reserved words are zero: there is no extension
 *     context.
 * I2  A handler starts with ra at the sigreturn trampoline, a0 = signal, a1 = &siginfo, a2 = &ucontext, sp = frame. */
#include "frontend/riscv/rv_signal.h"

#include <string.h>

#include "frontend/riscv/rv_cpu.h"
#include "frontend/riscv/rv_state.h"

struct sig_stack {
    uint64_t sp;
    int32_t flags;
    uint32_t pad;
    uint64_t size;
};
struct sig_context {
    uint64_t pc, x[31];
    uint64_t f[32];
    uint32_t fcsr;
    uint32_t q_rest[67]; /* what the Q register file needs beyond D's */
};
struct sig_ucontext {
    uint64_t flags, link;
    struct sig_stack stack;
    uint64_t sigmask;
    uint8_t sigmask_pad[1024 / 8 - sizeof(uint64_t)];
    TANDEM_ALIGNED(16) struct sig_context mcontext;
};
struct rt_sigframe {
    uint8_t siginfo[128];
    struct sig_ucontext uc;
};

_Static_assert(offsetof(struct sig_ucontext, mcontext) == 176, "struct ucontext");
_Static_assert(offsetof(struct sig_context, f) == 256, "struct sigcontext");
_Static_assert(sizeof(struct sig_context) == 256 + 528, "union __riscv_fp_state");
_Static_assert(sizeof(struct rt_sigframe) == RV_SIGFRAME_SIZE, "struct rt_sigframe");

enum { FCSR_FRM_SHIFT = 5, FCSR_FRM_MASK = 7 };

void rv_sigframe_fill(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf)
{
    const struct rv_state *state = rv_state_const(cpu);
    struct rt_sigframe out = {0};
    struct sig_context *mc = &out.uc.mcontext;

    memcpy(out.siginfo, sig->siginfo, sizeof(out.siginfo));
    out.uc.stack.sp = sig->altstack_sp;
    out.uc.stack.flags = (int32_t)sig->altstack_flags;
    out.uc.stack.size = sig->altstack_size;
    out.uc.sigmask = sig->mask;
    mc->pc = cpu->pc;
    memcpy(mc->x, &state->x1, sizeof(mc->x));
    memcpy(mc->f, &state->f0, sizeof(mc->f));
    mc->fcsr = rv_fflags(cpu) | state->frm << FCSR_FRM_SHIFT;
    memcpy(buf, &out, sizeof(out));
}

void rv_sigframe_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame)
{
    struct rv_state *state = rv_state_of(cpu);

    state->x1 = sig->trampoline;
    state->x2 = frame;
    state->x10 = (uint64_t)sig->signo;
    state->x11 = frame + offsetof(struct rt_sigframe, siginfo);
    state->x12 = frame + offsetof(struct rt_sigframe, uc);
    cpu->pc = sig->handler;
}

/* False if the words that the kernel wants to be zero are not. */
bool rv_sigframe_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out)
{
    struct rv_state *state = rv_state_of(cpu);
    struct rt_sigframe in;
    const struct sig_context *mc = &in.uc.mcontext;
    const unsigned reserved = ARRAY_LEN(mc->q_rest) - 3;

    memcpy(&in, buf, sizeof(in));
    if (mc->q_rest[reserved] | mc->q_rest[reserved + 1] | mc->q_rest[reserved + 2])
        return false;
    out->mask = in.uc.sigmask;
    out->has_altstack = true;
    out->altstack_sp = in.uc.stack.sp;
    out->altstack_size = in.uc.stack.size;
    out->altstack_flags = (uint32_t)in.uc.stack.flags;
    cpu->pc = mc->pc & ~UINT64_C(1);
    memcpy(&state->x1, mc->x, sizeof(mc->x));
    memcpy(&state->f0, mc->f, sizeof(mc->f));
    state->fflags = mc->fcsr & RV_FFLAGS_MASK;
    state->frm = mc->fcsr >> FCSR_FRM_SHIFT & FCSR_FRM_MASK;
    cpu->resv.addr = ~UINT64_C(0);
    rv_fp_from_guest(cpu);
    return true;
}
