/* SPDX-License-Identifier: Apache-2.0 */
/* Far forms of jmp, call and ret. */
#ifndef TANDEM_FRONTEND_X86_X86_LIFT_FAR_H
#define TANDEM_FRONTEND_X86_X86_LIFT_FAR_H

#include "frontend/x86/common/x86_context.h"

void x86_far_jmp(struct x86_lift *l);
void x86_far_call(struct x86_lift *l);
void x86_far_ret(struct x86_lift *l);

#endif
