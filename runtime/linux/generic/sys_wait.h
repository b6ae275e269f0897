/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of calls about waiting that other handlers build on. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SYS_WAIT_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SYS_WAIT_H

#include "runtime/linux/base/call.h"

long sys_signalfd4(struct sys_ctx *c);

#endif
