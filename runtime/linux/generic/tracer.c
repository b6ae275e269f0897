/* SPDX-License-Identifier: Apache-2.0 */
/* The side of ptrace that traces (traced.c says how the two work together).
 *
 * I1  A tracee is the host's tracee from the message that it wants to stop until it goes on; so the kernel makes the
 *     stop, SIGCHLD and the wait. It is interrupted where it waits for that, at no other place.
 * I2  The table of tracees is changed by signal handlers of any thread, without a lock: an entry is taken by setting
 *     its tid, and given back by clearing it; the rest of it belongs to the thread that traces. While that makes an
 *     entry or answers a message, no further message gets in (two entries for one tracee, or two who stop it).
 * I3  What wait sees is the stop of PTRACE_INTERRUPT. What it gives the guest is the record's status. */
#include "runtime/linux/generic/tracer.h"

#include <errno.h>
#include <linux/ptrace.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/proc_name.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/traced.h"

enum { CLD_TRAPPED_CODE = 4, HOST_STOP = SIGTRAP | PTRACE_EVENT_STOP << 8, PAUSE_NS = 2000000, LOOKS = 1000 };

static long host_ptrace(int request, pid_t tid, uint64_t addr, uint64_t data)
{
    return host_call(LINUX_ptrace, (uint64_t)request, (uint64_t)tid, addr, data, 0, 0);
}

static long copy(enum linux_call call, pid_t tid, void *here, uint64_t there, size_t size)
{
    const struct iovec local = {here, size}, remote = {(void *)(uintptr_t)there, size};
    const long n = host_call(call, (uint64_t)tid, (uintptr_t)&local, 1, (uintptr_t)&remote, 1, 0);
    return n == (long)size ? 0 : -ESRCH;
}

static long read_field(const struct lx_tracee *e, void *to, size_t at, size_t size)
{
    const uint64_t record = __atomic_load_n(&e->record, __ATOMIC_ACQUIRE);
    return record ? copy(LINUX_process_vm_readv, e->tid, to, record + at, size) : -ESRCH;
}

static long write_field(const struct lx_tracee *e, const void *from, size_t at, size_t size)
{
    const uint64_t record = __atomic_load_n(&e->record, __ATOMIC_ACQUIRE);
    return record ? copy(LINUX_process_vm_writev, e->tid, (void *)(uintptr_t)from, record + at, size) : -ESRCH;
}

/* ---- the table ---- */

static struct lx_tracee *entry_of(struct process *proc, pid_t tid)
{
    for (unsigned i = 0; i < LX_TRACEES; i++)
        if (__atomic_load_n(&proc->lx->tracees[i].tid, __ATOMIC_ACQUIRE) == tid)
            return &proc->lx->tracees[i];
    return NULL;
}

/* I2. The mask of before is for host_sigmask. */
static uint64_t hold_messages(void)
{
    const uint64_t messages = lx_sigbit(SIGTRAP);
    uint64_t mask = 0;
    host_sigmask(SIG_BLOCK, &messages, &mask);
    return mask;
}

