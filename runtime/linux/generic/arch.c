/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that only the guest's architecture has: its front end answers them. */
#include "runtime/linux/generic/arch.h"

#include <errno.h>
#include <string.h>

#include "runtime/engine/invalidate.h"
#include "runtime/linux/base/call.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/pass.h"

static long read_guest(void *ctx, void *dst, gaddr_t src, size_t size) { return guest_read(ctx, dst, src, size); }
static long write_guest(void *ctx, gaddr_t dst, const void *src, size_t size)
{
    return guest_write(ctx, dst, src, size);
}
static void code_changed(void *ctx, gaddr_t start, gaddr_t end)
{
    engine_invalidate(((struct thread *)ctx)->proc->engine, start, end);
}

struct guest_arch_call arch_call_of(const struct sys_ctx *c, enum linux_call name)
{
    struct guest_arch_call call = {
        .name = name,
        .cpu = c->t->cpu,
        .config = &c->t->proc->config,
        .ctx = c->t,
        .read = read_guest,
        .write = write_guest,
        .code_changed = code_changed,
    };
    memcpy(call.arg, c->a, sizeof call.arg);
    return call;
}

long sys_arch(struct sys_ctx *c)
{
    const struct guest_linux *abi = c->t->proc->guest->abi;
    const struct guest_arch_call call = arch_call_of(c, (enum linux_call)(c->row - c->table->rows));
    const long result = abi->arch_syscall ? abi->arch_syscall(&call) : -ENOSYS;
    return result == -ENOSYS ? sys_enosys(c) : result;
}
