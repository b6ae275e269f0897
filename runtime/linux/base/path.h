/* SPDX-License-Identifier: Apache-2.0 */
/* File names of the guest. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_PATH_H
#define TANDEM_RUNTIME_LINUX_BASE_PATH_H

#include "runtime/linux/base/process.h"

/* Reads the path at guest address src and looks in the sysroot first, as -L says (absolute paths only). buf:
 * LX_PATH_MAX. *path is what to give to the host: buf, or NULL for a null pointer (utimensat). 0 or -errno. */
long path_get(struct thread *t, char *buf, const char **path, gaddr_t src);
/* The same for a call that follows links: /proc/PID/exe of a guest leads to its program. The path is relative to
 * dirfd. */
long path_get_followed(struct thread *t, int dirfd, char *buf, const char **path, gaddr_t src);
/* path under the sysroot if it is there, else path itself. */
const char *path_map(const struct process *proc, const char *path, char *buf);

/* The absolute path of the guest program, for /proc/self/exe and messages. */
const char *linux_exe_path(const struct process *proc);

#endif
