/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace, and the calls that send SIGSTOP. Requests read and change the tracee's record (trace.h); memory the kernel
 * reads and writes for us, since guest addresses are host addresses.
 *
 * I1  Every request but PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_INTERRUPT and PTRACE_KILL wants a tracee
 *     that stands still: else ESRCH (ptrace(2)).
 * I2  Regsets are in the layout of the tracee, what only x86 has in that of the tracer: a 64-bit one sees an i386
 *     tracee's registers in its own struct user (view), a 32-bit one cannot look at a 64-bit tracee. */
#include <elf.h>
#include <errno.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/linux/generic/tracer.h"

/* Requests of x86 (uapi asm/ptrace-abi.h), and struct user (asm/user_64.h, user_32.h). */
enum {
    X86_GETREGS = 12,
    X86_SETREGS,
    X86_GETFPREGS,
    X86_SETFPREGS,
    X86_GETFPXREGS = 18,
    X86_SETFPXREGS,
    X86_ARCH_PRCTL = 30
};
enum {
    FXSAVE_SIZE = 512,
    DEBUG_REGS = 8,
    DR6 = 6,
    DR6_NOTHING = 0xffff0ff0,
    DEBUG_AT_64 = 848,
    DEBUG_AT_32 = 252,
    USER_SIZE_64 = 912,
    USER_SIZE_32 = 284
};
enum { ARCH_GET_FS_CODE = 0x1003, ARCH_GET_GS_CODE = 0x1004, FS_BASE_AT = 21 * 8, GS_BASE_AT = 22 * 8 };
#define KNOWN_OPTIONS                                                                                                  \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |     \
     PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)

struct request {
    struct sys_ctx *c;
    struct lx_tracee *tracee;
    struct trace_record r;
    gaddr_t addr, data;
};

static bool is_narrow(const struct request *q) { return lx_narrow(q->c->t); }
static size_t word_bytes(const struct request *q) { return is_narrow(q) ? 4 : 8; }

/* ---- memory ---- */

static long peek(const struct request *q, gaddr_t addr, uint64_t *word)
{
    return host_call(LINUX_ptrace, PTRACE_PEEKDATA, (uint64_t)q->tracee->tid, addr, (uintptr_t)word, 0, 0);
}

/* Where the kernel's word of 8 bytes begins that has the guest's: not beyond the page's end. */
static unsigned word_shift(const struct request *q) { return is_narrow(q) && (q->addr & 4095) > 4088 ? 4 : 0; }

static long peek_word(struct request *q)
{
    uint64_t word;
    const unsigned shift = word_shift(q);
    const long err = peek(q, q->addr - shift, &word);
    return err ? err : abi_put_word(q->c->t, q->data, word >> 8 * shift);
}

static long poke_word(struct request *q)
{
    uint64_t word = q->data, old;
    const unsigned shift = word_shift(q);
    if (is_narrow(q)) {
        const uint64_t mask = UINT64_C(0xffffffff) << 8 * shift;
        const long err = peek(q, q->addr - shift, &old);
        if (err)
            return err;
        word = (old & ~mask) | (word << 8 * shift & mask);
    }
    const long err = host_call(LINUX_ptrace, PTRACE_POKEDATA, (uint64_t)q->tracee->tid, q->addr - shift, word, 0, 0);
    if (!err)
        tracer_wrote(q->c->t, q->addr, word_bytes(q));
    return err;
}

/* ---- registers ---- */

/* The whole of a register set, and the note of the FP one that fxsave's part alone is. */
static bool regset_of(struct request *q, unsigned note, uint8_t **at, size_t *size, uint32_t *changed)
{
    if (note == NT_PRSTATUS) {
        *at = q->r.regs, *size = q->r.regs_size, *changed = TRACE_CHANGED_REGS;
        return true;
    }
    *at = q->r.fp, *changed = TRACE_CHANGED_FP;
    *size = note == q->r.fp_note ? q->r.fp_size : FXSAVE_SIZE;
    const bool part = q->r.orig_at && note == (q->r.is32 ? NT_PRXFPREG : NT_PRFPREG);
    return note == q->r.fp_note || part;
}

static long put_regs(struct request *q, gaddr_t to, unsigned note, size_t room)
{
    uint8_t *at;
    size_t size;
    uint32_t changed;
    if (!regset_of(q, note, &at, &size, &changed))
        return -EINVAL;
    return guest_write(q->c->t, to, at, room < size ? room : size);
}

