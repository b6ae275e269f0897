/* SPDX-License-Identifier: Apache-2.0 */
/* execve. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_EXEC_H
#define TANDEM_RUNTIME_LINUX_GENERIC_EXEC_H

#include "runtime/linux/base/process.h"

long exec_program(struct thread *t, int dirfd, gaddr_t path, gaddr_t argv, gaddr_t envp, int flags);
/* Frees what the thread's last exec_program has left in memory: the program that it executed runs elsewhere. */
void exec_forget(struct thread *t);

#endif
