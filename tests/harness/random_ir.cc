// SPDX-License-Identifier: Apache-2.0
// The generator takes operand types from ops.def and decides about types and aux by the kind of an operation, so a new
// operation takes part at once.
#include "tests/harness/random_ir.h"

#include "src/ir/value.h"

namespace harness
{

namespace
{
uint64_t mask_of(enum ir_type t) { return ir_type_bits(t) >= 64 ? ~0ull : (1ull << ir_type_bits(t)) - 1; }

uint64_t helper_pure(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d) { return a * 3 + (b ^ c) - d; }
uint64_t helper_rotate(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return (a << 7 | a >> 57) ^ b;
}
uint64_t helper_state(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t sum = a;
    for (unsigned n = 0; n < V0; n++) {
        const uint64_t v = get_row(cpu, kRows[n]);
        sum = sum * 31 + v;
        if (n % 3 == 0 && n != X0 + kXs - 1) /* the last one may count rounds */
            set_row(cpu, kRows[n], v ^ sum);
    }
    return sum;
}
uint64_t helper_read(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t sum = a;
    for (unsigned n = 0; n < V0; n++)
        sum = sum * 31 + get_row(cpu, kRows[n]);
    return sum;
}
const struct ir_helper kHelpers[] = {{"pure", helper_pure, 4, IR_I64, IR_FX_PURE},
                                     {"rotate", helper_rotate, 2, IR_I64, IR_FX_PURE},
                                     {"state", helper_state, 1, IR_I32, IR_FX_RSTATE | IR_FX_WSTATE},
                                     {"read", helper_read, 1, IR_F64, IR_FX_RSTATE}};

bool is_vec(enum ir_type t) { return t == IR_V128 || t == IR_V256; }

void mix(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    for (unsigned i = 0; i < 2; i++)
        r->u64[i] = (a[0]->u64[i] ^ a[1]->u64[!i]) + 3 * a[2]->u64[i] + imm;
}
const struct ir_vec_fn kVecFn = {"mix", mix, IR_VEC_OTHER};
} // namespace

ir_ref RandomIr::keep(ir_ref v)
{
    if (v != IR_NO_REF && ir_type_of(b_, v) != IR_VOID)
        values_.push_back(v);
    return v;
}

ir_ref RandomIr::constant(enum ir_type t)
{
    if (t == IR_F32)
        return ir_const(b_, t, r_->interesting_f32());
    if (t == IR_F64)
        return ir_const(b_, t, r_->interesting_f64());
    if (t == IR_V128 && r_->below(2)) {
        bool f64 = r_->below(2);
        uint64_t half[2];
        for (uint64_t &h : half)
            h = f64 ? r_->interesting_f64() : r_->interesting_f32() | (uint64_t)r_->interesting_f32() << 32;
        return ir_const128(b_, t, half[0], half[1]);
    }
    if (ir_type_bits(t) > 64)
        return r_->below(8) ? ir_const128(b_, t, r_->next(), r_->next()) : ir_const(b_, t, 0);
    return ir_const(b_, t, r_->interesting_int() & mask_of(t));
}

/* A value of the type, made of guest registers. */
ir_ref RandomIr::fresh(enum ir_type t)
{
    ir_ref v = ir_get(b_, any_x());
    switch (t) {
    case IR_I64:
        return v;
    case IR_I8:
        return r_->below(3) ? ir_conv(b_, IR_TRUNC, t, v) : ir_get(b_, BYTE);
    case IR_I16:
        return r_->below(3) ? ir_conv(b_, IR_TRUNC, t, v) : ir_get(b_, HALF);
    case IR_I32:
        return r_->below(3) ? ir_conv(b_, IR_TRUNC, t, v) : ir_get(b_, WORD);
    case IR_I1:
        return r_->below(2) ? condition() : r_->below(2) ? ir_conv(b_, IR_TRUNC, t, v) : ir_get(b_, BIT);
    case IR_I128:
        return ir_emit(b_, IR_CONCAT, t, 0, v, ir_get(b_, any_x()), IR_NO_REF, 0);
    case IR_F64:
        return ir_get(b_, any_f());
    case IR_F32:
        return r_->below(3) ? ir_conv(b_, IR_FUNBOX, t, ir_get(b_, any_f()))
                            : ir_conv(b_, IR_BITCAST, t, ir_conv(b_, IR_TRUNC, IR_I32, v));
    case IR_F80:
        v = ir_fp(b_, IR_FCVT_FF, t, IR_RDYN, ir_get(b_, any_f()), IR_NO_REF, IR_NO_REF);
        return ir_fp(b_, IR_FCANON, t, 0, v, IR_NO_REF, IR_NO_REF);
    case IR_V128:
        return ir_get(b_, V0);
    case IR_V256:
        return ir_get(b_, V1);
    default:
        return IR_NO_REF;
    }
}

ir_ref RandomIr::operand(enum ir_type t)
{
    for (int tries = 0; tries < 8 && !values_.empty() && r_->below(5); tries++) {
        ir_ref v = values_[r_->below((unsigned)values_.size())];
        if (ir_type_of(b_, v) == t)
            return v;
    }
    return r_->below(4) || t == IR_V256 || t == IR_F80 ? fresh(t) : constant(t);
}

ir_ref RandomIr::condition()
{
    if (!r_->below(3)) {
        enum ir_type t = pick({IR_F32, IR_F64});
        return ir_fcmp(b_, r_->below(4) | r_->below(4) * IR_FCOND_SIGNALING, operand(t), operand(t));
    }
    enum ir_type t = pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_I64, IR_I64});
    if (!r_->below(6)) { /* flags */
        ir_ref carry = r_->below(3) ? ir_const(b_, IR_I1, 0) : ir_conv(b_, IR_TRUNC, IR_I1, operand(IR_I64));
        enum ir_op op = (enum ir_op)(IR_CARRY + r_->below(5));
        bool parity = op == IR_PARITY;
        return ir_emit(b_, op, t, 0, operand(t), parity ? (ir_ref)IR_NO_REF : operand(t),
                       parity ? (ir_ref)IR_NO_REF : carry, 0);
    }
    ir_ref a = r_->below(8) ? operand(t) : ir_bin(b_, IR_AND, operand(t), operand(t));
    ir_ref c = ir_icmp(b_, (enum ir_cond)r_->below(IR_COND_COUNT), a, r_->below(3) ? operand(t) : ir_const(b_, t, 0));
    return r_->below(4) ? c : ir_un(b_, IR_NOT, c);
}

