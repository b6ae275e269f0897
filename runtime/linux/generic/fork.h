/* SPDX-License-Identifier: Apache-2.0 */
/* fork and clone of processes with memory of their own. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_FORK_H
#define TANDEM_RUNTIME_LINUX_GENERIC_FORK_H

#include "runtime/linux/generic/thread.h"

/* Like clone(2): the child's pid, 0 in the child, or -errno. */
long fork_clone(struct thread *t, const struct lx_clone *c);

#endif
