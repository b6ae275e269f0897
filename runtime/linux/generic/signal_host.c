/* SPDX-License-Identifier: Apache-2.0 */
/* Signals, host side: the handlers that the host kernel calls, and the host's masks and actions.
 *
 * The host kernel keeps the queues. The handler puts a signal in its slot of the guest thread and blocks all signals
 * (in the mask that the kernel restores when the handler returns) until signal.c has delivered this one. So all others
 * wait in the kernel, in its order, and may go to other threads; which is next it decides by the mask of the guest's
 * handler.
 *
 * I1  Handlers run with all signals blocked, on the thread's host signal stack; they only write to the thread's slots,
 *     its mask on the frame, cpu->pending, and call what is documented as async-signal-safe.
 * I2  While a guest thread runs, host mask = guest mask, or all if a signal is in a slot; without the synchronous ones,
 *     which are blocked in windows only (sync_signals.h).
 * I3  The synchronous signals always have tandem's handler. Those that were sent are kept by sync_signals.c.
 * I4  Actions are set with the raw system call: the guest's libc uses signals 32 and 33, which the host's hides. */
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/signal_state.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include "runtime/engine/dispatch.h"
#include "runtime/engine/fault.h"
#include "runtime/engine/lifecycle.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/self.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/ticks.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/linux/generic/tracer.h"
#include "runtime/mem/mem_types.h"
#include "src/base/log.h"
#include "src/host/call.h"
#include "src/host/context.h"
#include "src/host/fork.h"
#include "src/ir/fp_watch.h"

enum { HOST_SA_RESTORER = 0x04000000, MAX_INSN = 15 };

/* struct sigaction as the host kernel takes it. */
struct host_sigaction {
    void (*handler)(int, siginfo_t *, void *);
    uint64_t flags;
    void (*restorer)(void);
    uint64_t mask;
};

static uint64_t *frame_mask(ucontext_t *uc) { return (uint64_t *)(void *)&uc->uc_sigmask; }

/* A signal for the process arrived on a thread that is not a guest's: hand it back, without this thread. */
static void forward(int signo, siginfo_t *info, ucontext_t *uc)
{
    *frame_mask(uc) |= lx_sigbit(signo);
    const long tid = host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0); /* another's would have to have sent it */
    host_call(LINUX_rt_sigqueueinfo, (uint64_t)tid, (uint64_t)signo, (uintptr_t)info, 0, 0, 0);
}

static void enqueue(struct thread *t, int signo, const siginfo_t *info, ucontext_t *uc)
{
    struct linux_thread *lx = t->lx;
    lx->slot[signo] = *info;
    __atomic_fetch_or(&lx->queued, lx_sigbit(signo), __ATOMIC_RELEASE);
    if (!host_fork_runs()) /* it lets in SIGSYS alone */
        *frame_mask(uc) |= ~LX_SYNC_MASK;
    thread_kick(t);
    host_call_interrupt(uc);
}

/* Neither the guest's fault nor one that tandem provoked on purpose. */
static void report_own_fault(int signo, const siginfo_t *info, const ucontext_t *uc)
{
    uintptr_t pc = host_context_pc(uc);
    const struct thread *self = linux_self();
    Dl_info where = {0};
    bool known = dladdr((void *)pc, &where) && where.dli_fname;
    bool code = self && engine_owns_pc(self->proc->engine, pc);
    message("internal error (a bug in tandem): signal %d, code %d, address %p, guest pc %#llx, host pc %#lx in %s+%#lx",
            signo, info->si_code, info->si_addr, self ? (unsigned long long)self->cpu->pc : 0ull, (unsigned long)pc,
            code    ? "generated code"
            : known ? where.dli_fname
                    : "?",
            known ? (unsigned long)(pc - (uintptr_t)where.dli_fbase) : 0ul);
    struct host_sigaction dfl = {0};
    host_call(LINUX_rt_sigaction, (uint64_t)signo, (uintptr_t)&dfl, 0, LX_SIGSET_SIZE, 0, 0);
}

