/* SPDX-License-Identifier: Apache-2.0 */
/* Guest memory as system calls see it: copies that fail with EFAULT where the guest's own access would fault.
 * A page that only tandem write-protects is made writable by the fault handler, which then lets the copy go on. */
#include "runtime/linux/base/user_mem.h"

#include <errno.h>
#include <string.h>

#include "runtime/mem/mem_types.h"
#include "src/host/call.h"

/* Above the end, x86-64 raises a general protection fault, which carries no address. */
static bool in_user_space(gaddr_t a, size_t n) { return a + n >= a && a + n <= host_user_end(); }

long guest_read(struct thread *t, void *dst, gaddr_t src, size_t n)
{
    if (!in_user_space(src, n))
        return -EFAULT;
    return host_copy(dst, mem_host(t->proc->mem, src), n) ? -EFAULT : 0;
}

long guest_write(struct thread *t, gaddr_t dst, const void *src, size_t n)
{
    if (!in_user_space(dst, n))
        return -EFAULT;
    return host_copy(mem_host(t->proc->mem, dst), src, n) ? -EFAULT : 0;
}

long guest_string(struct thread *t, char *buf, size_t size, gaddr_t src)
{
    size_t done = 0;
    while (done < size) {
        size_t n =
            MEM_PAGE_SIZE - ((src + done) & (MEM_PAGE_SIZE - 1)); /* up to the end of the page: no over-read faults */
        if (n > size - done)
            n = size - done;
        if (guest_read(t, buf + done, src + done, n))
            return -EFAULT;
        const char *end = memchr(buf + done, 0, n);
        if (end)
            return end - buf;
        done += n;
    }
    return -ENAMETOOLONG;
}

long guest_zeros(struct thread *t, gaddr_t at, uint64_t n)
{
    uint8_t byte;
    if (n > MEM_PAGE_SIZE)
        return -E2BIG;
    for (uint64_t i = 0; i < n; i++) {
        if (guest_read(t, &byte, at + i, 1))
            return -EFAULT;
        if (byte)
            return -E2BIG;
    }
    return 0;
}
