/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames as the Linux kernel lays them out for aarch64 (arch/arm64/kernel/signal.c, uapi asm/sigcontext.h):
 * struct rt_sigframe { siginfo; ucontext }, and above it a frame record, so that who walks the chain of x29 goes on to
 * what was interrupted.
 *
 * I1  The context ends with 4096 bytes of records { magic, size, ... }: fpsimd always, esr behind a fault, then one of
 *     size 0. Sigreturn wants the fpsimd one, knows some others that say nothing here, and refuses the rest.
 * I2  A handler starts with x30 at the trampoline, x0 = signal, sp = frame, x29 at the frame record, and with
 *     SA_SIGINFO x1 = &siginfo, x2 = &ucontext. */
#include "frontend/aarch64/a64_signal.h"

#include <signal.h>
#include <string.h>

#include "frontend/aarch64/a64_fpenv.h"
#include "frontend/aarch64/a64_state.h"

enum {
    RECORDS = 4096,
    MAGIC_FPSIMD = 0x46508001,
    MAGIC_ESR = 0x45535201,
    MAGIC_EXTRA = 0x45585401,
    KERNEL_SA_RESTORER = 0x04000000
};

struct sig_stack {
    uint64_t sp;
    int32_t flags;
    uint32_t pad;
    uint64_t size;
};
struct sig_record {
    uint32_t magic, size;
};
struct sig_fpsimd {
    struct sig_record head;
    uint32_t fpsr, fpcr;
    struct a64_vector v[32];
};
struct sig_esr {
    struct sig_record head;
    uint64_t esr;
};
struct sig_context {
    uint64_t fault_address;
    uint64_t x[31];
    uint64_t sp, pc, pstate;
    TANDEM_ALIGNED(16) uint8_t records[RECORDS];
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
    uint64_t record[2]; /* x29, x30 */
};

_Static_assert(offsetof(struct sig_ucontext, mcontext) == 176, "struct ucontext");
_Static_assert(offsetof(struct sig_context, records) == 288, "struct sigcontext");
_Static_assert(sizeof(struct sig_fpsimd) == 528, "struct fpsimd_context");
_Static_assert(offsetof(struct rt_sigframe, record) == 4688, "struct rt_sigframe");
_Static_assert(sizeof(struct rt_sigframe) == A64_SIGFRAME_SIZE, "with struct frame_record");

/* ESR_EL1 of what the kernel reports as SIGSEGV or SIGBUS (DDI 0487, D17.2.37). */
static uint64_t syndrome(const struct guest_signal *sig)
{
    enum { CLASS_SHIFT = 26, FETCH_ABORT = 0x20, DATA_ABORT = 0x24, IL = 1 << 25, WNR = 1 << 6 };
    enum { TRANSLATION_FAULT = 7, PERMISSION_FAULT = 15, SYNC_EXTERNAL = 16, BUS_ADDRESS_ALIGNED = 1, ALIGNMENT = 33 };
    int32_t code;
    memcpy(&code, sig->siginfo + 8, sizeof code);
    const uint64_t class = sig->fault & GUEST_FAULT_FETCH ? FETCH_ABORT : DATA_ABORT;
    uint64_t status = sig->fault & GUEST_FAULT_PRESENT ? PERMISSION_FAULT : TRANSLATION_FAULT;
    if (sig->signo == SIGBUS)
        status = code == BUS_ADDRESS_ALIGNED ? ALIGNMENT : SYNC_EXTERNAL;
    return class << CLASS_SHIFT | IL | (sig->fault & GUEST_FAULT_WRITE ? WNR : 0) | status;
}

static void fill_records(const struct cpu *cpu, const struct guest_signal *sig, struct sig_context *mc)
{
    const struct a64_state *state = a64_state_const(cpu);
    struct sig_fpsimd fp = {{MAGIC_FPSIMD, sizeof fp}, state->fpsr, state->fpcr, {{{0}}}};
    memcpy(fp.v, &state->v0, sizeof fp.v);
    memcpy(mc->records, &fp, sizeof fp);
    if (!sig->sync || (sig->signo != SIGSEGV && sig->signo != SIGBUS))
        return;
    const struct sig_esr esr = {{MAGIC_ESR, sizeof esr}, syndrome(sig)};
    memcpy(mc->records + sizeof fp, &esr, sizeof esr);
    memcpy(&mc->fault_address, sig->siginfo + 16, sizeof mc->fault_address);
}

