/* SPDX-License-Identifier: Apache-2.0 */
/* What the block loop needs to lift RISC-V code. */
#ifndef TANDEM_FRONTEND_RISCV_RV_LIFT_H
#define TANDEM_FRONTEND_RISCV_RV_LIFT_H

#include "frontend/block.h"

TANDEM_BEGIN_DECLS
extern const struct guest_lifter rv_lifter_riscv64;
TANDEM_END_DECLS

#endif
