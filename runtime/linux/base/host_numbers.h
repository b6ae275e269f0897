/* SPDX-License-Identifier: Apache-2.0 */
/* The host's system-call numbers. */
#ifndef TANDEM_RUNTIME_LINUX_BASE_HOST_NUMBERS_H
#define TANDEM_RUNTIME_LINUX_BASE_HOST_NUMBERS_H

#include "frontend/guest_linux.h"

TANDEM_BEGIN_DECLS
/* -1: the host has no such call. */
long host_number(enum linux_call call);
TANDEM_END_DECLS

#endif