/* NULL: the table is full. Messages held. */
static struct lx_tracee *make_entry(struct thread *t, pid_t tid)
{
    struct lx_tracee *e = entry_of(t->proc, tid);
    for (unsigned i = 0; !e && i < LX_TRACEES; i++) {
        pid_t none = 0;
        struct lx_tracee *at = &t->proc->lx->tracees[i];
        if (!__atomic_compare_exchange_n(&at->tid, &none, -1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
            continue;
        e = at;
        e->record = 0;
        e->wants = e->options = 0;
        e->held = false;
        e->is_child = host_call(LINUX_waitid, P_PID, (uint64_t)tid, 0, WEXITED | WNOHANG | WNOWAIT | __WALL, 0, 0) == 0;
        e->tracer = t->tid;
        __atomic_store_n(&e->tid, tid, __ATOMIC_RELEASE);
        __atomic_store_n(&t->proc->lx->traces, true, __ATOMIC_RELAXED);
    }
    return e;
}

static void free_entry(struct lx_tracee *e) { __atomic_store_n(&e->tid, 0, __ATOMIC_RELEASE); }

struct lx_tracee *tracer_find(struct thread *t, pid_t tid)
{
    struct lx_tracee *e = tid > 0 ? entry_of(t->proc, tid) : NULL;
    return e && e->tracer == t->tid ? e : NULL;
}

/* ---- messages ---- */

static void let_go(struct lx_tracee *e)
{
    const uint8_t detach = TRACE_DETACH;
    const uint32_t go = 1;
    write_field(e, &detach, offsetof(struct trace_record, resume), sizeof detach);
    write_field(e, &go, offsetof(struct trace_record, command), sizeof go);
    free_entry(e);
}

/* It waits to be stopped. */
static void stop(struct lx_tracee *e, uint64_t options)
{
    uint32_t head[2] = {0, 1};
    if (e->held || read_field(e, head, 0, sizeof head) || head[0] != TRACE_MAGIC || head[1])
        return; /* the message came twice */
    if (host_ptrace(PTRACE_SEIZE, e->tid, 0, options) < 0) {
        let_go(e);
        return;
    }
    e->held = true;
    host_ptrace(PTRACE_INTERRUPT, e->tid, 0, 0);
}

static void greet(struct lx_tracee *e)
{
    const uint32_t one = 1;
    if (__atomic_exchange_n(&e->wants, 0, __ATOMIC_RELAXED))
        write_field(e, &one, offsetof(struct trace_record, ask_interrupt), sizeof one);
    write_field(e, &one, offsetof(struct trace_record, acknowledged), sizeof one);
}

static void attend_end(struct lx_tracee *e, uint64_t options)
{
    const uint32_t one = 1;
    if (!e->held)
        e->held = host_ptrace(PTRACE_SEIZE, e->tid, 0, options) == 0;
    write_field(e, &one, offsetof(struct trace_record, acknowledged), sizeof one);
}

/* Messages held. */
static void attend(struct thread *t, const siginfo_t *info)
{
    const uint64_t value = (uintptr_t)info->si_value.sival_ptr;
    const uint64_t options = value & TRACE_EXITKILL ? PTRACE_O_EXITKILL : 0;
    struct lx_tracee *e = make_entry(t, info->si_pid);
    if (!e)
        return;
    __atomic_store_n(&e->record, value & ~(uint64_t)TRACE_EXITKILL, __ATOMIC_RELEASE);
    e->options = (uint32_t)options;
    if (info->si_code == TRACE_HELLO)
        greet(e);
    else if (info->si_code == TRACE_STOP)
        stop(e, options);
    else
        attend_end(e, options);
}

void tracer_message(struct thread *t, const siginfo_t *info)
{
    const uint64_t mask = hold_messages();
    attend(t, info);
    host_sigmask(SIG_SETMASK, &mask, NULL);
}

/* A tandem that can be sent a SIGTRAP: it is not about to become one. */
static bool hears(pid_t tid, uint32_t magic)
{
    return magic == TRACE_MAGIC && host_call(LINUX_tkill, (uint64_t)tid, 0, 0, 0, 0, 0) == 0;
}

static pid_t status_line(pid_t tid, const char *name, int base, uint64_t *value)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", tid);
    FILE *f = fopen(path, "re");
    if (!f)
        return -1;
    const size_t n = strlen(name);
    *value = 0;
    while (fgets(line, sizeof line, f))
        if (!strncmp(line, name, n))
            *value = strtoull(line + n, NULL, base);
    fclose(f);
    return 0;
}

static void ring(const struct lx_tracee *e)
{
    uint64_t pid;
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGTRAP;
    info.si_code = TRACE_BELL;
    info.si_pid = getpid();
    if (status_line(e->tid, "Tgid:", 10, &pid) == 0)
        host_call(LINUX_rt_tgsigqueueinfo, pid, (uint64_t)e->tid, SIGTRAP, (uintptr_t)&info, 0, 0);
}

/* A field of the record that the tracee looks at when it is rung. */
static bool ask(const struct lx_tracee *e, size_t field)
{
    const uint32_t one = 1;
    uint32_t magic;
    if (read_field(e, &magic, 0, sizeof magic) || !hears(e->tid, magic) || write_field(e, &one, field, sizeof one))
        return false;
    ring(e);
    return true;
}

/* ---- beginning ---- */

long tracer_attach(struct thread *t, pid_t tid, bool seize, uint32_t options)
{
    uint64_t pid, caught = 0;
    if (tid <= 0 || status_line(tid, "Tgid:", 10, &pid) || !pid)
        return -ESRCH;
    if ((pid_t)pid == getpid() || tracer_find(t, tid) || !proc_is_tandem(t->proc, tid))
        return -EPERM;
    for (unsigned i = 0; i < LOOKS; i++) { /* it may be a tandem that has just begun */
        if (status_line(tid, "SigCgt:", 16, &caught) || caught & lx_sigbit(SIGTRAP))
            break;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    const uint64_t mask = hold_messages();
    struct lx_tracee *e = caught & lx_sigbit(SIGTRAP) ? make_entry(t, tid) : NULL;
    host_sigmask(SIG_SETMASK, &mask, NULL);
    if (!e)
        return -EPERM;
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = SIGTRAP;
    info.si_code = TRACE_BEGIN;
    info.si_pid = getpid();
    info.si_value.sival_ptr =
        (void *)(uintptr_t)((uint32_t)t->tid | (uint64_t)options << 32 | (seize ? TRACE_SEIZED : 0));
    const long err = host_call(LINUX_rt_tgsigqueueinfo, pid, (uint64_t)tid, SIGTRAP, (uintptr_t)&info, 0, 0);
    if (err)
        free_entry(e);
    return err;
}

long tracer_interrupt(struct lx_tracee *e)
{
    if (!ask(e, offsetof(struct trace_record, ask_interrupt)))
        __atomic_store_n(&e->wants, 1, __ATOMIC_RELAXED); /* when it says hello */
    return 0;
}

bool tracer_takes_stop(struct thread *t, pid_t id, int signo)
{
    if (signo != SIGSTOP)
        return false;
    if ((id == getpid() || id == t->tid) && traced(t) && t->lx->trace.record) {
        __atomic_store_n(&t->lx->trace.record->ask_stop, 1, __ATOMIC_RELAXED);
        thread_kick(t);
        return true;
    }
    struct lx_tracee *e = id > 0 ? entry_of(t->proc, id) : NULL;
    return e && ask(e, offsetof(struct trace_record, ask_stop));
}

/* ---- while it stands still ---- */

long tracer_read(const struct lx_tracee *e, struct trace_record *r)
{
    uint64_t word;
    long err = -ESRCH;
    for (unsigned i = 0; e->held && i < LOOKS; i++) { /* it is on its way into the stop */
        err = host_ptrace(PTRACE_GETEVENTMSG, e->tid, 0, (uintptr_t)&word);
        if (!err || host_call(LINUX_tkill, (uint64_t)e->tid, 0, 0, 0, 0, 0))
            break;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS / 100}, NULL);
    }
    return err ? -ESRCH : read_field(e, r, 0, sizeof *r);
}

