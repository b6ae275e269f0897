/* SPDX-License-Identifier: Apache-2.0 */
/* Linux on riscv64. */
#ifndef TANDEM_FRONTEND_RISCV_RV_LINUX_H
#define TANDEM_FRONTEND_RISCV_RV_LINUX_H

#include "frontend/guest_linux.h"

extern const struct guest_linux rv_linux_riscv64;

#endif
