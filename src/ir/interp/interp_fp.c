/* SPDX-License-Identifier: Apache-2.0 */
/* The interpreter's floating point: softfp on scalars, or on each element of a vector.
 *
 * I1  The host's FPU is not used; flags go to cpu->fp_flags, even while the guest's environment is live.
 * I2  The rounding mode RDYN is the one in the guest's environment, wherever that is at the moment. That also says
 *     whether subnormal numbers are flushed, but with x86's rules, where aux says it (x87 has an environment apart).
 */
#include "src/host/fpenv.h"
#include "src/ir/fp_watch.h"
#include "src/ir/interp/ev.h"
#include "src/ir/softfp/softfp_core.h"

static enum ir_type elem_of(const struct ir_ev *e) { return ir_fp_elem(e->in->aux); }

/* I2 */
static uint32_t guest_environment(const struct ir_ev *e) { return e->live_fp ? host_fp_get() : e->cpu->fp_env; }

static struct softfp environment(const struct ir_ev *e)
{
    unsigned aux = e->in->aux;
    const enum ir_rm rm = ir_fp_rm((uint16_t)aux);
    const enum ir_nan_rule rule = ir_fp_nan_rule((uint16_t)aux);
    const uint32_t env = guest_environment(e);
    const bool flush = rule != IR_NAN_X86 && host_fp_flushes(env);
    return (struct softfp){
        .rm = rm == IR_RDYN ? (enum ir_rm)host_fp_rounding(env) : rm,
        .tiny_before = aux & IR_FP_TINY_BEFORE,
        .nan_rule = rule,
        .daz = flush || aux & IR_FP_DAZ,
        .ftz = flush || aux & IR_FP_FTZ,
    };
}

/* Those of the guest. A watch unmasks, too, and may just have ended. */
static unsigned unmasked_exceptions(const struct ir_ev *e)
{
    bool compares = ir_op_facts[e->in->op].aux == IR_AUX_FCOND;
    if (!(e->in->aux & (compares ? IR_FCOND_TRAPS : IR_FP_TRAPS)))
        return 0;
    return host_fp_unmasked(guest_environment(e));
}

/* What the guest has unmasked it gets, as x86 gives it (SDM volume 1, 11.5.3). The exceptions of the operands come
 * before those of the result; a tiny result is an unmasked underflow even if it is exact, and it is scaled, not
 * denormalized. */
static void add_flags(struct ir_ev *e, const struct softfp *s)
{
    enum { OPERANDS = FP_NV | FP_DE | FP_DZ };
    unsigned unmasked = unmasked_exceptions(e), raised = s->flags | (s->tiny ? FP_UF & unmasked : 0);
    unsigned taken = raised & unmasked;
    if (taken & (FP_OF | FP_UF) && s->exact_scaled)
        raised &= ~(unsigned)FP_NX;
    if (taken & OPERANDS)
        raised &= OPERANDS;
    e->cpu->fp_flags |= raised;
    if (taken && e->exit)
        ir_ev_leave_trap(e, IR_TRAP_FP, e->cpu->pc);
    else if (taken)
        host_fp_raise(taken); /* as generated code that came here meets it */
}

static const struct sf_format *format_of(enum ir_type t)
{
    return t == IR_F32 ? &sf_format32 : t == IR_F80 ? &sf_format80 : &sf_format64;
}

/* --- operations of one to three operands of one format --- */

typedef int_u128 fp_fn(struct softfp *s, const struct sf_format *f, unsigned aux, const int_u128 *v);

/* Calls fn for the scalar, or for each element. */
static void apply(struct ir_ev *e, unsigned args, fp_fn *fn)
{
    struct softfp s = environment(e);
    unsigned elem = elem_of(e);
    const struct sf_format *f = format_of((enum ir_type)(elem ? elem : e->in->type));
    int_u128 v[3];
    if (!elem) {
        for (unsigned i = 0; i < args; i++)
            v[i] = ir_ev_arg(e, i);
        ir_ev_result(e, fn(&s, f, e->in->aux, v));
    }
    union ir_value out;
    for (unsigned lane = 0; elem && lane < ir_ev_width(e) / f->width; lane++) {
        for (unsigned i = 0; i < args; i++)
            v[i] = ir_elem_get(e->a[i], f->width, lane);
        ir_elem_set(&out, f->width, lane, (uint64_t)fn(&s, f, e->in->aux, v));
    }
    if (elem)
        memcpy(e->r, &out, ir_ev_width(e) / 8);
    add_flags(e, &s);
}

