/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of loads and stores: one register or two, integer or vector, in all addressing modes.
 *
 * I1  These may be misaligned. A base of sp may not (a64_base).
 * I2  What is written back is written behind all accesses. Where that is a register of the access, which the manual
 *     leaves open, what was loaded stays.
 * I3  A load of less than a vector register clears the rest of it. */
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_operand.h"

/* Where an access is: base + offset; and what becomes of the base. */
struct place {
    ir_ref base;
    int64_t offset;
    int64_t step; /* of the base, behind the access */
    bool writes_back;
};

static enum ir_type mem_type(const struct a64_insn *i) { return (enum ir_type)(i->row->arg & IR_MEM_TYPE); }
static int64_t mem_bytes(const struct a64_insn *i) { return ir_type_bits(mem_type(i)) / 8; }

/* ---- addressing modes ---- */

static struct place at_offset(struct a64_lift *l, const struct a64_insn *i, int64_t offset)
{
    return (struct place){.base = a64_base(l, a64_rn(i)), .offset = offset};
}

static struct place post_indexed(struct a64_lift *l, const struct a64_insn *i, int64_t offset)
{
    return (struct place){.base = a64_base(l, a64_rn(i)), .step = offset, .writes_back = true};
}

static struct place pre_indexed(struct a64_lift *l, const struct a64_insn *i, int64_t offset)
{
    return (struct place){.base = a64_base(l, a64_rn(i)), .offset = offset, .step = offset, .writes_back = true};
}

static struct place scaled(struct a64_lift *l, const struct a64_insn *i)
{
    return at_offset(l, i, (int64_t)a64_bits(i, 10, 12) * mem_bytes(i));
}

static struct place by_register(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned amount = a64_bits(i, 12, 1) ? (unsigned)__builtin_ctz((unsigned)mem_bytes(i)) : 0;
    ir_ref base = a64_base(l, a64_rn(i));
    return (struct place){.base = ir_bin(l->b, IR_ADD, base, a64_extended(l, i, amount))};
}

static struct place literal(struct a64_lift *l, const struct a64_insn *i)
{
    return (struct place){.base = ir_const(l->b, IR_I64, a64_direct_target(i, l->pc))};
}

static int64_t imm9(const struct a64_insn *i) { return a64_sbits(i, 12, 9); }
static int64_t imm7(const struct a64_insn *i) { return a64_sbits(i, 15, 7) * mem_bytes(i); }

/* I2. To be called last, but before what is loaded is put. */
static void write_back(struct a64_lift *l, const struct a64_insn *i, const struct place *at)
{
    if (at->writes_back && a64_rn(i) != 31)
        a64_put_sp(l, a64_rn(i), ir_bini(l->b, IR_ADD, at->base, (uint64_t)at->step));
}

/* The same of sp, behind which the block may be left. */
static void write_back_sp(struct a64_lift *l, const struct a64_insn *i, const struct place *at)
{
    if (at->writes_back && a64_rn(i) == 31)
        a64_put_sp(l, a64_rn(i), ir_bini(l->b, IR_ADD, at->base, (uint64_t)at->step));
}

/* ---- one access ---- */

static ir_ref load(struct a64_lift *l, const struct a64_insn *i, const struct place *at, int64_t more)
{
    const enum ir_type type = i->row->arg & A64_MEM_W ? IR_I32 : IR_I64;
    return ir_ld(l->b, type, i->row->arg & (IR_MEM_TYPE | IR_MEM_SIGNED), at->base, at->offset + more);
}

static void store(struct a64_lift *l, const struct a64_insn *i, const struct place *at, int64_t more, unsigned reg)
{
    ir_ref v = ir_conv(l->b, IR_TRUNC, mem_type(i), a64_get_x(l, reg));
    ir_st(l->b, ir_mem(mem_type(i)), at->base, at->offset + more, v);
}

/* I3 */
static ir_ref vector_load(struct a64_lift *l, const struct a64_insn *i, const struct place *at, int64_t more)
{
    const enum ir_type type = mem_type(i);
    ir_ref v = ir_ld(l->b, type, ir_mem(type), at->base, at->offset + more);
    if (type == IR_V128)
        return v;
    return ir_emit(l->b, IR_VSETE, IR_V128, (uint16_t)type, ir_const128(l->b, IR_V128, 0, 0), v, IR_NO_REF, 0);
}

static void vector_store(struct a64_lift *l, const struct a64_insn *i, const struct place *at, int64_t more,
                         unsigned reg)
{
    const enum ir_type type = mem_type(i);
    ir_ref v = ir_get(l->b, a64_row_v(reg));
    if (type != IR_V128)
        v = ir_emit(l->b, IR_VGETE, type, (uint16_t)type, v, IR_NO_REF, IR_NO_REF, 0);
    ir_st(l->b, ir_mem(type), at->base, at->offset + more, v);
}

/* ---- one register ---- */

static void load_one(struct a64_lift *l, const struct a64_insn *i, struct place at)
{
    ir_ref v = load(l, i, &at, 0);
    write_back(l, i, &at);
    a64_put(l, a64_rd(i), v);
    write_back_sp(l, i, &at);
}

static void store_one(struct a64_lift *l, const struct a64_insn *i, struct place at)
{
    store(l, i, &at, 0, a64_rd(i));
    write_back(l, i, &at);
    write_back_sp(l, i, &at);
}

static void vload_one(struct a64_lift *l, const struct a64_insn *i, struct place at)
{
    ir_put(l->b, a64_row_v(a64_rd(i)), vector_load(l, i, &at, 0));
    write_back(l, i, &at);
    write_back_sp(l, i, &at);
}

