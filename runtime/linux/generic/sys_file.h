/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of calls about files that other handlers build on. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SYS_FILE_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SYS_FILE_H

#include "runtime/linux/base/call.h"

long sys_openat(struct sys_ctx *c);
long sys_readlinkat(struct sys_ctx *c);

#endif
