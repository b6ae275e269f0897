/* SPDX-License-Identifier: Apache-2.0 */
/* Lifters of structure loads and stores: LD1 to LD4, LD1R to LD4R, ST1 to ST4 (DDI 0487, C4.1.96).
 *
 * I1  All that is loaded is loaded before registers change. Accesses may be misaligned.
 * I2  A structure has `count` elements, one for each register. In memory structures follow each other, so registers are
 *     what is left of memory when it is unzipped: once for 2, twice for 4; 3 are bytes picked by constant tables.
 * I3  A load of 64 bits a register clears the rest of it; one of an element keeps the others. */
#include "frontend/aarch64/a64_lifters.h"
#include "frontend/aarch64/a64_vec.h"

enum { SP = 31 };

static unsigned reg(const struct a64_insn *i, unsigned n) { return (a64_rd(i) + n) & 31; }

/* Behind the accesses, before registers are put: the base grows by what was accessed, or by a register. */
static void write_back(struct a64_lift *l, const struct a64_insn *i, ir_ref base, unsigned bytes, bool sp)
{
    if (!a64_bits(i, 23, 1) || sp != (a64_rn(i) == SP))
        return;
    ir_ref step = a64_rm(i) == 31 ? ir_const(l->b, IR_I64, bytes) : a64_get_x(l, a64_rm(i));
    a64_put_sp(l, a64_rn(i), ir_bin(l->b, IR_ADD, base, step));
}

/* ---- between memory and registers (I2) ---- */

/* Vector at of what the bytes of from[] make, whose number is given for each by pick: 16 * which + byte. */
typedef unsigned pick_fn(unsigned byte, unsigned elem_bytes);

/* Byte of the three vectors in memory from which byte `at` (16 * register + byte) of the registers comes. */
static unsigned pick_load3(unsigned at, unsigned elem_bytes)
{
    const unsigned element = at % 16 / elem_bytes;
    return (element * 3 + at / 16) * elem_bytes + at % elem_bytes;
}

/* The reverse. */
static unsigned pick_store3(unsigned at, unsigned elem_bytes)
{
    const unsigned element = at / elem_bytes;
    return element % 3 * 16 + element / 3 * elem_bytes + at % elem_bytes;
}

static void pick_bytes(struct a64_lift *l, pick_fn *pick, unsigned elem_bytes, const ir_ref from[3], ir_ref to[3])
{
    for (unsigned n = 0; n < 3; n++) {
        to[n] = IR_NO_REF;
        for (unsigned k = 0; k < 3; k++) {
            uint64_t table[2] = {0, 0};
            for (unsigned byte = 0; byte < 16; byte++) {
                const unsigned p = pick(16 * n + byte, elem_bytes);
                table[byte / 8] |= (uint64_t)(p / 16 == k ? p % 16 : 0x80) << byte % 8 * 8;
            }
            ir_ref part = a64_v2(l, IR_VTBL, IR_I8, from[k], a64_vconst(l, table[0], table[1]));
            to[n] = k ? a64_v2(l, IR_VOR, IR_I8, to[n], part) : part;
        }
    }
}

/* v[]: what is in memory, whose halves the registers have if they have 64 bits; becomes the registers' values. */
static void unzip(struct a64_lift *l, enum ir_type e, unsigned count, bool q, ir_ref v[4])
{
    ir_ref t[4];
    if (count == 3) {
        t[0] = v[0], t[1] = v[1], t[2] = q ? v[2] : v[1];
        pick_bytes(l, pick_load3, ir_type_bits(e) / 8, t, v);
    } else if (count == 2) {
        t[0] = v[0], t[1] = q ? v[1] : v[0];
        v[0] = a64_vunzip(l, e, t[0], t[1], false);
        v[1] = a64_vunzip(l, e, t[0], t[1], true);
    } else if (count == 4) {
        for (unsigned n = 0; n < 4; n++)
            t[n] = n < 2 || q ? a64_vunzip(l, e, v[n & 2], v[(n & 2) + 1], n & 1) : t[n & 1];
        for (unsigned n = 0; n < 4; n++)
            v[n] = a64_vunzip(l, e, t[n & 1], t[(n & 1) + 2], n >> 1);
    }
}

static void zip2(struct a64_lift *l, enum ir_type e, ir_ref a, ir_ref b, ir_ref to[2])
{
    to[0] = a64_v2(l, IR_VZIPLO, e, a, b);
    to[1] = a64_v2(l, IR_VZIPHI, e, a, b);
}

/* The reverse; of registers of 64 bits the first half of v counts then. */
static void zip(struct a64_lift *l, enum ir_type e, unsigned count, ir_ref v[4])
{
    ir_ref even[2], odd[2], t[3];
    if (count == 3) {
        t[0] = v[0], t[1] = v[1], t[2] = v[2];
        pick_bytes(l, pick_store3, ir_type_bits(e) / 8, t, v);
    } else if (count == 2) {
        zip2(l, e, v[0], v[1], v);
    } else if (count == 4) {
        zip2(l, e, v[0], v[2], even);
        zip2(l, e, v[1], v[3], odd);
        zip2(l, e, even[0], odd[0], v);
        zip2(l, e, even[1], odd[1], v + 2);
    }
}

/* ---- whole registers; arg: elements of a structure, registers << 4 ---- */

static enum ir_type low_size(const struct a64_insn *i) { return a64_elem(a64_bits(i, 10, 2)); }

