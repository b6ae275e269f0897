/* SPDX-License-Identifier: Apache-2.0 */
/* Loading segment registers from user code: mov, pop, lds and its kin. SDM volume 2: MOV; volume 3, 3.4.
 *
 * The descriptors that user code can reach are the flat ones, whose base is 0 (the null selector, the user's code and
 * data segment), and for i386 what set_thread_area and modify_ldt made. Others are general protection. Loading fs or gs
 * replaces its base, as set by arch_prctl or wrfsbase, by the descriptor's.
 *
 * Descriptors are numbered as on a 64-bit kernel that runs i386 programs (the host's): threads have 12 to 14.
 *
 * I1  es, cs, ss and ds have base 0: code is translated without adding it. A descriptor with another base cannot be
 *     loaded there, which is general protection, and no program of a flat model does.
 * I2  Limits and rights of descriptors are kept, not enforced. */
#include "frontend/x86/system/x86_segment.h"

#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"

#include "src/ir/build/builder.h"

enum { RPL = 3, IN_LDT = 4 };
enum { USER_DATA = 0x2b, USER_CODE = 0x33, USER_CODE_32 = 0x23 };

/* ---- selectors ---- */

static bool is_there(const struct x86_descriptor *d) { return d->flags && !(d->flags & X86_SEG_NOT_PRESENT); }

/* The descriptor that a selector names, or NULL. */
static const struct x86_descriptor *find_descriptor(const struct x86_state *s, uint16_t selector)
{
    const unsigned n = selector >> 3;
    const struct x86_descriptor *d = NULL;
    if (!s->ldt) /* 64-bit guests have none */
        return NULL;
    if (selector & IN_LDT)
        d = &s->ldt[n];
    else if (n >= X86_TLS_FIRST && n < X86_TLS_FIRST + X86_TLS_COUNT)
        d = &s->tls[n - X86_TLS_FIRST];
    return d && is_there(d) ? d : NULL;
}

bool x86_descriptor_base(const struct cpu *cpu, uint16_t selector, uint64_t *base)
{
    const struct x86_descriptor *d = find_descriptor(x86_state_const(cpu), selector);
    *base = d ? d->base : 0;
    return d || selector <= RPL || selector == USER_DATA || selector == USER_CODE || selector == USER_CODE_32;
}

/* ss is never null in user code, and cs cannot be loaded this way. */
static uint64_t helper_can_load(struct cpu *cpu, uint64_t row, uint64_t selector, uint64_t is64, uint64_t d)
{
    uint64_t base;
    bool flat = row != X86_ROW_fs && row != X86_ROW_gs;
    (void)d;
    if (row == X86_ROW_ss && !(selector & IN_LDT) && selector != USER_DATA)
        return 0;
    return x86_descriptor_base(cpu, (uint16_t)selector, &base) && (!flat || base == 0); /* I1 */
}

static uint64_t helper_base(struct cpu *cpu, uint64_t selector, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t base;
    (void)b, (void)c, (void)d;
    return x86_descriptor_base(cpu, (uint16_t)selector, &base) ? base : 0;
}

void x86_restore_segment(struct cpu *cpu, unsigned row, uint16_t selector)
{
    struct x86_state *s = x86_state_of(cpu);
    if (!helper_can_load(cpu, row, selector, 0, 0))
        selector = row == X86_ROW_ss ? USER_DATA : 0;
    (&s->es)[row - X86_ROW_es] = selector;
    if (row == X86_ROW_fs)
        x86_descriptor_base(cpu, selector, &s->fs_base);
    if (row == X86_ROW_gs)
        x86_descriptor_base(cpu, selector, &s->gs_base);
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