/* A write to a page that only tandem protects: it can be made now. */
static bool write_to_code(struct thread *t, const siginfo_t *info, const ucontext_t *uc)
{
    switch (engine_write_fault(t->proc->engine, t->engine, info, uc)) {
    case ENGINE_WRITE_NONE:
        return false;
    case ENGINE_WRITE_AGAIN:
        return true;
    case ENGINE_WRITE_STEP:
        break;
    }
    signal_apply_mask(t); /* this handler does not return */
    engine_step(t->engine);
}

/* Did the exception come from tandem's watch of the guest's flags? Then returning repeats the instruction. */
static bool watch_trapped(struct cpu *cpu, ucontext_t *uc)
{
    uint32_t env;
    if (!host_context_fpenv(uc, &env) || !fp_watch_trap(cpu, &env))
        return false;
    host_context_set_fpenv(uc, env);
    return true;
}

/* What the host reports of an address that is not canonical depends on the register that the address was in there. */
static int guest_signal_of(struct thread *t, int signo, const siginfo_t *info)
{
    const struct guest_linux *abi = t->proc->guest->abi;
    uint8_t code[MAX_INSN];
    size_t size = sizeof code;
    if ((signo != SIGSEGV && signo != SIGBUS) || info->si_code != SI_KERNEL)
        return signo;
    const size_t left = MEM_PAGE_SIZE - t->cpu->pc % MEM_PAGE_SIZE;
    if (!abi->odd_address)
        return SIGSEGV;
    if (guest_read(t, code, t->cpu->pc, size)) {
        size = left < size ? left : size;
        if (guest_read(t, code, t->cpu->pc, size))
            return SIGSEGV;
    }
    return abi->odd_address(t->cpu, code, size);
}

static void fault(int signo, siginfo_t *info, ucontext_t *uc)
{
    struct thread *t = linux_self();
    unsigned how = signo == SIGSEGV || signo == SIGBUS ? host_context_fault(uc) : 0;
    if (t && signo == SIGSEGV && how & HOST_FAULT_WRITE && info->si_code == SEGV_ACCERR && write_to_code(t, info, uc))
        return;
    if (t && signo == SIGFPE && !t->proc->guest->fp.traps && watch_trapped(t->cpu, uc))
        return;
    if (host_call_fixup(uc))
        return;
    if (t && engine_sync_state(t->engine, info, uc)) {
        if (engine_must_replay(t->engine)) {
            signal_apply_mask(t);
            engine_step(t->engine);
        }
        bool at_pc = signo == SIGFPE || signo == SIGILL; /* the host says where in the generated code */
        gaddr_t addr = t->proc->guest->address_end ? (uint32_t)(uintptr_t)info->si_addr : (uintptr_t)info->si_addr;
        signo = guest_signal_of(t, signo, info);
        signal_raise_sync(t, signo, info->si_code, at_pc ? t->cpu->pc : addr);
        if (signo == SIGSEGV && info->si_code == SEGV_MAPERR && addr == (uintptr_t)info->si_addr)
            t->lx->sync.code = SEGV_MAPERR; /* mapped, and yet not: MADV_GUARD_INSTALL */
        t->lx->sync.fault = (how & HOST_FAULT_WRITE ? GUEST_FAULT_WRITE : 0) |
                            (how & HOST_FAULT_PRESENT ? GUEST_FAULT_PRESENT : 0) |
                            (engine_was_fetching(t->engine) ? GUEST_FAULT_FETCH : 0);
        t->lx->sync.again = !at_pc;
        engine_restart(t->engine);
    }
    report_own_fault(signo, info, uc);
}

/* The guest's call goes on where it was interrupted, unless a signal of the guest's has come, too: the call then is
 * interrupted by that one. */
