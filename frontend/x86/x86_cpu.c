/* SPDX-License-Identifier: Apache-2.0 */
/* The register table, and the state of a new process. */
#include "frontend/x86/x86_cpu.h"

#include <stdlib.h>
#include <string.h>

#include "frontend/x86/x86_fpstate.h"
#include "frontend/x86/x86_state.h"

static const struct ir_state_row rows[X86_ROW_COUNT] = {
#define X86_REG(field, c_type, ir_type, name)                                                                          \
    [X86_ROW_##field] = {name, (uint16_t)(offsetof(struct cpu, guest) + offsetof(struct x86_state, field)), ir_type},
#include "frontend/x86/x86_state.def"
    [X86_ROW_mode] = {"mode", (uint16_t)offsetof(struct cpu, mode), IR_I32},
};
static const uint16_t pinned_gprs[] = {
#define X86_PIN_GPR(field) X86_ROW_##field,
#include "frontend/x86/x86_state.def"
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

enum { USER_CS = 0x33, USER_CS_32 = 0x23, USER_DS = 0x2b };

static void init(struct cpu *cpu, gaddr_t entry, gaddr_t sp, uint16_t cs)
{
    struct x86_state *s = x86_state_of(cpu);
    memset(cpu->guest, 0, sizeof cpu->guest);
    s->rsp = sp;
    s->cs = cs;
    s->ss = USER_DS;
    x86_set_eflags(s, 0);
    cpu->pc = entry;
    x86_fpstate_load(cpu, NULL, X86_XF_ALL, 0);
    cpu->resv.addr = ~UINT64_C(0);
}

void x86_64_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp)
{
    init(cpu, entry, sp, USER_CS);
}

void x86_i386_cpu_init(struct cpu *cpu, const struct guest_config *config, gaddr_t entry, gaddr_t sp)
{
    struct x86_state *s = x86_state_of(cpu);
    init(cpu, entry, sp, USER_CS_32);
    s->ds = s->es = USER_DS;
    s->ldt = calloc(X86_LDT_COUNT,
                    sizeof *s->ldt); /* the process's, for as long as it lives; memory only where it is used */
    if (!s->ldt)
        abort();
}

uint32_t x86_mode(const struct cpu *cpu) { return cpu->mode; }
void x86_fp_to_guest(struct cpu *cpu) {}
void x86_fp_from_guest(struct cpu *cpu) {}
