/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that share the guest's memory: vfork, CLONE_VM. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SHARE_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SHARE_H

#include "runtime/linux/generic/thread.h"

/* clone with CLONE_VM, without CLONE_THREAD: the child's pid or -errno. The child itself begins in the engine. With
 * CLONE_VFORK it returns when the child has executed a program or ended. */
long share_clone(struct thread *t, const struct lx_clone *c);

#endif
