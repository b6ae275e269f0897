/* SPDX-License-Identifier: Apache-2.0 */
/* Times and descriptor sets of calls that wait: see wait.h.
 *
 * I1  A 32-bit guest's sets are arrays of 32-bit words; the host reads and writes 64-bit ones. So they go by copies,
 *     which also keep the host from writing behind their ends. */
#include "runtime/linux/generic/wait.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/mem/mem_code.h"

enum { MAX_DESCRIPTORS = 65536 };

long wait_time_begin(struct sys_ctx *c, struct wait_time *w, enum sys_struct kind, gaddr_t guest)
{
    w->kind = kind;
    w->guest = guest;
    w->host = guest;
    if (!guest)
        return 0;
    if (!abi_differs(c, kind)) {
        mem_prepare_write(c->t->proc->mem, guest, sys_struct_size(kind));
        return 0;
    }
    w->host = (uintptr_t)&w->copy;
    return abi_get(c, kind, &w->copy, guest);
}

void wait_time_end(struct sys_ctx *c, const struct wait_time *w)
{
    if (w->host != w->guest)
        abi_put(c, w->kind, w->guest, &w->copy); /* as the kernel does: a place that cannot be written is no error */
}

struct sets {
    uint64_t *copy;      /* one after another, 64-bit words */
    uint64_t host[3];    /* arguments for the host */
    size_t words, bytes; /* of one: the host's, the guest's */
};

static long sets_begin(struct sys_ctx *c, struct sets *s)
{
    const uint64_t n = (uint32_t)c->a[0] < MAX_DESCRIPTORS ? (uint32_t)c->a[0] : 0;
    s->copy = NULL;
    s->words = (n + 63) / 64;
    s->bytes = lx_narrow(c->t) ? (n + 31) / 32 * 4 : s->words * 8;
    for (unsigned i = 0; i < 3; i++) {
        s->host[i] = c->a[i + 1];
        if (s->host[i])
            mem_prepare_write(c->t->proc->mem, s->host[i], s->bytes);
    }
    if (!lx_narrow(c->t) || !n)
        return 0;
    s->copy = calloc(3 * s->words, sizeof *s->copy);
    for (unsigned i = 0; s->copy && i < 3; i++) { /* I1 */
        if (!s->host[i])
            continue;
        s->host[i] = (uintptr_t)(s->copy + i * s->words);
        if (guest_read(c->t, s->copy + i * s->words, c->a[i + 1], s->bytes))
            return -EFAULT;
    }
    return s->copy ? 0 : -ENOMEM;
}

static long sets_end(struct sys_ctx *c, struct sets *s, bool write)
{
    long err = 0;
    for (unsigned i = 0; s->copy && write && i < 3; i++) {
        if (c->a[i + 1] && guest_write(c->t, c->a[i + 1], s->copy + i * s->words, s->bytes))
            err = -EFAULT;
    }
    free(s->copy);
    return err;
}

long wait_select(struct sys_ctx *c, enum linux_call call, enum sys_struct time_kind, uint64_t last)
{
    struct wait_time time;
    struct sets sets;
    long result = wait_time_begin(c, &time, time_kind, c->a[4]);
    if (result)
        return result;
    result = sets_begin(c, &sets);
    const bool called = !result;
    if (called) {
        result = host_call_intr(c->t, call, c->a[0], sets.host[0], sets.host[1], sets.host[2], time.host, last);
        wait_time_end(c, &time);
    }
    const long err = sets_end(c, &sets, called && result >= 0);
    return err ? err : result;
}