static long take_regs(struct request *q, gaddr_t from, unsigned note, size_t given)
{
    uint8_t *at;
    size_t size;
    uint32_t changed;
    if (!regset_of(q, note, &at, &size, &changed) || (note == NT_X86_XSTATE && given < size))
        return -EINVAL;
    if (guest_read(q->c->t, at, from, given < size ? given : size))
        return -EFAULT;
    const struct guest_ptrace *own = q->c->t->proc->guest->abi->ptrace;
    if (changed == TRACE_CHANGED_FP && own->fp_note == q->r.fp_note && own->is_fp && !own->is_fp(q->r.fp))
        return -EINVAL;
    q->r.changed |= changed;
    return tracer_write(q->tracee, &q->r);
}

static long get_regset(struct request *q)
{
    struct iovec v;
    uint8_t *at;
    size_t size;
    uint32_t changed;
    const long err = abi_get_iovec(q->c->t, &v, q->data, 0);
    if (err)
        return err;
    if (!regset_of(q, (unsigned)q->addr, &at, &size, &changed) || v.iov_len % (q->r.is32 ? 4 : 8))
        return -EINVAL;
    size = v.iov_len < size ? v.iov_len : size;
    if (put_regs(q, (uintptr_t)v.iov_base, (unsigned)q->addr, size))
        return -EFAULT;
    return abi_put_word(q->c->t, q->data + word_bytes(q), size);
}

static long set_regset(struct request *q)
{
    struct iovec v;
    const long err = abi_get_iovec(q->c->t, &v, q->data, 0);
    return err ? err : take_regs(q, (uintptr_t)v.iov_base, (unsigned)q->addr, v.iov_len);
}

/* ---- x86, in the tracer's layout (I2) ---- */

static bool is_x86(const struct request *q) { return q->r.orig_at && (q->r.is32 || !is_narrow(q)); }
static bool is_widened(const struct request *q) { return q->r.is32 && !is_narrow(q); }

/* Where struct user_regs_struct of 64 bits has the words of that of 32 bits. */
static const uint8_t wide_at[] = {5, 11, 12, 13, 14, 4, 10, 23, 24, 25, 26, 15, 16, 17, 18, 19, 20};
enum { WIDE_WORDS = 27, RAX_AT = 10, ORIG_RAX_AT = 15 };

/* The registers as the tracer has them: bytes of *view, which has room for a wide one. */
static size_t get_view(const struct request *q, uint64_t view[TRACE_REGS_MAX / 8])
{
    memcpy(view, q->r.regs, sizeof q->r.regs);
    if (!is_widened(q))
        return q->r.regs_size;
    memset(view, 0, sizeof q->r.regs);
    for (unsigned i = 0; i < ARRAY_LEN(wide_at); i++) {
        uint32_t word;
        memcpy(&word, q->r.regs + 4 * i, sizeof word);
        const bool is_signed = wide_at[i] == RAX_AT || wide_at[i] == ORIG_RAX_AT;
        view[wide_at[i]] = is_signed ? (uint64_t)(int32_t)word : word;
    }
    return WIDE_WORDS * sizeof view[0];
}

static long set_view(struct request *q, const uint64_t view[TRACE_REGS_MAX / 8])
{
    if (!is_widened(q))
        memcpy(q->r.regs, view, q->r.regs_size);
    for (unsigned i = 0; is_widened(q) && i < ARRAY_LEN(wide_at); i++)
        memcpy(q->r.regs + 4 * i, &view[wide_at[i]], 4);
    q->r.changed |= TRACE_CHANGED_REGS;
    return tracer_write(q->tracee, &q->r);
}

static long get_regs(struct request *q)
{
    uint64_t view[TRACE_REGS_MAX / 8];
    return is_x86(q) ? guest_write(q->c->t, q->data, view, get_view(q, view)) : -EIO;
}

static long set_regs(struct request *q)
{
    uint64_t view[TRACE_REGS_MAX / 8];
    if (!is_x86(q))
        return -EIO;
    return guest_read(q->c->t, view, q->data, get_view(q, view)) ? -EFAULT : set_view(q, view);
}

static unsigned fxsave_note(const struct request *q) { return q->r.is32 ? NT_PRXFPREG : NT_PRFPREG; }

