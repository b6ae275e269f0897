/* SPDX-License-Identifier: Apache-2.0 */
/* Calls about signals that only 32-bit guests have: those from before there were more than 32 signals. */
#include <errno.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/sigcall.h"

enum { OLD_SIGNALS = 32 };
#define OLD_MASK UINT64_C(0xffffffff)

struct old_sigaction {
    uint32_t handler, mask, flags, restorer;
};

long sys_sigaction(struct sys_ctx *c)
{
    struct old_sigaction in;
    struct lx_action new, old;
    if (c->a[1]) {
        if (guest_read(c->t, &in, c->a[1], sizeof in))
            return -EFAULT;
        new = (struct lx_action){.handler = in.handler, .flags = in.flags, .restorer = in.restorer, .mask = in.mask};
    }
    long err = sigcall_action(c->t, (int)c->a[0], c->a[1] ? &new : NULL, &old);
    if (err || !c->a[2])
        return err;
    const struct old_sigaction out = {(uint32_t)old.handler, (uint32_t)old.mask, (uint32_t)old.flags,
                                      (uint32_t)old.restorer};
    return guest_write(c->t, c->a[2], &out, sizeof out);
}

/* System V's: one shot, and not blocked meanwhile. */
long sys_signal(struct sys_ctx *c)
{
    const struct lx_action new = {.handler = c->a[1], .flags = (unsigned)SA_RESETHAND | SA_NODEFER};
    struct lx_action old;
    const long err = sigcall_action(c->t, (int)c->a[0], &new, &old);
    return err ? err : (long)old.handler;
}

long sys_sigprocmask(struct sys_ctx *c)
{
    const uint32_t old = (uint32_t)c->t->lx->mask;
    uint32_t set;
    if (c->a[1]) {
        if (guest_read(c->t, &set, c->a[1], sizeof set))
            return -EFAULT;
        const long result = sigcall_mask(c->t, (int)c->a[0], set, OLD_MASK);
        if (result)
            return result;
    }
    return c->a[2] ? guest_write_u32(c->t, c->a[2], old) : 0;
}

long sys_sigpending(struct sys_ctx *c)
{
    uint64_t set = 0;
    const long result = sigcall_pending(c->t, &set);
    return result ? result : guest_write_u32(c->t, c->a[0], (uint32_t)set);
}

/* The mask is the third argument: two are of a history that nobody remembers. */
long sys_sigsuspend(struct sys_ctx *c) { return sigcall_suspend(c->t, (uint32_t)c->a[2]); }

long sys_sgetmask(struct sys_ctx *c) { return (long)(uint32_t)c->t->lx->mask; }

long sys_ssetmask(struct sys_ctx *c)
{
    const uint32_t old = (uint32_t)c->t->lx->mask;
    return sigcall_change_mask(c->t, (uint32_t)c->a[0]) ? (long)old : LX_RESTARTNOINTR;
}
