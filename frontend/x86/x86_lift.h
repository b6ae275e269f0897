/* SPDX-License-Identifier: Apache-2.0 */
/* What the block loop needs to lift x86 code of either width. */
#ifndef TANDEM_FRONTEND_X86_X86_LIFT_H
#define TANDEM_FRONTEND_X86_X86_LIFT_H

#include "frontend/block.h"

TANDEM_BEGIN_DECLS
extern const struct guest_lifter x86_lifter_32, x86_lifter_64;
TANDEM_END_DECLS

#endif
