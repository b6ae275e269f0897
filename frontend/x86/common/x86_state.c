/* SPDX-License-Identifier: Apache-2.0 */
/* The register table, and EFLAGS as a number from its rows. */
#include "frontend/x86/common/x86_state.h"

#include "src/ir/state.h"

static const struct ir_state_row rows[X86_ROW_COUNT] = {
#define X86_REG(field, c_type, ir_type, name)                                                                          \
    [X86_ROW_##field] = {name, (uint16_t)(offsetof(struct cpu, guest) + offsetof(struct x86_state, field)), ir_type},
#include "frontend/x86/common/x86_state.def"
    [X86_ROW_mode] = {"mode", (uint16_t)offsetof(struct cpu, mode), IR_I32},
};
static const uint16_t pinned_gprs[] = {
#define X86_PIN_GPR(field) X86_ROW_##field,
#include "frontend/x86/common/x86_state.def"
};
static const uint16_t flags[] = {X86_ROW_fl_z, X86_ROW_fl_s, X86_ROW_fl_c, X86_ROW_fl_o, X86_ROW_fl_a};
const struct ir_state x86_state_table = {
    .rows = rows,
    .count = X86_ROW_COUNT,
    .pinned_gpr = pinned_gprs,
    .pinned_gpr_count = ARRAY_LEN(pinned_gprs),
    .flags = flags,
    .flag_count = ARRAY_LEN(flags),
    .mode_row = X86_ROW_mode,
    .tagged = X86_ROW_st0,
    .tagged_count = 8,
    .tag_shift = X86_MODE_TAG_SHIFT,
};

_Static_assert(sizeof(struct x86_state) <= CPU_GUEST_STATE_SIZE, "the registers fit");

uint32_t x86_get_eflags(const struct x86_state *s)
{
    uint32_t f = s->fl_x | X86_ONE | X86_IF;
    f |= s->fl_c ? X86_CF : 0;
    f |= s->fl_o ? X86_OF : 0;
    f |= s->fl_a & X86_AF;
    f |= s->fl_z == 0 ? X86_ZF : 0;
    f |= s->fl_s >> 63 ? X86_SF : 0;
    f |= __builtin_parity((unsigned)s->fl_s & 0xff) ? 0 : X86_PF;
    return f | (s->fl_d == 1 ? 0 : X86_DF);
}

void x86_set_eflags(struct x86_state *s, uint32_t f)
{
    s->fl_x = f & (X86_NT | X86_AC | X86_ID);
    s->fl_c = f & X86_CF;
    s->fl_o = (f & X86_OF) != 0;
    s->fl_a = f & X86_AF;
    s->fl_z = !(f & X86_ZF);
    s->fl_s = (f & X86_SF ? UINT64_C(1) << 63 : 0) | (f & X86_PF ? 0 : 1);
    s->fl_d = f & X86_DF ? ~UINT64_C(0) : 1;
}
