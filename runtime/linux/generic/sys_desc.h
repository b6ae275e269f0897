/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of calls about descriptors that 32-bit guests' handlers build on. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SYS_DESC_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SYS_DESC_H

#include "runtime/linux/base/call.h"

long sys_ioctl(struct sys_ctx *c);

#endif
