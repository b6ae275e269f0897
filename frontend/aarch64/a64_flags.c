/* SPDX-License-Identifier: Apache-2.0 */
/* NZCV, lazy within a block.
 *
 * An instruction that sets flags only notes how. A condition that follows becomes one compare of the operands where it
 * can be. Flags that are alive at an exit or at an access that can fault, as a64_scan has found out, are put into their
 * rows right behind the instruction; a branch puts for each of its ways what is alive there and not in the rows yet.
 * What only the side exit needs is dead behind it, and IR says so: then the exit's code stores it, where a tier can.
 *
 * I1  Each flag is in value[], or given by kind; for A64_FLAGS_OF_ROWS that is its row.
 * I2  The rows of held are right. */
#include "frontend/aarch64/a64_flags.h"

enum { V, C, Z, N }; /* bits of a set of flags */

static const unsigned rows[A64_FLAG_COUNT] = {[V] = A64_ROW_v, [C] = A64_ROW_c, [Z] = A64_ROW_z, [N] = A64_ROW_n};

static void forget_values(struct a64_flags *f)
{
    for (unsigned n = 0; n < A64_FLAG_COUNT; n++)
        f->value[n] = IR_NO_REF;
}

void a64_flags_init(struct a64_lift *l)
{
    l->fl = (struct a64_flags){.kind = A64_FLAGS_OF_ROWS, .cond = IR_NO_REF, .held = A64_NZCV};
    forget_values(&l->fl);
}

/* ---- one flag ---- */

static ir_ref constant(struct a64_lift *l, enum ir_type type, uint64_t v) { return ir_const(l->b, type, v); }

static ir_ref zero_of(struct a64_lift *l, ir_ref v) { return constant(l, ir_type_of(l->b, v), 0); }

static ir_ref flag_op(struct a64_lift *l, enum ir_op op)
{
    const struct a64_flags *f = &l->fl;
    ir_ref carry = f->carry == IR_NO_REF ? constant(l, IR_I1, 0) : f->carry;
    return ir_emit(l->b, op, ir_type_of(l->b, f->a), 0, f->a, f->b, carry, 0);
}

static ir_ref fcmp(struct a64_lift *l, unsigned relation, bool swap)
{
    const struct a64_flags *f = &l->fl;
    return ir_fcmp(l->b, f->fcond | relation, swap ? f->b : f->a, swap ? f->a : f->b);
}

/* Unordered sets C and V; less sets N; equal sets Z and C; greater sets C. */
static ir_ref fcmp_flag(struct a64_lift *l, unsigned flag)
{
    switch (flag) {
    case N:
        return fcmp(l, IR_FLT, false);
    case Z:
        return fcmp(l, IR_FEQ, false);
    case C:
        return ir_un(l->b, IR_NOT, fcmp(l, IR_FLT, false));
    default:
        return fcmp(l, IR_FUNO, false);
    }
}

static ir_ref carry_flag(struct a64_lift *l)
{
    const struct a64_flags *f = &l->fl;
    if (f->kind == A64_FLAGS_OF_ADD)
        return f->carry == IR_NO_REF ? ir_icmp(l->b, IR_ULT, f->r, f->a) : flag_op(l, IR_CARRY);
    if (f->kind == A64_FLAGS_OF_SUB) /* not borrow */
        return f->carry == IR_NO_REF ? ir_icmp(l->b, IR_UGE, f->a, f->b) : ir_un(l->b, IR_NOT, flag_op(l, IR_BORROW));
    return constant(l, IR_I1, 0);
}

static ir_ref overflow_flag(struct a64_lift *l)
{
    const struct a64_flags *f = &l->fl;
    return f->kind == A64_FLAGS_OF_LOGIC ? constant(l, IR_I1, 0)
                                         : flag_op(l, f->kind == A64_FLAGS_OF_ADD ? IR_OVF_ADD : IR_OVF_SUB);
}

