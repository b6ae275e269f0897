/* SPDX-License-Identifier: Apache-2.0 */
/* Robust futexes of a guest thread that ends. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_ROBUST_H
#define TANDEM_RUNTIME_LINUX_GENERIC_ROBUST_H

#include "runtime/linux/base/process.h"

/* What the kernel does with the robust futex list of a thread that ends. */
void robust_list_exit(struct thread *t);

#endif
