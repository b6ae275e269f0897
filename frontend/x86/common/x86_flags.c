/* SPDX-License-Identifier: Apache-2.0 */
/* Status flags: lazy within a block and between blocks.
 *
 * An instruction that sets flags only notes how (kind, operands, result). A condition that follows becomes one compare
 * of the operands where the kind allows it. Flags that are alive at an exit or an access that can fault, as x86_scan
 * has found out, are stored right after the instruction: as a record of what it did (enum x86_record: three stores,
 * nothing computed), since hardly ever anyone reads them; one by one in their rows where a block is known to. A block
 * that finds a record where it reads rows has it brought there (IR_TRAP_SETTLE).
 *
 * A branch stores for each of its ways what is alive there and not in the state yet. What only the side exit needs is
 * dead behind it, and IR says so: then the exit's code stores it, where a tier can.
 *
 * I1  At every point, each flag is: in value[], or covered by kind, or in its row; the first that applies is right. No
 *     row is read before place is known, but for flags that are dead.
 * I2  Rows, or the record, are right for all flags of stored of the last instruction that set them. */
#include "frontend/x86/common/x86_flags.h"

#include "frontend/x86/common/x86_operand.h"

static const unsigned rows[X86_FLAG_COUNT] = {[X86_FLAG_C] = X86_ROW_fl_c,
                                              [X86_FLAG_O] = X86_ROW_fl_o,
                                              [X86_FLAG_A] = X86_ROW_fl_a,
                                              [X86_FLAG_Z] = X86_ROW_fl_z,
                                              [X86_FLAG_S] = X86_ROW_fl_s};
/* which bits of EFLAGS each stands for */
static const unsigned bits_of[X86_FLAG_COUNT] = {[X86_FLAG_C] = X86_CF,
                                                 [X86_FLAG_O] = X86_OF,
                                                 [X86_FLAG_A] = X86_AF,
                                                 [X86_FLAG_Z] = X86_ZF,
                                                 [X86_FLAG_S] = X86_SF | X86_PF};

/* set: bits 1 << enum x86_flag */
static unsigned bits_of_all(unsigned set)
{
    unsigned bits = 0;
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++)
        bits |= set >> flag & 1 ? bits_of[flag] : 0;
    return bits;
}

void x86_flags_init(struct x86_lift *l)
{
    l->fl.kind = X86_FLAGS_ROWS;
    l->fl.place = X86_PLACE_UNKNOWN;
    l->fl.held = X86_STATUS;
    l->fl.covers = 0;
    for (unsigned f = 0; f < X86_FLAG_COUNT; f++)
        l->fl.value[f] = IR_NO_REF;
}

static bool is_difference(const struct x86_flags *f) { return f->kind == X86_FLAGS_SUB || f->kind == X86_FLAGS_CMP; }
static bool is_logic(const struct x86_flags *f) { return f->kind == X86_FLAGS_LOGIC || f->kind == X86_FLAGS_TEST; }

static ir_ref no_carry(struct x86_lift *l, ir_ref carry)
{
    return carry == IR_NO_REF ? ir_const(l->b, IR_I1, 0) : carry;
}

static ir_ref flag_op(struct x86_lift *l, enum ir_op op)
{
    const struct x86_flags *f = &l->fl;
    return ir_emit(l->b, op, ir_type_of(l->b, f->a), 0, f->a, f->b, no_carry(l, f->carry), 0);
}

static ir_ref compare_fp(struct x86_lift *l, unsigned fcond, ir_ref a, ir_ref b)
{
    l->fl.raised = true;
    if (ir_type_of(l->b, a) == IR_F80)
        return ir_emit(l->b, IR_X87_CMP, IR_F80, (uint16_t)fcond, a, b, IR_NO_REF, 0);
    return ir_fcmp(l->b, fcond, a, b);
}

