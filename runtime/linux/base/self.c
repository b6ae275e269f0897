/* SPDX-License-Identifier: Apache-2.0 */
/* The guest thread of a host thread: the one thing that a signal handler can find its state by. */
#include "runtime/linux/base/self.h"

static _Thread_local struct thread *self __attribute__((tls_model("initial-exec")));

struct thread *linux_self(void) { return self; }
void linux_set_self(struct thread *t) { self = t; }
