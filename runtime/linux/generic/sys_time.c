/* SPDX-License-Identifier: Apache-2.0 */
/* Reading clocks: by way of the host's C library, which asks its vDSO and not the kernel. */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/generic/pass.h"

long sys_clock_gettime(struct sys_ctx *c)
{
    struct timespec ts;
    if (clock_gettime((clockid_t)c->a[0], &ts))
        return -errno;
    return abi_put(c, SYS_STRUCT_timespec, c->a[1], &ts);
}

long sys_gettimeofday(struct sys_ctx *c)
{
    struct timeval tv;
    if (c->a[1])
        return sys_pass(c);
    if (gettimeofday(&tv, NULL))
        return -errno;
    return c->a[0] ? abi_put(c, SYS_STRUCT_timeval, c->a[0], &tv) : 0;
}