/* May the operation work on the elements of vectors? */
static bool has_packed_form(enum ir_op op)
{
    return op != IR_FCMP && op != IR_FCVT_FF && op != IR_FCVT_UF && op != IR_FCVT_FU && op != IR_FCLASS;
}

/* Packed conversions between integers and floats: of 32 bits, of the x86 rules, in 128 bits. */
static bool is_packed_convert(enum ir_op op, enum ir_type t)
{
    return (op == IR_FCVT_FS || op == IR_FCVT_SF) && is_vec(t);
}

enum ir_type RandomIr::type_of_fp(enum ir_op op)
{
    if (has_packed_form(op) && !r_->below(4))
        return op == IR_FCVT_FS || op == IR_FCVT_SF ? IR_V128 : pick({IR_V128, IR_V128, IR_V256});
    if (op == IR_FCVT_FS || op == IR_FCVT_FU || op == IR_FCLASS)
        return pick({IR_I32, IR_I64, IR_I32, IR_I64, IR_I8, IR_I16});
    return !r_->below(12) && op != IR_FMA ? IR_F80 : pick({IR_F32, IR_F64});
}

enum ir_type RandomIr::type_of_op(enum ir_op op)
{
    switch (op) {
    case IR_VFN:
        return IR_V128;
    case IR_BSWAP:
        return pick({IR_I16, IR_I32, IR_I64});
    case IR_CONCAT:
        return pick({IR_I16, IR_I32, IR_I64, IR_I128});
    case IR_HIGH:
        return pick({IR_I8, IR_I16, IR_I32, IR_I64});
    case IR_SEXT:
    case IR_ZEXT:
        return pick({IR_I16, IR_I32, IR_I64, IR_I64, IR_I128});
    case IR_TRUNC:
        return pick({IR_I1, IR_I8, IR_I16, IR_I32, IR_I64});
    case IR_BITCAST:
        return pick({IR_F32, IR_F64, IR_I32, IR_I64, IR_V128, IR_I128});
    case IR_FBOX:
        return IR_F64;
    case IR_FUNBOX:
        return IR_F32;
    case IR_FFLAGS:
    case IR_VMOVMSK:
        return IR_I32;
    case IR_SELECT:
        return pick({IR_I8, IR_I32, IR_I64, IR_I64, IR_F32, IR_F64, IR_V128, IR_I128});
    case IR_AND:
    case IR_OR:
    case IR_XOR:
    case IR_NOT:
        return pick({IR_I1, IR_I8, IR_I16, IR_I32, IR_I64, IR_I64, IR_I64, IR_I128});
    default:
        break;
    }
    const unsigned kind = ir_op_facts[op].aux;
    if (kind == IR_AUX_FP || op == IR_FCMP)
        return type_of_fp(op);
    if (kind == IR_AUX_VEC || op == IR_VFCMP)
        return pick({IR_V128, IR_V256});
    return pick({IR_I8, IR_I16, IR_I32, IR_I32, IR_I64, IR_I64, IR_I64, IR_I128});
}

