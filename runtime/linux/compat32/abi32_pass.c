/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of 32-bit guests that the host can make once structures are in its form: `pass` for them.
 *
 * How: each argument whose kind says "structure", "vectors" or "message" is converted into memory of our own, the host
 * is called, and what it wrote is converted back. Buffers and names go to the host as they are: guest addresses are
 * host addresses.
 *
 * I1  A structure that the host may fill holds the guest's own contents before, so that what it leaves alone stays. */
#include "runtime/linux/compat32/abi32_pass.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/compat32/abi32_msg.h"
#include "runtime/linux/generic/pass.h"

enum { POOL = 1024 };

/* A call under way. */
struct pass {
    struct sys_ctx *guest;
    uint64_t a[6]; /* for the host */
    struct iovec *vectors[6];
    struct abi32_msg msg;
    bool has_msg;
    size_t used;
    TANDEM_ALIGNED(16) uint8_t pool[POOL];
};

static long begin_struct(struct pass *p, unsigned i, enum sys_struct kind, bool must_read)
{
    struct sys_ctx *c = p->guest;
    if (!abi_differs(c, kind))
        return 0;
    void *host = p->pool + p->used;
    p->used = ALIGN_UP(p->used + sys_struct_size(kind), 16);
    if (abi_get(c, kind, host, c->a[i]) && must_read)
        return -EFAULT;
    p->a[i] = (uintptr_t)host;
    return 0;
}

static long begin_vectors(struct pass *p, unsigned i, uint64_t count)
{
    if (count > IOV_MAX)
        return -EINVAL;
    struct iovec *v = malloc((count + 1) * sizeof *v);
    if (!v)
        return -ENOMEM;
    p->vectors[i] = v;
    p->a[i] = (uintptr_t)v;
    for (uint64_t n = 0; n < count; n++) {
        if (abi_get_iovec(p->guest->t, &v[n], p->guest->a[i], n))
            return -EFAULT;
        if (v[n].iov_len > INT32_MAX)
            return -EINVAL;
    }
    return 0;
}

static long begin_arg(struct pass *p, unsigned i)
{
    struct sys_ctx *c = p->guest;
    const uint16_t arg = c->row->arg[i];
    const unsigned param = sys_arg_param(arg);
    const enum sys_arg_kind kind = sys_arg_kind(arg);
    p->a[i] = c->a[i];
    if (!c->a[i])
        return 0;
    switch (kind) {
    case ARG_S_IN:
    case ARG_S_INOUT:
        return begin_struct(p, i, (enum sys_struct)param, true);
    case ARG_S_OUT:
        return begin_struct(p, i, (enum sys_struct)param, false);
    case ARG_IOV_IN:
    case ARG_IOV_OUT:
        return begin_vectors(p, i, c->a[param]);
    case ARG_MSG_IN:
    case ARG_MSG_OUT:
        p->has_msg = true;
        p->a[i] = (uintptr_t)&p->msg.host;
        return abi32_msg_begin(c->t, &p->msg, c->a[i], kind == ARG_MSG_OUT);
    default:
        return 0;
    }
}

/* What the host wrote: also when it was interrupted (the rest of a nanosleep). */
static long end_arg(struct pass *p, unsigned i, long result)
{
    const uint16_t arg = p->guest->row->arg[i];
    const enum sys_arg_kind kind = sys_arg_kind(arg);
    const bool wrote = result >= 0 || result == -EINTR;
    if (!p->guest->a[i])
        return 0;
    if (kind == ARG_MSG_IN || kind == ARG_MSG_OUT)
        return abi32_msg_end(p->guest->t, &p->msg, kind == ARG_MSG_OUT && result >= 0);
    if (wrote && p->a[i] != p->guest->a[i] && (kind == ARG_S_OUT || kind == ARG_S_INOUT))
        return abi_put(p->guest, (enum sys_struct)sys_arg_param(arg), p->guest->a[i], (const void *)(uintptr_t)p->a[i]);
    return 0;
}

long abi32_pass(struct sys_ctx *c)
{
    struct pass p = {.guest = c};
    long err = 0;
    unsigned n = 0;
    for (; n < 6 && !err; n++)
        err = begin_arg(&p, n);
    long result = err;
    if (!err) {
        sys_prepare_outputs(c);
        do
            result = host_call_intr(c->t, c->row->host, p.a[0], p.a[1], p.a[2], p.a[3], p.a[4], p.a[5]);
        while (result == -EFAULT && sys_prepare_outputs(c)); /* translated again in between: pass.c I1 */
    }
    for (unsigned i = 0; i < n; i++) {
        const long end = end_arg(&p, i, result);
        err = err ? err : end;
        free(p.vectors[i]);
    }
    return err ? err : result;
}
