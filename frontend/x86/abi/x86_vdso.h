/* SPDX-License-Identifier: Apache-2.0 */
/* The code of the vDSOs: struct guest_linux's. */
#ifndef TANDEM_FRONTEND_X86_ABI_X86_VDSO_H
#define TANDEM_FRONTEND_X86_ABI_X86_VDSO_H

#include "frontend/guest_linux.h"

extern const struct guest_vdso x86_vdso_64, x86_vdso_32;

#endif
