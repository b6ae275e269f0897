/* SPDX-License-Identifier: Apache-2.0 */
/* x87 in C: state to and from memory, and the helper that executes any one x87 instruction on the host.
 *
 * What is rare goes that way: stack faults, BCD, environments, fxam of an empty register, fptan. The host's x87 unit
 * gets the guest's whole state, the instruction runs, and the state is taken back: every corner of it is the host's.
 *
 * I1  Outside of host_x87_execute the host's stack is empty, its control word is the guest's with all exceptions
 *     masked, and its exception flags belong to the guest in addition to those in fp_sw.
 * I2  With an exception unmasked (X86_MODE_X87_TRAPS) every instruction comes here and runs with the guest's masks, so
 *     that it leaves the state that an unmasked exception leaves. The exception itself is taken by the lifter of the
 *     next instruction that waits; nothing here waits while one is pending.
 * I3  The instruction's memory operand is the guest's own memory: if it faults, nothing of the guest's state has
 *     changed yet. */
#include <string.h>

#include "frontend/x86/x87/x86_x87.h"
#include "src/host/x87.h"
#include "src/host/x87_exec.h"

enum { ALL_MASKED = 0x3f, CONTROL_BITS = 0x1f3f, CONTROL_ONE = 0x40, TOP_SHIFT = 11, ST_BYTES = 10 };

/* ---- state ---- */

uint16_t x86_x87_status_word(const struct cpu *cpu)
{
    const struct x86_state *s = x86_state_const(cpu);
    unsigned sw = (unsigned)s->fp_sw | host_x87_flags(cpu) | x86_mode_top(cpu->mode) << TOP_SHIFT;
    return (uint16_t)(sw & ~(unsigned)s->fp_cw & ALL_MASKED ? sw | X86_X87_SW_SUMMARY : sw);
}

void x86_x87_store(const struct cpu *cpu, struct x86_x87_area *out)
{
    const struct x86_state *s = x86_state_const(cpu);
    unsigned top = x86_mode_top(cpu->mode);
    out->fcw = s->fp_cw;
    out->fsw = x86_x87_status_word(cpu);
    out->ftw = (uint8_t)x86_mode_tags(cpu->mode);
    out->reserved1 = 0;
    out->fop = s->fp_op;
    out->fip = s->fp_ip & X86_X87_POINTER;
    out->fdp = s->fp_dp & X86_X87_POINTER;
    memset(out->st, 0, sizeof out->st);
    for (unsigned i = 0; i < 8; i++) {
        if (cpu->mode & X86_MODE_MMX) { /* TOP is 0 */
            memcpy(out->st[i], &s->mm0 + i, 8);
            memcpy(out->st[i] + 8, &(&s->st0)[i].u64[1], 2);
        } else {
            memcpy(out->st[i], &s->st0 + ((top + i) & 7), ST_BYTES);
        }
    }
}

static void take_state(struct cpu *cpu, const struct x86_x87_area *in)
{
    struct x86_state *s = x86_state_of(cpu);
    unsigned top = in->fsw >> TOP_SHIFT & 7;
    s->fp_cw = (in->fcw & CONTROL_BITS) | CONTROL_ONE;
    s->fp_sw = in->fsw & (uint16_t) ~(X86_X87_SW_TOP | X86_X87_SW_SUMMARY);
    s->fp_op = in->fop;
    s->fp_ip = in->fip;
    s->fp_dp = in->fdp;
    cpu->mode = x86_mode_with(cpu->mode & ~(uint32_t)(X86_MODE_MMX | X86_MODE_X87_TRAPS), top, in->ftw);
    cpu->mode |= ~s->fp_cw & ALL_MASKED ? X86_MODE_X87_TRAPS : 0;
    for (unsigned i = 0; i < 8; i++)
        memcpy(&s->st0 + ((top + i) & 7), in->st[i], ST_BYTES);
    host_x87_reset(cpu, s->fp_cw);
}

void x86_x87_load(struct cpu *cpu, const struct x86_x87_area *in) { take_state(cpu, in); }

/* ---- any one instruction ---- */

