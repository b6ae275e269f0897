/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tcg/random_ir.h"
#include "src/ir/value.h"

namespace tcg_test
{

namespace
{
uint64_t mask_of(enum ir_type t) { return ir_type_bits(t) >= 64 ? ~0ull : (1ull << ir_type_bits(t)) - 1; }

uint64_t helper_pure(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d) { return a * 3 + (b ^ c) - d; }
uint64_t helper_state(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t sum = a, v;
    for (unsigned row = 0; row < V0; row++) {
        char *p = (char *)cpu + kState.rows[row].offset;
        __builtin_memcpy(&v, p, 8);
        sum = sum * 31 + v;
        v ^= row % 3 == 0 ? sum : 0;
        __builtin_memcpy(p, &v, 8);
    }
    return sum;
}
uint64_t helper_read(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t sum = a, v;
    for (unsigned row = 0; row < V0; row++) {
        __builtin_memcpy(&v, (char *)cpu + kState.rows[row].offset, 8);
        sum = sum * 31 + v;
    }
    return sum;
}
const struct ir_helper kHelpers[] = {{"pure", helper_pure, 4, IR_I64, IR_FX_PURE},
                                     {"state", helper_state, 1, IR_I32, IR_FX_RSTATE | IR_FX_WSTATE},
                                     {"read", helper_read, 1, IR_F64, IR_FX_RSTATE}};
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
    ir_ref v = ir_get(b_, X0 + r_->below(kXs));
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
        return ir_emit(b_, IR_CONCAT, t, 0, v, ir_get(b_, X0 + r_->below(kXs)), IR_NO_REF, 0);
    case IR_F64:
        return ir_get(b_, F0 + r_->below(kFs));
    case IR_F32:
        return ir_conv(b_, IR_FUNBOX, t, ir_get(b_, F0 + r_->below(kFs)));
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
    return r_->below(4) || t == IR_V256 ? fresh(t) : constant(t);
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

/* With the x86 NaN rule these exist for vectors, too. */
static bool has_packed_form(enum ir_op op)
{
    return (op >= IR_FADD && op <= IR_FMAX) || op == IR_FROUND || op == IR_FCVT_FS || op == IR_FCVT_SF;
}

static void mix(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    for (unsigned i = 0; i < 2; i++)
        r->u64[i] = (a[0]->u64[i] ^ a[1]->u64[!i]) + 3 * a[2]->u64[i] + imm;
}
static const struct ir_vec_fn kVecFn = {"mix", mix};

enum ir_type RandomIr::type_of_op(enum ir_op op)
{
    switch (op) {
    case IR_FCVT_FS:
        return pick({IR_I32, IR_I64, IR_V128});
    case IR_FCVT_FU:
    case IR_FCLASS:
        return pick({IR_I32, IR_I64});
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
        return pick({IR_I16, IR_I32, IR_I64, IR_I64});
    case IR_TRUNC:
        return pick({IR_I1, IR_I8, IR_I16, IR_I32});
    case IR_BITCAST:
        return pick({IR_F32, IR_F64, IR_I32, IR_I64});
    case IR_FBOX:
        return IR_F64;
    case IR_FUNBOX:
        return IR_F32;
    case IR_FFLAGS:
        return IR_I32;
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
    unsigned kind = ir_op_facts[op].aux;
    if (has_packed_form(op) && !r_->below(3))
        return IR_V128;
    if (kind == IR_AUX_FP || op == IR_FCMP)
        return pick({IR_F32, IR_F64});
    if (kind == IR_AUX_VEC || op == IR_VFCMP)
        return pick({IR_V128, IR_V256});
    return pick({IR_I8, IR_I16, IR_I32, IR_I32, IR_I64, IR_I64, IR_I64, IR_I128});
}

/* The x86 NaN rule, always for vectors, and the element type. */
unsigned RandomIr::x86_rule(enum ir_op op, enum ir_type t)
{
    enum ir_type elem = op == IR_FCVT_FS || op == IR_FCVT_SF ? IR_F32 : pick({IR_F32, IR_F64});
    if (t == IR_V128)
        return ir_fp_nan(IR_NAN_X86) | (unsigned)elem << IR_FP_ELEM_SHIFT;
    return op == IR_FCVT_FU || r_->below(3) ? 0 : ir_fp_nan(IR_NAN_X86);
}

uint16_t RandomIr::aux_of_op(enum ir_op op, enum ir_type t)
{
    static const enum ir_rm modes[] = {IR_RDYN, IR_RDYN, IR_RDYN, IR_RTZ, IR_RTZ,
                                       IR_RNE,  IR_RDN,  IR_RUP,  IR_RMM, IR_ROD};
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
        if (!(ir_op_facts[op].effects & IR_FX_FPFLAG))
            return 0;
        return (uint16_t)(x86_rule(op, t) | modes[r_->below(op == IR_FCVT_FS || op == IR_FCVT_FU ? 9 : 10)] |
                          (op == IR_FMA ? r_->below(4) << 12 : 0) |
                          (op == IR_FROUND && r_->below(2) ? IR_FP_EXACT : 0));
    case IR_AUX_VEC:
        if (op == IR_VSAD)
            return IR_I8;
        if (op == IR_VMULE_S || op == IR_VMULE_U || op == IR_VDOT_S)
            return pick({IR_I16, IR_I32});
        return op == IR_VPACK_SS || op == IR_VPACK_SU ? pick({IR_I16, IR_I32})
               : op == IR_VSPLAT || op == IR_VGETE || op == IR_VSETE
                   ? pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_F32, IR_F64})
                   : pick({IR_I8, IR_I16, IR_I32, IR_I64});
    default:
        return 0;
    }
}