/* Vector n of what is in memory, `bytes` in all. */
static ir_ref load_vector(struct a64_lift *l, ir_ref base, unsigned n, unsigned bytes)
{
    if (bytes - 16 * n >= 16)
        return ir_ld(l->b, IR_V128, ir_mem(IR_V128), base, 16 * n);
    return a64_vscalar(l, ir_ld(l->b, IR_F64, ir_mem(IR_F64), base, 16 * n));
}

static void store_vector(struct a64_lift *l, ir_ref base, unsigned n, unsigned bytes, ir_ref v)
{
    if (bytes - 16 * n >= 16)
        ir_st(l->b, ir_mem(IR_V128), base, 16 * n, v);
    else
        ir_st(l->b, ir_mem(IR_F64), base, 16 * n, a64_vgete(l, IR_F64, v, 0));
}

/* Registers of 64 bits that are not interleaved: each by itself. */
static void load_halves(struct a64_lift *l, ir_ref base, unsigned registers, ir_ref v[4])
{
    for (unsigned n = 0; n < registers; n++)
        v[n] = a64_vscalar(l, ir_ld(l->b, IR_F64, ir_mem(IR_F64), base, 8 * n));
}

void a64_lift_v_ld_multiple(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned count = i->row->arg & 15, registers = i->row->arg >> 4;
    const bool q = a64_q(i);
    const unsigned bytes = (q ? 16 : 8) * registers;
    ir_ref v[4], base = a64_base(l, a64_rn(i));
    if (count == 1 && !q) {
        load_halves(l, base, registers, v);
    } else {
        for (unsigned n = 0; n < (bytes + 15) / 16; n++)
            v[n] = load_vector(l, base, n, bytes);
        unzip(l, low_size(i), count, q, v);
    }
    write_back(l, i, base, bytes, false);
    for (unsigned n = 0; n < registers; n++)
        a64_vput(l, reg(i, n), q || count == 1 ? v[n] : a64_vlow(l, v[n]));
    write_back(l, i, base, bytes, true);
}

void a64_lift_v_st_multiple(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned count = i->row->arg & 15, registers = i->row->arg >> 4;
    const bool q = a64_q(i);
    const unsigned bytes = (q ? 16 : 8) * registers;
    ir_ref v[4], base = a64_base(l, a64_rn(i));
    for (unsigned n = 0; n < registers; n++)
        v[n] = a64_vget(l, reg(i, n));
    if (count == 1 && !q) {
        for (unsigned n = 0; n < registers; n++)
            ir_st(l->b, ir_mem(IR_F64), base, 8 * n, a64_vgete(l, IR_F64, v[n], 0));
    } else {
        zip(l, low_size(i), count, v);
        for (unsigned n = 0; n < (bytes + 15) / 16; n++)
            store_vector(l, base, n, bytes, v[n]);
    }
    write_back(l, i, base, bytes, false);
    write_back(l, i, base, bytes, true);
}

/* ---- one element of each register; arg: log2 of its bytes ---- */

static unsigned structure_count(const struct a64_insn *i) { return (a64_bits(i, 13, 1) << 1 | a64_bits(i, 21, 1)) + 1; }

/* Q:S:size, without the bits that are part of the size. */
static unsigned lane_of(const struct a64_insn *i)
{
    return (a64_bits(i, 30, 1) << 3 | a64_bits(i, 12, 1) << 2 | a64_bits(i, 10, 2)) >> i->row->arg;
}

static enum ir_type memory_elem(unsigned size) { return size == 3 ? IR_F64 : size == 2 ? IR_F32 : a64_elem(size); }

void a64_lift_v_ld_single(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned count = structure_count(i), bytes = 1u << i->row->arg;
    const enum ir_type t = memory_elem(i->row->arg);
    ir_ref s[4], base = a64_base(l, a64_rn(i));
    for (unsigned n = 0; n < count; n++)
        s[n] = ir_ld(l->b, t, ir_mem(t), base, bytes * n);
    write_back(l, i, base, bytes * count, false);
    for (unsigned n = 0; n < count; n++)
        a64_vput(l, reg(i, n), a64_vsete(l, a64_vget(l, reg(i, n)), s[n], lane_of(i)));
    write_back(l, i, base, bytes * count, true);
}

void a64_lift_v_st_single(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned count = structure_count(i), bytes = 1u << i->row->arg;
    const enum ir_type t = memory_elem(i->row->arg);
    ir_ref base = a64_base(l, a64_rn(i));
    for (unsigned n = 0; n < count; n++)
        ir_st(l->b, ir_mem(t), base, bytes * n, a64_vgete(l, t, a64_vget(l, reg(i, n)), lane_of(i)));
    write_back(l, i, base, bytes * count, false);
    write_back(l, i, base, bytes * count, true);
}

void a64_lift_v_ld_replicate(struct a64_lift *l, const struct a64_insn *i)
{
    const unsigned count = structure_count(i), size = a64_bits(i, 10, 2), bytes = 1u << size;
    const enum ir_type t = memory_elem(size);
    ir_ref s[4], base = a64_base(l, a64_rn(i));
    for (unsigned n = 0; n < count; n++)
        s[n] = ir_ld(l->b, t, ir_mem(t), base, bytes * n);
    write_back(l, i, base, bytes * count, false);
    for (unsigned n = 0; n < count; n++) {
        ir_ref v = ir_emit(l->b, IR_VSPLAT, IR_V128, (uint16_t)t, s[n], IR_NO_REF, IR_NO_REF, 0);
        a64_vput(l, reg(i, n), a64_q(i) ? v : a64_vlow(l, v));
    }
    write_back(l, i, base, bytes * count, true);
}