long tracer_write(const struct lx_tracee *e, const struct trace_record *r)
{
    enum { AT = offsetof(struct trace_record, status) };
    return write_field(e, (const char *)r + AT, AT, sizeof *r - AT);
}

long tracer_go(struct lx_tracee *e, struct trace_record *r)
{
    const uint32_t go = 1;
    const pid_t tid = e->tid;
    long err = tracer_write(e, r);
    if (!err)
        err = write_field(e, &go, offsetof(struct trace_record, command), sizeof go);
    if (err)
        return err;
    e->held = false;
    if (r->resume == TRACE_DETACH)
        free_entry(e);
    return host_ptrace(PTRACE_DETACH, tid, 0, 0);
}

void tracer_wrote(struct thread *t, gaddr_t addr, uint64_t len)
{
    struct trace_record r;
    for (unsigned i = 0; i < LX_TRACEES; i++) {
        const struct lx_tracee *e = &t->proc->lx->tracees[i];
        if (e->tid <= 0 || e->tracer != t->tid || !e->held || tracer_read(e, &r))
            continue;
        const bool none = r.code_end <= r.code_start;
        r.code_start = none || addr < r.code_start ? addr : r.code_start;
        r.code_end = none || addr + len > r.code_end ? addr + len : r.code_end;
        tracer_write(e, &r);
    }
}

