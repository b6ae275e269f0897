/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that the host can make as they are, and those that nobody answers. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_PASS_H
#define TANDEM_RUNTIME_LINUX_GENERIC_PASS_H

#include "runtime/linux/base/call.h"

/* The host call of the row, after looking names up in the sysroot and making outputs writable; structures of 32-bit
 * guests are converted. */
long sys_pass(struct sys_ctx *c);
/* Makes writable what the kernel is about to write (mem_prepare_write). True if something was protected. */
bool sys_prepare_outputs(const struct sys_ctx *c);
/* Makes the host call of the row with the context's arguments, interruptibly. */
long sys_host(struct sys_ctx *c);
/* -ENOSYS, and a word about it under -d unimp. */
long sys_enosys(struct sys_ctx *c);

#endif
