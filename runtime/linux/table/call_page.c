/* SPDX-License-Identifier: Apache-2.0 */
/* See call_page.h. As for the kernel, a pointer behind the end of memory is a fault at that pointer, and all else that
 * is wrong a general protection. */
#include "runtime/linux/table/call_page.h"

#include <errno.h>
#include <signal.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/signal_state.h"
#include "runtime/linux/table/rows.h"

enum { ARGUMENTS = 2, ADDRESS_BITS = 47 };

/* Makes the call. False: SIGSEGV is raised. */
static bool make(struct thread *t, enum linux_call name)
{
    const struct guest *guest = t->proc->guest;
    struct sys_ctx c = {.t = t, .table = &sys_table, .row = &sys_table.rows[name]};
    for (unsigned i = 0; i < ARGUMENTS; i++) {
        c.a[i] = guest_get(t->cpu, guest, guest->abi->call.arg[i]);
        if (i < sys_arg_count(c.row) && c.a[i] >> ADDRESS_BITS) {
            signal_raise_sync(t, SIGSEGV, SEGV_MAPERR, c.a[i]);
            return false;
        }
    }
    const long result = sys_handle(&c);
    if (result == -EFAULT) {
        signal_raise_trap(t, IR_TRAP_PRIVILEGED);
        return false;
    }
    lx_set_result(t, result);
    return true;
}

bool call_page_enter(struct thread *t)
{
    const struct guest *guest = t->proc->guest;
    const struct guest_call_page *page = guest->abi->calls_at;
    const gaddr_t pc = t->cpu->pc;
    if (!page || pc < page->start || pc >= page->end)
        return false;
    const gaddr_t sp = guest_get(t->cpu, guest, guest->abi->row_sp), at = pc - page->start;
    uint64_t caller;
    if (at % page->step || at / page->step >= page->count || guest_read_u64(t, &caller, sp)) {
        signal_raise_trap(t, IR_TRAP_PRIVILEGED);
    } else if (make(t, page->calls[at / page->step])) {
        guest_set(t->cpu, guest, guest->abi->row_sp, sp + sizeof caller);
        t->cpu->pc = caller;
    }
    return true;
}
