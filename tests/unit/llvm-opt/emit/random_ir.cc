/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/llvm-opt/emit/random_ir.h"
#include "src/ir/value.h"

namespace lopt_test
{

namespace
{
bool is_int(enum ir_type t) { return t >= IR_I8 && t <= IR_I128; }
bool is_vec(enum ir_type t) { return t == IR_V128 || t == IR_V256; }
} // namespace

enum ir_type RandomIr::pick(std::initializer_list<enum ir_type> types)
{
    return types.begin()[r_->below((unsigned)types.size())];
}

/* A value of the type made of registers. */
ir_ref RandomIr::fresh(enum ir_type t)
{
    ir_ref v = x(r_->below(15));
    switch (t) {
    case IR_I1:
        return ir_conv(b_, IR_TRUNC, IR_I1, v);
    case IR_I8:
    case IR_I16:
    case IR_I32:
        return ir_conv(b_, IR_TRUNC, t, v);
    case IR_I64:
        return v;
    case IR_I128:
        return ir_emit(b_, IR_CONCAT, IR_I128, 0, v, x(r_->below(15)), IR_NO_REF, 0);
    case IR_F32:
        if (r_->below(3))
            return ir_conv(b_, IR_FUNBOX, IR_F32, ir_get(b_, F0 + r_->below(12)));
        return ir_conv(b_, IR_BITCAST, IR_F32, ir_conv(b_, IR_TRUNC, IR_I32, v));
    case IR_F64:
        return ir_get(b_, F0 + r_->below(12));
    case IR_F80: {
        ir_ref w = ir_fp(b_, IR_FCVT_FF, IR_F80, IR_RDYN, ir_get(b_, F0 + r_->below(12)), IR_NO_REF, IR_NO_REF);
        return ir_fp(b_, IR_FCANON, IR_F80, 0, w, IR_NO_REF, IR_NO_REF);
    }
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
    if (!values_.empty() && r_->below(4)) {
        for (int tries = 0; tries < 6; tries++) {
            ir_ref v = values_[r_->below((unsigned)values_.size())];
            if (ir_type_of(b_, v) == t)
                return v;
        }
    }
    if (is_int(t) && t != IR_I128 && !r_->below(4))
        return ir_const(b_, t, r_->interesting_int() & (t == IR_I64 ? ~0ull : (1ull << ir_type_bits(t)) - 1));
    return fresh(t);
}

enum ir_type RandomIr::type_for(enum ir_op op, bool *vector)
{
    const struct ir_op_facts &info = ir_op_facts[op];
    *vector = false;
    if (info.aux == IR_AUX_FP || op == IR_FCMP) {
        if (op == IR_FCVT_FS || op == IR_FCVT_FU || op == IR_FCLASS)
            return pick({IR_I32, IR_I64, IR_I32, IR_I64, IR_I8, IR_I16});
        bool may = op != IR_FCMP && op != IR_FCVT_FF && op != IR_FCVT_SF && op != IR_FCVT_UF;
        *vector = may && !r_->below(5);
        if (*vector)
            return pick({IR_V128, IR_V256});
        return !r_->below(12) && op != IR_FMA ? IR_F80 : pick({IR_F32, IR_F64});
    }
    if (info.aux == IR_AUX_VEC || op == IR_VFCMP)
        return op == IR_VMOVMSK ? IR_I32 : pick({IR_V128, IR_V256});
    switch (op) {
    case IR_BSWAP:
        return pick({IR_I16, IR_I32, IR_I64});
    case IR_CONCAT:
        return pick({IR_I16, IR_I32, IR_I64, IR_I128});
    case IR_HIGH:
        return pick({IR_I8, IR_I16, IR_I32, IR_I64});
    case IR_SEXT:
    case IR_ZEXT:
        return pick({IR_I16, IR_I32, IR_I64, IR_I128});
    case IR_TRUNC:
        return pick({IR_I1, IR_I8, IR_I16, IR_I32, IR_I64});
    case IR_BITCAST:
        return pick({IR_F32, IR_F64, IR_I32, IR_I64, IR_V128, IR_I128});
    case IR_FBOX:
        return IR_F64;
    case IR_FUNBOX:
        return IR_F32;
    case IR_FFLAGS:
        return IR_I32;
    case IR_SELECT:
        return pick({IR_I8, IR_I32, IR_I64, IR_I128, IR_F32, IR_F64, IR_V128});
    default:
        return pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_I64, IR_I32, IR_I128});
    }
}

