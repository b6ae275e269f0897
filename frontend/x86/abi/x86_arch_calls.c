/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that only x86 has: arch_prctl, set_thread_area, get_thread_area, modify_ldt. */
#include "frontend/x86/abi/x86_arch_calls.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/x86/abi/x86_descriptor.h"
#include "frontend/x86/common/x86_state.h"

/* ---- arch_prctl(code, address) ---- */

/* asm/prctl.h, which other hosts do not have */
enum { SET_GS = 0x1001, SET_FS, GET_FS, GET_GS, GET_CPUID = 0x1011, SET_CPUID };
enum { USER_BITS = 47 }; /* of addresses that a base may hold */

static long set_base(const struct guest_arch_call *c, uint64_t *base)
{
    if (c->arg[1] >> USER_BITS)
        return -EPERM;
    *base = c->arg[1];
    return 0;
}

static long get_base(const struct guest_arch_call *c, const uint64_t *base)
{
    return c->write(c->ctx, c->arg[1], base, sizeof *base);
}

/* What both widths know. What is not here (shadow stacks, dynamic XSTATE components) the guest's CPU does not have. */
static long arch_prctl_32(const struct guest_arch_call *c)
{
    switch ((int)c->arg[0]) {
    case GET_CPUID: /* cpuid does not fault */
        return 1;
    case SET_CPUID:
        return -ENODEV;
    default:
        return -EINVAL;
    }
}

static long arch_prctl_64(const struct guest_arch_call *c)
{
    struct x86_state *s = x86_state_of(c->cpu);
    switch ((int)c->arg[0]) {
    case SET_FS:
        return set_base(c, &s->fs_base);
    case GET_FS:
        return get_base(c, &s->fs_base);
    case SET_GS:
        return set_base(c, &s->gs_base);
    case GET_GS:
        return get_base(c, &s->gs_base);
    default:
        return arch_prctl_32(c);
    }
}

/* ---- descriptors ---- */

static long set_thread_area(const struct guest_arch_call *c)
{
    struct x86_user_desc desc;
    if (c->read(c->ctx, &desc, c->arg[0], sizeof desc))
        return -EFAULT;
    const uint32_t asked = desc.entry;
    const long result = x86_set_thread_descriptor(c->cpu, &desc);
    return result || desc.entry == asked ? result : c->write(c->ctx, c->arg[0], &desc.entry, sizeof desc.entry);
}

static long get_thread_area(const struct guest_arch_call *c)
{
    struct x86_user_desc desc;
    if (c->read(c->ctx, &desc, c->arg[0], sizeof desc))
        return -EFAULT;
    const long result = x86_get_thread_descriptor(c->cpu, &desc);
    return result ? result : c->write(c->ctx, c->arg[0], &desc, sizeof desc);
}

static long read_ldt(const struct guest_arch_call *c)
{
    enum { TABLE_BYTES = 64 << 10 };
    const size_t room = c->arg[2] < TABLE_BYTES ? c->arg[2] : TABLE_BYTES;
    uint8_t *table = malloc(TABLE_BYTES);
    if (!table)
        return -ENOMEM;
    const size_t n = x86_read_ldt(c->cpu, table, room);
    const long err = c->write(c->ctx, c->arg[1], table, n);
    free(table);
    return err ? err : (long)n;
}

/* modify_ldt(func, ptr, bytes): 0 reads the table, 1 and 0x11 write an entry, 2 reads the default table, which is
 * empty. */
static long modify_ldt(const struct guest_arch_call *c)
{
    enum { READ = 0, WRITE_OLD = 1, READ_DEFAULT = 2, WRITE = 0x11 };
    static const uint8_t nothing[128];
    const size_t empty = c->arg[2] < sizeof nothing ? c->arg[2] : sizeof nothing;
    struct x86_user_desc desc;
    switch ((int)c->arg[0]) {
    case READ:
        return read_ldt(c);
    case READ_DEFAULT:
        return c->write(c->ctx, c->arg[1], nothing, empty) ? -EFAULT : (long)empty;
    case WRITE_OLD:
    case WRITE:
        if (c->arg[2] != sizeof desc)
            return -EINVAL;
        if (c->read(c->ctx, &desc, c->arg[1], sizeof desc))
            return -EFAULT;
        return x86_set_ldt_descriptor(c->cpu, &desc, c->arg[0] == WRITE_OLD);
    default:
        return -ENOSYS;
    }
}

/* ---- the hooks ---- */

long x86_64_arch_syscall(const struct guest_arch_call *c)
{
    return c->name == LINUX_arch_prctl ? arch_prctl_64(c) : -ENOSYS;
}

long x86_i386_arch_syscall(const struct guest_arch_call *c)
{
    switch (c->name) {
    case LINUX_arch_prctl:
        return arch_prctl_32(c);
    case LINUX_set_thread_area:
        return set_thread_area(c);
    case LINUX_get_thread_area:
        return get_thread_area(c);
    case LINUX_modify_ldt:
        return modify_ldt(c);
    default:
        return -ENOSYS;
    }
}

static_assert(sizeof(struct x86_user_desc) == sizeof(struct guest_tls), "a thread pointer is a descriptor");

/* The place that the descriptor names must be one of a thread's. */
long x86_i386_read_tls(const struct guest_arch_call *c, gaddr_t address, struct guest_tls *tls)
{
    struct x86_user_desc desc;
    if (c->read(c->ctx, &desc, address, sizeof desc))
        return -EFAULT;
    memcpy(tls, &desc, sizeof desc);
    return x86_get_thread_descriptor(c->cpu, &desc);
}

void x86_i386_set_tls(struct cpu *cpu, const struct guest_tls *tls)
{
    struct x86_user_desc desc;
    memcpy(&desc, tls, sizeof desc);
    x86_set_thread_descriptor(cpu, &desc); /* checked by read_tls, and, as in the kernel, without a word if it is bad */
}
