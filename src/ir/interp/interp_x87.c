/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter's x87 arithmetic: software (softfp/f80.h), under the control word and with the sticky flags that
 * src/host/x87.h keeps. Of the transcendental functions, whose last bits the manuals leave open, the host decides.
 *
 * I1  Memory is touched before flags are raised: what faults has changed nothing. */
#include "src/host/x87.h"
#include "src/ir/interp/ev.h"
#include "src/ir/softfp/f80.h"

static struct f80 begin(const struct ir_ev *e) { return (struct f80){.control = host_x87_control(e->cpu)}; }

static void raise_flags(struct ir_ev *e, const struct f80 *u)
{
    if (u->status & X87_SW_FLAGS)
        host_x87_raise(e->cpu, u->status & X87_SW_FLAGS);
}

static int_u128 operand(const struct ir_ev *e, unsigned n) { return ir_value_bits(e->a[n], 80); }

/* ---- functions of operands ---- */

static const struct {
    uint8_t operands;
    bool sw;
} functions[IR_X87F_COUNT] = {
#define X87_OP(name, text, operands, byte0, byte1, pops, sw) [IR_X87F_##name] = {operands, sw},
#include "src/ir/x87_ops.def"
};

static enum host_x87_function host_function(enum ir_x87 fn)
{
    switch (fn) {
    case IR_X87F_SIN:
        return HOST_X87_SIN;
    case IR_X87F_COS:
        return HOST_X87_COS;
    case IR_X87F_YL2X:
        return HOST_X87_YL2X;
    case IR_X87F_YL2XP1:
        return HOST_X87_YL2XP1;
    case IR_X87F_PATAN:
        return HOST_X87_PATAN;
    default:
        return HOST_X87_2XM1;
    }
}

/* It raises its own flags. */
static int_u128 transcendental(struct ir_ev *e, struct f80 *u, enum ir_x87 fn, int_u128 a, int_u128 b)
{
    union ir_value x = {0}, y = {0}, r = {0};
    ir_value_set(&x, 80, a);
    ir_value_set(&y, 80, b);
    u->status |= host_x87_compute(e->cpu, host_function(fn), &x, &y, &r);
    return ir_value_bits(&r, 80);
}

static void apply(struct ir_ev *e, int_u128 b)
{
    enum ir_x87 fn = (enum ir_x87)e->in->aux;
    struct f80 u = begin(e);
    int_u128 operands[] = {operand(e, 0), b}, r;
    if (f80_knows(fn))
        r = f80_compute(&u, fn, operands[0], operands[1]);
    else if (!f80_nan(&u, operands, functions[fn].operands, &r))
        r = transcendental(e, &u, fn, operands[0], operands[1]);
    raise_flags(e, &u);
    if (functions[fn].sw)
        e->cpu->fpx_sw = u.status;
    ir_ev_result(e, r);
}

void ir_ev_X87_UN(struct ir_ev *e) { apply(e, 0); }
void ir_ev_X87_BIN(struct ir_ev *e) { apply(e, operand(e, 1)); }

/* ---- memory operands ---- */

struct bits16 {
    uint16_t v;
} __attribute__((packed));
struct bits32 {
    uint32_t v;
} __attribute__((packed));
struct bits64 {
    uint64_t v;
} __attribute__((packed));

static volatile void *address(const struct ir_ev *e)
{
    return (volatile void *)(uintptr_t)(e->a[0]->u64[0] + e->in->imm);
}

IR_GUEST_ACCESS static uint64_t read_operand(const struct ir_ev *e)
{
    switch (ir_type_bits(ir_mem_type(e->in->aux))) {
    case 16:
        return ((const volatile struct bits16 *)address(e))->v;
    case 32:
        return ((const volatile struct bits32 *)address(e))->v;
    default:
        return ((const volatile struct bits64 *)address(e))->v;
    }
}

IR_GUEST_ACCESS static void write_operand(const struct ir_ev *e, uint64_t v)
{
    switch (ir_type_bits(ir_mem_type(e->in->aux))) {
    case 16:
        ((volatile struct bits16 *)address(e))->v = (uint16_t)v;
        break;
    case 32:
        ((volatile struct bits32 *)address(e))->v = (uint32_t)v;
        break;
    default:
        ((volatile struct bits64 *)address(e))->v = v;
        break;
    }
}

void ir_ev_X87_MEM(struct ir_ev *e)
{
    enum ir_x87_mem op = (enum ir_x87_mem)(e->in->aux >> IR_X87_MEM_SHIFT);
    struct f80 u = begin(e);
    int_u128 r = f80_with_memory(&u, op, operand(e, 1), ir_mem_type(e->in->aux), read_operand(e));
    raise_flags(e, &u);
    ir_ev_result(e, r);
}

void ir_ev_X87_LD(struct ir_ev *e)
{
    struct f80 u = begin(e);
    int_u128 r = f80_load(&u, ir_mem_type(e->in->aux), read_operand(e));
    raise_flags(e, &u);
    ir_ev_result(e, r);
}

void ir_ev_X87_ST(struct ir_ev *e)
{
    struct f80 u = begin(e);
    write_operand(e, f80_store(&u, ir_mem_type(e->in->aux), e->in->aux & IR_X87_TRUNC, operand(e, 1)));
    raise_flags(e, &u); /* I1 */
}

/* ---- compares and status ---- */

void ir_ev_X87_COM(struct ir_ev *e)
{
    struct f80 u = begin(e);
    bool one = e->in->aux == IR_X87C_XAM;
    uint16_t codes = f80_compare(&u, (enum ir_x87_com)e->in->aux, operand(e, 0), operand(e, !one));
    raise_flags(e, &u);
    ir_ev_result(e, codes);
}

void ir_ev_X87_CMP(struct ir_ev *e)
{
    struct f80 u = begin(e);
    enum ir_x87_com op = e->in->aux & IR_FCOND_SIGNALING ? IR_X87C_COM : IR_X87C_UCOM;
    unsigned codes = f80_compare(&u, op, operand(e, 0), operand(e, 1)), relation = e->in->aux & IR_FCOND_MASK;
    static const uint16_t holds_for[][2] = {
        [IR_FEQ] = {F80_C3}, [IR_FLT] = {F80_C0}, [IR_FLE] = {F80_C3, F80_C0}, [IR_FUNO] = {F80_C3 | F80_C2 | F80_C0}};
    raise_flags(e, &u);
    ir_value_set(e->r, 1, codes && (codes == holds_for[relation][0] || codes == holds_for[relation][1]));
}

void ir_ev_X87_SW(struct ir_ev *e)
{
    ir_ev_result(e, e->in->aux ? e->cpu->fpx_sw & X87_SW_CC : host_x87_flags(e->cpu));
}

void ir_ev_X87_CW(struct ir_ev *e) { host_x87_set_control(e->cpu, (uint16_t)e->a[0]->u64[0]); }