uint16_t RandomIr::aux_of_fp(enum ir_op op, enum ir_type t)
{
    static const enum ir_rm modes[] = {IR_RDYN, IR_RDYN, IR_RDYN, IR_RTZ, IR_RTZ,
                                       IR_RNE,  IR_RDN,  IR_RUP,  IR_RMM, IR_ROD};
    const enum ir_type of_packed = is_packed_convert(op, t) ? IR_F32 : pick({IR_F32, IR_F64});
    const unsigned elem = is_vec(t) ? (unsigned)of_packed << IR_FP_ELEM_SHIFT : 0;
    if (!(ir_op_facts[op].effects & IR_FX_FPFLAG))
        return (uint16_t)elem;
    unsigned aux = elem | modes[r_->below(op == IR_FCVT_FS || op == IR_FCVT_FU ? 9 : 10)];
    const unsigned rule = is_packed_convert(op, t) ? 0 : r_->below(6);
    if (rule < 2 && op != IR_FCVT_FU)
        aux |= ir_fp_nan(IR_NAN_X86);
    else if (rule == 2)
        aux |= (1 + r_->below(2)) << IR_FP_NAN_SHIFT;
    if (r_->one_in(3) && ir_fp_nan_rule((uint16_t)aux) == IR_NAN_ARM)
        aux |= IR_FP_TINY_BEFORE;
    if (r_->one_in(10) && ir_fp_nan_rule((uint16_t)aux) != IR_NAN_X86) /* x86: only if MXCSR says so */
        aux |= IR_FP_DAZ | IR_FP_FTZ;
    if (op == IR_FMA)
        aux |= r_->below(4) << 12;
    if (op == IR_FROUND && r_->below(2))
        aux |= IR_FP_EXACT;
    return (uint16_t)aux;
}

uint16_t RandomIr::aux_of_vec(enum ir_op op)
{
    switch (op) {
    case IR_VSAD:
        return IR_I8;
    case IR_VMULE_S:
    case IR_VMULE_U:
    case IR_VDOT_S:
        return pick({IR_I8, IR_I16, IR_I32});
    case IR_VPACK_SS:
    case IR_VPACK_SU:
        return pick({IR_I16, IR_I32, IR_I64});
    default:
        return pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_I64, IR_F32, IR_F64});
    }
}

uint16_t RandomIr::aux_of_op(enum ir_op op, enum ir_type t)
{
    switch ((enum ir_aux_kind)ir_op_facts[op].aux) {
    case IR_AUX_COND:
        return (uint16_t)r_->below(IR_COND_COUNT);
    case IR_AUX_FCOND:
        return (uint16_t)(r_->below(4) | r_->below(4) * IR_FCOND_SIGNALING |
                          (op == IR_VFCMP ? pick({IR_F32, IR_F64}) << 8 : 0));
    case IR_AUX_BITS: {
        unsigned pos = r_->below(ir_type_bits(t));
        return ir_bits(pos, 1 + r_->below(ir_type_bits(t) - pos));
    }
    case IR_AUX_FP:
        return aux_of_fp(op, t);
    case IR_AUX_VEC:
        return aux_of_vec(op);
    default:
        return 0;
    }
}

