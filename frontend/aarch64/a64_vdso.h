/* SPDX-License-Identifier: Apache-2.0 */
/* The vDSO of an aarch64 program. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_VDSO_H
#define TANDEM_FRONTEND_AARCH64_A64_VDSO_H

#include "frontend/guest_linux.h"

extern const struct guest_vdso a64_vdso;

#endif
