/* SPDX-License-Identifier: Apache-2.0 */
/* Signal frames as the Linux kernel lays them out for i386 (arch/x86/kernel/signal_32.c, uapi asm/sigcontext.h,
 * asm/ucontext.h): a struct rt_sigframe for handlers with SA_SIGINFO, a struct sigframe for others, and above either
 * the FP state: fnsave's image, behind it the XSAVE area.
 *
 * I1  A handler finds the return address at esp, where esp + 4 is a multiple of 16, and its arguments above it, and in
 *     eax, edx and ecx as well.
 * I2  The frame that struct guest speaks of has room for the larger kind; both kinds end below the FP state, whose
 *     XSAVE area is 64-byte aligned.
 * I3  At sigreturn x87 registers come from fnsave's image, the others from the XSAVE area. */
#include "frontend/x86/abi/x86_signal32.h"

#include <signal.h>
#include <string.h>

#include "frontend/x86/abi/x86_signal.h"
#include "frontend/x86/system/x86_segment.h"

enum { UC_FP_XSTATE = 1, USER_CS = 0x23, USER_DS = 0x2b, NR_SIGRETURN = 119, NR_RT_SIGRETURN = 173 };

struct sig_context {
    uint32_t gs, fs, es, ds, di, si, bp, sp, bx, dx, cx, ax, trapno, err, ip, cs, flags, sp_at_signal, ss, fpstate,
        oldmask, cr2;
};
struct fsave {
    uint32_t cw, sw, tag, ipoff, cssel, dataoff, datasel;
    uint8_t st[8][10];
    uint16_t status, magic; /* magic: 0 where an fxsave area follows */
};
struct fp_part {
    struct fsave fsave;
    struct x86_xsave fp;
    uint32_t magic2, pad[3];
};
struct old_frame {
    uint32_t pretcode, sig;
    struct sig_context sc;
    uint8_t fpstate_unused[624];
    uint32_t extramask;
    uint8_t retcode[8];
};
struct rt_frame {
    uint32_t pretcode, sig, pinfo, puc;
    uint8_t siginfo[128];
    struct sig_ucontext {
        uint32_t flags, link, stack_sp, stack_flags, stack_size;
        struct sig_context sc;
        uint32_t sigmask[2];
    } uc;
    uint8_t retcode[8];
};
_Static_assert(sizeof(struct sig_context) == 88, "struct sigcontext_32");
_Static_assert(sizeof(struct fsave) == 112, "struct _fpstate_32, its first part");
_Static_assert(offsetof(struct fp_part, magic2) == 112 + 832, "fsave, XSAVE area, magic");
_Static_assert(sizeof(struct old_frame) == 732 && sizeof(struct rt_frame) == 268,
               "struct sigframe, struct rt_sigframe");

/* Offsets in the whole (I2): FP_AT + sizeof(struct fsave) is a multiple of 64, the others + 4 of 16. */
enum { FP_AT = 784, OLD_AT = 44, RT_AT = 508 };
_Static_assert(OLD_AT + sizeof(struct old_frame) <= FP_AT && RT_AT + sizeof(struct rt_frame) <= FP_AT, "I2");
_Static_assert(X86_SIGFRAME32_SIZE == FP_AT + offsetof(struct fp_part, pad), "x86_signal32.h");

static bool is_rt(const struct guest_signal *sig) { return sig->sa_flags & SA_SIGINFO; }

/* ---- out ---- */

static void fill_context(struct sig_context *sc, struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame)
{
    const struct x86_state *s = x86_state_const(cpu);
    *sc = (struct sig_context){
        .gs = s->gs,
        .fs = s->fs,
        .es = s->es,
        .ds = s->ds,
        .cs = s->cs,
        .ss = s->ss,
        .di = (uint32_t)s->rdi,
        .si = (uint32_t)s->rsi,
        .bp = (uint32_t)s->rbp,
        .sp = (uint32_t)s->rsp,
        .bx = (uint32_t)s->rbx,
        .dx = (uint32_t)s->rdx,
        .cx = (uint32_t)s->rcx,
        .ax = (uint32_t)s->rax,
        .ip = (uint32_t)cpu->pc,
        .flags = x86_get_eflags(s),
        .sp_at_signal = (uint32_t)s->rsp,
        .fpstate = (uint32_t)frame + FP_AT,
        .oldmask = (uint32_t)sig->mask,
    };
    int32_t code;
    uint32_t addr;
    memcpy(&code, sig->siginfo + 8, sizeof code); /* si_code, si_addr */
    memcpy(&addr, sig->siginfo + 12, sizeof addr);
    if (sig->sync)
        x86_note_cause(cpu, sig, code, addr);
    const struct x86_cause *c = &x86_state_const(cpu)->cause;
    sc->trapno = c->trapno;
    sc->err = c->err;
    sc->cr2 = (uint32_t)c->cr2;
}