void a64_sigframe_fill(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf)
{
    const struct a64_state *state = a64_state_const(cpu);
    struct rt_sigframe out;
    struct sig_context *mc = &out.uc.mcontext;

    memset(&out, 0, sizeof out);
    memcpy(out.siginfo, sig->siginfo, sizeof out.siginfo);
    out.uc.stack.sp = sig->altstack_sp;
    out.uc.stack.flags = (int32_t)sig->altstack_flags;
    out.uc.stack.size = sig->altstack_size;
    out.uc.sigmask = sig->mask;
    memcpy(mc->x, &state->x0, sizeof mc->x);
    mc->sp = state->sp;
    mc->pc = cpu->pc;
    mc->pstate = a64_get_nzcv(state);
    fill_records(cpu, sig, mc);
    out.record[0] = state->x29;
    out.record[1] = state->x30;
    memcpy(buf, &out, sizeof out);
}

void a64_sigframe_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame)
{
    struct a64_state *state = a64_state_of(cpu);
    state->x0 = (uint64_t)sig->signo;
    if (sig->sa_flags & SA_SIGINFO) {
        state->x1 = frame + offsetof(struct rt_sigframe, siginfo);
        state->x2 = frame + offsetof(struct rt_sigframe, uc);
    }
    state->sp = frame;
    state->x29 = frame + offsetof(struct rt_sigframe, record);
    state->x30 = sig->sa_flags & KERNEL_SA_RESTORER ? sig->restorer : sig->trampoline;
    cpu->pc = sig->handler;
}

/* I1: the fpsimd record, or NULL if the records are none. */
static const uint8_t *find_fpsimd(const struct sig_context *mc)
{
    const uint8_t *found = NULL;
    for (size_t at = 0; at + sizeof(struct sig_record) <= RECORDS;) {
        struct sig_record r;
        memcpy(&r, mc->records + at, sizeof r);
        if (!r.magic && !r.size)
            return found;
        const bool fits = r.size >= sizeof r && r.size % 16 == 0 && r.size <= RECORDS - at;
        if (!fits || (r.magic != MAGIC_FPSIMD && r.magic != MAGIC_ESR && r.magic != MAGIC_EXTRA))
            return NULL;
        if (r.magic == MAGIC_FPSIMD) {
            if (found || r.size < sizeof(struct sig_fpsimd))
                return NULL;
            found = mc->records + at;
        }
        at += r.size;
    }
    return NULL;
}

/* The kernel wants the flags of user mode: EL0, AArch64, no interrupts masked. */
static bool is_user(uint64_t pstate) { return (pstate & 0x3df) == 0; }

bool a64_sigframe_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out)
{
    struct a64_state *state = a64_state_of(cpu);
    struct rt_sigframe in;
    const struct sig_context *mc = &in.uc.mcontext;
    struct sig_fpsimd fp;

    memcpy(&in, buf, sizeof in);
    const uint8_t *found = find_fpsimd(mc);
    if (!found || !is_user(mc->pstate) || state->sp & 15)
        return false;
    memcpy(&fp, found, sizeof fp);
    out->mask = in.uc.sigmask;
    out->has_altstack = true;
    out->altstack_sp = in.uc.stack.sp;
    out->altstack_size = in.uc.stack.size;
    out->altstack_flags = (uint32_t)in.uc.stack.flags;
    cpu->pc = mc->pc;
    memcpy(&state->x0, mc->x, sizeof mc->x);
    state->sp = mc->sp;
    a64_set_nzcv(state, (uint32_t)mc->pstate);
    memcpy(&state->v0, fp.v, sizeof fp.v);
    state->fpsr = fp.fpsr & A64_FPSR_MASK;
    state->fpcr = fp.fpcr & A64_FPCR_MASK;
    cpu->resv.addr = ~UINT64_C(0);
    a64_fp_from_guest(cpu);
    return true;
}
