/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that only the guest's architecture has: its front end answers them. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_ARCH_H
#define TANDEM_RUNTIME_LINUX_GENERIC_ARCH_H

#include "runtime/linux/base/call.h"

/* The call as front ends see it. */
struct guest_arch_call arch_call_of(const struct sys_ctx *c, enum linux_call name);

#endif