static int_u128 sign_bit(const struct sf_format *f) { return (int_u128)1 << (f->width - 1); }

static bool is_nan(struct softfp *s, const struct sf_format *f, int_u128 v)
{
    struct sf_num x = sf_unpack(&(struct softfp){.rm = s->rm}, f, v);
    return sf_is_nan(&x);
}

static int_u128 fn_fma(struct softfp *s, const struct sf_format *f, unsigned aux, const int_u128 *v)
{
    int_u128 a = v[0], c = v[2];
    bool x86 = s->nan_rule == IR_NAN_X86; /* where a NaN keeps its sign */
    if ((aux & IR_FP_NEG_PRODUCT) && !(x86 && is_nan(s, f, a)))
        a ^= sign_bit(f);
    if ((aux & IR_FP_NEG_ADDEND) && !(x86 && is_nan(s, f, c)))
        c ^= sign_bit(f);
    return sf_fma(s, f, a, v[1], c);
}

static int_u128 fn_fcanon(struct softfp *s, const struct sf_format *f, unsigned aux, const int_u128 *v)
{
    return is_nan(s, f, v[0]) ? sf_default_nan(&(struct softfp){.rm = s->rm}, f) : v[0];
}

#define FP(name, args, expr)                                                                                           \
    static int_u128 fn_##name(struct softfp *s, const struct sf_format *f, unsigned aux, const int_u128 *v)            \
    {                                                                                                                  \
        return expr;                                                                                                   \
    }                                                                                                                  \
    void ir_ev_##name(struct ir_ev *e) { apply(e, args, fn_##name); }

FP(FADD, 2, sf_add(s, f, v[0], v[1]))
FP(FSUB, 2, sf_sub(s, f, v[0], v[1]))
FP(FMUL, 2, sf_mul(s, f, v[0], v[1]))
FP(FDIV, 2, sf_div(s, f, v[0], v[1]))
FP(FSQRT, 1, sf_sqrt(s, f, v[0]))
FP(FMA, 3, fn_fma(s, f, aux, v))
FP(FMIN, 2, sf_min(s, f, v[0], v[1]))
FP(FMAX, 2, sf_max(s, f, v[0], v[1]))
FP(FNEG, 1, v[0] ^ sign_bit(f))
FP(FABS, 1, v[0] & ~sign_bit(f))
FP(FCOPYSIGN, 2, (v[0] & ~sign_bit(f)) | (v[1] & sign_bit(f)))
FP(FCANON, 1, fn_fcanon(s, f, aux, v))
FP(FROUND, 1, sf_round_int(s, f, v[0], aux &IR_FP_EXACT))

/* --- compares --- */

static struct softfp compare_environment(const struct ir_ev *e)
{
    unsigned aux = e->in->aux;
    return (struct softfp){
        .rm = IR_RNE, .nan_rule = aux & IR_FCOND_X86 ? IR_NAN_X86 : IR_NAN_ANY, .daz = aux & IR_FCOND_DAZ};
}

static void add_compare_flags(struct ir_ev *e, const struct softfp *s)
{
    if (!(e->in->aux & IR_FCOND_NOEXC))
        add_flags(e, s);
}

void ir_ev_FCMP(struct ir_ev *e)
{
    struct softfp s = compare_environment(e);
    bool holds = sf_cmp(&s, format_of((enum ir_type)e->in->type), e->in->aux & 0xf, ir_ev_arg(e, 0), ir_ev_arg(e, 1));
    ir_value_set(e->r, 1, holds);
    add_compare_flags(e, &s);
}

