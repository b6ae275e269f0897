/* SPDX-License-Identifier: Apache-2.0 */
/* The lifter of AArch64, for struct guest. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_LIFT_H
#define TANDEM_FRONTEND_AARCH64_A64_LIFT_H

#include "frontend/block.h"

TANDEM_BEGIN_DECLS
extern const struct guest_lifter a64_lifter_aarch64;
TANDEM_END_DECLS

#endif
