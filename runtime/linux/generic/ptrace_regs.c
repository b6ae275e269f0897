/* SPDX-License-Identifier: Apache-2.0 */
/* Register sets of a tracee, in its own layout; see ptrace_regs.h. */
#include "runtime/linux/generic/ptrace_regs.h"

#include <elf.h>
#include <errno.h>
#include <sys/uio.h>

#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/tracer.h"

/* The whole of a register set, and the note of the FP one that fxsave's part alone is. */
static bool regset_of(struct ptrace_request *q, unsigned note, uint8_t **at, size_t *size, uint32_t *changed)
{
    if (note == NT_PRSTATUS) {
        *at = q->r.regs, *size = q->r.regs_size, *changed = TRACE_CHANGED_REGS;
        return true;
    }
    if (q->r.tls_note && note == q->r.tls_note) {
        *at = (uint8_t *)&q->r.tls, *size = sizeof q->r.tls, *changed = TRACE_CHANGED_TLS;
        return true;
    }
    if (q->r.call_note && note == q->r.call_note) {
        *at = (uint8_t *)&q->r.number, *size = sizeof q->r.number, *changed = TRACE_CHANGED_CALL;
        return true;
    }
    *at = q->r.fp, *changed = TRACE_CHANGED_FP;
    *size = note == q->r.fp_note ? q->r.fp_size : PTRACE_FXSAVE_SIZE;
    const bool part = q->r.orig_at && note == (q->r.is32 ? NT_PRXFPREG : NT_PRFPREG);
    return note == q->r.fp_note || part;
}

long ptrace_put_regs(struct ptrace_request *q, gaddr_t to, unsigned note, size_t room)
{
    uint8_t *at;
    size_t size;
    uint32_t changed;
    if (!regset_of(q, note, &at, &size, &changed))
        return -EINVAL;
    return guest_write(q->c->t, to, at, room < size ? room : size);
}

long ptrace_take_regs(struct ptrace_request *q, gaddr_t from, unsigned note, size_t given)
{
    uint8_t *at;
    size_t size;
    uint32_t changed;
    if (!regset_of(q, note, &at, &size, &changed) || (note == NT_X86_XSTATE && given < size))
        return -EINVAL;
    if (guest_read(q->c->t, at, from, given < size ? given : size))
        return -EFAULT;
    const struct guest_ptrace *own = q->c->t->proc->guest->abi->ptrace;
    if (changed == TRACE_CHANGED_FP && own->fp_note == q->r.fp_note && own->is_fp && !own->is_fp(q->r.fp))
        return -EINVAL;
    q->r.changed |= changed;
    return tracer_write(q->tracee, &q->r);
}

long ptrace_get_regset(struct ptrace_request *q)
{
    struct iovec v;
    uint8_t *at;
    size_t size;
    uint32_t changed;
    const long err = abi_get_iovec(q->c->t, &v, q->data, 0);
    if (err)
        return err;
    if (!regset_of(q, (unsigned)q->addr, &at, &size, &changed) || v.iov_len % (q->r.is32 ? 4 : 8))
        return -EINVAL;
    size = v.iov_len < size ? v.iov_len : size;
    if (ptrace_put_regs(q, (uintptr_t)v.iov_base, (unsigned)q->addr, size))
        return -EFAULT;
    return abi_put_word(q->c->t, q->data + ptrace_word_bytes(q), size);
}

long ptrace_set_regset(struct ptrace_request *q)
{
    struct iovec v;
    const long err = abi_get_iovec(q->c->t, &v, q->data, 0);
    return err ? err : ptrace_take_regs(q, (uintptr_t)v.iov_base, (unsigned)q->addr, v.iov_len);
}