/* The flag as i1 by what the kind says, without cond. */
static ir_ref plain_flag(struct a64_lift *l, unsigned flag)
{
    const struct a64_flags *f = &l->fl;
    if (f->kind == A64_FLAGS_OF_FCMP)
        return fcmp_flag(l, flag);
    switch (flag) {
    case N:
        return ir_icmp(l->b, IR_SLT, f->r, zero_of(l, f->r));
    case Z:
        if (f->kind == A64_FLAGS_OF_SUB && f->carry == IR_NO_REF)
            return ir_icmp(l->b, IR_EQ, f->a, f->b);
        return ir_icmp(l->b, IR_EQ, f->r, zero_of(l, f->r));
    case C:
        return carry_flag(l);
    default:
        return overflow_flag(l);
    }
}

/* In the form of its row, without cond. */
static ir_ref plain_value(struct a64_lift *l, unsigned flag)
{
    const struct a64_flags *f = &l->fl;
    if (flag == C || flag == V)
        return plain_flag(l, flag);
    if (f->kind != A64_FLAGS_OF_FCMP)
        return ir_conv(l->b, IR_SEXT, IR_I64, f->r);
    ir_ref set = plain_flag(l, flag);
    return ir_select(l->b, set, constant(l, IR_I64, flag == N ? ~UINT64_C(0) : 0), constant(l, IR_I64, flag == Z));
}

/* A flag of a known set, in the form of its row. */
static ir_ref known_value(struct a64_lift *l, unsigned flag, bool set)
{
    if (flag == C || flag == V)
        return constant(l, IR_I1, set);
    return constant(l, IR_I64, flag == N ? (set ? ~UINT64_C(0) : 0) : !set);
}

static bool is_given(const struct a64_flags *f)
{
    return f->kind != A64_FLAGS_OF_ROWS && f->kind != A64_FLAGS_OF_VALUES;
}

static ir_ref value_of(struct a64_lift *l, unsigned flag)
{
    struct a64_flags *f = &l->fl;
    if (f->value[flag] != IR_NO_REF)
        return f->value[flag];
    if (!is_given(f))
        return ir_get(l->b, rows[flag]);
    ir_ref v = plain_value(l, flag);
    if (f->cond != IR_NO_REF)
        v = ir_select(l->b, f->cond, v, known_value(l, flag, f->nzcv >> flag & 1));
    return f->value[flag] = v;
}

static ir_ref test_value(struct a64_lift *l, unsigned flag)
{
    ir_ref v = value_of(l, flag);
    if (flag == C || flag == V)
        return v;
    return ir_icmp(l->b, flag == N ? IR_SLT : IR_EQ, v, constant(l, IR_I64, 0));
}

ir_ref a64_flags_carry(struct a64_lift *l) { return value_of(l, C); }

/* ---- setting ---- */

/* Puts the flags of set into their rows. */
static void put_rows(struct a64_lift *l, unsigned set)
{
    for (unsigned flag = 0; flag < A64_FLAG_COUNT; flag++) {
        if (set >> flag & 1)
            ir_put(l->b, rows[flag], value_of(l, flag));
    }
    l->fl.held |= (uint8_t)set;
}

static void begin(struct a64_lift *l, struct a64_flags f)
{
    f.held = 0;
    forget_values(&f);
    l->fl = f;
}

/* a + k is a - (-k), with the same flags but where -k is not another number of other sign. */
static bool is_subtraction(struct a64_lift *l, struct a64_flags *f)
{
    uint64_t k;
    enum ir_type type = f->kind == A64_FLAGS_OF_ADD ? ir_type_of(l->b, f->b) : IR_VOID;
    if (type == IR_VOID || f->carry != IR_NO_REF || !ir_is_const(l->b, f->b, &k))
        return false;
    uint64_t sign = UINT64_C(1) << (ir_type_bits(type) - 1);
    if (k == 0 || k == sign)
        return false;
    f->b = constant(l, type, -k & (sign | (sign - 1)));
    f->kind = A64_FLAGS_OF_SUB;
    return true;
}

