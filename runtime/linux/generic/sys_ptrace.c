/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace, and the calls that send SIGSTOP. Requests read and change the tracee's record (trace.h); memory the kernel
 * reads and writes for us, since guest addresses are host addresses. Those about registers are in ptrace_regs.c and
 * ptrace_x86.c.
 *
 * I1  Every request but PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_INTERRUPT and PTRACE_KILL wants a tracee
 *     that stands still: else ESRCH (ptrace(2)). */
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
#include "runtime/linux/generic/ptrace_regs.h"
#include "runtime/linux/generic/ptrace_x86.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/linux/generic/tracer.h"

#define KNOWN_OPTIONS                                                                                                  \
    (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |     \
     PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL)

/* ---- memory ---- */

static long peek(const struct ptrace_request *q, gaddr_t addr, uint64_t *word)
{
    return host_call(LINUX_ptrace, PTRACE_PEEKDATA, (uint64_t)q->tracee->tid, addr, (uintptr_t)word, 0, 0);
}

/* Where the kernel's word of 8 bytes begins that has the guest's: not beyond the page's end. */
static unsigned word_shift(const struct ptrace_request *q)
{
    return ptrace_is_narrow(q) && (q->addr & 4095) > 4088 ? 4 : 0;
}

static long peek_word(struct ptrace_request *q)
{
    uint64_t word;
    const unsigned shift = word_shift(q);
    const long err = peek(q, q->addr - shift, &word);
    return err ? err : abi_put_word(q->c->t, q->data, word >> 8 * shift);
}

static long poke_word(struct ptrace_request *q)
{
    uint64_t word = q->data, old;
    const unsigned shift = word_shift(q);
    if (ptrace_is_narrow(q)) {
        const uint64_t mask = UINT64_C(0xffffffff) << 8 * shift;
        const long err = peek(q, q->addr - shift, &old);
        if (err)
            return err;
        word = (old & ~mask) | (word << 8 * shift & mask);
    }
    const long err = host_call(LINUX_ptrace, PTRACE_POKEDATA, (uint64_t)q->tracee->tid, q->addr - shift, word, 0, 0);
    if (!err)
        tracer_wrote(q->c->t, q->addr, ptrace_word_bytes(q));
    return err;
}

/* ---- what it is about ---- */

static long set_options(struct ptrace_request *q)
{
    if (q->data & ~(uint64_t)KNOWN_OPTIONS)
        return -EINVAL;
    q->r.options = (uint32_t)q->data;
    q->tracee->options = (uint32_t)q->data;
    return tracer_write(q->tracee, &q->r);
}

static long get_message(struct ptrace_request *q) { return abi_put_word(q->c->t, q->data, q->r.message); }

static long get_siginfo(struct ptrace_request *q)
{
    return q->r.has_info ? abi_put(q->c, SYS_STRUCT_siginfo, q->data, &q->r.info) : -EINVAL;
}

static long set_siginfo(struct ptrace_request *q)
{
    if (!q->r.has_info)
        return -EINVAL;
    if (abi_get(q->c, SYS_STRUCT_siginfo, &q->r.info, q->data))
        return -EFAULT;
    return tracer_write(q->tracee, &q->r);
}

/* The result is the size of what there is, of which as much is given as the tracer has room for. */
static long get_call(struct ptrace_request *q)
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

static long go_on(struct ptrace_request *q, enum trace_resume how)
{
    if (q->data > LX_NSIG)
        return -EIO;
    q->r.resume = (uint8_t)how;
    q->r.signo = (int32_t)q->data;
    return tracer_go(q->tracee, &q->r);
}
static long go_run(struct ptrace_request *q) { return go_on(q, TRACE_RUN); }
static long go_calls(struct ptrace_request *q) { return go_on(q, TRACE_CALLS); }
static long go_detach(struct ptrace_request *q) { return go_on(q, TRACE_DETACH); }
static long go_step(struct ptrace_request *q) { return q->r.steps ? go_on(q, TRACE_STEP) : -EIO; }

static const struct {
    int request;
    long (*fn)(struct ptrace_request *q);
} requests[] = {
    {PTRACE_PEEKTEXT, peek_word},
    {PTRACE_PEEKDATA, peek_word},
    {PTRACE_POKETEXT, poke_word},
    {PTRACE_POKEDATA, poke_word},
    {PTRACE_PEEKUSR, ptrace_x86_peek_user},
    {PTRACE_POKEUSR, ptrace_x86_poke_user},
    {PTRACE_CONT, go_run},
    {PTRACE_SYSCALL, go_calls},
    {PTRACE_SINGLESTEP, go_step},
    {PTRACE_DETACH, go_detach},
    {X86_GETREGS, ptrace_x86_get_regs},
    {X86_SETREGS, ptrace_x86_set_regs},
    {X86_GETFPREGS, ptrace_x86_get_fpregs},
    {X86_SETFPREGS, ptrace_x86_set_fpregs},
    {X86_GETFPXREGS, ptrace_x86_get_fpxregs},
    {X86_SETFPXREGS, ptrace_x86_set_fpxregs},
    {X86_ARCH_PRCTL, ptrace_x86_arch_prctl},
    {PTRACE_SETOPTIONS, set_options},
    {PTRACE_GETEVENTMSG, get_message},
    {PTRACE_GETSIGINFO, get_siginfo},
    {PTRACE_SETSIGINFO, set_siginfo},
    {PTRACE_GETREGSET, ptrace_get_regset},
    {PTRACE_SETREGSET, ptrace_set_regset},
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
    struct ptrace_request q = {.c = c, .tracee = tracee, .addr = c->a[2], .data = c->a[3]};
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
