/* SPDX-License-Identifier: Apache-2.0 */
/* The register table of RISC-V guests, expanded from rv_state.def.
 *
 * I1  Row numbers, offsets and struct rv_state have the same order; x and f registers are contiguous.
 * I2  x1 is the first byte of cpu->guest, so that the most used registers have the shortest displacements.
 */
#include "frontend/riscv/rv_state.h"

#include "src/ir/state.h"

_Static_assert(sizeof(struct rv_state) <= CPU_GUEST_STATE_SIZE, "registers fit into cpu->guest");
_Static_assert(offsetof(struct rv_state, x1) == 0, "I2");
_Static_assert(offsetof(struct rv_state, x31) == 30 * sizeof(uint64_t), "I1");
_Static_assert(offsetof(struct rv_state, f31) - offsetof(struct rv_state, f0) == 31 * sizeof(uint64_t), "I1");
_Static_assert(RV_ROW_x31 - RV_ROW_x1 == 30 && RV_ROW_f31 - RV_ROW_f0 == 31, "I1");

static const struct ir_state_row rows[RV_ROW_COUNT] = {
#define RV_REG(field, c_type, ir_type, name)                                                                           \
    [RV_ROW_##field] = {name, offsetof(struct cpu, guest) + offsetof(struct rv_state, field), ir_type},
#include "frontend/riscv/rv_state.def"
    [RV_ROW_RESERVATION] = {"resv", offsetof(struct cpu, resv.addr), IR_I64},
};

static const uint16_t pinned_gpr[] = {
#define RV_PIN_GPR(field) RV_ROW_##field,
#include "frontend/riscv/rv_state.def"
};
static const uint16_t pinned_fpr[] = {
#define RV_PIN_FPR(field) RV_ROW_##field,
#include "frontend/riscv/rv_state.def"
};

const struct ir_state rv_state_table = {
    .rows = rows,
    .count = RV_ROW_COUNT,
    .pinned_gpr = pinned_gpr,
    .pinned_gpr_count = ARRAY_LEN(pinned_gpr),
    .pinned_fpr = pinned_fpr,
    .pinned_fpr_count = ARRAY_LEN(pinned_fpr),
};