void a64_flags_set(struct a64_lift *l, enum a64_flags_kind kind, ir_ref a, ir_ref b, ir_ref r, ir_ref carry)
{
    struct a64_flags f = {.kind = kind, .a = a, .b = b, .r = r, .carry = carry, .cond = IR_NO_REF};
    is_subtraction(l, &f);
    begin(l, f);
    put_rows(l, l->i->stored);
}

void a64_flags_set_if(struct a64_lift *l, enum a64_flags_kind kind, ir_ref a, ir_ref b, ir_ref r, ir_ref cond,
                      unsigned nzcv)
{
    struct a64_flags f = {
        .kind = kind, .a = a, .b = b, .r = r, .carry = IR_NO_REF, .cond = cond, .nzcv = (uint8_t)nzcv};
    is_subtraction(l, &f);
    begin(l, f);
    put_rows(l, l->i->stored);
}

void a64_flags_set_fcmp(struct a64_lift *l, unsigned fcond, ir_ref a, ir_ref b, ir_ref cond, unsigned nzcv)
{
    ir_fcmp(l->b, fcond | IR_FLT, a, b);
    begin(l, (struct a64_flags){.kind = A64_FLAGS_OF_FCMP,
                                .a = a,
                                .b = b,
                                .carry = IR_NO_REF,
                                .cond = cond,
                                .nzcv = (uint8_t)nzcv,
                                .fcond = (uint16_t)(fcond | IR_FCOND_NOEXC)});
    put_rows(l, l->i->stored);
}

static ir_ref bit_of(struct a64_lift *l, ir_ref v, unsigned flag)
{
    return ir_conv(l->b, IR_TRUNC, IR_I1, ir_bini(l->b, IR_SHR, v, A64_NZCV_SHIFT + flag));
}

void a64_flags_set_nzcv(struct a64_lift *l, ir_ref v)
{
    begin(l, (struct a64_flags){.kind = A64_FLAGS_OF_VALUES, .cond = IR_NO_REF});
    l->fl.value[N] = ir_bini(l->b, IR_SHL, v, 63 - 31);
    l->fl.value[Z] = ir_bini(l->b, IR_AND, ir_un(l->b, IR_NOT, v), UINT64_C(1) << (A64_NZCV_SHIFT + Z));
    l->fl.value[C] = bit_of(l, v, C);
    l->fl.value[V] = bit_of(l, v, V);
    put_rows(l, l->i->stored);
}

ir_ref a64_flags_get_nzcv(struct a64_lift *l)
{
    ir_ref all = constant(l, IR_I64, 0);
    for (unsigned flag = 0; flag < A64_FLAG_COUNT; flag++) {
        ir_ref bit = ir_conv(l->b, IR_ZEXT, IR_I64, test_value(l, flag));
        all = ir_bin(l->b, IR_OR, all, ir_bini(l->b, IR_SHL, bit, A64_NZCV_SHIFT + flag));
    }
    return all;
}

/* ---- at a branch, and at the end ---- */

static void say_dead(struct a64_lift *l, unsigned set)
{
    if (set)
        ir_dead_flags(l->b, set);
}

/* The rows of set are right. */
static void hold(struct a64_lift *l, unsigned set) { put_rows(l, set & ~l->fl.held); }

/* Rows of flags that are neither in set nor will be read from there are dead. */
static unsigned forget_dead(struct a64_lift *l, unsigned set, unsigned said)
{
    struct a64_flags *f = &l->fl;
    unsigned from_rows = f->kind == A64_FLAGS_OF_ROWS ? l->i->live : 0;
    for (unsigned flag = 0; flag < A64_FLAG_COUNT; flag++)
        from_rows &= f->value[flag] != IR_NO_REF ? ~(1u << flag) : ~0u;
    unsigned dead = A64_NZCV & ~(set | from_rows);
    say_dead(l, dead & ~said);
    f->held &= (uint8_t)~dead;
    return dead;
}

