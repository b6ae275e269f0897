/* SPDX-License-Identifier: Apache-2.0 */
/* System calls: the way in and out.
 *
 * I1  Results become the guest's at one place (finish). A handler that was interrupted leaves the registers alone.
 * I2  Signals that came before the call are delivered before it: the call is made again afterwards. */
#include <errno.h>
#include <string.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/generic/signal_state.h"
#include "runtime/linux/generic/traced.h"
#include "runtime/linux/table/dispatch.h"
#include "runtime/linux/table/rows.h"
#include "runtime/linux/table/strace.h"
#include "src/base/log.h"

enum { OVERFLOW_ID = 65534 };

/* Calls that end with EINTR behind a handler only. In a process that is traced all signals come by tandem's handler,
 * and the host's kernel takes that for the guest's (traced.c I4). */
static bool waits_for_handlers(enum linux_call host)
{
    static const enum linux_call calls[] = {LINUX_pause,      LINUX_nanosleep,    LINUX_clock_nanosleep, LINUX_poll,
                                            LINUX_ppoll,      LINUX_select,       LINUX_pselect6,        LINUX_futex,
                                            LINUX_sigsuspend, LINUX_rt_sigsuspend};
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (calls[i] == host)
            return true;
    return false;
}

static enum lx_restart restart_of(const struct sys_ctx *c, long result)
{
    if (result == LX_RESTARTSYS)
        return LX_RESTART_SYS;
    if (result == LX_RESTARTNOINTR)
        return LX_RESTART_NOINTR;
    const bool is_traced = c->t->proc->lx->traced || traced_has_news(c->t);
    const bool may = result == -EINTR && is_traced && c->row && waits_for_handlers(c->row->host);
    return may ? LX_RESTART_NOHAND : LX_RESTART_NONE;
}

static void finish(struct sys_ctx *c, long result)
{
    struct thread *t = c->t;
    if (result == LX_NO_RESULT)
        return;
    t->lx->restart = (uint8_t)restart_of(c, result);
    if (t->lx->restart != LX_RESTART_NONE) {
        thread_kick(t);
        return;
    }
    lx_set_result(t, result);
}

static long call(struct sys_ctx *c, const struct guest_call *entry)
{
    const long result = sys_handle(c);
    return entry->ids & GUEST_CALL_ID_RESULT && result > UINT16_MAX ? OVERFLOW_ID : result;
}

static void logged(struct sys_ctx *c, const struct guest_call *entry)
{
    struct strace_line line;
    strace_begin(&line, c);
    long result = call(c, entry);
    strace_end(&line, c, result);
    finish(c, result);
}

static void make_call(struct thread *t)
{
    const struct guest *guest = t->proc->guest;
    uint64_t number = guest_get(t->cpu, guest, guest->abi->call.number);
    const struct guest_call *entry = sys_find_call(guest->abi, guest_is32(guest) ? (uint32_t)number : number);
    struct sys_ctx c = {.t = t, .table = &sys_table};
    if (entry) {
        c.row = &sys_table.rows[entry->name - 1];
        c.wide = entry->wide;
        abi_arguments(&c, entry);
    }
    if (!c.row) {
        if (log_on(LOG_UNIMP))
            log_printf("system call %llu: unknown\n", (unsigned long long)number);
        finish(&c, -ENOSYS);
    } else if (log_on(LOG_STRACE)) {
        logged(&c, entry);
    } else {
        finish(&c, call(&c, entry));
    }
}

void sys_call(struct thread *t)
{
    t->cpu->resv.addr = ~0ull; /* the kernel's way back to user mode ends reservations */
    if (__atomic_load_n(&t->cpu->pending, __ATOMIC_RELAXED) && signal_deliverable(t)) { /* I2 */
        t->lx->restart = LX_RESTART_NOINTR;
        return;
    }
    if (traced(t) && !traced_call_begin(t)) {
        traced_call_end(t);
        return;
    }
    make_call(t);
    if (traced(t) || t->lx->trace.in_call)
        traced_call_end(t);
}