void tracer_correct(struct thread *t, siginfo_t *info)
{
    int32_t status;
    const struct lx_tracee *e =
        info->si_signo == SIGCHLD && info->si_code == CLD_TRAPPED_CODE ? entry_of(t->proc, info->si_pid) : NULL;
    if (e && e->held && !read_field(e, &status, offsetof(struct trace_record, status), sizeof status))
        info->si_status = status & 0x7f;
}

void tracer_end(struct process *proc)
{
    for (unsigned i = 0; i < LX_TRACEES; i++) {
        const struct lx_tracee *e = &proc->lx->tracees[i];
        if (e->tid > 0 && e->options & PTRACE_O_EXITKILL)
            host_call(LINUX_tkill, (uint64_t)e->tid, SIGKILL, 0, 0, 0, 0);
    }
}

/* ---- wait ---- */

static void has_ended(struct thread *t, pid_t tid)
{
    struct lx_tracee *e = entry_of(t->proc, tid);
    if (e)
        free_entry(e);
}

/* The new thread of an event is waited for before it has said that it is there. */
static void expect_new(struct thread *t, const struct lx_tracee *maker, int event)
{
    uint64_t tid;
    if (event < PTRACE_EVENT_FORK || event > PTRACE_EVENT_EXEC ||
        read_field(maker, &tid, offsetof(struct trace_record, message), sizeof tid))
        return;
    if (event == PTRACE_EVENT_EXEC) { /* of another thread than the first, which has that one's id now */
        if ((pid_t)tid != maker->tid)
            has_ended(t, (pid_t)tid);
        return;
    }
    const uint64_t mask = hold_messages();
    struct lx_tracee *e = make_entry(t, (pid_t)tid);
    if (e)
        e->tracer = maker->tracer;
    host_sigmask(SIG_SETMASK, &mask, NULL);
}

/* What a stop is to the guest: status as in the upper bytes of wait's. -1: none of its business, it goes on. */
static int guest_status(struct thread *t, pid_t tid, int host)
{
    struct lx_tracee *e = entry_of(t->proc, tid);
    int32_t status;
    if (!e || !e->held)
        return host;
    if (host == HOST_STOP && read_field(e, &status, offsetof(struct trace_record, status), sizeof status))
        return host;
    if (host == HOST_STOP) {
        expect_new(t, e, status >> 8);
        return status;
    }
    host_ptrace(PTRACE_CONT, tid, 0, (uint64_t)(host & 0x7f)); /* a signal that came while it stopped or ended */
    return -1;
}

static bool is_gone(pid_t tid)
{
    uint64_t pid;
    return status_line(tid, "Tgid:", 10, &pid) != 0;
}

/* There are no children. A tracee that is no child of this process may be there, running: true if the caller is to ask
 * again. One that has gone by a signal that nobody can see is told of as killed: *gone is its id. */
static bool await_tracees(struct thread *t, pid_t which, bool wait, pid_t *gone)
{
    bool any = false;
    *gone = 0;
    for (unsigned i = 0; i < LX_TRACEES && !*gone; i++) {
        struct lx_tracee *e = &t->proc->lx->tracees[i];
        const pid_t tid = __atomic_load_n(&e->tid, __ATOMIC_ACQUIRE);
        if (tid <= 0 || (which > 0 && which != tid))
            continue;
        if (!is_gone(tid)) {
            any = true;
            continue;
        }
        if (!e->is_child)
            *gone = tid;
        free_entry(e);
    }
    const struct timespec pause = {0, PAUSE_NS};
    if (any && wait && !*gone)
        host_call(LINUX_ppoll, 0, 0, (uintptr_t)&pause, 0, 0, 0);
    return any;
}

