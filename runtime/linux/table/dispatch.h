/* SPDX-License-Identifier: Apache-2.0 */
/* Making the guest's system calls. */
#ifndef TANDEM_RUNTIME_LINUX_TABLE_DISPATCH_H
#define TANDEM_RUNTIME_LINUX_TABLE_DISPATCH_H

#include "runtime/linux/base/process.h"

/* The system call that the registers of t ask for; cpu->pc is already past it. Stores the result. May not return
 * (exit). */
void sys_call(struct thread *t);

#endif
