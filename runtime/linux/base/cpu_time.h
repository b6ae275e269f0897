/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time of the guest's process: the host's without what tandem's own threads have had. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_CPU_TIME_H
#define TANDEM_RUNTIME_LINUX_BASE_CPU_TIME_H

#include <time.h>

#include "runtime/linux/base/process.h"

/* Is the clock that of this process's CPU time (CLOCK_PROCESS_CPUTIME_ID, or as clock_getcpuclockid(3) names it)? */
bool cpu_time_is_clock(clockid_t clock);
/* Reads it: never less than before. 0 or -errno. Any guest thread. */
long cpu_time_read(struct process *proc, struct timespec *ts);
/* Takes what tandem's threads have had out of times that the host has just said (ns); never less than before. */
void cpu_time_correct(struct process *proc, uint64_t *user, uint64_t *system);

#endif
