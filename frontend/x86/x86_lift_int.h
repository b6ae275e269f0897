/* SPDX-License-Identifier: Apache-2.0 */
/* Integer lifting that several files share. Internal to frontend/x86. */
#ifndef TANDEM_FRONTEND_X86_X86_LIFT_INT_H
#define TANDEM_FRONTEND_X86_X86_LIFT_INT_H

#include "frontend/x86/x86_lift.h"

/* arg of the rows of x86_lift_alu */
enum x86_alu { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP, ALU_TEST };

/* A locked read-modify-write of memory: the old value. */
ir_ref x86_amo(struct x86_lift *l, enum ir_amo op, ir_ref addr, ir_ref v);

#endif
