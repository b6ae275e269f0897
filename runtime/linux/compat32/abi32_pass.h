/* SPDX-License-Identifier: Apache-2.0 */
/* `pass` of 32-bit guests. */
#ifndef TANDEM_RUNTIME_LINUX_COMPAT32_ABI32_PASS_H
#define TANDEM_RUNTIME_LINUX_COMPAT32_ABI32_PASS_H

#include "runtime/linux/base/call.h"

/* The host call of the row, structures converted as the row says. */
long abi32_pass(struct sys_ctx *c);

#endif
