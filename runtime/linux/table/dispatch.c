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
#include "runtime/linux/table/dispatch.h"
#include "runtime/linux/table/rows.h"
#include "runtime/linux/table/strace.h"
#include "src/base/log.h"

enum { OVERFLOW_ID = 65534 };

static void finish(struct sys_ctx *c, long result)
{
    struct thread *t = c->t;
    if (result == LX_NO_RESULT)
        return;
    if (result == LX_RESTARTSYS || result == LX_RESTARTNOINTR) {
        t->lx->restart = result == LX_RESTARTSYS ? LX_RESTART_SYS : LX_RESTART_NOINTR;
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

static void traced(struct sys_ctx *c, const struct guest_call *entry)
{
    struct strace_line line;
    strace_begin(&line, c);
    long result = call(c, entry);
    strace_end(&line, c, result);
    finish(c, result);
}

void sys_call(struct thread *t)
{
    const struct guest *guest = t->proc->guest;
    t->cpu->resv.addr = ~0ull; /* the kernel's way back to user mode ends reservations */
    if (__atomic_load_n(&t->cpu->pending, __ATOMIC_RELAXED) && signal_deliverable(t)) { /* I2 */
        t->lx->restart = LX_RESTART_NOINTR;
        return;
    }
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
        traced(&c, entry);
    } else {
        finish(&c, call(&c, entry));
    }
}
