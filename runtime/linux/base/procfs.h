/* SPDX-License-Identifier: Apache-2.0 */
/* Files of /proc that a guest has opened. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_PROCFS_H
#define TANDEM_RUNTIME_LINUX_BASE_PROCFS_H

#include "runtime/linux/base/process.h"

/* How a file was opened, in the host's terms. */
struct procfs_opening {
    int dirfd;
    const char *path;
    uint64_t flags;
};

/* The host has opened fd (or says -errno). If tandem must answer for the kernel there (of this process maps, smaps,
 * limits and exe, of all that tandem runs stat, status and exe; cpuinfo), fd becomes the guest's file. fd or -errno.
 * The thread's own; proc(5). */
long procfs_opened(struct thread *t, const struct procfs_opening *o, long fd);

#endif