uint16_t RandomIr::aux_for(enum ir_op op, enum ir_type t, bool vector)
{
    switch ((enum ir_aux_kind)ir_op_facts[op].aux) {
    case IR_AUX_COND:
        return (uint16_t)r_->below(IR_COND_COUNT);
    case IR_AUX_FCOND: {
        uint16_t aux = (uint16_t)(r_->below(4) | r_->below(4) * IR_FCOND_SIGNALING);
        return op == IR_VFCMP ? (uint16_t)(aux | pick({IR_F32, IR_F64}) << 8) : aux;
    }
    case IR_AUX_BITS: {
        unsigned bits = ir_type_bits(t), pos = r_->below(bits), len = 1 + r_->below(bits - pos);
        return ir_bits(pos, len);
    }
    case IR_AUX_FP: {
        static const enum ir_rm modes[] = {IR_RDYN, IR_RDYN, IR_RDYN, IR_RTZ, IR_RNE, IR_RDN, IR_RUP, IR_RMM};
        uint16_t aux = modes[r_->below(8)];
        if (op == IR_FNEG || op == IR_FABS || op == IR_FCOPYSIGN || op == IR_FCANON || op == IR_FCLASS)
            return vector ? (uint16_t)(pick({IR_F32, IR_F64}) << IR_FP_ELEM_SHIFT) : 0;
        if (!r_->below(6))
            aux |= (uint16_t)((1 + r_->below(2)) << IR_FP_NAN_SHIFT);
        if (!r_->below(10) && ir_fp_nan_rule(aux) != IR_NAN_X86) /* x86: only if MXCSR says so */
            aux |= IR_FP_DAZ | IR_FP_FTZ;
        if (op == IR_FMA)
            aux |= (uint16_t)(r_->below(4) << 12);
        if (op == IR_FROUND && r_->below(2))
            aux |= IR_FP_EXACT;
        return vector ? (uint16_t)(aux | pick({IR_F32, IR_F64}) << IR_FP_ELEM_SHIFT) : aux;
    }
    case IR_AUX_VEC:
        if (op == IR_VPACK_SS || op == IR_VPACK_SU)
            return pick({IR_I16, IR_I32, IR_I64});
        if (op == IR_VSAD)
            return IR_I8;
        if (op == IR_VMULE_S || op == IR_VMULE_U || op == IR_VDOT_S)
            return pick({IR_I8, IR_I16, IR_I32});
        return pick({IR_I8, IR_I16, IR_I32, IR_I64, IR_I64, IR_F32, IR_F64});
    default:
        return 0;
    }
}

ir_ref RandomIr::address()
{
    ir_ref offset = ir_bini(b_, IR_AND, operand(IR_I64), 0x7f8);
    return ir_bini(b_, IR_ADD, offset, (uint64_t)(uintptr_t)memory() + 256);
}

void RandomIr::keep(ir_ref v)
{
    if (v != IR_NO_REF && ir_type_of(b_, v) != IR_VOID)
        values_.push_back(v);
}

bool RandomIr::emit_memory(enum ir_op op)
{
    uint16_t order = (uint16_t)(r_->below(3) ? 0 : r_->below(4) << IR_MEM_ORDER_SHIFT);
    uint16_t big = (uint16_t)(r_->below(6) ? 0 : IR_MEM_BIG);
    enum ir_type m = pick({IR_I8, IR_I16, IR_I32, IR_I64});
    ir_ref a = address();
    uint64_t disp = r_->below(16) * 8;
    switch (op) {
    case IR_LD: {
        enum ir_type t = r_->below(2) ? m : pick({IR_I64, IR_I128, IR_F64, IR_F32, IR_V128, IR_V256});
        bool same = !is_int(t);
        uint16_t align = (uint16_t)(r_->below(6) ? 0 : IR_MEM_ALIGNED);
        uint16_t aux =
            (uint16_t)((same ? t : m) | (same || is_vec(t) ? 0 : big) | (r_->below(2) ? IR_MEM_SIGNED : 0) | align);
        if (same && ir_type_bits(t) > 64)
            order = 0;
        if (!order && !align)
            disp += r_->below(8);
        keep(ir_emit(b_, IR_LD, t, aux | order, a, IR_NO_REF, IR_NO_REF, disp));
        return true;
    }
    case IR_ST: {
        enum ir_type t = r_->below(2) ? m : pick({IR_F64, IR_F32, IR_V128, IR_V256, IR_I128});
        if (ir_type_bits(t) > 64)
            order = 0, big = 0;
        if (!order)
            disp += r_->below(8);
        ir_ref v = is_int(t) && t != IR_I128 ? operand(IR_I64) : operand(t);
        enum ir_type vt = ir_type_of(b_, v);
        ir_emit(b_, IR_ST, vt, (uint16_t)(t | order | (is_int(t) ? big : 0)), a, v, IR_NO_REF, disp);
        return true;
    }
    case IR_AMO:
        keep(ir_amo(b_, (enum ir_amo)r_->below(IR_AMO_COUNT), (uint16_t)(m | order), a, operand(m)));
        return true;
    case IR_CAS:
        if (!r_->below(4))
            m = IR_I128, a = ir_bini(b_, IR_AND, a, ~15ull);
        keep(ir_cas(b_, (uint16_t)(m | order), a, operand(m), operand(m)));
        return true;
    case IR_LL:
    case IR_SC:
        keep(ir_emit(b_, IR_LL, m, (uint16_t)(m | order), a, IR_NO_REF, IR_NO_REF, 0));
        if (r_->below(2))
            a = address();
        if (r_->below(2))
            ir_st(b_, IR_I8, a, 0, operand(IR_I8));
        keep(ir_emit(b_, IR_SC, m, (uint16_t)(m | order), a, operand(m), IR_NO_REF, 0));
        return true;
    case IR_FENCE:
        ir_emit(b_, IR_FENCE, IR_VOID, (uint16_t)r_->below(16), IR_NO_REF, IR_NO_REF, IR_NO_REF, 0);
        return true;
    case IR_PREFETCH:
        ir_emit(b_, IR_PREFETCH, IR_VOID, 0, a, IR_NO_REF, IR_NO_REF, 0);
        return true;
    default:
        return false;
    }
}

