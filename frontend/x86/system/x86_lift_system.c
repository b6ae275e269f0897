/* SPDX-License-Identifier: Apache-2.0 */
/* EFLAGS as a whole, and what tells about the machine: cpuid, time-stamp counter, random numbers, fs and gs bases. SDM
 * volume 2.
 *
 * I1  popf from user code leaves IF and IOPL; AC is kept without effect. With TF set it is the last instruction of
 *     translated code: the runtime takes one by one from there on, until TF is clear. */
#include <sched.h>

#include "frontend/vdso_clock.h"
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/decode/x86_features.h"
#include "src/host/host.h"
#include "src/host/x86_machine.h"

/* ---- flags ---- */

void x86_lift_pushf(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_push(l, x86_zext(l, x86_int_type(8 * x86_stack_bytes(l)), x86_read_eflags(l)));
}

void x86_lift_popf(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_take_eflags(l, x86_pop(l, x86_int_type(8 * x86_stack_bytes(l)), 0));
    ir_ref trap = ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_fl_x), X86_TF);
    ir_trap_if(l->b, ir_icmp(l->b, IR_NE, trap, ir_const(l->b, IR_I32, 0)), IR_TRAP_TRACE, l->next);
}

/* ah: SF ZF 0 AF 0 PF 1 CF */
void x86_lift_lahf(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_put_reg(l, ZYDIS_REGISTER_AH, x86_zext(l, IR_I8, x86_read_eflags(l)));
}
void x86_lift_sahf(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_put_eflags(l, X86_STATUS & ~X86_OF, x86_zext(l, IR_I64, x86_get_reg(l, ZYDIS_REGISTER_AH)));
}

/* clc: arg 0, stc: 1 */
void x86_lift_carry(struct x86_lift *l, unsigned v) { x86_flag_put(l, X86_FLAG_C, ir_const(l->b, IR_I1, v)); }
void x86_lift_cmc(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_flag_put(l, X86_FLAG_C, ir_un(l->b, IR_NOT, x86_carry(l)));
}
/* cld: arg 0, std: 1 */
void x86_lift_direction(struct x86_lift *l, unsigned is_down) { x86_put_direction(l, ir_const(l->b, IR_I1, is_down)); }

/* ---- helpers that read the machine claim to touch memory, so that two are two ---- */

enum { OBSERVES = IR_FX_RMEM | IR_FX_WMEM };

static ir_ref call(struct x86_lift *l, const struct ir_helper *h, ir_ref a)
{
    return ir_call(l->b, h, a, IR_NO_REF, IR_NO_REF, IR_NO_REF);
}

/* A number that is not 0; 0: not known. */
static uint32_t this_cpu(void) { return (uint32_t)(sched_getcpu() + 1); }

/* CPUID's answer, by the host or as it was when this thread was on this CPU: only numbers of CPUs differ. A hypervisor
 * takes as long for one as a system call, and there are programs that ask at each step. */
static const uint32_t *cpuid_answer(struct x86_state *s, uint64_t features, uint32_t leaf, uint32_t subleaf)
{
    const struct guest_config config = {.features = features};
    const uint32_t cpu = this_cpu();
    struct x86_answer *a = &s->answers[(leaf ^ leaf >> 28 ^ subleaf << 1) % X86_ANSWERS];
    if (cpu && a->cpu == cpu && a->leaf == leaf && a->subleaf == subleaf)
        return a->out;
    x86_cpuid(&config, leaf, subleaf, a->out);
    a->leaf = leaf, a->subleaf = subleaf;
    a->cpu = this_cpu() == cpu ? cpu : 0;
    return a->out;
}

static uint64_t helper_cpuid(struct cpu *cpu, uint64_t features, uint64_t b, uint64_t c, uint64_t d)
{
    struct x86_state *s = x86_state_of(cpu);
    const uint32_t *out = cpuid_answer(s, features, (uint32_t)s->rax, (uint32_t)s->rcx);
    (void)b, (void)c, (void)d;
    s->rax = out[0], s->rbx = out[1], s->rcx = out[2], s->rdx = out[3];
    return 0;
}
static const struct ir_helper cpuid = {"x86_cpuid", helper_cpuid, 1, IR_VOID, IR_FX_RSTATE | IR_FX_WSTATE};

