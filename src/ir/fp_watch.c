/* SPDX-License-Identifier: Apache-2.0 */
/* Watching the guest's FP flags by unmasked exceptions: see fp_watch.h for the invariants. On a host that cannot trap
 * there is never a watch. */
#include "src/ir/fp_watch.h"

#include "src/host/fpenv.h"

enum { WAIT_FIRST = 16, WAIT_LAST = 4096 }; /* readings between two watches */

uint32_t fp_watch_flags(const struct cpu *cpu) { return (cpu->fp_flags | host_fp_flags(cpu->fp_env)) & FP_WATCH_FLAGS; }

void fp_watch_stop(struct cpu *cpu, uint32_t *env)
{
    if (cpu->fp_watch) {
        cpu->fp_watch = 0;
        cpu->fp_watch_reads = 0;
        cpu->fp_watch_wait = cpu->fp_watch_wait * 2 < WAIT_LAST ? cpu->fp_watch_wait * 2 : WAIT_LAST;
    }
    *env = host_fp_unmask(*env, 0);
}

bool fp_watch_trap(struct cpu *cpu, uint32_t *env)
{
    unsigned unmasked = host_fp_unmasked(*env);
    if (!unmasked)
        return false;
    fp_watch_stop(cpu, env);
    *env = host_fp_clear(*env, unmasked); /* I3: those flags were clear before the trap */
    return true;
}

uint32_t fp_watch_read(struct cpu *cpu)
{
    uint32_t env = host_fp_get();
    unsigned raised = host_fp_flags(env), flags = raised & FP_WATCH_FLAGS;
    if (!cpu->fp_watch_wait)
        cpu->fp_watch_wait = WAIT_FIRST;
    if (host_fp_traps() && !cpu->fp_watch && ++cpu->fp_watch_reads > cpu->fp_watch_wait) {
        host_fp_set(host_fp_unmask(env, FP_WATCH_FLAGS & ~raised));
        cpu->fp_watch = FP_WATCHED | flags;
    }
    return (cpu->fp_flags | flags) & FP_WATCH_FLAGS;
}