static ir_ref fcom(struct x86_lift *l, enum ir_fcond rel, bool swap)
{
    const struct x86_flags *f = &l->fl;
    return compare_fp(l, f->fcond | rel, swap ? f->b : f->a, swap ? f->a : f->b);
}

/* Neither operand is less where they are equal or unordered. */
static ir_ref compute_fcom(struct x86_lift *l, enum x86_flag flag)
{
    switch (flag) {
    case X86_FLAG_C:
        return ir_un(l->b, IR_NOT, fcom(l, IR_FLE, true));
    case X86_FLAG_O:
        return ir_const(l->b, IR_I1, 0);
    case X86_FLAG_A:
        return ir_const(l->b, IR_I8, 0);
    case X86_FLAG_Z:
        return x86_zext(l, IR_I64, ir_bin(l->b, IR_OR, fcom(l, IR_FLT, false), fcom(l, IR_FLT, true)));
    default:
        return x86_zext(l, IR_I64, ir_un(l->b, IR_NOT, fcom(l, IR_FUNO, false)));
    }
}

static ir_ref compute_carry(struct x86_lift *l)
{
    const struct x86_flags *f = &l->fl;
    if (f->kind == X86_FLAGS_ADD)
        return f->carry == IR_NO_REF ? ir_icmp(l->b, IR_ULT, f->r, f->a) : flag_op(l, IR_CARRY);
    if (is_difference(f))
        return f->carry == IR_NO_REF ? ir_icmp(l->b, IR_ULT, f->a, f->b) : flag_op(l, IR_BORROW);
    return ir_const(l->b, IR_I1, 0);
}

static ir_ref compute_overflow(struct x86_lift *l)
{
    const struct x86_flags *f = &l->fl;
    enum ir_type t = ir_type_of(l->b, f->r);
    uint64_t smallest = UINT64_C(1) << (ir_type_bits(t) - 1);
    switch (f->kind) {
    case X86_FLAGS_ADD:
        return flag_op(l, IR_OVF_ADD);
    case X86_FLAGS_SUB:
    case X86_FLAGS_CMP:
        return flag_op(l, IR_OVF_SUB);
    case X86_FLAGS_INC:
        return ir_icmp(l->b, IR_EQ, f->r, x86_const(l, t, smallest));
    case X86_FLAGS_DEC:
        return ir_icmp(l->b, IR_EQ, f->r, x86_const(l, t, smallest - 1));
    default:
        return ir_const(l->b, IR_I1, 0);
    }
}

/* Bit 4: the carry into bit 4 of a sum or difference is a ^ b ^ r. */
static ir_ref compute_aux(struct x86_lift *l)
{
    const struct x86_flags *f = &l->fl;
    if (is_logic(f))
        return ir_const(l->b, IR_I8, 0);
    ir_ref v = ir_bin(l->b, IR_XOR, x86_zext(l, IR_I8, f->a), x86_zext(l, IR_I8, f->r));
    if (f->kind == X86_FLAGS_ADD || is_difference(f))
        v = ir_bin(l->b, IR_XOR, v, x86_zext(l, IR_I8, f->b));
    return v; /* increments: a ^ 1 ^ r, and bit 4 of 1 is 0 */
}

static ir_ref compute(struct x86_lift *l, enum x86_flag flag)
{
    if (l->fl.kind == X86_FLAGS_FCOM)
        return compute_fcom(l, flag);
    switch (flag) {
    case X86_FLAG_C:
        return compute_carry(l);
    case X86_FLAG_O:
        return compute_overflow(l);
    case X86_FLAG_A:
        return compute_aux(l);
    default:
        return x86_sext(l, IR_I64, l->fl.r);
    }
}

ir_ref x86_flag_get(struct x86_lift *l, enum x86_flag flag)
{
    struct x86_flags *f = &l->fl;
    if (f->value[flag] != IR_NO_REF)
        return f->value[flag];
    if (!(f->covers >> flag & 1) && f->place == X86_PLACE_UNKNOWN) /* I1 */
        return ir_get(l->b, rows[flag]);
    return f->value[flag] = f->covers >> flag & 1 ? compute(l, flag) : ir_get(l->b, rows[flag]);
}