static long get_fpregs(struct request *q)
{
    return is_x86(q) && !is_narrow(q) ? put_regs(q, q->data, fxsave_note(q), FXSAVE_SIZE) : -EIO;
}
static long set_fpregs(struct request *q)
{
    return is_x86(q) && !is_narrow(q) ? take_regs(q, q->data, fxsave_note(q), FXSAVE_SIZE) : -EIO;
}
static long get_fpxregs(struct request *q)
{
    return is_x86(q) && is_narrow(q) ? put_regs(q, q->data, fxsave_note(q), FXSAVE_SIZE) : -EIO;
}
static long set_fpxregs(struct request *q)
{
    return is_x86(q) && is_narrow(q) ? take_regs(q, q->data, fxsave_note(q), FXSAVE_SIZE) : -EIO;
}

/* A word of struct user. */
static bool user_place(const struct request *q, unsigned *debug_reg)
{
    const size_t bytes = word_bytes(q), debug = is_narrow(q) ? DEBUG_AT_32 : DEBUG_AT_64;
    const bool is_debug = q->addr >= debug && q->addr < debug + DEBUG_REGS * bytes;
    *debug_reg = is_debug ? (unsigned)((q->addr - debug) / bytes) : DEBUG_REGS;
    return is_x86(q) && q->addr % bytes == 0 && q->addr < (is_narrow(q) ? USER_SIZE_32 : USER_SIZE_64);
}

/* There are no debug registers to watch with: they are as after reset. */
static long peek_user(struct request *q)
{
    unsigned debug_reg;
    uint64_t word = 0, view[TRACE_REGS_MAX / 8];
    if (!user_place(q, &debug_reg))
        return -EIO;
    if (q->addr < get_view(q, view))
        memcpy(&word, (char *)view + q->addr, word_bytes(q));
    else if (debug_reg == DR6)
        word = DR6_NOTHING;
    return abi_put_word(q->c->t, q->data, word);
}

static long poke_user(struct request *q)
{
    unsigned debug_reg;
    uint64_t view[TRACE_REGS_MAX / 8];
    if (!user_place(q, &debug_reg))
        return -EIO;
    if (debug_reg < DEBUG_REGS)
        return debug_reg == DEBUG_REGS - 1 && q->data ? -EINVAL : 0;
    if (q->addr >= get_view(q, view))
        return -EIO;
    memcpy((char *)view + q->addr, &q->data, word_bytes(q));
    return set_view(q, view);
}

static long arch_prctl_of(struct request *q)
{
    uint64_t base;
    if (!is_x86(q) || q->r.is32)
        return -EIO;
    if (q->data != ARCH_GET_FS_CODE && q->data != ARCH_GET_GS_CODE)
        return -EINVAL;
    memcpy(&base, q->r.regs + (q->data == ARCH_GET_FS_CODE ? FS_BASE_AT : GS_BASE_AT), sizeof base);
    return abi_put_word(q->c->t, q->addr, base);
}

/* ---- what it is about ---- */

static long set_options(struct request *q)
{
    if (q->data & ~(uint64_t)KNOWN_OPTIONS)
        return -EINVAL;
    q->r.options = (uint32_t)q->data;
    q->tracee->options = (uint32_t)q->data;
    return tracer_write(q->tracee, &q->r);
}

static long get_message(struct request *q) { return abi_put_word(q->c->t, q->data, q->r.message); }

static long get_siginfo(struct request *q)
{
    return q->r.has_info ? abi_put(q->c, SYS_STRUCT_siginfo, q->data, &q->r.info) : -EINVAL;
}

static long set_siginfo(struct request *q)
{
    if (!q->r.has_info)
        return -EINVAL;
    if (abi_get(q->c, SYS_STRUCT_siginfo, &q->r.info, q->data))
        return -EFAULT;
    return tracer_write(q->tracee, &q->r);
}

/* The result is the size of what there is, of which as much is given as the tracer has room for. */
static long get_call(struct request *q)
{
    struct ptrace_syscall_info info;
    size_t size = offsetof(struct ptrace_syscall_info, entry);
    memset(&info, 0, sizeof info);
    info.op = (uint8_t)q->r.call_op;
    info.arch = q->r.machine;
    info.instruction_pointer = q->r.pc;
    info.stack_pointer = q->r.sp;
    if (q->r.call_op == PTRACE_SYSCALL_INFO_ENTRY) {
        info.entry.nr = q->r.call[0];
        memcpy(info.entry.args, q->r.call + 1, sizeof info.entry.args);
        size = offsetof(struct ptrace_syscall_info, entry.args) + sizeof info.entry.args;
    } else if (q->r.call_op == PTRACE_SYSCALL_INFO_EXIT) {
        info.exit.rval = (int64_t)q->r.call[0];
        info.exit.is_error = info.exit.rval < 0 && info.exit.rval >= -4095;
        size = offsetof(struct ptrace_syscall_info, exit.is_error) + sizeof info.exit.is_error;
    }
    const size_t given = q->addr < size ? q->addr : size;
    return guest_write(q->c->t, q->data, &info, given) ? -EFAULT : (long)size;
}

