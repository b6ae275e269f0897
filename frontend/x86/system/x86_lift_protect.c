/* SPDX-License-Identifier: Apache-2.0 */
/* What user code may ask about descriptor tables: lar, lsl, verr, verw, arpl; sgdt, sidt, sldt, str, smsw, which Linux
 * answers with made-up values where the CPU forbids them (UMIP; arch/x86/kernel/umip.c). SDM volume 2.
 *
 * The host's tables are those that the guest would find under this kernel: the host's own instruction answers. */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "src/host/x86_machine.h"
#include "src/ir/build/builder.h"

enum { ZERO_SHIFT = 32 }; /* of ZF in a helper's result */

static uint64_t helper_lar(struct cpu *cpu, uint64_t selector, uint64_t b, uint64_t c, uint64_t d)
{
    uint32_t v;
    bool z = host_x86_lar((uint16_t)selector, &v);
    return v | (uint64_t)z << ZERO_SHIFT;
}
static uint64_t helper_lsl(struct cpu *cpu, uint64_t selector, uint64_t b, uint64_t c, uint64_t d)
{
    uint32_t v;
    bool z = host_x86_lsl((uint16_t)selector, &v);
    return v | (uint64_t)z << ZERO_SHIFT;
}
static uint64_t helper_verr(struct cpu *cpu, uint64_t selector, uint64_t b, uint64_t c, uint64_t d)
{
    return (uint64_t)host_x86_verr((uint16_t)selector) << ZERO_SHIFT;
}
static uint64_t helper_verw(struct cpu *cpu, uint64_t selector, uint64_t b, uint64_t c, uint64_t d)
{
    return (uint64_t)host_x86_verw((uint16_t)selector) << ZERO_SHIFT;
}

/* They look at tables that system calls change. */
enum { LOOKS = IR_FX_RMEM | IR_FX_WMEM };
static const struct ir_helper lar = {"x86_lar", helper_lar, 1, IR_I64, LOOKS};
static const struct ir_helper lsl = {"x86_lsl", helper_lsl, 1, IR_I64, LOOKS};
static const struct ir_helper verr = {"x86_verr", helper_verr, 1, IR_I64, LOOKS};
static const struct ir_helper verw = {"x86_verw", helper_verw, 1, IR_I64, LOOKS};

static ir_ref ask(struct x86_lift *l, const struct ir_helper *h, unsigned operand)
{
    ir_ref selector = x86_zext(l, IR_I64, x86_zext(l, IR_I16, x86_read(l, operand)));
    return ir_call(l->b, h, selector, IR_NO_REF, IR_NO_REF, IR_NO_REF);
}

/* ZF := z (i1), and nothing else */
static void put_zero(struct x86_lift *l, ir_ref z)
{
    x86_flag_put(l, X86_FLAG_Z, x86_zext(l, IR_I64, ir_un(l->b, IR_NOT, z)));
}

/* The register is written only if ZF says that there is something. arg: lsl */
void x86_lift_lar(struct x86_lift *l, unsigned is_limit)
{
    unsigned row = x86_gpr_row(l->op[0].reg.value);
    ir_ref r = ask(l, is_limit ? &lsl : &lar, 1), z = x86_bit(l, r, ZERO_SHIFT), old = ir_get(l->b, row);
    x86_write(l, 0, x86_zext(l, x86_int_type(l->op[0].size), x86_zext(l, IR_I32, r)));
    ir_put(l->b, row, ir_select(l->b, z, ir_get(l->b, row), old));
    put_zero(l, z);
}

/* arg: verw */
void x86_lift_verify(struct x86_lift *l, unsigned is_write)
{
    put_zero(l, x86_bit(l, ask(l, is_write ? &verw : &verr, 0), ZERO_SHIFT));
}

/* The requested privilege level of a selector := that of another, if it is lower. */
void x86_lift_arpl(struct x86_lift *l, unsigned arg)
{
    enum { RPL = 3 };
    ir_ref to = x86_read(l, 0), from = x86_read(l, 1), level = ir_bini(l->b, IR_AND, from, RPL);
    ir_ref raise = ir_icmp(l->b, IR_ULT, ir_bini(l->b, IR_AND, to, RPL), level);
    ir_ref raised = ir_bin(l->b, IR_OR, ir_bini(l->b, IR_AND, to, 0xffff & ~RPL), level);
    (void)arg;
    x86_write(l, 0, ir_select(l->b, raise, raised, to));
    put_zero(l, raise);
}

/* ---- sldt, str, smsw ---- */

/* The 64-bit register old after the instruction wrote it with an operand size of bits. */
static uint64_t helper_store_register(struct cpu *cpu, uint64_t which, uint64_t bits, uint64_t old, uint64_t d)
{
    return host_x86_store_register((enum host_x86_register)which, (unsigned)bits, old);
}
static const struct ir_helper store_register = {"x86_store_register", helper_store_register, 3, IR_I64, LOOKS};

void x86_lift_system_register(struct x86_lift *l, unsigned which)
{
    bool reg = !x86_is_mem(l, 0);
    ir_ref bits = ir_const(l->b, IR_I64, reg ? l->op[0].size : 16), old = ir_const(l->b, IR_I64, 0);
    if (reg)
        old = ir_get(l->b, x86_gpr_row(l->op[0].reg.value));
    ir_ref v = ir_call(l->b, &store_register, ir_const(l->b, IR_I64, which), bits, old, IR_NO_REF);
    if (reg)
        ir_put(l->b, x86_gpr_row(l->op[0].reg.value), v);
    else
        x86_store(l, x86_addr(l, 0), 0, x86_zext(l, IR_I16, v));
}

/* ---- sgdt, sidt ---- */

static uint64_t helper_table(struct cpu *cpu, uint64_t is_idt, uint64_t want_limit, uint64_t c, uint64_t d)
{
    struct host_x86_table t = host_x86_table(is_idt);
    return want_limit ? t.limit : t.base;
}
static const struct ir_helper table = {"x86_table", helper_table, 2, IR_I64, LOOKS};

void x86_lift_table(struct x86_lift *l, unsigned is_idt)
{
    ir_ref addr = x86_addr(l, 0), v[2];
    for (unsigned n = 0; n < 2; n++)
        v[n] = ir_call(l->b, &table, ir_const(l->b, IR_I64, is_idt), ir_const(l->b, IR_I64, n), IR_NO_REF, IR_NO_REF);
    x86_store(l, addr, 0, x86_zext(l, IR_I16, v[1]));
    x86_store(l, addr, 2, x86_zext(l, l->is64 ? IR_I64 : IR_I32, v[0]));
}
