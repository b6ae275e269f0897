/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of calls about memory that other handlers build on. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_SYS_MEM_H
#define TANDEM_RUNTIME_LINUX_GENERIC_SYS_MEM_H

#include "runtime/linux/base/call.h"

long sys_mmap(struct sys_ctx *c);

#endif
