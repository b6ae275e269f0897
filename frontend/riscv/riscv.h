/* SPDX-License-Identifier: Apache-2.0 */
/* The RISC-V guests, for frontend/guests.c. */
#ifndef TANDEM_FRONTEND_RISCV_RISCV_H
#define TANDEM_FRONTEND_RISCV_RISCV_H

#include "frontend/guest.h"

TANDEM_BEGIN_DECLS
extern const struct guest rv_guest_riscv64;
TANDEM_END_DECLS

#endif