void ir_ev_VFCMP(struct ir_ev *e)
{
    struct softfp s = compare_environment(e);
    const struct sf_format *f = format_of((enum ir_type)elem_of(e));
    union ir_value out;
    for (unsigned lane = 0; lane < ir_ev_width(e) / f->width; lane++) {
        bool holds =
            sf_cmp(&s, f, e->in->aux & 0xf, ir_elem_get(e->a[0], f->width, lane), ir_elem_get(e->a[1], f->width, lane));
        ir_elem_set(&out, f->width, lane, holds ? ~UINT64_C(0) : 0);
    }
    memcpy(e->r, &out, ir_ev_width(e) / 8);
    add_compare_flags(e, &s);
}

/* --- conversions: elements of a vector keep their width --- */

typedef int_u128 conv_fn(struct softfp *s, const struct sf_format *f, unsigned to_bits, unsigned from_bits, int_u128 v);

static void convert(struct ir_ev *e, const struct sf_format *f, conv_fn *fn)
{
    struct softfp s = environment(e);
    if (!elem_of(e)) {
        unsigned from = ir_type_bits(ir_ev_arg_type(e, 0)), to = ir_ev_width(e);
        ir_ev_result(e, fn(&s, f, to, from, ir_value_bits(e->a[0], from)));
    } else {
        union ir_value out;
        for (unsigned lane = 0; lane < ir_ev_width(e) / f->width; lane++)
            ir_elem_set(&out, f->width, lane,
                        (uint64_t)fn(&s, f, f->width, f->width, ir_elem_get(e->a[0], f->width, lane)));
        memcpy(e->r, &out, ir_ev_width(e) / 8);
    }
    add_flags(e, &s);
}

/* The float's format, where it is the operand or the result. */
static const struct sf_format *operand_format(const struct ir_ev *e)
{
    return format_of(elem_of(e) ? (enum ir_type)elem_of(e) : ir_ev_arg_type(e, 0));
}
static const struct sf_format *result_format(const struct ir_ev *e)
{
    return format_of((enum ir_type)(elem_of(e) ? elem_of(e) : e->in->type));
}

static int_u128 to_signed(struct softfp *s, const struct sf_format *f, unsigned to, unsigned from, int_u128 v)
{
    return sf_to_int(s, f, v, to, true);
}
static int_u128 to_unsigned(struct softfp *s, const struct sf_format *f, unsigned to, unsigned from, int_u128 v)
{
    return sf_to_int(s, f, v, to, false);
}
static int_u128 from_signed(struct softfp *s, const struct sf_format *f, unsigned to, unsigned from, int_u128 v)
{
    return sf_from_int(s, f, (uint64_t)int_sx(v, from), true);
}
static int_u128 from_unsigned(struct softfp *s, const struct sf_format *f, unsigned to, unsigned from, int_u128 v)
{
    return sf_from_int(s, f, (uint64_t)v, false);
}
static int_u128 classify(struct softfp *s, const struct sf_format *f, unsigned to, unsigned from, int_u128 v)
{
    return sf_classify(f, v);
}

void ir_ev_FCVT_FS(struct ir_ev *e) { convert(e, operand_format(e), to_signed); }
void ir_ev_FCVT_FU(struct ir_ev *e) { convert(e, operand_format(e), to_unsigned); }
void ir_ev_FCVT_SF(struct ir_ev *e) { convert(e, result_format(e), from_signed); }
void ir_ev_FCVT_UF(struct ir_ev *e) { convert(e, result_format(e), from_unsigned); }
void ir_ev_FCLASS(struct ir_ev *e) { convert(e, operand_format(e), classify); }

void ir_ev_FCVT_FF(struct ir_ev *e)
{
    struct softfp s = environment(e);
    ir_ev_result(e, sf_convert(&s, result_format(e), operand_format(e), ir_ev_arg_own(e, 0)));
    add_flags(e, &s);
}

void ir_ev_FFLAGS(struct ir_ev *e)
{
    ir_value_set(e->r, 32, e->live_fp ? fp_watch_read(e->cpu) : fp_watch_flags(e->cpu));
}
