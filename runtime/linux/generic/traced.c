/* SPDX-License-Identifier: Apache-2.0 */
/* The side of ptrace that is traced.
 *
 * A traced guest runs free: the host's kernel does not trace it, so nothing that tandem does inside it stops it. Where
 * the guest is to stop (before a signal, around a call, for an event), it puts what a tracer may ask for into a record
 * in its own memory and tells the tracer by a message. The tracer's tandem then seizes and interrupts it (tracer.c): so
 * the kernel makes the stop, and what wait sees of it. It reads and changes the record, and lets the thread go again,
 * which takes over what was changed.
 *
 * I1  A thread stops at block boundaries and around system calls only, where its registers are in struct cpu.
 * I2  In a stop all host signals are blocked, but for synchronous ones: nothing else is on its way to the guest.
 * I3  Messages may get lost (a SIGTRAP that waits takes the place of another one): who waits for an answer sends it
 *     again. If the tracer is gone, the thread is not traced any more.
 * I4  In a process that is traced every signal comes by tandem's handler, whatever its action: the tracer sees it. */
#include "runtime/linux/generic/traced.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/proc_name.h"
#include "runtime/linux/generic/signal_host.h"
#include "runtime/linux/generic/tracer.h"
#include "runtime/mem/mem_writers.h"
#include "src/host/call.h"

enum { RECORD_SIZE = 4096, SYSCALL_STOP = 0x80, ARCH_LITTLE_ENDIAN = 0x40000000 };
#define ARCH_64BIT 0x80000000u
_Static_assert(sizeof(struct trace_record) <= RECORD_SIZE, "one page");

/* ---- messages ---- */

/* Sends one about thread tid to the tracer. False: it is gone. */
static bool tell(const struct lx_trace *trace, pid_t tid, int code, const void *about)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGTRAP;
    info.si_code = code;
    info.si_pid = tid;
    info.si_value.sival_ptr = (void *)((uintptr_t)about | (trace->options & PTRACE_O_EXITKILL ? TRACE_EXITKILL : 0));
    return host_call(LINUX_rt_tgsigqueueinfo, (uint64_t)trace->tracer, (uint64_t)trace->tracer_tid, SIGTRAP,
                     (uintptr_t)&info, 0, 0) != -ESRCH;
}

/* Tells it until the tracer has answered in *word (I3). */
static bool ask(const struct lx_trace *trace, pid_t tid, int code, uint32_t *word)
{
    const struct timespec again = {0, 20000000};
    while (!__atomic_load_n(word, __ATOMIC_ACQUIRE)) { /* partner: the tracer, by process_vm_writev */
        if (!tell(trace, tid, code, trace->record))
            return false;
        host_call(LINUX_futex, (uintptr_t)word, FUTEX_WAIT_PRIVATE, 0, (uintptr_t)&again, 0, 0);
    }
    return true;
}

/* The tracer is gone, or has let go. */
static void forget(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    __atomic_store_n(&trace->tracer, 0, __ATOMIC_RELAXED);
    trace->resume = TRACE_RUN;
    trace->begins = TRACE_BEGINS_NOT;
    trace->in_call = false;
    if (trace->record)
        trace->record->ask_stop = trace->record->ask_interrupt = 0;
}

static void lose_tracer(struct thread *t)
{
    if (t->lx->trace.options & PTRACE_O_EXITKILL)
        host_call(LINUX_kill, (uint64_t)getpid(), SIGKILL, 0, 0, 0, 0);
    forget(t);
}

void traced_message(struct thread *t, const siginfo_t *info, ucontext_t *uc)
{
    struct lx_trace_begin *begin = &t->lx->trace_begin;
    if (info->si_code == TRACE_BEGIN) {
        begin->tracer = info->si_pid;
        begin->value = (uintptr_t)info->si_value.sival_ptr;
        __atomic_store_n(&begin->tid, (pid_t)host_call(LINUX_gettid, 0, 0, 0, 0, 0, 0), __ATOMIC_RELEASE);
    }
    thread_kick(t);
    host_call_interrupt(uc);
}

/* ---- the record ---- */

