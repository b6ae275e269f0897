/* SPDX-License-Identifier: Apache-2.0 */
/* Which file of /proc is this? Said by the kernel of what was opened, however it was named: relative to a descriptor,
 * through links, in another mount. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_PROC_NAME_H
#define TANDEM_RUNTIME_LINUX_BASE_PROC_NAME_H

#include <sys/stat.h>

#include "runtime/linux/base/process.h"

struct proc_name {
    int pid;        /* as in /proc/PID, which may be a thread; 0: not below one */
    int tid;        /* of .../task/TID; 0: not below one */
    char entry[32]; /* the rest: "maps", "task", "cpuinfo"; "" for /proc/PID itself */
};

/* The name of the open file fd, which may be an O_PATH descriptor of a link. False: not of /proc, or with more parts.
 * Any thread; makes some system calls. */
bool proc_name(int fd, struct proc_name *name);
/* Can fd be of /proc at all? Of its files and directories always, of few others. */
bool proc_possible(const struct stat *st);
/* Is it of this process, or of one of its threads? */
bool proc_is_own(const struct proc_name *name);
/* Does process or thread pid run tandem? */
bool proc_is_tandem(const struct process *proc, int pid);
bool proc_is_tandem_file(const struct process *proc, const struct stat *st);

#endif
