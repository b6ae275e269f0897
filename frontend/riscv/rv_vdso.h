/* SPDX-License-Identifier: Apache-2.0 */
/* The code of the vDSO: struct guest_linux's. */
#ifndef TANDEM_FRONTEND_RISCV_RV_VDSO_H
#define TANDEM_FRONTEND_RISCV_RV_VDSO_H

#include "frontend/guest_linux.h"

enum { RV_CSR_VDSO_CLOCK = 0xc1f }; /* hpmcounter31 */
extern const struct guest_vdso rv_vdso;

#endif
