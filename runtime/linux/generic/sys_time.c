/* SPDX-License-Identifier: Apache-2.0 */
/* Reading clocks: by way of the host's C library, which asks its vDSO and not the kernel. CPU time of the process is
 * that of the guest (cpu_time.h). */
#include <errno.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/cpu_time.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/generic/pass.h"

enum { SECOND = 1000000000 };

long sys_clock_gettime(struct sys_ctx *c)
{
    struct timespec ts;
    const clockid_t clock = (clockid_t)c->a[0];
    const enum cpu_clock cpu = cpu_time_clock(clock);
    if (cpu) {
        const uint64_t now = cpu_time_now(c->t->proc, cpu);
        ts = (struct timespec){(time_t)(now / SECOND), (long)(now % SECOND)};
        return abi_put(c, SYS_STRUCT_timespec, c->a[1], &ts);
    }
    if (clock_gettime(clock, &ts))
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

/* ---- CPU time ---- */

static uint64_t ns_of(const struct timeval *t) { return (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_usec * 1000; }

static struct timeval timeval_of(uint64_t ns)
{
    return (struct timeval){(time_t)(ns / SECOND), (suseconds_t)(ns % SECOND / 1000)};
}

long sys_getrusage(struct sys_ctx *c)
{
    struct rusage u;
    if ((int)c->a[0] != RUSAGE_SELF)
        return sys_pass(c);
    const long err = host_call(LINUX_getrusage, RUSAGE_SELF, (uintptr_t)&u, 0, 0, 0, 0);
    if (err)
        return err;
    uint64_t user = ns_of(&u.ru_utime), system = ns_of(&u.ru_stime);
    cpu_time_correct(c->t->proc, &user, &system);
    u.ru_utime = timeval_of(user);
    u.ru_stime = timeval_of(system);
    return abi_put(c, SYS_STRUCT_rusage, c->a[1], &u);
}

long sys_times(struct sys_ctx *c)
{
    struct tms t;
    const uint64_t tick = SECOND / (uint64_t)sysconf(_SC_CLK_TCK);
    const long result = host_call(LINUX_times, (uintptr_t)&t, 0, 0, 0, 0, 0);
    if (!c->a[0])
        return result;
    uint64_t user = (uint64_t)t.tms_utime * tick, system = (uint64_t)t.tms_stime * tick;
    cpu_time_correct(c->t->proc, &user, &system);
    t.tms_utime = (clock_t)(user / tick);
    t.tms_stime = (clock_t)(system / tick);
    const long err = abi_put(c, SYS_STRUCT_tms, c->a[0], &t);
    return err ? err : result;
}
