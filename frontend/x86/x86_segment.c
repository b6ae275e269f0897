/* SPDX-License-Identifier: Apache-2.0 */
/* Loading segment registers from user code: mov, pop, lds and its kin. SDM volume 2: MOV; volume 3, 3.4.
 *
 * The descriptors that user code can reach are the flat ones, whose base is 0: the null selector, the user's code and data
 * segment. Others are general protection. Loading fs or gs replaces its base, as set by arch_prctl or wrfsbase, by the descriptor's.
 * A guest whose system calls make descriptors (i386: set_thread_area, modify_ldt) names its look-up in x86_descriptor_base. */
#include "frontend/x86/x86_segment.h"

#include "frontend/x86/x86_lift.h"
#include "src/ir/builder.h"

enum { RPL = 3, USER_DATA = 0x2b, USER_CODE = 0x33, USER_CODE_32 = 0x23 };

bool x86_descriptor_base(const struct cpu *cpu, uint16_t selector, uint64_t *base)
{
    (void)cpu;
    *base = 0;
    return selector <= RPL || selector == USER_DATA || selector == USER_CODE || selector == USER_CODE_32;
}

/* ss is never null in 32-bit code, and cs cannot be loaded this way. */
static uint64_t helper_can_load(struct cpu *cpu, uint64_t row, uint64_t selector, uint64_t is64, uint64_t d)
{
    uint64_t base;
    (void)d;
    if (row == X86_ROW_ss && (selector <= RPL ? !is64 || selector == RPL : selector != USER_DATA))
        return 0;
    return x86_descriptor_base(cpu, (uint16_t)selector, &base);
}

static uint64_t helper_base(struct cpu *cpu, uint64_t selector, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t base;
    (void)b, (void)c, (void)d;
    return x86_descriptor_base(cpu, (uint16_t)selector, &base) ? base : 0;
}

static const struct ir_helper can_load = {"x86_can_load_segment", helper_can_load, 3, IR_I64, IR_FX_RMEM | IR_FX_WMEM};
static const struct ir_helper base_of = {"x86_segment_base", helper_base, 1, IR_I64, IR_FX_RMEM | IR_FX_WMEM};

void x86_load_segment(struct x86_lift *l, ZydisRegister segment, ir_ref selector)
{
    unsigned row = X86_ROW_es + (unsigned)(segment - ZYDIS_REGISTER_ES);
    if (segment == ZYDIS_REGISTER_CS) {
        x86_lift_illegal(l, 0);
        return;
    }
    ir_ref wide = x86_zext(l, IR_I64, selector);
    ir_ref ok = ir_call(l->b, &can_load, ir_const(l->b, IR_I64, row), wide, ir_const(l->b, IR_I64, l->is64), IR_NO_REF);
    ir_trap_if(l->b, ir_icmp(l->b, IR_EQ, ok, ir_const(l->b, IR_I64, 0)), IR_TRAP_PRIVILEGED, l->pc);
    ir_put(l->b, row, selector);
    if (segment == ZYDIS_REGISTER_FS || segment == ZYDIS_REGISTER_GS)
        ir_put(l->b, segment == ZYDIS_REGISTER_FS ? X86_ROW_fs_base : X86_ROW_gs_base,
               ir_call(l->b, &base_of, wide, IR_NO_REF, IR_NO_REF, IR_NO_REF));
}

/* lds les lfs lgs lss: arg is the Zydis register. The offset comes first in memory. */
void x86_lift_load_far(struct x86_lift *l, unsigned segment)
{
    enum ir_type type = x86_int_type(l->op[0].size);
    ir_ref addr = x86_addr(l, 1), offset = x86_load(l, type, addr, 0);
    x86_load_segment(l, (ZydisRegister)segment, x86_load(l, IR_I16, addr, l->op[0].size / 8));
    x86_write(l, 0, offset);
}