static unsigned form_of(uint64_t code)
{
    unsigned n = (unsigned)code & X86_X87_CODE_REG;
    if (!(code & X86_X87_CODE_MEM))
        return HOST_X87_REGISTERS + n;
    return (code & X86_X87_CODE_DATA16 ? HOST_X87_MEMORY_16 : HOST_X87_MEMORY) + n;
}

/* The instruction at pc becomes the last one, unless it is of those that do not count (SDM volume 1, 8.1.8). */
static void note_instruction(struct x86_state *s, uint64_t code, uint64_t address, uint64_t pc)
{
    if (!(code & X86_X87_CODE_COUNTS))
        return;
    s->fp_ip = pc;
    s->fp_op = code >> X86_X87_CODE_FOP_SHIFT & 0x7ff;
    if (code & X86_X87_CODE_MEM)
        s->fp_dp = (address & X86_X87_POINTER) | (uint64_t)X86_X87_DATA_SEGMENT << X86_X87_SELECTOR_SHIFT;
}

/* fxsave's form without REX.W: 32 bits, and the selector */
uint64_t x86_x87_pointer_32(uint64_t pointer) { return (uint32_t)pointer | pointer >> X86_X87_SELECTOR_SHIFT << 32; }
static uint64_t from_32(uint64_t pointer)
{
    return (uint32_t)pointer | (pointer >> 32 & 0xffff) << X86_X87_SELECTOR_SHIFT;
}

static uint64_t execute(struct cpu *cpu, uint64_t code, uint64_t address, uint64_t rflags, uint64_t pc)
{
    struct x86_x87_area area;
    enum { HARMLESS = 0x202, STATUS = 0x8d5 };
    x86_x87_store(cpu, &area);
    area.fsw &= (uint16_t)~X86_X87_SW_SUMMARY;
    struct x86_state *s = x86_state_of(cpu);
    uint64_t ip = s->fp_ip, dp = s->fp_dp;
    uint16_t op = s->fp_op;
    area.fip = x86_x87_pointer_32(ip);
    area.fdp = x86_x87_pointer_32(dp);
    rflags = host_x87_execute(form_of(code), address, HARMLESS | (rflags & STATUS), &area);
    take_state(cpu, &area);
    if (code & X86_X87_CODE_ENV) {
        s->fp_ip = from_32(area.fip);
        s->fp_dp = from_32(area.fdp);
    } else {
        s->fp_ip = ip, s->fp_dp = dp, s->fp_op = op;
        note_instruction(s, code, address, pc);
    }
    return rflags;
}

/* fnclex: the row is written by the lifter */
static uint64_t clear(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    host_x87_clear(cpu);
    return 0;
}

static uint64_t reset(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    host_x87_reset(cpu, X86_FPU_CW_INIT);
    return 0;
}

/* ---- MMX ---- */

/* Sign and exponent stay in the x87 rows; an MMX instruction makes those of the register that it writes all ones (SDM
 * volume 1, 9.6.2). */
static uint64_t to_mmx(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct x86_state *s = x86_state_of(cpu);
    for (unsigned i = 0; i < 8; i++)
        (&s->mm0)[i] = (&s->st0)[i].u64[0];
    return 0;
}

static uint64_t from_mmx(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    struct x86_state *s = x86_state_of(cpu);
    for (unsigned i = 0; i < 8; i++)
        (&s->st0)[i] = (struct x86_vec){{(&s->mm0)[i], (&s->st0)[i].u64[1]}};
    return 0;
}

enum {
    STATE = IR_FX_RSTATE | IR_FX_WSTATE,
    MEMORY = IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT,
    UNIT = IR_FX_FPOBS | IR_FX_FPFLAG
};
const struct ir_helper x86_x87_helper_execute = {"x87_execute", execute, 4, IR_I64, STATE | MEMORY | UNIT};
const struct ir_helper x86_x87_helper_clear = {"x87_clear", clear, 0, IR_VOID, UNIT};
const struct ir_helper x86_x87_helper_reset = {"x87_reset", reset, 0, IR_VOID, UNIT};
const struct ir_helper x86_x87_helper_to_mmx = {"x87_to_mmx", to_mmx, 0, IR_VOID, STATE};
const struct ir_helper x86_x87_helper_from_mmx = {"x87_from_mmx", from_mmx, 0, IR_VOID, STATE};
