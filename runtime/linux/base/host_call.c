/* SPDX-License-Identifier: Apache-2.0 */
/* Host system calls by their Linux name: the number is looked up, the call is src/host's. */
#include "runtime/linux/base/host_call.h"

#include <errno.h>
#include <signal.h>

#include "runtime/linux/base/host_numbers.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/sync_signals.h"
#include "src/host/call.h"

_Static_assert((int)LX_RESTARTSYS == HOST_CALL_RESTART && (int)LX_RESTARTNOINTR == HOST_CALL_NOT_BEGUN, "same results");

long host_call(enum linux_call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f)
{
    const long nr = host_number(call);
    return nr < 0 ? -ENOSYS : host_syscall(nr, a, b, c, d, e, f);
}

long host_call_intr(struct thread *t, enum linux_call call, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
                    uint64_t f)
{
    const uint64_t args[6] = {a, b, c, d, e, f};
    const long nr = host_number(call);
    if (nr < 0)
        return -ENOSYS;
    const uint64_t window = sync_window(t);
    if (window)
        sync_window_begin(t, window, call);
    const long result = host_call_unless(&t->cpu->pending, nr, args);
    if (window)
        sync_window_end(t, window);
    return result;
}

long host_sigmask(int how, const uint64_t *set, uint64_t *old)
{
    return host_call(LINUX_rt_sigprocmask, (uint64_t)how, (uintptr_t)set, (uintptr_t)old, LX_SIGSET_SIZE, 0, 0);
}

void host_block_all(uint64_t *old)
{
    uint64_t all = ~LX_SYNC_MASK;
    host_sigmask(SIG_SETMASK, &all, old);
}