/* The tag word's two bits of a register whose contents are these (SDM volume 1, 8.1.7). */
static unsigned tag_of(const uint8_t st[16])
{
    enum { VALID, ZERO, SPECIAL };
    uint64_t fraction;
    uint16_t exponent;
    memcpy(&fraction, st, sizeof fraction);
    memcpy(&exponent, st + 8, sizeof exponent);
    exponent &= 0x7fff;
    if (exponent == 0)
        return fraction ? SPECIAL : ZERO;
    return exponent == 0x7fff || !(fraction >> 63) ? SPECIAL : VALID;
}

static void fill_fsave(struct fsave *out, const struct x86_x87_area *x)
{
    enum { HIGH = 0xffff0000, EMPTY = 3 };
    const unsigned top = x->fsw >> 11 & 7;
    *out = (struct fsave){.cw = x->fcw | HIGH,
                          .sw = x->fsw | HIGH,
                          .tag = HIGH,
                          .ipoff = (uint32_t)x->fip,
                          .cssel = USER_CS,
                          .dataoff = (uint32_t)x->fdp,
                          .datasel = USER_DS | HIGH,
                          .status = x->fsw};
    for (unsigned i = 0; i < 8; i++) {
        const unsigned physical = (top + i) & 7;
        const unsigned tag = x->ftw >> physical & 1 ? tag_of(x->st[i]) : EMPTY;
        memcpy(out->st[i], x->st[i], sizeof out->st[i]);
        out->tag |= tag << 2 * physical;
    }
}

static void fill_old(struct old_frame *f, struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame,
                     uint32_t pretcode)
{
    static const uint8_t retcode[8] = {0x58, 0xb8, NR_SIGRETURN, 0,
                                       0,    0,    0xcd,         0x80}; /* pop eax; mov eax, ..; int 0x80 */
    *f =
        (struct old_frame){.pretcode = pretcode, .sig = (uint32_t)sig->signo, .extramask = (uint32_t)(sig->mask >> 32)};
    fill_context(&f->sc, cpu, sig, frame);
    memcpy(f->retcode, retcode, sizeof retcode);
}

static void fill_rt(struct rt_frame *f, struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame,
                    uint32_t pretcode)
{
    static const uint8_t retcode[8] = {0xb8, NR_RT_SIGRETURN, 0, 0, 0, 0xcd, 0x80, 0};
    const uint32_t at = (uint32_t)frame + RT_AT;
    *f = (struct rt_frame){.pretcode = pretcode,
                           .sig = (uint32_t)sig->signo,
                           .pinfo = at + offsetof(struct rt_frame, siginfo),
                           .puc = at + offsetof(struct rt_frame, uc)};
    memcpy(f->siginfo, sig->siginfo, sizeof f->siginfo);
    f->uc = (struct sig_ucontext){.flags = UC_FP_XSTATE,
                                  .stack_sp = (uint32_t)sig->altstack_sp,
                                  .stack_flags = sig->altstack_flags,
                                  .stack_size = (uint32_t)sig->altstack_size,
                                  .sigmask = {(uint32_t)sig->mask, (uint32_t)(sig->mask >> 32)}};
    fill_context(&f->uc.sc, cpu, sig, frame);
    memcpy(f->retcode, retcode, sizeof retcode);
}

void x86_sigframe32_fill(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame, uint8_t *buf)
{
    const uint32_t pretcode = (uint32_t)(sig->sa_flags & X86_SA_RESTORER ? sig->restorer : sig->trampoline);
    union {
        struct old_frame old;
        struct rt_frame rt;
    } f;
    struct fp_part fp = {0};
    memset(buf, 0, X86_SIGFRAME32_SIZE);
    if (is_rt(sig)) {
        fill_rt(&f.rt, cpu, sig, frame, pretcode);
        memcpy(buf + RT_AT, &f.rt, sizeof f.rt);
    } else {
        fill_old(&f.old, cpu, sig, frame, pretcode);
        memcpy(buf + OLD_AT, &f.old, sizeof f.old);
    }
    x86_sigframe_put_fp(cpu, &fp.fp, &fp.magic2, sizeof fp.fsave);
    fill_fsave(&fp.fsave, &fp.fp.x87);
    memcpy(buf + FP_AT, &fp, offsetof(struct fp_part, pad));
}