enum ir_type RandomIr::type_of_operand(enum ir_op op, char letter, enum ir_type t, uint16_t aux)
{
    switch (letter) {
    case 'B':
        return IR_I1;
    case 'C':
        return IR_I8;
    case 'V':
        return pick({IR_V128, IR_V256});
    case 'F':
        if (is_vec(t))
            return t;
        return op == IR_FBOX      ? IR_F32
               : op == IR_FUNBOX  ? IR_F64
               : op == IR_FCVT_FF ? (t == IR_F32   ? pick({IR_F64, IR_F64, IR_F80})
                                     : t == IR_F64 ? pick({IR_F32, IR_F32, IR_F80})
                                                   : pick({IR_F32, IR_F64}))
                                  : pick({IR_F32, IR_F64});
    case 'I':
        if (is_vec(t))
            return t;
        switch (op) {
        case IR_CONCAT:
            return (enum ir_type)(t - 1);
        case IR_HIGH:
            return (enum ir_type)(t + 1);
        case IR_SEXT:
        case IR_ZEXT:
            return (enum ir_type)(t - 1 - r_->below(t - IR_I1));
        case IR_TRUNC:
            return t == IR_I1    ? pick({IR_I8, IR_I32, IR_I64})
                   : t == IR_I64 ? IR_I128
                                 : (enum ir_type)(t + 1 + r_->below((unsigned)(IR_I64 - t)));
        default:
            return pick({IR_I32, IR_I64});
        }
    case '*':
        return op != IR_BITCAST ? ir_vec_elem(aux)
               : t == IR_F32    ? IR_I32
               : t == IR_F64    ? IR_I64
               : t == IR_I32    ? IR_F32
               : t == IR_I64    ? IR_F64
               : t == IR_V128   ? IR_I128
                                : IR_V128;
    default:
        return t;
    }
}

ir_ref RandomIr::address(bool aligned)
{
    ir_ref base = ir_const(b_, IR_I64, (uint64_t)(uintptr_t)wishes_.memory + 256);
    ir_ref offset = ir_bini(b_, IR_AND, operand(IR_I64), aligned ? 0x1f0 : 0x1ff);
    switch (r_->below(5)) {
    case 0:
        return ir_bin(b_, IR_ADD, offset, base);
    case 1:
        return ir_bin(b_, IR_ADD, ir_bin(b_, IR_ADD, base, ir_bini(b_, IR_XOR, offset, 16)),
                      ir_bini(b_, IR_SHL, offset, r_->below(3)));
    case 2:
        return ir_bini(b_, IR_ADD, ir_bin(b_, IR_ADD, ir_bini(b_, IR_SHL, offset, 1 + r_->below(2)), base),
                       r_->below(4) * 16);
    case 3:
        return ir_bini(b_, IR_ADD, base, r_->below(64) * 16);
    default:
        return ir_bini(b_, IR_ADD, offset, (uint64_t)(uintptr_t)wishes_.memory + 64);
    }
}

void RandomIr::emit_load()
{
    const enum ir_type m = pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_I32, IR_I64});
    const enum ir_type t = pick({IR_I64, IR_I64, IR_I32, IR_F64, IR_F32, IR_V128, IR_V256, IR_I128, IR_I128, m, m});
    const bool same = (t == IR_I128 && r_->below(2)) || t > IR_I128 || t < m;
    const unsigned bits = ir_type_bits(same ? t : m);
    unsigned order = bits > 64 ? 0 : any_order();
    unsigned aligned = bits > 64 ? 0 : maybe(IR_MEM_ALIGNED), big = same ? 0 : maybe(IR_MEM_BIG);
    if (is_vec(t) && !wishes_.traps && r_->one_in(6))
        aligned = IR_MEM_ALIGNED;
    const unsigned aux = (same ? t : m) | order | aligned | big | r_->below(2) * IR_MEM_SIGNED;
    keep(ir_emit(b_, IR_LD, t, (uint16_t)aux, address(order || (aligned && !wishes_.traps)), IR_NO_REF, IR_NO_REF,
                 r_->below(16) * 16));
}

