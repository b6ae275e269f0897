/* SPDX-License-Identifier: Apache-2.0 */
/* String instructions. SDM volume 2: MOVS, STOS, LODS, SCAS, CMPS, REP.
 *
 * I1  Repeated movs and stos run in a helper (x86_string.c); a fault in it finds rcx, rsi and rdi as they are then.
 * I2  The others repeated are a block that does one element and jumps to itself. They end the block (x86_scan.c
 *     knows). */
#include "frontend/x86/common/x86_flags.h"
#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"
#include "frontend/x86/int/x86_string.h"

static ZydisRegister sized(const struct x86_lift *l, ZydisRegister r64)
{
    switch (l->i->address_width) {
    case 16:
        return (ZydisRegister)(r64 - ZYDIS_REGISTER_RAX + ZYDIS_REGISTER_AX);
    case 32:
        return (ZydisRegister)(r64 - ZYDIS_REGISTER_RAX + ZYDIS_REGISTER_EAX);
    default:
        return r64;
    }
}

static ir_ref offset_in(struct x86_lift *l, ZydisRegister r64)
{
    return x86_zext(l, IR_I64, x86_get_reg(l, sized(l, r64)));
}

static ZydisRegister source_segment(const struct x86_lift *l)
{
    if (l->i->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_FS)
        return ZYDIS_REGISTER_FS;
    return l->i->attributes & ZYDIS_ATTRIB_HAS_SEGMENT_GS ? ZYDIS_REGISTER_GS : ZYDIS_REGISTER_DS;
}

static ir_ref source(struct x86_lift *l)
{
    return x86_segmented(l, source_segment(l), offset_in(l, ZYDIS_REGISTER_RSI));
}

static unsigned element_bits(const struct x86_lift *l)
{
    switch (l->i->mnemonic) {
    case ZYDIS_MNEMONIC_MOVSB:
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_LODSB:
    case ZYDIS_MNEMONIC_SCASB:
    case ZYDIS_MNEMONIC_CMPSB:
        return 8;
    case ZYDIS_MNEMONIC_MOVSW:
    case ZYDIS_MNEMONIC_STOSW:
    case ZYDIS_MNEMONIC_LODSW:
    case ZYDIS_MNEMONIC_SCASW:
    case ZYDIS_MNEMONIC_CMPSW:
        return 16;
    case ZYDIS_MNEMONIC_MOVSQ:
    case ZYDIS_MNEMONIC_STOSQ:
    case ZYDIS_MNEMONIC_LODSQ:
    case ZYDIS_MNEMONIC_SCASQ:
    case ZYDIS_MNEMONIC_CMPSQ:
        return 64;
    default:
        return 32;
    }
}

static ZydisRegister accumulator(unsigned bits)
{
    return bits == 8    ? ZYDIS_REGISTER_AL
           : bits == 16 ? ZYDIS_REGISTER_AX
           : bits == 32 ? ZYDIS_REGISTER_EAX
                        : ZYDIS_REGISTER_RAX;
}

static void advance(struct x86_lift *l, ZydisRegister r64, unsigned bits)
{
    ir_ref step = ir_bini(l->b, IR_SHL, ir_get(l->b, X86_ROW_fl_d), (unsigned)__builtin_ctz(bits / 8));
    ir_ref sum = ir_bin(l->b, IR_ADD, ir_get(l->b, x86_gpr_row(r64)), step);
    x86_put_reg(l, sized(l, r64), x86_zext(l, x86_int_type(l->i->address_width), sum));
}

static void compare(struct x86_lift *l, ir_ref a, ir_ref b)
{
    x86_flags_set(l, X86_FLAGS_CMP, X86_FLAGS_ALL, a, b, ir_bin(l->b, IR_SUB, a, b), IR_NO_REF);
}

/* One element. Registers change after the last access. */
static void once(struct x86_lift *l, unsigned op, unsigned bits)
{
    enum ir_type type = x86_int_type(bits);
    ir_ref a = IR_NO_REF, b = IR_NO_REF;
    bool reads = op == X86_STRING_MOVS || op == X86_STRING_LODS || op == X86_STRING_CMPS;
    ir_ref to = op == X86_STRING_LODS ? IR_NO_REF : offset_in(l, ZYDIS_REGISTER_RDI);
    if (op == X86_STRING_CMPS || op == X86_STRING_SCAS) /* if both fault, the host names this one */
        b = x86_load(l, type, to, 0);
    a = reads ? x86_load(l, type, source(l), 0) : x86_get_reg(l, accumulator(bits));
    if (op == X86_STRING_MOVS || op == X86_STRING_STOS)
        x86_store(l, to, 0, a);
    else if (op == X86_STRING_LODS)
        x86_put_reg(l, accumulator(bits), a);
    if (reads)
        advance(l, ZYDIS_REGISTER_RSI, bits);
    if (op != X86_STRING_LODS)
        advance(l, ZYDIS_REGISTER_RDI, bits);
    if (b != IR_NO_REF)
        compare(l, a, b);
}

/* I2 */
static void repeat(struct x86_lift *l, unsigned op, unsigned bits)
{
    ir_ref count = x86_get_reg(l, sized(l, ZYDIS_REGISTER_RCX));
    ir_exit_if(l->b, ir_icmp(l->b, IR_EQ, count, x86_const(l, ir_type_of(l->b, count), 0)), l->next);
    once(l, op, bits);
    x86_put_reg(l, sized(l, ZYDIS_REGISTER_RCX), ir_bini(l->b, IR_SUB, count, 1));
    if (op != X86_STRING_LODS)
        ir_exit_if(l->b, x86_condition(l, x86_repeat_prefix(&l->d->i) == 0xf2 ? 4 : 5), l->next);
    ir_jump(l->b, IR_HINT_NONE, l->pc);
}

/* I1 */
static void call_helper(struct x86_lift *l, unsigned op, unsigned bits)
{
    uint64_t what = x86_string_what(op, (unsigned)__builtin_ctz(bits / 8), l->i->address_width);
    ir_ref base = x86_segmented(l, source_segment(l), ir_const(l->b, IR_I64, 0));
    ir_call(l->b, &x86_string_helper, ir_const(l->b, IR_I64, what), base, IR_NO_REF, IR_NO_REF);
}

void x86_lift_string(struct x86_lift *l, unsigned op)
{
    unsigned bits = element_bits(l);
    if (!x86_is_repeated(&l->d->i))
        once(l, op, bits);
    else if (op == X86_STRING_MOVS || op == X86_STRING_STOS)
        call_helper(l, op, bits);
    else
        repeat(l, op, bits);
}
