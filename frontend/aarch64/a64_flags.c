/* SPDX-License-Identifier: Apache-2.0 */
/* NZCV, lazy within a block and between blocks.
 *
 * An instruction that sets flags only notes how. A condition that follows becomes one compare of the operands where it
 * can be. Flags that are alive at an exit or at an access that can fault, as a64_scan has found out, are stored right
 * behind the instruction: as a record of its operands (enum a64_record: three stores, nothing computed), since hardly
 * ever anyone reads them; one by one in their rows where somebody is known to, or where there is no record. A block
 * that finds a record where it reads rows has it brought there (IR_TRAP_SETTLE).
 *
 * A branch stores for each of its ways what is alive there and not in the state yet. What only the side exit needs is
 * dead behind it, and IR says so: then the exit's code stores it, where a tier can.
 *
 * I1  Whoever sets flags sets all four: either all are as before the block, or all are known. Each is in value[], or
 *     given by kind; for A64_FLAGS_OF_STATE it is in its row, which is not read before place is known.
 * I2  The state has the flags of held, where place says. */
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
    l->fl = (struct a64_flags){.kind = A64_FLAGS_OF_STATE, .cond = IR_NO_REF, .held = A64_NZCV};
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
    return f->kind != A64_FLAGS_OF_STATE && f->kind != A64_FLAGS_OF_VALUES;
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

/* ---- storing (I2) ---- */

/* The state has the flags at another place now: those that it had are not there. */
static void put_place(struct a64_lift *l, enum a64_flags_place place, unsigned op)
{
    struct a64_flags *f = &l->fl;
    if (place == A64_PLACE_RECORD || f->place != place) {
        ir_put(l->b, A64_ROW_fl_op, ir_const(l->b, IR_I8, op));
        f->held = 0;
    }
    f->place = place;
}

static void store_rows(struct a64_lift *l, unsigned set)
{
    put_place(l, A64_PLACE_ROWS, A64_RECORD_NONE);
    for (unsigned flag = 0; flag < A64_FLAG_COUNT; flag++) {
        if ((set & ~l->fl.held) >> flag & 1)
            ir_put(l->b, rows[flag], value_of(l, flag));
    }
    l->fl.held |= (uint8_t)set;
}

/* As an i64 whose low half or whole is v. */
static ir_ref low_half(struct a64_lift *l, ir_ref v)
{
    const struct ir_insn *in = &l->b->insns[v];
    if (in->op == IR_TRUNC && ir_type_of(l->b, in->arg[0]) == IR_I64)
        return in->arg[0];
    return ir_conv(l->b, IR_ZEXT, IR_I64, v);
}

/* A result of logic is that of adding 0 to it. False: there is no record of such flags. */
static bool store_record(struct a64_lift *l)
{
    const struct a64_flags *f = &l->fl;
    if (!is_given(f) || f->kind == A64_FLAGS_OF_FCMP || f->carry != IR_NO_REF || f->cond != IR_NO_REF)
        return false;
    const bool logic = f->kind == A64_FLAGS_OF_LOGIC, is64 = ir_type_of(l->b, f->r) == IR_I64;
    ir_put(l->b, A64_ROW_fl_p, low_half(l, logic ? f->r : f->a));
    ir_put(l->b, A64_ROW_fl_q, logic ? constant(l, IR_I64, 0) : low_half(l, f->b));
    if (f->kind == A64_FLAGS_OF_SUB)
        put_place(l, A64_PLACE_RECORD, is64 ? A64_RECORD_SUB64 : A64_RECORD_SUB32);
    else
        put_place(l, A64_PLACE_RECORD, is64 ? A64_RECORD_ADD64 : A64_RECORD_ADD32);
    l->fl.held = A64_NZCV;
    return true;
}

