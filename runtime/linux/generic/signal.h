/* SPDX-License-Identifier: Apache-2.0 */
/* Delivering the guest's signals. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SIGNAL_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SIGNAL_H

#include "runtime/linux/base/process.h"

/* Delivers what is pending and not masked: pushes guest signal frames, or ends the process. Called when cpu->pending
 * was seen and after every system call and raise. Clears cpu->pending first. */
void signal_deliver(struct thread *t);

#endif