ir_ref x86_carry(struct x86_lift *l) { return x86_flag_get(l, X86_FLAG_C); }

/* ---- storing (I2) ---- */

static void put_op(struct x86_lift *l, unsigned op, enum x86_flag_place place)
{
    if (place == X86_PLACE_RECORD || l->fl.place != place)
        ir_put(l->b, X86_ROW_fl_op, ir_const(l->b, IR_I8, op));
    l->fl.place = place;
}

static void put_row(struct x86_lift *l, unsigned flags, enum x86_flag flag)
{
    if (flags & bits_of[flag])
        ir_put(l->b, rows[flag], x86_flag_get(l, flag));
}

/* The instruction at hand is about to store flags in rows: those that it keeps, or has recorded itself, go there from
 * the record. */
static void leave_record(struct x86_lift *l)
{
    unsigned kept = l->fl.recorder == l->d ? l->d->stored : l->d->stored & ~l->d->written;
    if (l->fl.place == X86_PLACE_RECORD) {
        for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++)
            put_row(l, kept, (enum x86_flag)flag);
    }
    put_op(l, 0, X86_PLACE_ROWS);
}

void x86_flag_put(struct x86_lift *l, enum x86_flag flag, ir_ref v)
{
    if (l->d->stored)
        leave_record(l);
    l->fl.held = l->d->stored ? l->d->stored : l->fl.held & ~bits_of[flag];
    l->fl.value[flag] = v;
    l->fl.covers &= ~(1u << flag); /* conditions are not fused from what no longer holds */
    put_row(l, l->d->stored, flag);
}

/* As an i64 whose low bytes are v. */
static ir_ref low_bytes(struct x86_lift *l, ir_ref v)
{
    const struct ir_insn *in = &l->b->insns[v];
    if (in->op == IR_TRUNC && ir_type_of(l->b, in->arg[0]) == IR_I64)
        return in->arg[0];
    return in->op == IR_CONST ? x86_sext(l, IR_I64, v) : x86_zext(l, IR_I64, v);
}

/* What a record of the flags just set is: of the kind, with which flags in rows beside it; 0: there is none. */
static unsigned record_of(const struct x86_flags *f, unsigned *beside)
{
    static const struct {
        uint8_t record, beside;
    } records[] = {[X86_FLAGS_ADD] = {X86_RECORD_ADD, 0},
                   [X86_FLAGS_SUB] = {X86_RECORD_SUB, 0},
                   [X86_FLAGS_CMP] = {X86_RECORD_CMP, 0},
                   [X86_FLAGS_LOGIC] = {X86_RECORD_LOGIC, 0},
                   [X86_FLAGS_TEST] = {X86_RECORD_TEST, 0},
                   [X86_FLAGS_INC] = {X86_RECORD_INC, 1 << X86_FLAG_C},
                   [X86_FLAGS_DEC] = {X86_RECORD_DEC, 1 << X86_FLAG_C},
                   [X86_FLAGS_RESULT] = {X86_RECORD_RESULT, 1 << X86_FLAG_C | 1 << X86_FLAG_O}};
    if (f->carry != IR_NO_REF || (unsigned)f->kind >= ARRAY_LEN(records))
        return 0;
    *beside = records[f->kind].beside;
    return records[f->kind].record;
}