/* The thread's signals come first while it waits by asking again. */
static bool is_called_away(const struct thread *t) { return __atomic_load_n(&t->cpu->pending, __ATOMIC_RELAXED); }

long sys_wait4(struct sys_ctx *c)
{
    struct thread *t = c->t;
    for (;;) {
        struct sys_ctx one = *c;
        int status = 0;
        pid_t gone;
        const long pid = sys_pass(&one);
        if (pid == -ECHILD && await_tracees(t, (pid_t)c->a[0], !(c->a[2] & WNOHANG), &gone)) {
            if (c->a[2] & WNOHANG)
                return 0;
            if (is_called_away(t))
                return LX_RESTARTSYS;
            continue;
        }
        if (pid == -ECHILD && gone)
            return c->a[1] && guest_write_u32(t, c->a[1], SIGKILL) ? -EFAULT : gone;
        if (pid <= 0 || !entry_of(t->proc, (pid_t)pid) || !c->a[1] || guest_read(t, &status, c->a[1], sizeof status))
            return pid;
        if (!WIFSTOPPED(status)) {
            has_ended(t, (pid_t)pid);
            return pid;
        }
        const int shown = guest_status(t, (pid_t)pid, status >> 8);
        if (shown >= 0)
            return guest_write_u32(t, c->a[1], (uint32_t)shown << 8 | 0x7f) ? -EFAULT : pid;
    }
}

/* Where the fields of the guest's siginfo are. */
struct wait_fields {
    gaddr_t code, pid, status;
};

static struct wait_fields fields_of(const struct thread *t, gaddr_t info)
{
    return lx_narrow(t) ? (struct wait_fields){info + 8, info + 12, info + 20}
                        : (struct wait_fields){info + 8, info + 16, info + 24};
}

static long put_gone(struct thread *t, gaddr_t info, pid_t gone)
{
    const struct wait_fields f = fields_of(t, info);
    guest_write_u32(t, info, SIGCHLD);
    guest_write_u32(t, f.code, CLD_KILLED);
    guest_write_u32(t, f.pid, (uint32_t)gone);
    return guest_write_u32(t, f.status, SIGKILL);
}

long sys_waitid(struct sys_ctx *c)
{
    struct thread *t = c->t;
    for (;;) {
        struct sys_ctx one = *c;
        int32_t code = 0, pid = 0, status = 0;
        pid_t gone = 0;
        const long result = sys_pass(&one);
        const struct wait_fields f = fields_of(t, c->a[2]);
        const pid_t which = c->a[0] == P_PID ? (pid_t)c->a[1] : -1;
        if (result == -ECHILD && await_tracees(t, which, !(c->a[3] & WNOHANG), &gone)) {
            if (c->a[3] & WNOHANG)
                return 0;
            if (is_called_away(t))
                return LX_RESTARTSYS;
            continue;
        }
        if (result == -ECHILD && gone)
            return c->a[2] ? put_gone(t, c->a[2], gone) : 0;
        if (result || !c->a[2] || guest_read(t, &pid, f.pid, 4) || guest_read(t, &code, f.code, 4) ||
            guest_read(t, &status, f.status, 4) || pid <= 0 || !entry_of(t->proc, pid))
            return result;
        if (code != CLD_TRAPPED_CODE) {
            if (!(c->a[3] & WNOWAIT) && code != CLD_STOPPED && code != CLD_CONTINUED)
                has_ended(t, pid);
            return result;
        }
        const int shown = guest_status(t, pid, status);
        if (shown >= 0)
            return guest_write_u32(t, f.status, (uint32_t)shown);
    }
}