void RandomIr::emit_store()
{
    enum ir_type m = pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_I32, IR_I64});
    const enum ir_type t = pick({IR_I64, IR_I64, IR_F64, IR_F32, IR_V128, IR_V256, IR_I128, m, m, m});
    m = t > IR_I64 || t < m ? t : m;
    const unsigned bits = ir_type_bits(t);
    const unsigned order = bits > 64 ? 0 : any_order();
    const unsigned aligned = bits > 64 ? 0 : maybe(IR_MEM_ALIGNED);
    const unsigned big = t > IR_I64 ? 0 : maybe(IR_MEM_BIG);
    ir_emit(b_, IR_ST, t, (uint16_t)(m | order | aligned | big), address(order || (aligned && !wishes_.traps)),
            operand(t), IR_NO_REF, r_->below(16) * 16);
}

/* LL and the SC that goes with it, sometimes with a store between them or at another address. */
void RandomIr::emit_reserved()
{
    const enum ir_type m = pick({IR_I8, IR_I16, IR_I32, IR_I64});
    const unsigned order = any_order();
    const unsigned aligned = maybe(IR_MEM_ALIGNED);
    const ir_ref a = address(true);
    keep(ir_emit(b_, IR_LL, m, (uint16_t)(m | order | aligned), a, IR_NO_REF, IR_NO_REF, 0));
    const ir_ref to = r_->below(3) ? a : address(true);
    if (!r_->below(3))
        ir_st(b_, IR_I8, to, 0, operand(IR_I8));
    keep(ir_emit(b_, IR_SC, m, (uint16_t)(m | order), to, operand(m), IR_NO_REF, 0));
}

bool RandomIr::emit_memory(enum ir_op op)
{
    const unsigned order = any_order();
    const unsigned big = maybe(IR_MEM_BIG);
    enum ir_type m = pick({IR_I8, IR_I16, IR_I32, IR_I64});
    switch (op) {
    case IR_LD:
        emit_load();
        return true;
    case IR_ST:
        emit_store();
        return true;
    case IR_AMO: {
        const unsigned aligned = maybe(IR_MEM_ALIGNED);
        keep(ir_amo(b_, (enum ir_amo)r_->below(IR_AMO_COUNT), (uint16_t)(m | order | big | aligned), address(true),
                    operand(m)));
        return true;
    }
    case IR_CAS: {
        const bool wide = r_->one_in(5);
        m = wide ? IR_I128 : m;
        const unsigned swap = wide ? 0 : big;
        const ir_ref a = address(true);
        const ir_ref expected =
            r_->below(2) ? operand(m) : ir_emit(b_, IR_LD, m, (uint16_t)(m | swap), a, IR_NO_REF, IR_NO_REF, 0);
        keep(ir_cas(b_, (uint16_t)(m | order | swap), a, expected, operand(m)));
        return true;
    }
    case IR_LL:
    case IR_SC:
        emit_reserved();
        return true;
    case IR_FENCE:
        ir_emit(b_, IR_FENCE, IR_VOID, (uint16_t)r_->below(16), IR_NO_REF, IR_NO_REF, IR_NO_REF, 0);
        return true;
    case IR_PREFETCH:
        ir_emit(b_, IR_PREFETCH, IR_VOID, 0, r_->below(2) ? operand(IR_I64) : address(false), IR_NO_REF, IR_NO_REF, 0);
        return true;
    default:
        return false;
    }
}

void RandomIr::put_random(ir_ref v)
{
    switch (ir_type_of(b_, v)) {
    case IR_I1:
        ir_put(b_, BIT, v);
        break;
    case IR_I8:
        ir_put(b_, BYTE, v);
        break;
    case IR_I16:
        ir_put(b_, HALF, v);
        break;
    case IR_I32:
        ir_put(b_, WORD, v);
        break;
    case IR_I64:
        ir_put(b_, any_x(), v);
        break;
    case IR_F32:
        ir_put(b_, any_f(), ir_conv(b_, IR_FBOX, IR_F64, v));
        break;
    case IR_F64:
        ir_put(b_, any_f(), v);
        break;
    case IR_F80: {
        const uint64_t at = (uint64_t)(uintptr_t)wishes_.memory + 16 * r_->below(8);
        ir_emit(b_, IR_ST, IR_F80, IR_F80, ir_const(b_, IR_I64, at), v, IR_NO_REF, 0);
        break;
    }
    case IR_V128:
        ir_put(b_, V0, v);
        break;
    case IR_V256:
        ir_put(b_, V1, v);
        break;
    case IR_I128:
        ir_put(b_, any_x(), ir_conv(b_, IR_TRUNC, IR_I64, v));
        break;
    default:
        break;
    }
}

