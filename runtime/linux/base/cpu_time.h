/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time of the guest's process: the host's without what tandem's own threads have had. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_CPU_TIME_H
#define TANDEM_RUNTIME_LINUX_BASE_CPU_TIME_H

#include <time.h>

#include "runtime/linux/base/process.h"

/* Clocks of the process's CPU time. The kernel has two of all of it, one by its ticks, one exact: here they are one. */
enum cpu_clock { CPU_CLOCK_NONE, CPU_CLOCK_ALL, CPU_CLOCK_USER };
/* Which of them is it (CLOCK_PROCESS_CPUTIME_ID, or as clock_getcpuclockid(3) names it)? */
enum cpu_clock cpu_time_clock(clockid_t clock);
/* Its time in ns: never less than before. Any thread. */
uint64_t cpu_time_now(struct process *proc, enum cpu_clock clock);
/* Takes what tandem's threads have had out of times that the host has just said (ns); never less than before. */
void cpu_time_correct(struct process *proc, uint64_t *user, uint64_t *system);

#endif