/* ---- going on ---- */

static long go_on(struct request *q, enum trace_resume how)
{
    if (q->data > LX_NSIG)
        return -EIO;
    q->r.resume = (uint8_t)how;
    q->r.signo = (int32_t)q->data;
    return tracer_go(q->tracee, &q->r);
}
static long go_run(struct request *q) { return go_on(q, TRACE_RUN); }
static long go_calls(struct request *q) { return go_on(q, TRACE_CALLS); }
static long go_detach(struct request *q) { return go_on(q, TRACE_DETACH); }
static long go_step(struct request *q) { return q->r.orig_at ? go_on(q, TRACE_STEP) : -EIO; } /* riscv64 has none */

static const struct {
    int request;
    long (*fn)(struct request *q);
} requests[] = {
    {PTRACE_PEEKTEXT, peek_word},
    {PTRACE_PEEKDATA, peek_word},
    {PTRACE_POKETEXT, poke_word},
    {PTRACE_POKEDATA, poke_word},
    {PTRACE_PEEKUSR, peek_user},
    {PTRACE_POKEUSR, poke_user},
    {PTRACE_CONT, go_run},
    {PTRACE_SYSCALL, go_calls},
    {PTRACE_SINGLESTEP, go_step},
    {PTRACE_DETACH, go_detach},
    {X86_GETREGS, get_regs},
    {X86_SETREGS, set_regs},
    {X86_GETFPREGS, get_fpregs},
    {X86_SETFPREGS, set_fpregs},
    {X86_GETFPXREGS, get_fpxregs},
    {X86_SETFPXREGS, set_fpxregs},
    {X86_ARCH_PRCTL, arch_prctl_of},
    {PTRACE_SETOPTIONS, set_options},
    {PTRACE_GETEVENTMSG, get_message},
    {PTRACE_GETSIGINFO, get_siginfo},
    {PTRACE_SETSIGINFO, set_siginfo},
    {PTRACE_GETREGSET, get_regset},
    {PTRACE_SETREGSET, set_regset},
    {PTRACE_GET_SYSCALL_INFO, get_call},
};

static long attach(struct sys_ctx *c, pid_t tid)
{
    const bool seize = (int)c->a[0] == PTRACE_SEIZE;
    if (seize && c->a[2])
        return -EIO;
    if (seize && c->a[3] & ~(uint64_t)KNOWN_OPTIONS)
        return -EIO;
    return tracer_attach(c->t, tid, seize, seize ? (uint32_t)c->a[3] : 0);
}

/* Of a tracee that stands still (I1). */
static long answer(struct sys_ctx *c, struct lx_tracee *tracee)
{
    struct request q = {.c = c, .tracee = tracee, .addr = c->a[2], .data = c->a[3]};
    const long err = tracer_read(tracee, &q.r);
    if (err)
        return err;
    for (size_t i = 0; i < ARRAY_LEN(requests); i++)
        if (requests[i].request == (int)c->a[0])
            return requests[i].fn(&q);
    return -EIO;
}

long sys_ptrace(struct sys_ctx *c)
{
    const pid_t tid = (pid_t)c->a[1];
    switch ((int)c->a[0]) {
    case PTRACE_TRACEME:
        return traced_by_parent(c->t);
    case PTRACE_ATTACH:
    case PTRACE_SEIZE:
        return attach(c, tid);
    default:
        break;
    }
    struct lx_tracee *tracee = tracer_find(c->t, tid);
    if (!tracee)
        return -ESRCH;
    if ((int)c->a[0] == PTRACE_KILL)
        return host_call(LINUX_tkill, (uint64_t)tid, SIGKILL, 0, 0, 0, 0);
    if ((int)c->a[0] == PTRACE_INTERRUPT)
        return tracer_interrupt(tracee);
    return answer(c, tracee);
}

/* ---- SIGSTOP ---- */

/* kill and tkill. The host's SIGSTOP would stop all of a traced process unseen by its tracer. */
long sys_kill(struct sys_ctx *c) { return tracer_takes_stop(c->t, (pid_t)c->a[0], (int)c->a[1]) ? 0 : sys_pass(c); }
long sys_tgkill(struct sys_ctx *c) { return tracer_takes_stop(c->t, (pid_t)c->a[1], (int)c->a[2]) ? 0 : sys_pass(c); }
