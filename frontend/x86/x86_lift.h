/* SPDX-License-Identifier: Apache-2.0 */
/* Lifts x86 code: what struct guest_ops of the x86 guests needs of it. */
#ifndef TANDEM_FRONTEND_X86_X86_LIFT_H
#define TANDEM_FRONTEND_X86_X86_LIFT_H

#include "frontend/guest.h"

TANDEM_BEGIN_DECLS
enum status x86_lift_block(const struct guest_lift *req, struct ir_builder *b, bool is64);
TANDEM_END_DECLS

#endif
