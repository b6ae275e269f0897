/* SPDX-License-Identifier: Apache-2.0 */
/* Native asynchronous I/O of 64-bit guests, whose requests are the host's: the kernel reads and writes the guest's
 * memory by itself, and a context is an address that the library reads its ring at.
 *
 * I1  What a request will be written to is made writable when it is submitted. Code that is translated there before it
 *     is complete makes it fail with EFAULT: a program that reads over code which runs. */
#include <errno.h>
#include <linux/aio_abi.h>
#include <sys/uio.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/signal_state.h"
#include "runtime/mem/mem_code.h"

enum { MAX_REQUESTS = 65536, MAX_VECTORS = 1024, EVENT_BYTES = sizeof(struct io_event) };

static void prepare(struct thread *t, const struct iocb *request)
{
    struct iovec v;
    if (request->aio_lio_opcode == IOCB_CMD_PREAD)
        mem_prepare_write(t->proc->mem, request->aio_buf, request->aio_nbytes);
    for (uint64_t i = 0; request->aio_lio_opcode == IOCB_CMD_PREADV && i < request->aio_nbytes && i < MAX_VECTORS &&
                         !guest_read(t, &v, request->aio_buf + i * sizeof v, sizeof v);
         i++)
        mem_prepare_write(t->proc->mem, (uintptr_t)v.iov_base, v.iov_len);
}

long sys_io_submit(struct sys_ctx *c)
{
    struct iocb request;
    uint64_t at;
    for (int64_t i = 0; i < (int64_t)c->a[1] && i < MAX_REQUESTS; i++) {
        if (guest_read_u64(c->t, &at, c->a[2] + (uint64_t)i * sizeof at) ||
            guest_read(c->t, &request, at, sizeof request))
            break; /* the kernel says so */
        mem_prepare_write(c->t->proc->mem, at, sizeof request);
        prepare(c->t, &request);
    }
    return sys_host(c);
}

long sys_io_getevents(struct sys_ctx *c)
{
    if ((int64_t)c->a[2] > 0)
        mem_prepare_write(c->t->proc->mem, c->a[3], c->a[2] * EVENT_BYTES);
    return sys_host(c);
}

/* With a mask for the time of the call: struct __aio_sigset. */
long sys_io_pgetevents(struct sys_ctx *c)
{
    struct {
        uint64_t mask, size;
    } set = {0, 0};
    uint64_t mask;
    if (c->a[5] && guest_read(c->t, &set, c->a[5], sizeof set))
        return -EFAULT;
    if (set.mask && set.size != LX_SIGSET_SIZE)
        return -EINVAL;
    if (set.mask && guest_read_u64(c->t, &mask, set.mask))
        return -EFAULT;
    struct sys_ctx without = *c;
    without.a[5] = 0;
    if (!set.mask)
        return sys_io_getevents(&without);
    signal_mask_temporary(c->t, mask);
    const long result = sys_io_getevents(&without);
    signal_mask_restore(c->t, result);
    return result;
}