void x86_sigframe32_enter(struct cpu *cpu, const struct guest_signal *sig, gaddr_t frame)
{
    struct x86_state *s = x86_state_of(cpu);
    s->rax = (uint64_t)sig->signo;
    s->rdx = is_rt(sig) ? frame + RT_AT + offsetof(struct rt_frame, siginfo) : 0;
    s->rcx = is_rt(sig) ? frame + RT_AT + offsetof(struct rt_frame, uc) : 0;
    s->rsp = frame + (is_rt(sig) ? RT_AT : OLD_AT);
    s->cs = USER_CS;
    s->ds = s->es = s->ss = USER_DS;
    x86_set_eflags(s, x86_get_eflags(s) & ~(uint32_t)(X86_DF | X86_TF));
    x86_fpstate_load(cpu, NULL, X86_XF_ALL, 0);
    cpu->pc = sig->handler;
}

/* ---- back ---- */

/* The core of the frame, behind it the FP state. */
static bool fp_part_at(uint32_t fpstate, size_t core, struct guest_sigframe_part *part)
{
    *part = (struct guest_sigframe_part){.at = fpstate,
                                         .offset = core,
                                         .least = sizeof(struct fsave) + X86_FXSAVE_SIZE,
                                         .size = offsetof(struct fp_part, pad)};
    return fpstate != 0;
}

bool x86_sigframe32_part(const uint8_t *buf, struct guest_sigframe_part *part)
{
    struct rt_frame in;
    memcpy(&in, buf, sizeof in);
    return fp_part_at(in.uc.sc.fpstate, sizeof in, part);
}

bool x86_sigframe32_old_part(const uint8_t *buf, struct guest_sigframe_part *part)
{
    struct old_frame in;
    memcpy(&in, buf, sizeof in);
    return fp_part_at(in.sc.fpstate, sizeof in, part);
}

/* I3 */
static bool take_fp(struct cpu *cpu, const uint8_t *buf, bool there)
{
    struct fp_part in = {0};
    enum { EMPTY = 3 };
    memcpy(&in, buf, offsetof(struct fp_part, pad));
    struct x86_x87_area *x = &in.fp.x87;
    x->fcw = (uint16_t)in.fsave.cw;
    x->fsw = (uint16_t)in.fsave.sw;
    x->ftw = 0;
    for (unsigned i = 0; i < 8; i++) {
        if ((in.fsave.tag >> 2 * i & 3) != EMPTY)
            x->ftw |= (uint8_t)(1 << i);
        memcpy(x->st[i], in.fsave.st[i], sizeof in.fsave.st[i]);
    }
    in.fp.xstate_bv |= X86_XF_X87;
    return x86_sigframe_take_fp(cpu, &in.fp, in.magic2, there);
}

static bool take_context(struct cpu *cpu, const struct sig_context *sc, const uint8_t *fp)
{
    struct x86_state *s = x86_state_of(cpu);
    if (!take_fp(cpu, fp, sc->fpstate != 0))
        return false;
    s->rdi = sc->di, s->rsi = sc->si, s->rbp = sc->bp, s->rsp = sc->sp;
    s->rbx = sc->bx, s->rdx = sc->dx, s->rcx = sc->cx, s->rax = sc->ax;
    x86_restore_segment(cpu, X86_ROW_gs, (uint16_t)sc->gs);
    x86_restore_segment(cpu, X86_ROW_fs, (uint16_t)sc->fs);
    x86_restore_segment(cpu, X86_ROW_es, (uint16_t)sc->es);
    x86_restore_segment(cpu, X86_ROW_ds, (uint16_t)sc->ds);
    x86_restore_segment(cpu, X86_ROW_ss, (uint16_t)sc->ss);
    x86_set_eflags(s, sc->flags);
    cpu->pc = sc->ip;
    cpu->resv.addr = ~UINT64_C(0);
    return true;
}

bool x86_sigframe32_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out)
{
    struct rt_frame in;
    memcpy(&in, buf, sizeof in);
    if (!take_context(cpu, &in.uc.sc, buf + sizeof in))
        return false;
    *out = (struct guest_sigreturn){.mask = in.uc.sigmask[0] | (uint64_t)in.uc.sigmask[1] << 32,
                                    .has_altstack = true,
                                    .altstack_sp = in.uc.stack_sp,
                                    .altstack_size = in.uc.stack_size,
                                    .altstack_flags = in.uc.stack_flags};
    return true;
}

bool x86_sigframe32_old_restore(struct cpu *cpu, const uint8_t *buf, struct guest_sigreturn *out)
{
    struct old_frame in;
    memcpy(&in, buf, sizeof in);
    if (!take_context(cpu, &in.sc, buf + sizeof in))
        return false;
    *out = (struct guest_sigreturn){.mask = in.sc.oldmask | (uint64_t)in.extramask << 32};
    return true;
}
