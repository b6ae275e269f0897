/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the machine this process may use. */
#ifndef TANDEM_BASE_CPUS_H
#define TANDEM_BASE_CPUS_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
/* CPUs that the calling thread may run on (sched_getaffinity(2)), at least 1. Any thread. */
unsigned cpus_allowed(void);
/* The same in percent of a CPU, and no more than the quotas of its control group and of those above (cpu.max of
 * cgroups(7), version 2; cpu.cfs_quota_us of version 1). root: where control groups are mounted; membership: the file
 * that says which is ours (/proc/self/cgroup). Unreadable: no quota. Any thread. */
unsigned cpus_percent(const char *root, const char *membership);
TANDEM_END_DECLS

#endif