/* The record that the flags just set have, as the instruction at hand leaves it. */
static void put_record(struct x86_lift *l, unsigned record, unsigned beside)
{
    const struct x86_flags *f = &l->fl;
    l->fl.recorder = l->d;
    l->fl.beside = beside;
    bool compares = f->kind == X86_FLAGS_CMP || f->kind == X86_FLAGS_TEST;
    ir_put(l->b, X86_ROW_fl_p, low_bytes(l, compares ? f->a : f->r));
    if (compares || f->kind == X86_FLAGS_ADD || f->kind == X86_FLAGS_SUB)
        ir_put(l->b, X86_ROW_fl_q, low_bytes(l, f->b));
    unsigned bits = ir_type_bits(ir_type_of(l->b, f->r));
    put_op(l, record | (unsigned)__builtin_ctz(bits / 8), X86_PLACE_RECORD);
}

/* Stores the flags just set, mask of them, as a record. False: that cannot be. */
static bool store_record(struct x86_lift *l, unsigned mask)
{
    const struct x86_flags *f = &l->fl;
    unsigned beside = 0, record = record_of(f, &beside);
    unsigned kept = l->d->stored & ~l->d->written;
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++)
        kept &= beside >> flag & 1 ? ~bits_of[flag] : ~0U;
    if (l->d->in_rows || !record || kept)
        return false;
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++) {
        if (beside & ~mask & 1U << flag && f->place == X86_PLACE_RECORD)
            put_row(l, l->d->stored, (enum x86_flag)flag);
    }
    put_record(l, record, beside);
    return true;
}

void x86_flags_set(struct x86_lift *l, enum x86_flag_kind kind, unsigned mask, ir_ref a, ir_ref b, ir_ref r,
                   ir_ref carry)
{
    struct x86_flags *f = &l->fl;
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++) { /* what stays is kept by value */
        if (!(mask >> flag & 1) && f->covers >> flag & 1 && l->d->live & bits_of[flag])
            x86_flag_get(l, (enum x86_flag)flag);
    }
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++) {
        if (mask >> flag & 1)
            f->value[flag] = IR_NO_REF;
    }
    f->held = l->d->stored ? l->d->stored : f->held & ~bits_of_all(mask);
    f->kind = kind;
    f->covers = mask;
    f->a = a, f->b = b, f->r = r, f->carry = carry;
    if (!l->d->stored || store_record(l, mask))
        return;
    leave_record(l);
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++) {
        if (mask >> flag & 1)
            put_row(l, l->d->stored, (enum x86_flag)flag);
    }
}

/* At least one compare is emitted, for the exceptions that it raises: here, or where the flags are used. */
void x86_flags_compare_fp(struct x86_lift *l, unsigned fcond, ir_ref a, ir_ref b)
{
    l->fl.fcond = fcond;
    l->fl.raised = false;
    if (!l->d->live)
        compare_fp(l, fcond | IR_FLE, b, a);
    x86_flags_set(l, X86_FLAGS_FCOM, X86_FLAGS_ALL, a, b, IR_NO_REF, IR_NO_REF);
}

void x86_flags_settle(struct x86_lift *l)
{
    ir_ref record = ir_icmp(l->b, IR_NE, ir_get(l->b, X86_ROW_fl_op), ir_const(l->b, IR_I8, 0));
    ir_trap_if(l->b, record, IR_TRAP_SETTLE, l->pc);
    l->fl.place = X86_PLACE_ROWS;
}

/* Is it dead what this row of the state holds: a flag not of alive, or what is not where flags are? */
static bool row_is_dead(const struct x86_flags *f, unsigned alive, unsigned row)
{
    if (row == X86_ROW_fl_op)
        return !alive;
    if (row == X86_ROW_fl_p || row == X86_ROW_fl_q)
        return !alive || f->place == X86_PLACE_ROWS;
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++) {
        if (row == rows[flag])
            return !(alive & bits_of[flag]) || (f->place == X86_PLACE_RECORD && !(f->beside >> flag & 1));
    }
    return false;
}

/* Bits of ir_state.flags. alive: flags (X86_*) that are read in the state. in_block: those that the block reads there,
 * which are in rows */