enum ir_type RandomIr::operand_type(enum ir_op op, char letter, enum ir_type t, uint16_t aux)
{
    switch (letter) {
    case 'B':
        return IR_I1;
    case 'C':
        return IR_I8;
    case 'V':
        return pick({IR_V128, IR_V256});
    case 'F':
        if (t == IR_V128)
            return t;
        return op == IR_FBOX      ? IR_F32
               : op == IR_FUNBOX  ? IR_F64
               : op == IR_FCVT_FF ? (t == IR_F32 ? IR_F64 : IR_F32)
                                  : pick({IR_F32, IR_F64});
    case 'I':
        if (t == IR_V128)
            return t;
        switch (op) {
        case IR_CONCAT:
            return (enum ir_type)(t - 1);
        case IR_HIGH:
            return (enum ir_type)(t + 1);
        case IR_SEXT:
            return (enum ir_type)(t - 1 - r_->below(t - IR_I1));
        case IR_ZEXT:
            return (enum ir_type)(t - 1 - r_->below(t - IR_I1));
        case IR_TRUNC:
            return t == IR_I1 ? pick({IR_I8, IR_I64}) : (enum ir_type)(t + 1 + r_->below((unsigned)(IR_I64 - t)));
        default:
            return pick({IR_I32, IR_I64});
        }
    case '*':
        return op == IR_BITCAST ? (t == IR_F32   ? IR_I32
                                   : t == IR_F64 ? IR_I64
                                   : t == IR_I32 ? IR_F32
                                                 : IR_F64)
                                : ir_vec_elem(aux);
    default:
        return t;
    }
}

ir_ref RandomIr::address(bool aligned)
{
    ir_ref base = ir_const(b_, IR_I64, (uint64_t)(uintptr_t)memory() + 256);
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
        return ir_bini(b_, IR_ADD, offset, (uint64_t)(uintptr_t)memory() + 64);
    }
}

