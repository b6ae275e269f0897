/* SPDX-License-Identifier: Apache-2.0 */
/* The guest thread that the calling host thread runs. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_SELF_H
#define TANDEM_RUNTIME_LINUX_BASE_SELF_H

#include "runtime/linux/base/process.h"

/* NULL on threads of tandem's own. Async-signal-safe. */
struct thread *linux_self(void);
void linux_set_self(struct thread *t);

#endif