bool RandomIr::emit_state(enum ir_op op)
{
    if (op == IR_CALL) {
        const struct ir_helper *h = &kHelpers[r_->below(4)];
        ir_ref arg[4] = {IR_NO_REF, IR_NO_REF, IR_NO_REF, IR_NO_REF};
        for (unsigned k = 0; k < h->args; k++)
            arg[k] = operand(k == 0 ? pick({IR_I64, IR_F64}) : k == 3 ? IR_I8 : pick({IR_I32, IR_F32}));
        keep(ir_call(b_, h, arg[0], arg[1], arg[2], arg[3]));
        return true;
    }
    if (op == IR_PUT && !values_.empty()) {
        put_random(values_[r_->below((unsigned)values_.size())]);
        return true;
    }
    return false;
}

/* imm of VSHUF: anything, or what host instructions do: all from one operand, elements that stay, a part that stays,
 * elements in a row. */
uint64_t RandomIr::shuffle(enum ir_type elem)
{
    unsigned count = 128 / ir_type_bits(elem), kind = r_->below(6), first = r_->below(count + 1);
    uint64_t imm = r_->next();
    for (unsigned i = 0; i < count && i < 16 && kind; i++) {
        unsigned any = r_->below(count), from = r_->below(2) * count, part = i / 4 * 4 + any % 4;
        unsigned pick = kind == 1   ? any
                        : kind == 2 ? any + count
                        : kind == 3 ? i + from
                        : kind == 4 ? (first % 2 == i / 4 ? i : part) % count
                                    : first + i;
        imm = (imm & ~(15ull << 4 * i)) | (uint64_t)(pick & 15) << 4 * i;
    }
    if (elem == IR_I32 && kind == 0) /* two of one operand, two of the other */
        imm = (imm & 0x3333) | (first & 1 ? 0x0044 : 0x4400);
    return imm;
}

bool RandomIr::emit(enum ir_op op)
{
    const struct ir_op_facts &info = ir_op_facts[op];
    if (emit_memory(op) || emit_state(op))
        return true;
    if (info.aux == IR_AUX_X87 || info.aux == IR_AUX_X87MEM) /* need operands of their own kind */
        return false;
    if (op == IR_CONST || op == IR_GET || info.effects & (IR_FX_EXIT | IR_FX_END) || ir_op_infos[op].sig[0] == '-')
        return false;
    enum ir_type t = type_of_op(op);
    uint16_t aux = aux_of_op(op, t);
    ir_ref a[3] = {IR_NO_REF, IR_NO_REF, IR_NO_REF};
    for (unsigned i = 0; ir_op_infos[op].sig[2 + i]; i++)
        a[i] = operand(type_of_operand(op, ir_op_infos[op].sig[2 + i], t, aux));
    uint64_t imm = op == IR_VSHUF ? shuffle((enum ir_type)aux) : op == IR_VFN ? (uint64_t)(uintptr_t)&kVecFn : 0;
    if (op == IR_VGETE) {
        t = ir_vec_elem(aux);
        imm = r_->below(ir_type_bits(ir_type_of(b_, a[0])) / ir_type_bits(t));
        t = t <= IR_I32 && r_->below(2) ? IR_I64 : t;
    } else if (op == IR_VEXT) {
        imm = r_->below(128 / ir_type_bits(ir_vec_elem(aux)));
    } else if (op == IR_VSETE) {
        imm = r_->below(ir_type_bits(t) / ir_type_bits(ir_vec_elem(aux)));
    } else if (op == IR_VSPLAT && !r_->below(3)) {
        a[0] = operand(IR_I64);
        aux = IR_I16;
    }
    ir_ref v = ir_emit(b_, op, t, aux, a[0], a[1], a[2], imm);
    const bool any_nan = info.aux == IR_AUX_FP && info.effects & IR_FX_FPFLAG && t >= IR_F32 && !(aux & IR_FP_NAN);
    const uint16_t elem = aux & 0xf << IR_FP_ELEM_SHIFT;
    keep(any_nan ? ir_fp(b_, IR_FCANON, t, elem, v, IR_NO_REF, IR_NO_REF) : v);
    return true;
}