static uint32_t dead_rows(const struct x86_lift *l, unsigned alive, unsigned in_block)
{
    uint32_t dead = 0;
    for (unsigned n = 0; n < x86_state_table.flag_count; n++) {
        unsigned row = x86_state_table.flags[n];
        bool read = false;
        for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++)
            read |= row == rows[flag] && in_block & bits_of[flag];
        if (!read && row_is_dead(&l->fl, alive, row))
            dead |= UINT32_C(1) << n;
    }
    return dead;
}

void x86_flags_end(struct x86_lift *l)
{
    uint32_t dead = dead_rows(l, l->d->live, 0);
    if (dead)
        ir_dead_flags(l->b, dead);
}

/* ---- at a branch ---- */

/* Flags that are known without the state (I1). */
static unsigned known(const struct x86_flags *f)
{
    unsigned values = 0;
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++)
        values |= f->value[flag] != IR_NO_REF ? 1u << flag : 0;
    return bits_of_all(values | f->covers);
}

/* The state gets the flags of mask, as a record where in_rows does not say otherwise. Those that are not known are
 * there: in their rows. */
static void hold(struct x86_lift *l, unsigned mask, bool in_rows)
{
    struct x86_flags *f = &l->fl;
    unsigned beside = 0, record = record_of(f, &beside), missing = mask & known(f);
    if (!(missing & ~f->held))
        return;
    bool recorded = record && !in_rows && !(mask & ~bits_of_all(f->covers | beside));
    if (!recorded)
        put_op(l, 0, X86_PLACE_ROWS);
    for (unsigned flag = 0; flag < X86_FLAG_COUNT; flag++) {
        if (!recorded || beside >> flag & 1)
            put_row(l, missing, (enum x86_flag)flag);
    }
    if (recorded)
        put_record(l, record, beside);
    f->held = mask;
}

/* What the state holds is dead but for the flags that are taken from there: by the exit, or on the way on, where those
 * of stored that are missing will be put there. said: rows of which IR says so already */
static uint32_t forget_dead(struct x86_lift *l, unsigned exit, uint32_t said)
{
    struct x86_flags *f = &l->fl;
    unsigned on = l->d->stored, here = ~known(f);
    unsigned kept = exit | (on & known(f) & ~f->held ? on & here : on);
    uint32_t dead = dead_rows(l, kept, l->d->live & here);
    if (dead & ~said)
        ir_dead_flags(l->b, dead);
    f->held &= kept;
    if (!kept)
        f->place = X86_PLACE_UNKNOWN;
    return dead;
}

void x86_flags_branch(struct x86_lift *l)
{
    const struct x86_flags *f = &l->fl;
    if (f->kind == X86_FLAGS_FCOM && !f->raised) /* before the exit, even if only the way on looks at the flags */
        compare_fp(l, f->fcond | IR_FLE, f->b, f->a);
    hold(l, l->d->taken, l->d->taken_in_rows);
    l->fl.dead = forget_dead(l, l->d->taken, 0);
}

void x86_flags_go_on(struct x86_lift *l)
{
    forget_dead(l, 0, l->fl.dead);
    hold(l, l->d->stored, l->d->in_rows);
}

/* ---- conditions ---- */

static ir_ref zero_flag(struct x86_lift *l)
{
    const struct x86_flags *f = &l->fl;
    if (f->covers >> X86_FLAG_Z & 1 && is_difference(f) && f->carry == IR_NO_REF)
        return ir_icmp(l->b, IR_EQ, f->a, f->b);
    if (f->covers >> X86_FLAG_Z & 1 && f->kind != X86_FLAGS_FCOM)
        return ir_icmp(l->b, IR_EQ, f->r, x86_const(l, ir_type_of(l->b, f->r), 0));
    return ir_icmp(l->b, IR_EQ, x86_flag_get(l, X86_FLAG_Z), ir_const(l->b, IR_I64, 0));
}

