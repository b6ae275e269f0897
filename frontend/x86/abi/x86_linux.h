/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on x86, of both widths. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_LINUX_H
#define TANDEM_FRONTEND_X86_ABI_X86_LINUX_H

#include "frontend/guest_linux.h"

extern const struct guest_linux x86_linux_x86_64, x86_linux_i386;

#endif