bool RandomIr::emit_memory(enum ir_op op)
{
    uint16_t order = (uint16_t)(r_->below(3) ? 0 : r_->below(4) << IR_MEM_ORDER_SHIFT),
             big = (uint16_t)(r_->below(8) ? 0 : IR_MEM_BIG);
    enum ir_type m = pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_I32, IR_I64});
    uint16_t aligned = (uint16_t)(r_->below(8) ? 0 : IR_MEM_ALIGNED);
    switch (op) {
    case IR_LD: {
        enum ir_type t = pick({IR_I64, IR_I64, IR_I32, IR_F64, IR_F32, IR_V128, IR_V256, IR_I128, m, m});
        bool wide = ir_type_bits(t) > 64, same = t > IR_I64 || t < m;
        uint16_t aux = (uint16_t)((same ? t : m) | (wide ? 0u : (unsigned)(order | aligned)) |
                                  (same ? 0u : (unsigned)big) | (r_->below(2) ? (unsigned)IR_MEM_SIGNED : 0u));
        keep(ir_emit(b_, IR_LD, t, aux, address(order), IR_NO_REF, IR_NO_REF, r_->below(16) * 16));
        return true;
    }
    case IR_ST: {
        enum ir_type t = pick({IR_I64, IR_I64, IR_F64, IR_F32, IR_V128, IR_V256, IR_I128, m, m, m});
        if (t > IR_I64)
            m = t, big = 0;
        if (t < m)
            m = t;
        ir_emit(b_, IR_ST, t, (uint16_t)(m | (ir_type_bits(t) > 64 ? 0u : (unsigned)(order | aligned)) | big),
                address(order), operand(t), IR_NO_REF, r_->below(16) * 16);
        return true;
    }
    case IR_AMO:
        keep(ir_amo(b_, (enum ir_amo)r_->below(IR_AMO_COUNT), (uint16_t)(m | order | big | aligned), address(true),
                    operand(m)));
        return true;
    case IR_CAS: {
        ir_ref a = address(true),
               expected = r_->below(2) ? operand(m) : ir_emit(b_, IR_LD, m, m | big, a, IR_NO_REF, IR_NO_REF, 0);
        keep(ir_cas(b_, (uint16_t)(m | order | big), a, expected, operand(m)));
        return true;
    }
    case IR_LL:
    case IR_SC: {
        ir_ref a = address(true);
        keep(ir_emit(b_, IR_LL, m, (uint16_t)(m | order | aligned), a, IR_NO_REF, IR_NO_REF, 0));
        if (!r_->below(3))
            ir_st(b_, IR_I8, a, 0, operand(IR_I8));
        keep(ir_emit(b_, IR_SC, m, (uint16_t)(m | order), r_->below(4) ? a : address(true), operand(m), IR_NO_REF, 0));
        return true;
    }
    case IR_FENCE:
        ir_emit(b_, IR_FENCE, IR_VOID, (uint16_t)r_->below(16), IR_NO_REF, IR_NO_REF, IR_NO_REF, 0);
        return true;
    case IR_PREFETCH:
        ir_emit(b_, IR_PREFETCH, IR_VOID, 0, operand(IR_I64), IR_NO_REF, IR_NO_REF, 0);
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
        ir_put(b_, X0 + r_->below(kXs), v);
        break;
    case IR_F32:
        ir_put(b_, F0 + r_->below(kFs), ir_conv(b_, IR_FBOX, IR_F64, v));
        break;
    case IR_F64:
        ir_put(b_, F0 + r_->below(kFs), v);
        break;
    case IR_V128:
        ir_put(b_, V0, v);
        break;
    case IR_V256:
        ir_put(b_, V1, v);
        break;
    case IR_I128:
        ir_put(b_, X0 + r_->below(kXs), ir_conv(b_, IR_TRUNC, IR_I64, v));
        break;
    default:
        break;
    }
}

bool RandomIr::emit_state(enum ir_op op)
{
    if (op == IR_CALL) {
        const struct ir_helper *h = &kHelpers[r_->below(3)];
        ir_ref rest = h->args > 1 ? operand(IR_I32) : (ir_ref)IR_NO_REF;
        keep(ir_call(b_, h, operand(pick({IR_I64, IR_F64})), rest, rest,
                     h->args > 1 ? operand(IR_I8) : (ir_ref)IR_NO_REF));
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
        a[i] = operand(operand_type(op, ir_op_infos[op].sig[2 + i], t, aux));
    uint64_t imm = op == IR_VSHUF ? shuffle((enum ir_type)aux) : op == IR_VFN ? (uint64_t)(uintptr_t)&kVecFn : 0;
    if (op == IR_VGETE) {
        t = ir_vec_elem(aux);
        imm = r_->below(ir_type_bits(ir_type_of(b_, a[0])) / ir_type_bits(t));
    } else if (op == IR_VSETE) {
        imm = r_->below(ir_type_bits(t) / ir_type_bits(ir_vec_elem(aux)));
    }
    ir_ref v = ir_emit(b_, op, t, aux, a[0], a[1], a[2], imm);
    bool any_nan = info.aux == IR_AUX_FP && info.effects & IR_FX_FPFLAG && t >= IR_F32 && !(aux & IR_FP_NAN);
    keep(any_nan ? ir_fp(b_, IR_FCANON, t, 0, v, IR_NO_REF, IR_NO_REF) : v);
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
            ir_put(b_, X0 + r_->below(kXs), ir_conv(b_, IR_ZEXT, IR_I64, c));
        else
            ir_exit_if(b_, c, kPc + 0x300);
    } else if (t < IR_I64 && r_->below(2)) {
        ir_put(b_, X0 + r_->below(kXs), ir_conv(b_, r_->below(2) ? IR_SEXT : IR_ZEXT, IR_I64, v));
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
    unsigned rd = X0 + r_->below(kXs), rs = X0 + r_->below(kXs), rt = X0 + r_->below(kXs);
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

void RandomIr::side_exit(gaddr_t pc)
{
    if (r_->below(6))
        ir_exit_if(b_, condition(), pc);
    else
        ir_trap_if(b_, condition(), IR_TRAP_DIV_ZERO, pc);
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

} // namespace tcg_test