void a64_flags_branch(struct a64_lift *l)
{
    hold(l, l->i->taken);
    l->fl.dead = (uint8_t)forget_dead(l, l->i->taken | (l->i->stored & l->fl.held), 0);
}

void a64_flags_go_on(struct a64_lift *l)
{
    forget_dead(l, l->i->stored & l->fl.held, l->fl.dead);
    hold(l, l->i->stored);
}

void a64_flags_end(struct a64_lift *l) { say_dead(l, A64_NZCV & ~l->i->live); }

/* ---- conditions ---- */

/* The condition, whose lowest bit is clear, from what was compared, without cond; IR_NO_REF: by the flags. */
static ir_ref fused(struct a64_lift *l, unsigned cond)
{
    static const int8_t sub[8] = {IR_EQ, IR_UGE, -1, -1, IR_UGT, IR_SGE, IR_SGT, -1};
    static const int8_t logic[8] = {IR_EQ, -1, IR_SLT, -1, -1, IR_SGE, IR_SGT, -1};
    const struct a64_flags *f = &l->fl;
    if (f->kind == A64_FLAGS_OF_SUB && f->carry == IR_NO_REF && sub[cond >> 1] >= 0)
        return ir_icmp(l->b, (enum ir_cond)sub[cond >> 1], f->a, f->b);
    if (f->kind == A64_FLAGS_OF_LOGIC && logic[cond >> 1] >= 0)
        return ir_icmp(l->b, (enum ir_cond)logic[cond >> 1], f->r, zero_of(l, f->r));
    if (f->kind == A64_FLAGS_OF_FCMP && cond >> 1 == 4) /* HI: greater or unordered */
        return ir_un(l->b, IR_NOT, fcmp(l, IR_FLE, false));
    if (f->kind == A64_FLAGS_OF_FCMP && cond >> 1 == 5)
        return fcmp(l, IR_FLE, true);
    if (f->kind == A64_FLAGS_OF_FCMP && cond >> 1 == 6)
        return fcmp(l, IR_FLT, true);
    return IR_NO_REF;
}

typedef ir_ref flag_fn(struct a64_lift *l, unsigned flag);

static ir_ref by_flags(struct a64_lift *l, unsigned cond, flag_fn *flag)
{
    switch (cond >> 1) {
    case 0:
        return flag(l, Z);
    case 1:
        return flag(l, C);
    case 2:
        return flag(l, N);
    case 3:
        return flag(l, V);
    case 4:
        return ir_bin(l->b, IR_AND, flag(l, C), ir_un(l->b, IR_NOT, flag(l, Z)));
    case 5:
        return ir_un(l->b, IR_NOT, ir_bin(l->b, IR_XOR, flag(l, N), flag(l, V)));
    default:
        return ir_un(l->b, IR_NOT, ir_bin(l->b, IR_OR, flag(l, Z), ir_bin(l->b, IR_XOR, flag(l, N), flag(l, V))));
    }
}

/* Does the condition hold with flags that are known? */
static bool holds(unsigned cond, unsigned nzcv)
{
    const bool n = nzcv & A64_N, z = nzcv & A64_Z, c = nzcv & A64_C, v = nzcv & A64_V;
    const bool all[8] = {z, c, n, v, c && !z, n == v, n == v && !z, true};
    return all[cond >> 1];
}

ir_ref a64_condition(struct a64_lift *l, unsigned cond)
{
    const struct a64_flags *f = &l->fl;
    if (cond >> 1 == 7)
        return constant(l, IR_I1, 1);
    ir_ref r = is_given(f) ? fused(l, cond) : by_flags(l, cond, test_value);
    if (r == IR_NO_REF)
        r = by_flags(l, cond, plain_flag);
    if (f->cond != IR_NO_REF && holds(cond, f->nzcv))
        r = ir_bin(l->b, IR_OR, ir_un(l->b, IR_NOT, f->cond), r);
    else if (f->cond != IR_NO_REF)
        r = ir_bin(l->b, IR_AND, f->cond, r);
    return cond & 1 ? ir_un(l->b, IR_NOT, r) : r;
}