static void unnoticed(ucontext_t *uc)
{
    uint64_t pending = 0;
    host_call(LINUX_rt_sigpending, (uintptr_t)&pending, LX_SIGSET_SIZE, 0, 0, 0, 0);
    if (!(pending & ~*frame_mask(uc)))
        host_call_resume(uc);
}

static void tick(const struct thread *self, ucontext_t *uc)
{
    if (self && self->engine)
        engine_tick(self->engine, host_context_pc(uc));
    unnoticed(uc);
}

/* Sent, and not blocked on the host. */
static void sync_sent(struct thread *self, const siginfo_t *info, ucontext_t *uc)
{
    if (sync_arrive(self, info))
        host_call_interrupt(uc);
    else
        unnoticed(uc);
}

/* Between tracer and tracee. Who sent one to a thread that has ended sends it again, or finds that out. */
static void trace_message(struct thread *self, const siginfo_t *info, ucontext_t *uc)
{
    if (!self)
        return;
    if (info->si_code == TRACE_BEGIN || info->si_code == TRACE_BELL) {
        traced_message(self, info, uc);
        return;
    }
    tracer_message(self, info);
    unnoticed(uc);
}

static void on_signal(int signo, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    struct thread *self = linux_self();
    ucontext_t *uc = context;
    if (host_fork_signal(signo, info, uc))
        return;
    if (ticks_is_one(info))
        tick(self, uc);
    else if (signo == SIGTRAP && info->si_code <= TRACE_BEGIN && info->si_code >= TRACE_LAST)
        trace_message(self, info, uc);
    else if ((LX_SYNC_MASK & lx_sigbit(signo)) && info->si_code > 0)
        fault(signo, info, uc);
    else if (!self)
        forward(signo, info, uc);
    else if (LX_SYNC_MASK & lx_sigbit(signo))
        sync_sent(self, info, uc);
    else
        enqueue(self, signo, info, uc);
    host_fork_signal_end();
    errno = saved_errno;
}

static void host_action(int signo, void (*handler)(int, siginfo_t *, void *), uint64_t flags)
{
    struct host_sigaction sa = {handler, flags, host_sigreturn, ~0ull};
    if (LX_SYNC_MASK & lx_sigbit(signo)) {
        sa.mask &= ~LX_SYNC_MASK; /* a second fault inside the handler is reported, too */
        sa.flags |= SA_NODEFER;
    }
    sa.flags |= HOST_SA_RESTORER;
    host_call(LINUX_rt_sigaction, (uint64_t)signo, (uintptr_t)&sa, 0, LX_SIGSET_SIZE, 0, 0);
}

void signal_host_catch(int signo) { host_action(signo, on_signal, SA_SIGINFO | SA_ONSTACK | SA_RESTART); }