static uint64_t helper_rotate(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    return (a << 7 | a >> 57) ^ b;
}
static uint64_t helper_state(struct cpu *cpu, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t sum = a;
    for (unsigned i = 0; i < 28; i++) { /* every integer and floating-point register is read and changed */
        uint64_t v;
        memcpy(&v, cpu->guest + i * 8, 8);
        sum = sum * 31 + v;
        if (i % 3 == 0 && i < 28 && i != 15) {
            v ^= sum;
            memcpy(cpu->guest + i * 8, &v, 8);
        }
    }
    return sum;
}
static const struct ir_helper kPure = {"rotate", helper_rotate, 2, IR_I64, IR_FX_PURE};
static const struct ir_helper kState_ = {"state", helper_state, 1, IR_I32, IR_FX_RSTATE | IR_FX_WSTATE};

static void mix(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    for (unsigned i = 0; i < 2; i++)
        r->u64[i] = (a[0]->u64[i] ^ a[1]->u64[!i]) + 3 * a[2]->u64[i] + imm;
}
static const struct ir_vec_fn kVecFn = {"mix", mix};

bool RandomIr::emit(enum ir_op op)
{
    const struct ir_op_facts &info = ir_op_facts[op];
    if (emit_memory(op))
        return true;
    if (op == IR_CALL) {
        keep(r_->below(3) ? ir_call(b_, &kPure, operand(IR_I64), operand(IR_F32), IR_NO_REF, IR_NO_REF)
                          : ir_call(b_, &kState_, operand(IR_F64), IR_NO_REF, IR_NO_REF, IR_NO_REF));
        return true;
    }
    if (info.aux == IR_AUX_X87 || info.aux == IR_AUX_X87MEM) /* need operands of their own kind */
        return false;
    if (op == IR_CONST || op == IR_GET || op == IR_PUT || info.effects & (IR_FX_EXIT | IR_FX_END) ||
        ir_op_infos[op].sig[0] == '-')
        return false;
    bool vector = false;
    enum ir_type t = op == IR_VFN ? IR_V128 : type_for(op, &vector);
    uint16_t aux = aux_for(op, t, vector);
    uint64_t imm = 0;
    ir_ref a[3] = {IR_NO_REF, IR_NO_REF, IR_NO_REF};
    const char *sig = ir_op_infos[op].sig + 2;
    for (unsigned i = 0; sig[i]; i++) {
        enum ir_type want = t;
        if (sig[i] == 'B')
            want = IR_I1;
        else if (sig[i] == 'C')
            want = IR_I8;
        else if (sig[i] == 'V')
            want = pick({IR_V128, IR_V256});
        else if (sig[i] == 'F' && !vector)
            want = op == IR_FBOX                     ? IR_F32
                   : op == IR_FUNBOX                 ? IR_F64
                   : op == IR_FCVT_FF && t != IR_F80 ? (t == IR_F32 ? IR_F64 : IR_F32)
                                                     : pick({IR_F32, IR_F64});
        else if (sig[i] == 'I')
            want = op == IR_CONCAT                  ? (enum ir_type)(t - 1)
                   : op == IR_HIGH                  ? (enum ir_type)(t + 1)
                   : op == IR_SEXT || op == IR_ZEXT ? (enum ir_type)(t - 1 - r_->below(t - IR_I8))
                   : op == IR_TRUNC                 ? (t == IR_I1 ? IR_I32 : (enum ir_type)(t + 1))
                                                    : pick({IR_I32, IR_I64});
        else if (sig[i] == '*')
            want = op == IR_BITCAST ? (t == IR_F32    ? IR_I32
                                       : t == IR_F64  ? IR_I64
                                       : t == IR_I32  ? IR_F32
                                       : t == IR_I64  ? IR_F64
                                       : t == IR_V128 ? IR_I128
                                                      : IR_V128)
                                    : ir_vec_elem(aux);
        a[i] = operand(want);
    }
    if (op == IR_VGETE) {
        unsigned n = ir_type_bits(ir_type_of(b_, a[0])) / ir_type_bits(ir_vec_elem(aux));
        t = ir_vec_elem(aux);
        imm = r_->below(n);
    } else if (op == IR_VSETE) {
        imm = r_->below(ir_type_bits(t) / ir_type_bits(ir_vec_elem(aux)));
    } else if (op == IR_VFN) {
        imm = (uint64_t)(uintptr_t)&kVecFn;
    } else if (op == IR_VSHUF) {
        imm = r_->next();
    } else if (op == IR_VSPLAT && !r_->below(3)) {
        a[0] = operand(IR_I64);
        aux = IR_I16;
    }
    if (op == IR_VGETE && t != IR_I64 && t <= IR_I32)
        t = r_->below(2) ? t : IR_I64;
    ir_ref v = ir_emit(b_, op, t, aux, a[0], a[1], a[2], imm);
    bool some_nan = info.aux == IR_AUX_FP && !(aux & IR_FP_NAN) && info.effects & IR_FX_FPFLAG && op != IR_FCVT_FS &&
                    op != IR_FCVT_FU;
    if (some_nan)
        v = ir_fp(b_, IR_FCANON, t, (uint16_t)(aux & 0xf << IR_FP_ELEM_SHIFT), v, IR_NO_REF, IR_NO_REF);
    keep(v);
    return true;
}