static struct trace_record *record_of(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    if (!trace->record) {
        void *p = mmap(NULL, RECORD_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        trace->record = p == MAP_FAILED ? NULL : p;
    }
    return trace->record;
}

void traced_fini(struct thread *t)
{
    if (t->lx->trace.record)
        munmap(t->lx->trace.record, RECORD_SIZE);
    t->lx->trace.record = NULL;
}

static void put_number(struct thread *t, struct trace_record *r, uint64_t number)
{
    const struct guest *guest = t->proc->guest;
    if (guest->abi->ptrace->orig_at)
        memcpy(r->regs + guest->abi->ptrace->orig_at, &number, guest_word_bytes(guest));
}

/* What the tracer may read. number: of the call under way; ~0: none. */
static void show(struct thread *t, struct trace_record *r, uint64_t number)
{
    const struct guest *guest = t->proc->guest;
    const struct guest_ptrace *p = guest->abi->ptrace;
    r->magic = TRACE_MAGIC;
    r->options = t->lx->trace.options;
    r->seized = t->lx->trace.seized;
    r->is32 = guest_is32(guest);
    r->signo = 0;
    r->changed = 0;
    r->resume = TRACE_RUN;
    r->code_start = r->code_end = 0;
    r->machine = guest->elf.machine | ARCH_LITTLE_ENDIAN | (guest_is32(guest) ? 0 : ARCH_64BIT);
    r->pc = t->cpu->pc;
    r->sp = guest_get(t->cpu, guest, guest->abi->row_sp);
    r->regs_size = (uint32_t)p->regs_size;
    r->fp_size = (uint32_t)p->fp_size;
    r->fp_note = p->fp_note;
    r->tls_note = p->tls_note;
    r->call_note = p->call_note;
    r->number = (int32_t)number;
    r->tls = guest_get(t->cpu, guest, guest->abi->row_tls);
    r->steps = p->steps;
    r->orig_at = (uint32_t)p->orig_at;
    guest->fp.to_guest(t->cpu);
    p->get(t->cpu, r->regs, r->fp);
    put_number(t, r, number);
}

/* What the tracer has changed becomes the thread's. */
static void adopt(struct thread *t, const struct trace_record *r)
{
    const struct guest *guest = t->proc->guest;
    if (r->changed & TRACE_CHANGED_FP)
        guest->abi->ptrace->set_fp(t->cpu, r->fp);
    if (r->changed & TRACE_CHANGED_REGS)
        guest->abi->ptrace->set_regs(t->cpu, r->regs);
    if (r->changed & TRACE_CHANGED_TLS)
        guest_set(t->cpu, guest, guest->abi->row_tls, r->tls);
    if (r->changed & (TRACE_CHANGED_FP | TRACE_CHANGED_REGS)) {
        guest->fp.from_guest(t->cpu);
        t->cpu->mode = guest->cpu.mode(t->cpu);
        t->cpu->resv.addr = ~UINT64_C(0);
    }
    if (r->code_end > r->code_start)
        mem_note_written_code(t->proc->mem, r->code_start, r->code_end - r->code_start);
    t->lx->trace.options = r->options;
    t->lx->trace.resume = r->resume;
    if (r->resume == TRACE_DETACH)
        forget(t);
}

/* Stands still until the tracer lets it go on. The record says why; what is in it then is the tracer's. False: there is
 * no tracer any more. */
static bool stand(struct thread *t, struct trace_record *r, int status)
{
    uint64_t mask;
    r->status = status;
    host_block_all(&mask); /* I2 */
    __atomic_store_n(&r->command, 0, __ATOMIC_RELEASE);
    const bool went_on = ask(&t->lx->trace, t->tid, TRACE_STOP, &r->command);
    if (went_on)
        adopt(t, r);
    else
        lose_tracer(t);
    host_sigmask(SIG_SETMASK, &mask, NULL);
    return went_on;
}

static void set_info(struct trace_record *r, int code)
{
    memset(&r->info, 0, sizeof r->info);
    r->has_info = true;
    r->info.si_signo = SIGTRAP;
    r->info.si_code = code;
    r->info.si_pid = getpid();
    r->info.si_uid = getuid();
}

static void stop_for_event(struct thread *t, int event, uint64_t message)
{
    struct trace_record *r = record_of(t);
    if (!r)
        return;
    show(t, r, ~UINT64_C(0));
    r->call_op = PTRACE_SYSCALL_INFO_NONE;
    r->message = message;
    set_info(r, SIGTRAP | event << 8);
    stand(t, r, SIGTRAP | event << 8);
}

/* ---- becoming traced ---- */

/* I4 */
static void see_signals(struct process *proc)
{
    uint64_t mask;
    if (proc->lx->traced)
        return;
    host_block_all(&mask);
    pthread_mutex_lock(&proc->lx->actions_lock);
    proc->lx->traced = true;
    for (int s = 1; s <= LX_NSIG; s++)
        if (s != SIGKILL && s != SIGSTOP)
            signal_host_install(proc, s);
    pthread_mutex_unlock(&proc->lx->actions_lock);
    host_sigmask(SIG_SETMASK, &mask, NULL);
}

static void allow_tracer(pid_t tracer) { prctl(PR_SET_PTRACER, (unsigned long)tracer, 0, 0, 0); }

long traced_by_parent(struct thread *t)
{
    const struct linux_process *lx = t->proc->lx;
    struct lx_trace *trace = &t->lx->trace;
    const pid_t parent = getppid();
    if (traced(t) || !proc_is_tandem(t->proc, parent))
        return -EPERM;
    if (!record_of(t))
        return -ENOMEM;
    allow_tracer(parent);
    *trace = (struct lx_trace){.tracer_tid = parent == lx->parent ? lx->parent_tid : parent, .record = trace->record};
    memset(trace->record, 0, sizeof *trace->record);
    see_signals(t->proc);
    __atomic_store_n(&trace->tracer, parent, __ATOMIC_RELEASE);
    return 0;
}

void traced_inherit(struct thread *child, const struct thread *maker, int event)
{
    struct lx_trace *to = &child->lx->trace;
    const struct lx_trace from = maker->lx->trace;
    struct trace_record *record = child == maker ? to->record : NULL;
    *to = (struct lx_trace){.record = record};
    if (!event || !from.tracer)
        return;
    *to = from;
    to->record = record;
    to->resume = TRACE_RUN;
    to->in_call = false;
    to->begins = TRACE_BEGINS_CHILD;
    thread_kick(child);
}

int traced_clone_event(const struct thread *t, uint64_t flags, int exit_signal)
{
    const uint32_t options = t->lx->trace.options;
    const int event = flags & CLONE_VFORK                              ? PTRACE_EVENT_VFORK
                      : flags & CLONE_THREAD || exit_signal != SIGCHLD ? PTRACE_EVENT_CLONE
                                                                       : PTRACE_EVENT_FORK;
    return traced(t) && !(flags & CLONE_UNTRACED) && options & 1u << event ? event : 0;
}

/* ---- stops ---- */

bool traced_asks(const struct thread *t)
{
    const struct trace_record *r = t->lx->trace.record;
    return traced(t) && r && __atomic_load_n(&r->ask_stop, __ATOMIC_RELAXED);
}

bool traced_take_stop(struct thread *t, siginfo_t *info)
{
    if (!traced_asks(t))
        return false;
    __atomic_store_n(&t->lx->trace.record->ask_stop, 0, __ATOMIC_RELAXED);
    memset(info, 0, sizeof *info);
    info->si_signo = SIGSTOP;
    info->si_pid = t->lx->trace.tracer;
    info->si_uid = getuid();
    return true;
}

/* A thread that a traced one has made. */
static void begin_child(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    trace->begins = TRACE_BEGINS_NOT;
    allow_tracer(trace->tracer);
    see_signals(t->proc);
    if (!record_of(t))
        return;
    trace->record->ask_interrupt = trace->seized;
    trace->record->ask_stop = !trace->seized;
}

/* The program that execve has brought: the event, or SIGTRAP behind the call's own stop. */
static void begin_program(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    struct trace_record *r = record_of(t);
    siginfo_t info = {.si_signo = SIGTRAP};
    trace->begins = TRACE_BEGINS_NOT;
    allow_tracer(trace->tracer);
    if (!r)
        return;
    r->magic = TRACE_MAGIC;
    const bool is_event = trace->options & PTRACE_O_TRACEEXEC;
    if (is_event)
        stop_for_event(t, PTRACE_EVENT_EXEC, (uint64_t)trace->former);
    if (traced(t) && trace->in_call)
        traced_call_end(t);
    if (traced(t) && !is_event && !trace->seized) {
        info.si_pid = getpid();
        info.si_uid = getuid();
        if (traced_signal(t, SIGTRAP, &info) == SIGTRAP)
            signal_die(t->proc, SIGTRAP);
    }
}

/* By PTRACE_ATTACH or PTRACE_SEIZE. */
static void begin_attached(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    const struct lx_trace_begin *begin = &t->lx->trace_begin;
    struct trace_record *r = record_of(t);
    if (!r)
        return;
    memset(r, 0, sizeof *r);
    *trace = (struct lx_trace){.tracer_tid = (pid_t)(uint32_t)begin->value,
                               .options = (uint32_t)(begin->value >> 32) & ~(1u << 31),
                               .seized = begin->value & TRACE_SEIZED,
                               .record = r};
    r->magic = TRACE_MAGIC;
    r->command = 1;
    r->ask_stop = !trace->seized;
    see_signals(t->proc);
    allow_tracer(begin->tracer);
    __atomic_store_n(&trace->tracer, begin->tracer, __ATOMIC_RELEASE);
    if (!ask(trace, t->tid, TRACE_HELLO, &r->acknowledged))
        lose_tracer(t);
}

void traced_deliver(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    if (__atomic_exchange_n(&t->lx->trace_begin.tid, 0, __ATOMIC_ACQUIRE) == t->tid && !traced(t))
        begin_attached(t);
    if (trace->begins == TRACE_BEGINS_CHILD)
        begin_child(t);
    else if (trace->begins == TRACE_BEGINS_EXEC)
        begin_program(t);
    if (traced(t) && trace->record && __atomic_exchange_n(&trace->record->ask_interrupt, 0, __ATOMIC_ACQUIRE))
        stop_for_event(t, PTRACE_EVENT_STOP, 0);
}

/* While a call that was interrupted waits to be made again, the kernel shows what it has in mind as its result. */
static void show_restart(struct thread *t, struct trace_record *r)
{
    const struct guest *guest = t->proc->guest;
    const uint64_t kept = guest_get(t->cpu, guest, guest->abi->call.result);
    const uint64_t number = guest_get(t->cpu, guest, guest->abi->call.number);
    if (t->lx->restart == LX_RESTART_NONE) {
        show(t, r, ~UINT64_C(0));
        return;
    }
    lx_set_result(t, LX_RESTARTSYS);
    show(t, r, number);
    guest_set(t->cpu, guest, guest->abi->call.result, kept);
}

/* The tracer has given the thread other registers: it goes on with these. */
static void forget_restart(struct thread *t, const struct trace_record *r)
{
    if (r->changed & TRACE_CHANGED_REGS)
        t->lx->restart = LX_RESTART_NONE;
}

int traced_signal(struct thread *t, int signo, siginfo_t *info)
{
    struct trace_record *r = record_of(t);
    if (!r || signo == SIGKILL)
        return signo;
    show_restart(t, r);
    r->call_op = PTRACE_SYSCALL_INFO_NONE;
    r->has_info = true;
    r->info = *info;
    if (!stand(t, r, signo))
        return signo == SIGSTOP ? 0 : signo;
    forget_restart(t, r);
    if (r->signo == signo) {
        *info = r->info;
    } else if (r->signo) { /* as the kernel: another one is the tracer's */
        memset(info, 0, sizeof *info);
        info->si_signo = r->signo;
        info->si_pid = t->lx->trace.tracer;
        info->si_uid = getuid();
    }
    return r->signo;
}

void traced_group_stop(struct thread *t, int signo)
{
    struct trace_record *r = traced(t) ? record_of(t) : NULL;
    if (!r) {
        host_call(LINUX_tgkill, (uint64_t)getpid(), (uint64_t)t->tid, SIGSTOP, 0, 0, 0);
        return;
    }
    show_restart(t, r);
    r->call_op = PTRACE_SYSCALL_INFO_NONE;
    r->has_info = false;
    stand(t, r, t->lx->trace.seized ? signo | PTRACE_EVENT_STOP << 8 : signo);
}

void traced_event(struct thread *t, int event, uint64_t message)
{
    if (traced(t) && t->lx->trace.options & 1u << event)
        stop_for_event(t, event, message);
}

/* ---- system calls ---- */

static int call_status(const struct thread *t)
{
    return SIGTRAP | (t->lx->trace.options & PTRACE_O_TRACESYSGOOD ? SYSCALL_STOP : 0);
}

/* A signal that the tracer gives it at a call's stop is sent to it (ptrace_report_syscall of Linux). */
static bool stand_at_call(struct thread *t, struct trace_record *r)
{
    const bool went_on = stand(t, r, call_status(t));
    if (went_on && r->signo == SIGSTOP)
        tracer_takes_stop(t, t->tid, SIGSTOP);
    else if (went_on && r->signo)
        host_call(LINUX_tgkill, (uint64_t)getpid(), (uint64_t)t->tid, (uint64_t)r->signo, 0, 0, 0);
    return went_on;
}

bool traced_call_begin(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    const struct guest *guest = t->proc->guest;
    const struct guest_syscalls *call = &guest->abi->call;
    struct trace_record *r = trace->resume == TRACE_CALLS ? record_of(t) : NULL;
    if (!r)
        return true;
    uint64_t number = guest_get(t->cpu, guest, call->number);
    trace->in_call = true;
    r->call_op = PTRACE_SYSCALL_INFO_ENTRY;
    r->call[0] = number;
    for (unsigned i = 0; i < 6; i++)
        r->call[i + 1] = guest_get(t->cpu, guest, call->arg[i]);
    const bool one = call->number == call->result; /* one register: the number is shown apart, no result as yet */
    if (one)
        lx_set_result(t, -ENOSYS);
    show(t, r, number);
    set_info(r, call_status(t));
    stand_at_call(t, r);
    if (one && r->changed & TRACE_CHANGED_REGS)
        memcpy(&number, r->regs + r->orig_at, guest_word_bytes(guest));
    else if (r->call_note)
        number = (uint64_t)r->number;
    else if (!one)
        number = guest_get(t->cpu, guest, call->number);
    if ((int32_t)number == -1)
        return false;
    if (one || r->changed & TRACE_CHANGED_CALL)
        guest_set(t->cpu, guest, call->number, number);
    return true;
}

void traced_call_end(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    const struct guest *guest = t->proc->guest;
    const struct guest_syscalls *call = &guest->abi->call;
    const uint64_t result = guest_get(t->cpu, guest, call->result);
    struct trace_record *r = trace->resume == TRACE_CALLS ? record_of(t) : NULL;
    trace->in_call = false;
    if (!r)
        return;
    show_restart(t, r);
    if (t->lx->restart == LX_RESTART_NONE)
        put_number(t, r, r->call[0]);
    r->call_op = PTRACE_SYSCALL_INFO_EXIT;
    r->call[0] = t->lx->restart == LX_RESTART_NONE ? result : (uint64_t)LX_RESTARTSYS;
    if (guest_is32(guest))
        r->call[0] = (uint64_t)(int32_t)r->call[0];
    set_info(r, call_status(t));
    if (stand_at_call(t, r))
        forget_restart(t, r);
}

/* ---- the end, and execve ---- */

/* Is the tracer told of the end by the kernel, as the parent? */
static bool is_its_child(const struct thread *t) { return t->tid == getpid() && getppid() == t->lx->trace.tracer; }

/* The tracer has the kernel tell it of the end of thread other. */
static void announce_end(struct thread *t, const struct thread *other)
{
    struct trace_record *r = record_of(t);
    const struct lx_trace *trace = &other->lx->trace;
    if (!r || !trace->tracer || is_its_child(other))
        return;
    struct lx_trace about = *trace;
    about.record = r;
    __atomic_store_n(&r->acknowledged, 0, __ATOMIC_RELAXED);
    ask(&about, other->tid, TRACE_LAST, &r->acknowledged);
}

void traced_end(struct thread *t, int status, bool whole)
{
    if (!t->proc->lx->traced)
        return;
    traced_event(t, PTRACE_EVENT_EXIT, (uint64_t)status);
    host_block_all(NULL);
    if (!whole) {
        announce_end(t, t);
        return;
    }
    struct process *home = process_home(t->proc);
    pthread_mutex_lock(&home->threads_lock);
    for (const struct thread *other = home->threads; other; other = other->next)
        if (other->proc == t->proc)
            announce_end(t, other);
    pthread_mutex_unlock(&home->threads_lock);
}

bool traced_exec(struct thread *t, char text[TRACED_TEXT])
{
    const struct lx_trace *trace = &t->lx->trace;
    if (!traced(t))
        return false;
    if (trace->record)
        __atomic_store_n(&trace->record->magic, 0, __ATOMIC_RELEASE); /* no message from now on */
    snprintf(text, TRACED_TEXT, "%d,%d,%u,%d,%d,%d,%d", trace->tracer, trace->tracer_tid, trace->options, trace->seized,
             trace->resume, trace->in_call, t->tid);
    return true;
}

void traced_exec_failed(struct thread *t)
{
    if (traced(t) && t->lx->trace.record)
        __atomic_store_n(&t->lx->trace.record->magic, TRACE_MAGIC, __ATOMIC_RELEASE);
}

void traced_begin(struct thread *t)
{
    struct lx_trace *trace = &t->lx->trace;
    int tracer, tid, seized, resume, in_call, former;
    unsigned options;
    const char *text = t->proc->options->exec_trace;
    if (!text ||
        sscanf(text, "%d,%d,%u,%d,%d,%d,%d", &tracer, &tid, &options, &seized, &resume, &in_call, &former) != 7)
        return;
    *trace = (struct lx_trace){.tracer = tracer,
                               .tracer_tid = tid,
                               .options = options,
                               .seized = seized,
                               .resume = (uint8_t)resume,
                               .in_call = in_call,
                               .former = former,
                               .begins = TRACE_BEGINS_EXEC};
    thread_kick(t);
}