static ir_ref sign_flag(struct x86_lift *l)
{
    const struct x86_flags *f = &l->fl;
    if (f->covers >> X86_FLAG_S & 1 && f->kind != X86_FLAGS_FCOM)
        return ir_icmp(l->b, IR_SLT, f->r, x86_const(l, ir_type_of(l->b, f->r), 0));
    return ir_icmp(l->b, IR_SLT, x86_flag_get(l, X86_FLAG_S), ir_const(l->b, IR_I64, 0));
}

static ir_ref parity_flag(struct x86_lift *l)
{
    ir_ref low = x86_zext(l, IR_I8, x86_flag_get(l, X86_FLAG_S));
    return ir_emit(l->b, IR_PARITY, IR_I8, 0, low, IR_NO_REF, IR_NO_REF, 0);
}

static ir_ref fused_fcom(struct x86_lift *l, unsigned cc)
{
    switch (cc) {
    case 1:
        return ir_un(l->b, IR_NOT, fcom(l, IR_FLE, true));
    case 3:
        return ir_un(l->b, IR_NOT, fcom(l, IR_FLT, true));
    case 5:
        return fcom(l, IR_FUNO, false);
    case 2:
    case 7:
        return ir_bin(l->b, IR_OR, fcom(l, IR_FEQ, false), fcom(l, IR_FUNO, false));
    default:
        return ir_const(l->b, IR_I1, 0); /* O, S, S != O */
    }
}

/* The condition as a compare of the operands of a plain difference, or of a logical result with 0; IR_NO_REF: not
 * possible. */
static ir_ref fused(struct x86_lift *l, unsigned cc)
{
    static const int8_t sub[8] = {-1, IR_ULT, IR_EQ, IR_ULE, -1, -1, IR_SLT, IR_SLE};
    static const int8_t logic[8] = {-1, -1, IR_EQ, IR_EQ, -1, -1, IR_SLT, IR_SLE};
    const struct x86_flags *f = &l->fl;
    if ((f->covers & X86_FLAGS_BUT_C) != X86_FLAGS_BUT_C || (cc < 4 && !(f->covers >> X86_FLAG_C & 1)))
        return IR_NO_REF;
    if (f->kind == X86_FLAGS_FCOM)
        return fused_fcom(l, cc);
    if (is_difference(f) && f->carry == IR_NO_REF && sub[cc] >= 0)
        return ir_icmp(l->b, (enum ir_cond)sub[cc], f->a, f->b);
    if (is_logic(f) && logic[cc] >= 0)
        return ir_icmp(l->b, (enum ir_cond)logic[cc], f->r, x86_const(l, ir_type_of(l->b, f->r), 0));
    return IR_NO_REF;
}

static ir_ref plain(struct x86_lift *l, unsigned cc)
{
    switch (cc) {
    case 0:
        return x86_flag_get(l, X86_FLAG_O);
    case 1:
        return x86_flag_get(l, X86_FLAG_C);
    case 2:
        return zero_flag(l);
    case 3:
        return ir_bin(l->b, IR_OR, x86_flag_get(l, X86_FLAG_C), zero_flag(l));
    case 4:
        return sign_flag(l);
    case 5:
        return parity_flag(l);
    case 6:
        return ir_bin(l->b, IR_XOR, sign_flag(l), x86_flag_get(l, X86_FLAG_O));
    default:
        return ir_bin(l->b, IR_OR, zero_flag(l), ir_bin(l->b, IR_XOR, sign_flag(l), x86_flag_get(l, X86_FLAG_O)));
    }
}

ir_ref x86_condition(struct x86_lift *l, unsigned cc)
{
    ir_ref c = fused(l, cc >> 1);
    if (c == IR_NO_REF)
        c = plain(l, cc >> 1);
    return cc & 1 ? ir_un(l->b, IR_NOT, c) : c;
}

/* ---- EFLAGS as a number ---- */

