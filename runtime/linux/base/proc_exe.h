/* SPDX-License-Identifier: Apache-2.0 */
/* The link /proc/PID/exe of processes that tandem runs: the kernel's leads to tandem, the guest's to its program. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_PROC_EXE_H
#define TANDEM_RUNTIME_LINUX_BASE_PROC_EXE_H

#include "runtime/linux/base/process.h"

/* Does the path (relative to dirfd) lead to such a link, itself or by links on its way? buf: LX_PATH_MAX, becomes the
 * path of the guest program. Makes many system calls: for paths that end at tandem's file, or are named "exe". Any
 * thread. */
bool proc_exe_follow(const struct process *proc, int dirfd, const char *path, char *buf);
/* The same where path is that link itself. */
bool proc_exe_link(const struct process *proc, int dirfd, const char *path, char *buf);
/* May path be one, by its last part? */
bool proc_exe_possible(const char *path);

#endif