void x86_lift_cpuid(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    call(l, &cpuid, ir_const(l->b, IR_I64, l->req->config->features));
}

static uint64_t helper_tsc(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d) { return host_cycles(); }
static uint64_t helper_cpu_number(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return host_x86_cpu_number();
}
static const struct ir_helper tsc = {"x86_tsc", helper_tsc, 0, IR_I64, OBSERVES};
static const struct ir_helper cpu_number = {"x86_cpu_number", helper_cpu_number, 0, IR_I64, OBSERVES};

void x86_lift_rdtsc(struct x86_lift *l, unsigned with_number)
{
    ir_ref t = call(l, &tsc, IR_NO_REF);
    ir_put(l->b, X86_ROW_rax, ir_bini(l->b, IR_AND, t, 0xffffffff));
    ir_put(l->b, X86_ROW_rdx, ir_bini(l->b, IR_SHR, t, 32));
    if (with_number)
        ir_put(l->b, X86_ROW_rcx, call(l, &cpu_number, IR_NO_REF));
}

/* Counters are not allowed; in the vDSO a clock is read. */
void x86_lift_rdpmc(struct x86_lift *l, unsigned arg)
{
    if (!vdso_has(l->req->config, l->pc)) {
        x86_lift_privileged(l, arg);
        return;
    }
    ir_ref t = call(l, &vdso_clock, ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_rcx), 0xffffffff));
    ir_put(l->b, X86_ROW_rax, ir_bini(l->b, IR_AND, t, 0xffffffff));
    ir_put(l->b, X86_ROW_rdx, ir_bini(l->b, IR_SHR, t, 32));
}

void x86_lift_rdpid(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_put_reg(l, l->op[0].reg.value, call(l, &cpu_number, IR_NO_REF));
}

/* Only component 0, the components that are switched on, can be read. */
void x86_lift_xgetbv(struct x86_lift *l, unsigned arg)
{
    uint64_t xcr0 = x86_xcr0(l->req->config);
    (void)arg;
    ir_ref number = x86_zext(l, IR_I32, ir_get(l->b, X86_ROW_rcx));
    ir_trap_if(l->b, ir_icmp(l->b, IR_NE, number, ir_const(l->b, IR_I32, 0)), IR_TRAP_PRIVILEGED, l->pc);
    ir_put(l->b, X86_ROW_rax, ir_const(l->b, IR_I64, (uint32_t)xcr0));
    ir_put(l->b, X86_ROW_rdx, ir_const(l->b, IR_I64, xcr0 >> 32));
}

/* ---- random numbers: the host's, until it has one ---- */

static uint64_t helper_rdrand(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return host_x86_random(false);
}
static uint64_t helper_rdseed(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return host_x86_random(true);
}
static const struct ir_helper rdrand = {"x86_rdrand", helper_rdrand, 0, IR_I64, OBSERVES};
static const struct ir_helper rdseed = {"x86_rdseed", helper_rdseed, 0, IR_I64, OBSERVES};

/* CF: there was one. The other flags are cleared. */
void x86_lift_random(struct x86_lift *l, unsigned is_seed)
{
    ir_ref v = call(l, is_seed ? &rdseed : &rdrand, IR_NO_REF);
    x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), v));
    x86_put_eflags(l, X86_STATUS, ir_const(l->b, IR_I64, X86_CF));
}

/* ---- fs and gs ---- */

void x86_lift_read_base(struct x86_lift *l, unsigned row)
{
    x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), ir_get(l->b, row)));
}

/* A base has to be canonical. */
void x86_lift_write_base(struct x86_lift *l, unsigned row)
{
    ir_ref v = x86_zext(l, IR_I64, x86_read(l, 0));
    ir_ref canonical = ir_bini(l->b, IR_SAR, ir_bini(l->b, IR_SHL, v, 16), 16);
    ir_trap_if(l->b, ir_icmp(l->b, IR_NE, v, canonical), IR_TRAP_PRIVILEGED, l->pc);
    ir_put(l->b, row, v);
}

/* clflush and its kin: the line has to be there. */
void x86_lift_touch(struct x86_lift *l, unsigned arg)
{
    (void)arg;
    x86_load(l, IR_I8, x86_addr(l, 0), 0);
}