static ir_ref at_bit(struct x86_lift *l, ir_ref bit, unsigned pos)
{
    return ir_bini(l->b, IR_SHL, x86_zext(l, IR_I64, bit), pos);
}

ir_ref x86_read_eflags(struct x86_lift *l)
{
    ir_ref up = ir_icmp(l->b, IR_EQ, ir_get(l->b, X86_ROW_fl_d), ir_const(l->b, IR_I64, 1));
    ir_ref f = x86_zext(l, IR_I64, ir_get(l->b, X86_ROW_fl_x));
    f = ir_bini(l->b, IR_OR, f, X86_ONE | X86_IF);
    f = ir_bin(l->b, IR_OR, f, at_bit(l, x86_flag_get(l, X86_FLAG_C), 0));
    f = ir_bin(l->b, IR_OR, f, at_bit(l, parity_flag(l), 2));
    f = ir_bin(l->b, IR_OR, f, ir_bini(l->b, IR_AND, x86_zext(l, IR_I64, x86_flag_get(l, X86_FLAG_A)), X86_AF));
    f = ir_bin(l->b, IR_OR, f, at_bit(l, zero_flag(l), 6));
    f = ir_bin(l->b, IR_OR, f, at_bit(l, sign_flag(l), 7));
    f = ir_bin(l->b, IR_OR, f, at_bit(l, ir_un(l->b, IR_NOT, up), 10));
    return ir_bin(l->b, IR_OR, f, at_bit(l, x86_flag_get(l, X86_FLAG_O), 11));
}

/* The sign is the top bit, and odd parity a low byte of 1. */
static ir_ref sign_and_parity(struct x86_lift *l, ir_ref f)
{
    ir_ref sign = ir_bini(l->b, IR_SHL, f, 56), odd = ir_un(l->b, IR_NOT, ir_bini(l->b, IR_SHR, f, 2));
    return ir_bin(l->b, IR_OR, ir_bini(l->b, IR_AND, sign, UINT64_C(1) << 63), ir_bini(l->b, IR_AND, odd, 1));
}

void x86_put_eflags(struct x86_lift *l, unsigned mask, ir_ref f)
{
    if (mask & X86_CF)
        x86_flag_put(l, X86_FLAG_C, x86_bit(l, f, 0));
    if (mask & X86_OF)
        x86_flag_put(l, X86_FLAG_O, x86_bit(l, f, 11));
    if (mask & X86_AF)
        x86_flag_put(l, X86_FLAG_A, x86_zext(l, IR_I8, f));
    if (mask & X86_ZF)
        x86_flag_put(l, X86_FLAG_Z, ir_bini(l->b, IR_XOR, ir_bini(l->b, IR_AND, f, X86_ZF), X86_ZF));
    if (mask & (X86_SF | X86_PF))
        x86_flag_put(l, X86_FLAG_S, sign_and_parity(l, f));
}

void x86_put_direction(struct x86_lift *l, ir_ref is_down)
{
    ir_put(l->b, X86_ROW_fl_d,
           ir_select(l->b, is_down, ir_const(l->b, IR_I64, ~UINT64_C(0)), ir_const(l->b, IR_I64, 1)));
}

void x86_take_eflags(struct x86_lift *l, ir_ref f)
{
    uint32_t others = X86_TF | (ir_type_of(l->b, f) == IR_I16 ? X86_NT : X86_NT | X86_AC | X86_ID);
    ir_ref wide = x86_zext(l, IR_I64, f), low = x86_zext(l, IR_I32, wide);
    ir_ref kept = ir_bini(l->b, IR_AND, ir_get(l->b, X86_ROW_fl_x), ~others & 0xffffffff);
    ir_put(l->b, X86_ROW_fl_x, ir_bin(l->b, IR_OR, kept, ir_bini(l->b, IR_AND, low, others)));
    x86_put_direction(l, x86_bit(l, wide, 10));
    x86_put_eflags(l, X86_STATUS, wide);
}