/* An operation with one operand from memory, right after the load. */
void RandomIr::with_load()
{
    static const enum ir_op ints[] = {IR_ADD, IR_SUB, IR_AND, IR_OR, IR_XOR, IR_MUL};
    static const enum ir_op floats[] = {IR_FADD, IR_FSUB, IR_FMUL, IR_FDIV, IR_FMIN, IR_FMAX};
    static const enum ir_op vectors[] = {IR_VADD,     IR_VSUB,   IR_VAND,     IR_VANDN,
                                         IR_VCMP_GTS, IR_VZIPLO, IR_VPACK_SS, IR_VTBL};
    enum ir_type t = pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_I32, IR_I64, IR_F64, IR_F32, IR_V128});
    ir_ref other = operand(t), a = address(false);
    ir_ref v = ir_emit(b_, IR_LD, t, (uint16_t)t, a, IR_NO_REF, IR_NO_REF, r_->below(4) * 8);
    if (t == IR_V128) {
        keep(ir_emit(b_, vectors[r_->below(8)], t, IR_I16, other, v, IR_NO_REF, 0));
    } else if (t >= IR_F32) {
        uint16_t aux = (uint16_t)((r_->below(3) ? IR_RDYN : IR_RTZ) | ir_fp_nan(IR_NAN_X86));
        keep(ir_fp(b_, floats[r_->below(6)], t, aux, other, v, IR_NO_REF));
    } else if (!r_->below(4)) {
        ir_ref c =
            ir_icmp(b_, (enum ir_cond)r_->below(IR_COND_COUNT), r_->below(2) ? v : other, r_->below(2) ? other : v);
        if (r_->below(2))
            ir_put(b_, any_x(), ir_conv(b_, IR_ZEXT, IR_I64, c));
        else
            ir_exit_if(b_, c, kPc + 0x300);
    } else if (t < IR_I64 && r_->below(2)) {
        ir_put(b_, any_x(), ir_conv(b_, r_->below(2) ? IR_SEXT : IR_ZEXT, IR_I64, v));
    } else {
        enum ir_op op = ints[r_->below(6)];
        ir_ref r = r_->below(2) ? ir_bin(b_, op, other, v) : ir_bin(b_, op, v, other);
        put_random(r);
    }
}

void RandomIr::emit_usual()
{
    static const enum ir_op alu[] = {IR_ADD, IR_ADD, IR_ADD, IR_SUB, IR_AND, IR_OR,
                                     IR_XOR, IR_SHL, IR_SHR, IR_SAR, IR_MUL};
    unsigned rd = any_x(), rs = any_x(), rt = any_x();
    switch (r_->below(12)) {
    case 0:
    case 1:
        ir_put(b_, rd, keep(ir_bin(b_, alu[r_->below(11)], ir_get(b_, rs), ir_get(b_, rt))));
        break;
    case 2:
        ir_put(b_, rd, keep(ir_bini(b_, alu[r_->below(11)], ir_get(b_, rs), r_->interesting_int())));
        break;
    case 3: {
        ir_ref v = ir_bin(b_, alu[r_->below(11)], ir_conv(b_, IR_TRUNC, IR_I32, ir_get(b_, rs)),
                          ir_conv(b_, IR_TRUNC, IR_I32, ir_get(b_, rt)));
        ir_put(b_, rd, ir_conv(b_, r_->below(2) ? IR_SEXT : IR_ZEXT, IR_I64, v));
        break;
    }
    case 4:
        ir_put(b_, rd, ir_get(b_, rs));
        break;
    case 5:
        ir_put(b_, rd, ir_bin(b_, IR_ADD, ir_bini(b_, IR_SHL, ir_get(b_, rs), 1 + r_->below(3)), ir_get(b_, rt)));
        break;
    case 6:
        ir_put(b_, rd, ir_conv(b_, IR_ZEXT, IR_I64, condition()));
        break;
    case 7:
        ir_put(b_, rd, constant(IR_I64));
        break;
    case 10:
        with_load();
        break;
    case 8:
        emit_memory(r_->below(2) ? IR_LD : IR_ST);
        break;
    default:
        emit(IR_PUT);
        break;
    }
}

