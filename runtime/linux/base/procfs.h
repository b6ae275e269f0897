/* SPDX-License-Identifier: Apache-2.0 */
/* /proc of the own process. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_PROCFS_H
#define TANDEM_RUNTIME_LINUX_BASE_PROCFS_H

#include "runtime/linux/base/process.h"

/* Opens what /proc shows of this process if tandem must answer for the kernel (maps, exe, cmdline, auxv, environ,
 * stat): true and *result = fd or -errno; false: not such a path. */
bool procfs_open(struct thread *t, const char *path, int flags, long *result);
/* Is path a name of this process's /proc/.../exe? */
bool procfs_is_exe(const char *path);

#endif
