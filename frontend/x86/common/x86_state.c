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
static const uint16_t flags[] = {X86_ROW_fl_z, X86_ROW_fl_s,  X86_ROW_fl_c, X86_ROW_fl_o,
                                 X86_ROW_fl_a, X86_ROW_fl_op, X86_ROW_fl_p, X86_ROW_fl_q};
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

/* ---- flags ---- */

/* The flags that the rows hold, or those that the record says. */
struct flags {
    uint64_t result; /* its sign, its low byte's parity */
    bool zero, carry, overflow, aux;
};

static struct flags from_rows(const struct x86_state *s)
{
    return (struct flags){
        .result = s->fl_s, .zero = s->fl_z == 0, .carry = s->fl_c, .overflow = s->fl_o, .aux = (s->fl_a & X86_AF) != 0};
}

/* Operands and results have their sign at the top. */
static struct flags from_record(const struct x86_state *s)
{
    unsigned up = 64 - (8U << (s->fl_op & 3)), kind = s->fl_op & ~3U;
    uint64_t p = s->fl_p << up, q = s->fl_q << up, one = UINT64_C(1) << up, a = p, b = q, r = p;
    if (kind == X86_RECORD_CMP)
        r = p - q;
    else if (kind == X86_RECORD_TEST)
        r = p & q;
    else if (kind == X86_RECORD_ADD)
        a = p - q;
    else if (kind == X86_RECORD_SUB)
        a = p + q;
    else
        b = one, a = kind == X86_RECORD_DEC ? p + one : p - one;
    bool adds = kind == X86_RECORD_ADD || kind == X86_RECORD_INC;
    struct flags f = {.result = (uint64_t)((int64_t)r >> up), .zero = r == 0};
    if (kind == X86_RECORD_LOGIC || kind == X86_RECORD_TEST || kind == X86_RECORD_RESULT) {
        f.carry = kind == X86_RECORD_RESULT && s->fl_c;
        f.overflow = kind == X86_RECORD_RESULT && s->fl_o;
        return f;
    }
    f.carry = kind >= X86_RECORD_INC ? s->fl_c : adds ? r < a : a < b;
    f.overflow = ((a ^ r) & (adds ? b ^ r : a ^ b)) >> 63;
    f.aux = (a ^ b ^ r) >> up & X86_AF;
    return f;
}

uint32_t x86_get_eflags(const struct x86_state *s)
{
    struct flags flags = s->fl_op ? from_record(s) : from_rows(s);
    uint32_t f = s->fl_x | X86_ONE | X86_IF;
    f |= flags.carry ? X86_CF : 0;
    f |= flags.overflow ? X86_OF : 0;
    f |= flags.aux ? X86_AF : 0;
    f |= flags.zero ? X86_ZF : 0;
    f |= flags.result >> 63 ? X86_SF : 0;
    f |= __builtin_parity((unsigned)flags.result & 0xff) ? 0 : X86_PF;
    return f | (s->fl_d == 1 ? 0 : X86_DF);
}

void x86_set_eflags(struct x86_state *s, uint32_t f)
{
    s->fl_x = f & (X86_TF | X86_NT | X86_AC | X86_ID);
    s->fl_op = 0;
    s->fl_c = f & X86_CF;
    s->fl_o = (f & X86_OF) != 0;
    s->fl_a = f & X86_AF;
    s->fl_z = !(f & X86_ZF);
    s->fl_s = (f & X86_SF ? UINT64_C(1) << 63 : 0) | (f & X86_PF ? 0 : 1);
    s->fl_d = f & X86_DF ? ~UINT64_C(0) : 1;
}

void x86_settle(struct cpu *cpu)
{
    struct x86_state *s = x86_state_of(cpu);
    x86_set_eflags(s, x86_get_eflags(s));
}