void RandomIr::sink(unsigned most)
{
    for (ir_ref v : values_)
        if (r_->below((unsigned)values_.size()) < most)
            put_random(v);
    values_.clear();
}

void RandomIr::sink_all()
{
    unsigned n = 0;
    ir_ref sum = ir_const(b_, IR_I64, 1);
    for (ir_ref v : values_) {
        const enum ir_type t = ir_type_of(b_, v);
        ir_ref bits = v;
        if (t == IR_F64 || t == IR_F32) {
            ir_put(b_, F0 + n++ % kFs, t == IR_F64 ? v : ir_conv(b_, IR_FBOX, IR_F64, v));
            continue;
        } else if (is_vec(t) || t == IR_F80) {
            put_random(v);
            continue;
        } else if (t == IR_I128) {
            bits = ir_bin(b_, IR_XOR, ir_conv(b_, IR_TRUNC, IR_I64, v), ir_conv(b_, IR_HIGH, IR_I64, v));
        } else if (t != IR_I64) {
            bits = ir_conv(b_, IR_ZEXT, IR_I64, v);
        }
        sum = ir_bin(b_, IR_ADD, ir_bini(b_, IR_MUL, sum, UINT64_C(0x9e3779b97f4a7c15)), bits);
        ir_put(b_, X0 + 8 + n++ % 7, sum);
    }
    for (enum ir_type t : {IR_I1, IR_I8, IR_I16, IR_I32})
        if (n && !r_->below(3))
            put_random(operand(t));
    values_.clear();
}

void RandomIr::emit_any()
{
    for (;;) {
        enum ir_op op = (enum ir_op)r_->below(IR_OP_COUNT);
        if (op >= IR_VADD && op <= IR_VMOVMSK && r_->below(8))
            continue;
        if (emit(op))
            break;
    }
    if (!r_->below(3))
        put_random(operand(r_->below(2) ? IR_F64 : IR_I64));
    if (!r_->below(6)) { /* boxed floats, moves */
        put_random(operand(IR_F32));
        ir_put(b_, any_f(), ir_get(b_, any_f()));
    }
}

void RandomIr::side_exit(gaddr_t pc)
{
    if (r_->below(6))
        ir_exit_if(b_, condition(), pc);
    else
        ir_trap_if(b_, condition(), IR_TRAP_DIV_ZERO, pc);
}

/* Before it rows are put that are dead behind it. What they hold then is not looked at: each is put again. */
void RandomIr::side_exit_with_flags(gaddr_t pc)
{
    const struct ir_state *state = b_->state;
    std::vector<ir_ref> again(state->flag_count);
    ir_ref taken = condition();
    uint32_t dead = 0;
    for (unsigned n = 0; n < state->flag_count; n++) {
        const enum ir_type t = static_cast<enum ir_type>(state->rows[state->flags[n]].type);
        again[n] = operand(t);
        if (r_->below(3))
            ir_put(b_, state->flags[n], operand(t));
        dead |= r_->below(3) ? UINT32_C(1) << n : 0;
    }
    ir_exit_if(b_, taken, pc);
    ir_dead_flags(b_, dead);
    for (unsigned n = 0; n < state->flag_count; n++)
        if (dead >> n & 1)
            ir_put(b_, state->flags[n], again[n]);
}

void RandomIr::final_exit()
{
    switch (r_->below(6)) {
    case 0:
        ir_jump(b_, IR_HINT_NONE, kPc + 0x100);
        break;
    case 1:
        ir_jump(b_, IR_HINT_NONE, kPc);
        break;
    case 2:
        ir_jump(b_, IR_HINT_MODE, kPc + 4);
        break;
    case 3:
        ir_jump_reg(b_, IR_HINT_NONE, ir_bini(b_, IR_AND, operand(IR_I64), ~1ull));
        break;
    case 4:
        ir_jump_reg(b_, IR_HINT_RET, ir_bini(b_, IR_AND, operand(IR_I64), ~1ull));
        break;
    default:
        ir_trap(b_, IR_TRAP_SYSCALL, kPc + 8);
        break;
    }
}

} // namespace harness