static void vstore_one(struct a64_lift *l, const struct a64_insn *i, struct place at)
{
    vector_store(l, i, &at, 0, a64_rd(i));
    write_back(l, i, &at);
    write_back_sp(l, i, &at);
}

/* arg of all: A64_MEM */
#define MODES(name)                                                                                                    \
    void a64_lift_##name##_uimm(struct a64_lift *l, const struct a64_insn *i) { name##_one(l, i, scaled(l, i)); }      \
    void a64_lift_##name##_simm(struct a64_lift *l, const struct a64_insn *i)                                          \
    {                                                                                                                  \
        name##_one(l, i, at_offset(l, i, imm9(i)));                                                                    \
    }                                                                                                                  \
    void a64_lift_##name##_post(struct a64_lift *l, const struct a64_insn *i)                                          \
    {                                                                                                                  \
        name##_one(l, i, post_indexed(l, i, imm9(i)));                                                                 \
    }                                                                                                                  \
    void a64_lift_##name##_pre(struct a64_lift *l, const struct a64_insn *i)                                           \
    {                                                                                                                  \
        name##_one(l, i, pre_indexed(l, i, imm9(i)));                                                                  \
    }                                                                                                                  \
    void a64_lift_##name##_reg(struct a64_lift *l, const struct a64_insn *i) { name##_one(l, i, by_register(l, i)); }
MODES(load)
MODES(store)
MODES(vload)
MODES(vstore)

void a64_lift_load_lit(struct a64_lift *l, const struct a64_insn *i) { load_one(l, i, literal(l, i)); }
void a64_lift_vload_lit(struct a64_lift *l, const struct a64_insn *i) { vload_one(l, i, literal(l, i)); }

static void prefetch(struct a64_lift *l, struct place at)
{
    ir_ref address = ir_bini(l->b, IR_ADD, at.base, (uint64_t)at.offset);
    ir_emit(l->b, IR_PREFETCH, IR_VOID, 0, address, IR_NO_REF, IR_NO_REF, 0);
}
void a64_lift_prfm_uimm(struct a64_lift *l, const struct a64_insn *i) { prefetch(l, scaled(l, i)); }
void a64_lift_prfm_simm(struct a64_lift *l, const struct a64_insn *i) { prefetch(l, at_offset(l, i, imm9(i))); }
void a64_lift_prfm_reg(struct a64_lift *l, const struct a64_insn *i) { prefetch(l, by_register(l, i)); }

/* ---- pairs ---- */

static void loadp_two(struct a64_lift *l, const struct a64_insn *i, struct place at)
{
    ir_ref first = load(l, i, &at, 0), second = load(l, i, &at, mem_bytes(i));
    write_back(l, i, &at);
    a64_put(l, a64_rd(i), first);
    a64_put(l, a64_ra(i), second);
    write_back_sp(l, i, &at);
}

static void storep_two(struct a64_lift *l, const struct a64_insn *i, struct place at)
{
    store(l, i, &at, 0, a64_rd(i));
    store(l, i, &at, mem_bytes(i), a64_ra(i));
    write_back(l, i, &at);
    write_back_sp(l, i, &at);
}

static void vloadp_two(struct a64_lift *l, const struct a64_insn *i, struct place at)
{
    ir_ref first = vector_load(l, i, &at, 0), second = vector_load(l, i, &at, mem_bytes(i));
    ir_put(l->b, a64_row_v(a64_rd(i)), first);
    ir_put(l->b, a64_row_v(a64_ra(i)), second);
    write_back(l, i, &at);
    write_back_sp(l, i, &at);
}

static void vstorep_two(struct a64_lift *l, const struct a64_insn *i, struct place at)
{
    vector_store(l, i, &at, 0, a64_rd(i));
    vector_store(l, i, &at, mem_bytes(i), a64_ra(i));
    write_back(l, i, &at);
    write_back_sp(l, i, &at);
}

#define PAIR_MODES(name)                                                                                               \
    void a64_lift_##name(struct a64_lift *l, const struct a64_insn *i) { name##_two(l, i, at_offset(l, i, imm7(i))); } \
    void a64_lift_##name##_post(struct a64_lift *l, const struct a64_insn *i)                                          \
    {                                                                                                                  \
        name##_two(l, i, post_indexed(l, i, imm7(i)));                                                                 \
    }                                                                                                                  \
    void a64_lift_##name##_pre(struct a64_lift *l, const struct a64_insn *i)                                           \
    {                                                                                                                  \
        name##_two(l, i, pre_indexed(l, i, imm7(i)));                                                                  \
    }
PAIR_MODES(loadp)
PAIR_MODES(storep)
PAIR_MODES(vloadp)
PAIR_MODES(vstorep)

/* ---- the block of zeros ---- */

enum { ZVA_BYTES = 64 }; /* dczid_el0 says 4: so many words, by their logarithm */

void a64_lift_dc_zva(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ref block = ir_bini(l->b, IR_AND, a64_get_x(l, a64_rd(i)), ~(uint64_t)(ZVA_BYTES - 1));
    for (int64_t at = 0; at < ZVA_BYTES; at += 16)
        ir_st(l->b, ir_mem(IR_V128), block, at, ir_const128(l->b, IR_V128, 0, 0));
}

/* Caches are no one's matter; that the address can be read is. */
void a64_lift_dc_clean(struct a64_lift *l, const struct a64_insn *i)
{
    ir_ld(l->b, IR_I64, ir_mem(IR_I8), a64_get_x(l, a64_rd(i)), 0);
}