/* The state gets the flags of set. */
static void hold(struct a64_lift *l, unsigned set, bool in_rows)
{
    struct a64_flags *f = &l->fl;
    const bool there = !(set & ~f->held) && !(in_rows && f->place == A64_PLACE_RECORD);
    if (!set || f->kind == A64_FLAGS_OF_STATE || there)
        return;
    if (in_rows || !store_record(l))
        store_rows(l, set);
}

/* ---- setting ---- */

static void begin(struct a64_lift *l, struct a64_flags f)
{
    f.place = l->fl.place;
    forget_values(&f);
    l->fl = f;
}

static void store(struct a64_lift *l) { hold(l, l->i->stored, l->i->in_rows); }

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
    store(l);
}

void a64_flags_have_carry(struct a64_lift *l, ir_ref c) { l->fl.value[C] = c; }

void a64_flags_set_if(struct a64_lift *l, enum a64_flags_kind kind, ir_ref a, ir_ref b, ir_ref r, ir_ref cond,
                      unsigned nzcv)
{
    struct a64_flags f = {
        .kind = kind, .a = a, .b = b, .r = r, .carry = IR_NO_REF, .cond = cond, .nzcv = (uint8_t)nzcv};
    is_subtraction(l, &f);
    begin(l, f);
    store(l);
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
    store(l);
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
    store(l);
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

/* ---- at the begin, at a branch, and at the end ---- */

void a64_flags_settle(struct a64_lift *l)
{
    ir_ref record = ir_icmp(l->b, IR_NE, ir_get(l->b, A64_ROW_fl_op), constant(l, IR_I8, A64_RECORD_NONE));
    ir_trap_if(l->b, record, IR_TRAP_SETTLE, l->pc);
    l->fl.place = A64_PLACE_ROWS;
}

/* Rows that hold nothing that is alive, as bits of ir_state.flags. alive: flags that are read in the state. */
static unsigned dead_rows(const struct a64_flags *f, unsigned alive)
{
    enum { OP = 1 << A64_FLAG_COUNT, PQ = 6 << A64_FLAG_COUNT };
    if (!alive)
        return A64_NZCV | OP | PQ;
    if (f->place == A64_PLACE_RECORD)
        return A64_NZCV;
    return (A64_NZCV & ~alive) | (f->place == A64_PLACE_ROWS ? PQ : 0);
}

/* What the state holds is dead but for the flags of kept, and those that the block itself will read there. Leaves out
 * rows of which IR says so already. */
static unsigned forget_dead(struct a64_lift *l, unsigned kept, unsigned said)
{
    struct a64_flags *f = &l->fl;
    unsigned here = f->kind == A64_FLAGS_OF_STATE ? l->i->live : 0;
    for (unsigned flag = 0; flag < A64_FLAG_COUNT; flag++)
        here &= f->value[flag] != IR_NO_REF ? ~(1u << flag) : ~0u;
    const unsigned dead = dead_rows(f, kept | here);
    if (dead & ~said)
        ir_dead_flags(l->b, dead);
    f->held &= (uint8_t)(kept | here);
    if (!(kept | here) && f->kind != A64_FLAGS_OF_STATE)
        f->place = A64_PLACE_UNKNOWN;
    return dead;
}

/* What the state is to have on the way on, if all of it is there by now; else it will be stored there. */
static unsigned kept_on(const struct a64_lift *l) { return l->i->stored & ~l->fl.held ? 0 : l->i->stored; }

void a64_flags_branch(struct a64_lift *l)
{
    hold(l, l->i->taken, l->i->taken_in_rows);
    l->fl.dead = (uint8_t)forget_dead(l, l->i->taken | kept_on(l), 0);
}

void a64_flags_go_on(struct a64_lift *l)
{
    forget_dead(l, kept_on(l), l->fl.dead);
    hold(l, l->i->stored, l->i->in_rows);
}

void a64_flags_end(struct a64_lift *l)
{
    const unsigned dead = dead_rows(&l->fl, l->i->live);
    if (dead)
        ir_dead_flags(l->b, dead);
}

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
