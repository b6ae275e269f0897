/* SPDX-License-Identifier: Apache-2.0 */
/* The register table of AArch64, expanded from a64_state.def.
 *
 * I1  Row numbers, offsets and struct a64_state have the same order; x0..x30 and sp are contiguous, so are v0..v31.
 * I2  x0 is the first byte of cpu->guest, so that the most used registers have the shortest displacements.
 * I3  Bit n of a set of flags (A64_V...) is flags[n]; behind them are the rows of the record. */
#include "frontend/aarch64/a64_state.h"

_Static_assert(sizeof(struct a64_state) <= CPU_GUEST_STATE_SIZE, "registers fit into cpu->guest");
_Static_assert(offsetof(struct a64_state, x0) == 0, "I2");
_Static_assert(offsetof(struct a64_state, sp) == 31 * sizeof(uint64_t), "I1");
_Static_assert(offsetof(struct a64_state, v31) - offsetof(struct a64_state, v0) == 31 * 16, "I1");
_Static_assert(A64_ROW_sp - A64_ROW_x0 == 31 && A64_ROW_v31 - A64_ROW_v0 == 31, "I1");

static const struct ir_state_row rows[A64_ROW_COUNT] = {
#define A64_REG(field, c_type, ir_type, name)                                                                          \
    [A64_ROW_##field] = {name, offsetof(struct cpu, guest) + offsetof(struct a64_state, field), ir_type},
#include "frontend/aarch64/a64_state.def"
    [A64_ROW_RESERVATION] = {"resv", offsetof(struct cpu, resv.addr), IR_I64},
    [A64_ROW_MODE] = {"mode", offsetof(struct cpu, mode), IR_I32},
};

static const uint16_t pinned_gpr[] = {
#define A64_PIN_GPR(field) A64_ROW_##field,
#include "frontend/aarch64/a64_state.def"
};

static const uint16_t flags[] = {A64_ROW_v,     A64_ROW_c,    A64_ROW_z,   A64_ROW_n,
                                 A64_ROW_fl_op, A64_ROW_fl_p, A64_ROW_fl_q}; /* I3 */

const struct ir_state a64_state_table = {
    .rows = rows,
    .count = A64_ROW_COUNT,
    .pinned_gpr = pinned_gpr,
    .pinned_gpr_count = ARRAY_LEN(pinned_gpr),
    .flags = flags,
    .flag_count = ARRAY_LEN(flags),
};

/* Operands have their sign at the top. */
static uint32_t of_record(const struct a64_state *s)
{
    const bool adds = s->fl_op == A64_RECORD_ADD32 || s->fl_op == A64_RECORD_ADD64;
    const unsigned up = s->fl_op == A64_RECORD_ADD32 || s->fl_op == A64_RECORD_SUB32 ? 32 : 0;
    const uint64_t p = s->fl_p << up, q = s->fl_q << up, r = adds ? p + q : p - q;
    const bool carry = adds ? r < p : p >= q, overflow = ((p ^ r) & (adds ? q ^ r : p ^ q)) >> 63;
    return (r >> 63 ? A64_N : 0) | (r == 0 ? A64_Z : 0) | (carry ? A64_C : 0) | (overflow ? A64_V : 0);
}

static uint32_t of_rows(const struct a64_state *s)
{
    return (s->n >> 63 ? A64_N : 0) | (s->z == 0 ? A64_Z : 0) | (s->c ? A64_C : 0) | (s->v ? A64_V : 0);
}

uint32_t a64_get_nzcv(const struct a64_state *s) { return (s->fl_op ? of_record(s) : of_rows(s)) << A64_NZCV_SHIFT; }

void a64_settle(struct cpu *cpu) { a64_set_nzcv(a64_state_of(cpu), a64_get_nzcv(a64_state_of(cpu))); }

void a64_set_nzcv(struct a64_state *s, uint32_t nzcv)
{
    uint32_t set = nzcv >> A64_NZCV_SHIFT;
    s->fl_op = A64_RECORD_NONE;
    s->n = set & A64_N ? UINT64_C(1) << 63 : 0;
    s->z = !(set & A64_Z);
    s->c = (set & A64_C) != 0;
    s->v = set & A64_V;
}
