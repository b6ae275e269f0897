/* SPDX-License-Identifier: Apache-2.0 */
/* System calls about memory: nearly all of them are runtime/mem's. */
#include "runtime/linux/generic/sys_mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "runtime/engine/invalidate.h"
#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/generic/pass.h"
#include "runtime/linux/generic/tracer.h"
#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_code.h"
#include "runtime/mem/mem_grow.h"

static struct guest_mem *mem_of(const struct sys_ctx *c) { return c->t->proc->mem; }

long sys_brk(struct sys_ctx *c) { return mem_brk(mem_of(c), c->a[0]); }
long sys_munmap(struct sys_ctx *c) { return mem_munmap(mem_of(c), c->a[0], c->a[1]); }
long sys_mprotect(struct sys_ctx *c) { return mem_mprotect(mem_of(c), c->a[0], c->a[1], (int)c->a[2]); }
long sys_msync(struct sys_ctx *c) { return mem_msync(mem_of(c), c->a[0], c->a[1], (int)c->a[2]); }
long sys_madvise(struct sys_ctx *c) { return mem_madvise(mem_of(c), c->a[0], c->a[1], (int)c->a[2]); }

/* Can others see what the guest writes to this mapping, now or after an mprotect? */
static bool is_written_by_others(const struct sys_ctx *c, int flags)
{
    if (!(flags & MAP_SHARED))
        return false;
    int mode = flags & MAP_ANONYMOUS ? O_RDWR : fcntl((int)c->a[4], F_GETFL);
    return c->a[2] & PROT_WRITE || (mode >= 0 && (mode & O_ACCMODE) == O_RDWR);
}

enum { X86_MAP_32BIT = 0x40 };

long sys_mmap(struct sys_ctx *c)
{
    int flags = (int)c->a[3];
    if (!c->t->proc->guest->abi->has_map_32bit)
        flags &= ~X86_MAP_32BIT; /* elsewhere the bit means nothing */
    if (is_written_by_others(c, flags))
        engine_set_ordered(c->t->proc->engine);
    return mem_mmap(mem_of(c), c->a[0], c->a[1], (int)c->a[2], flags, (int)c->a[4], c->a[5]);
}

long sys_mremap(struct sys_ctx *c) { return mem_mremap(mem_of(c), c->a[0], c->a[1], c->a[2], (int)c->a[3], c->a[4]); }

/* Without protection keys only "no key" is a key. */
long sys_pkey_mprotect(struct sys_ctx *c) { return (int)c->a[3] == -1 ? sys_mprotect(c) : -EINVAL; }

/* MCL_FUTURE would lock tandem's own reservations, too. What is there now is locked. */
long sys_mlockall(struct sys_ctx *c)
{
    uint64_t flags = c->a[0];
    if (flags == 0 || (flags & ~(uint64_t)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)))
        return -EINVAL;
    return flags & MCL_CURRENT ? host_call(LINUX_mlockall, MCL_CURRENT | MCL_ONFAULT, 0, 0, 0, 0, 0) : 0;
}

/* A call about [start, start + len): the host does what lies in the guest's mappings up to the first gap, as it
 * would if nothing of tandem's were there. */
static long within_the_guests(struct sys_ctx *c, gaddr_t start, uint64_t len)
{
    const gaddr_t end = start + ALIGN_UP(len, MEM_PAGE_SIZE);
    if (start % MEM_PAGE_SIZE || end <= start || end > mem_limit(mem_of(c)))
        return end > start && end > mem_limit(mem_of(c)) && start % MEM_PAGE_SIZE == 0 ? -ENOMEM : sys_host(c);
    const gaddr_t covered = mem_covered(mem_of(c), start, end);
    struct sys_ctx part = *c;
    part.a[0] = start;
    part.a[1] = covered - start;
    if (covered < end && !mem_host_has_page(covered)) /* the kernel sees the gap itself: nothing is populated */
        part.a[1] += MEM_PAGE_SIZE;
    const long result = covered > start ? sys_host(&part) : 0;
    return covered < end && result >= 0 ? -ENOMEM : result;
}

long sys_mincore(struct sys_ctx *c)
{
    mem_prepare_write(mem_of(c), c->a[2], (c->a[1] + MEM_PAGE_SIZE - 1) / MEM_PAGE_SIZE);
    return within_the_guests(c, c->a[0], c->a[1]);
}

long sys_mlock(struct sys_ctx *c)
{
    const uint64_t within = c->a[0] % MEM_PAGE_SIZE; /* mlock and its kin round down */
    return within_the_guests(c, c->a[0] - within, c->a[1] ? c->a[1] + within : 0);
}

/* The call with its vectors as what they are; for strace they are pointers, since one of the two is about another
 * process. */
static long with_vectors(struct sys_ctx *c, uint16_t local, uint16_t remote)
{
    const struct sys_row row = {
        .name = c->row->name, .host = c->row->host, .arg = {ARG_INT, local | 2 << 8, ARG_UINT, remote | 4 << 8}};
    struct sys_ctx v = *c;
    v.row = &row;
    return sys_pass(&v);
}

long sys_process_vm_readv(struct sys_ctx *c) { return with_vectors(c, ARG_IOV_OUT, ARG_IOV_IN); }

/* Into this process: as any other write. Another one sees that its code changed if this one traces it. */
long sys_process_vm_writev(struct sys_ctx *c)
{
    struct iovec v;
    const long result = with_vectors(c, ARG_IOV_IN, ARG_IOV_OUT);
    for (uint64_t i = 0; result > 0 && c->t->proc->lx->traces && i < c->a[4]; i++)
        if (abi_get_iovec(c->t, &v, c->a[3], i) == 0)
            tracer_wrote(c->t, (uintptr_t)v.iov_base, v.iov_len);
    return result;
}

/* An array of pointers comes in: of the host's width, or not at all. */
long sys_move_pages(struct sys_ctx *c) { return lx_narrow(c->t) ? sys_enosys(c) : sys_pass(c); }