void RandomIr::emit_common()
{
    for (;;) {
        enum ir_op op = (enum ir_op)r_->below(IR_OP_COUNT);
        if (op >= IR_VADD && op <= IR_VMOVMSK && r_->below(8))
            continue;
        if (emit(op))
            break;
    }
    if (!r_->below(3)) {
        ir_ref v = operand(r_->below(2) ? IR_F64 : IR_I64);
        ir_put(b_, ir_type_of(b_, v) == IR_F64 ? F0 + r_->below(12) : X0 + r_->below(15), v);
    }
    if (!r_->below(6)) { /* boxed floats, moves */
        ir_ref s = operand(IR_F32);
        ir_put(b_, F0 + r_->below(12), ir_conv(b_, IR_FBOX, IR_F64, s));
        ir_put(b_, F0 + r_->below(12), ir_get(b_, F0 + r_->below(12)));
    }
}

void RandomIr::sink()
{
    unsigned n = 0;
    ir_ref sum = ir_const(b_, IR_I64, 1);
    for (ir_ref v : values_) {
        enum ir_type t = ir_type_of(b_, v);
        ir_ref bits = IR_NO_REF;
        if (t == IR_F64) {
            ir_put(b_, F0 + n++ % 12, v);
        } else if (t == IR_F32) {
            ir_put(b_, F0 + n++ % 12, ir_conv(b_, IR_FBOX, IR_F64, v));
        } else if (t == IR_V128 || t == IR_V256) {
            ir_put(b_, t == IR_V128 ? V0 : V1, v);
        } else if (t == IR_F80) {
            ir_emit(b_, IR_ST, IR_F80, IR_F80, ir_const(b_, IR_I64, (uint64_t)(uintptr_t)memory() + 16 * (n++ % 8)), v,
                    IR_NO_REF, 0);
        } else if (t == IR_I1 || (is_int(t) && t < IR_I64)) {
            bits = ir_conv(b_, IR_ZEXT, IR_I64, v);
        } else if (t == IR_I128) {
            bits = ir_bin(b_, IR_XOR, ir_conv(b_, IR_TRUNC, IR_I64, v), ir_conv(b_, IR_HIGH, IR_I64, v));
        } else {
            bits = v;
        }
        if (bits != IR_NO_REF) {
            sum = ir_bin(b_, IR_ADD, ir_bini(b_, IR_MUL, sum, 0x9e3779b97f4a7c15), bits);
            ir_put(b_, X0 + 8 + n++ % 7, sum);
        }
    }
    if (n && !r_->below(3)) {
        ir_put(b_, BYTE, operand(IR_I8));
        ir_put(b_, WORD, operand(IR_I32));
        ir_put(b_, BIT, operand(IR_I1));
    }
    values_.clear();
}

} // namespace lopt_test
