/* SPDX-License-Identifier: Apache-2.0 */
/* The lifters of what user code may not do. */
#include "frontend/x86/common/x86_context.h"

#include "frontend/x86/common/x86_lifters.h"

#include "src/ir/build/builder.h"

void x86_lift_illegal(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_trap(l->b, IR_TRAP_ILLEGAL, l->pc);
}

void x86_lift_privileged(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    ir_trap(l->b, IR_TRAP_PRIVILEGED, l->pc);
}