void signal_host_install(struct process *proc, int signo)
{
    const struct lx_action *a = &proc->lx->actions[signo];
    uint64_t keep = a->flags & (SA_NOCLDSTOP | SA_NOCLDWAIT);
    bool sync = LX_SYNC_MASK & lx_sigbit(signo);
    uint64_t *ignored = &proc->lx->ignored;
    if (a->handler == LX_SIG_IGN)
        __atomic_fetch_or(ignored, lx_sigbit(signo), __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(ignored, ~lx_sigbit(signo), __ATOMIC_RELAXED);
    if (signo == SIGCHLD && a->handler == LX_SIG_IGN)
        keep |= SA_NOCLDWAIT;
    bool catch = sync || a->handler > LX_SIG_IGN || proc->lx->traced ||
                 (a->handler == LX_SIG_DFL && proc->lx->catch_fatal && signal_default_kills(signo));
    if (catch)
        host_action(signo, on_signal, keep | SA_SIGINFO | SA_ONSTACK | SA_RESTART);
    else
        host_action(signo, a->handler == LX_SIG_IGN ? (void (*)(int, siginfo_t *, void *))(uintptr_t)1 : NULL, keep);
}

void signal_host_clear(struct process *proc)
{
    for (int s = 1; s <= LX_NSIG; s++) {
        struct lx_action *a = &proc->lx->actions[s];
        *a = (struct lx_action){.handler = a->handler == LX_SIG_IGN ? LX_SIG_IGN : LX_SIG_DFL};
        if (s != SIGKILL && s != SIGSTOP)
            signal_host_install(proc, s);
    }
}

void signal_host_exec(struct process *proc, bool before)
{
    for (int s = 1; s <= LX_NSIG; s++) {
        if (!(LX_SYNC_MASK & lx_sigbit(s)))
            continue;
        if (!before)
            signal_host_install(proc, s);
        else if (proc->lx->actions[s].handler == LX_SIG_IGN)
            host_action(s, (void (*)(int, siginfo_t *, void *))(uintptr_t)1, 0);
    }
}

void signal_host_init(struct process *proc)
{
    for (int s = 1; s <= LX_NSIG; s++) {
        struct host_sigaction old;
        if (s == SIGKILL || s == SIGSTOP ||
            host_call(LINUX_rt_sigaction, (uint64_t)s, 0, (uintptr_t)&old, LX_SIGSET_SIZE, 0, 0))
            continue;
        if ((uintptr_t)old.handler == LX_SIG_IGN)
            proc->lx->actions[s].handler = LX_SIG_IGN;
        if ((LX_SYNC_MASK & lx_sigbit(s)) || proc->lx->catch_fatal || proc->lx->traced)
            signal_host_install(proc, s);
    }
}

void signal_host_stack(struct thread *t)
{
    stack_t ss = {.ss_sp = t->lx->host_stack, .ss_size = LX_HOST_STACK};
    host_call(LINUX_sigaltstack, (uintptr_t)&ss, 0, 0, 0, 0, 0);
}

void signal_apply_mask(struct thread *t)
{
    struct linux_thread *lx = t->lx;
    const uint64_t queued = __atomic_load_n(&lx->queued, __ATOMIC_RELAXED) & ~LX_SYNC_MASK;
    for (uint64_t back = queued & lx->mask; back; back &= back - 1) {
        int s = __builtin_ctzll(back) + 1;
        __atomic_fetch_and(&lx->queued, ~lx_sigbit(s), __ATOMIC_RELAXED);
        host_call(LINUX_rt_tgsigqueueinfo, (uint64_t)getpid(), (uint64_t)t->tid, (uint64_t)s, (uintptr_t)&lx->slot[s],
                  0, 0);
    }
    const uint64_t mask = (queued & ~lx->mask ? ~0ull : lx->mask) & ~LX_SYNC_MASK;
    host_sigmask(SIG_SETMASK, &mask, NULL);
}

bool signal_default_kills(int signo)
{
    switch (signo) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH: /* ignored */
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU: /* stop */
    case SIGKILL: /* nobody can catch it */
        return false;
    default:
        return true;
    }
}

bool signal_default_stops(int signo)
{
    return signo == SIGSTOP || signo == SIGTSTP || signo == SIGTTIN || signo == SIGTTOU;
}

void signal_die(struct process *proc, int signo)
{
    if (log_on(LOG_STRACE))
        log_printf("--- killed by signal %d (%s) ---\n", signo, strsignal(signo));
    if (proc->lx->traced && linux_self())
        traced_end(linux_self(), signo, true);
    if (!proc->lender)
        engine_finish(proc->engine);
    uint64_t all = ~0ull, only = ~lx_sigbit(signo);
    host_sigmask(SIG_SETMASK, &all, NULL);
    host_action(signo, NULL, 0);
    host_call(LINUX_tgkill, (uint64_t)getpid(), (uint64_t)host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0), (uint64_t)signo, 0,
              0, 0);
    host_sigmask(SIG_SETMASK, &only, NULL);
    host_call(LINUX_exit_group, 128u + (unsigned)signo, 0, 0, 0, 0,
              0); /* only if the signal could not kill: init of a namespace */
    __builtin_unreachable();
}
