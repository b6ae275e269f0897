/* SPDX-License-Identifier: Apache-2.0 */
/* Encodings of the instructions that stubs have (Intel SDM, volume 2).
 *
 * I1  Vectors are accessed in the VEX form if the host has AVX, and from xmm16 on in the EVEX form. Such a displacement
 *     has 32 bits: one of 8 would be scaled.
 */
#include "llvm-opt/emit/host_x86_64_code.h"

#include <string.h>

enum { P_NONE, P_66, P_F3, P_F2 }; /* as VEX counts prefixes */
enum { REX = 0x40, REX_W = 8 };

static void put8(struct lopt_code *c, unsigned v) { *c->at++ = (uint8_t)v; }

static void put32(struct lopt_code *c, uint32_t v)
{
    memcpy(c->at, &v, sizeof v);
    c->at += sizeof v;
}

/* ---- operands ---- */

/* [base + at]; near: a displacement of 8 bits will do */
static void put_memory(struct lopt_code *c, unsigned reg, unsigned base, int32_t at, bool near)
{
    bool small = near && at == (int8_t)at;
    put8(c, (small ? 0x40u : 0x80u) | (reg & 7) << 3 | (base & 7));
    if ((base & 7) == RSP)
        put8(c, 0x24);
    if (small)
        put8(c, (uint8_t)at);
    else
        put32(c, (uint32_t)at);
}

static void put_registers(struct lopt_code *c, unsigned reg, unsigned rm) { put8(c, 0xc0 | (reg & 7) << 3 | (rm & 7)); }

static void put_rex(struct lopt_code *c, unsigned rex, unsigned reg, unsigned rm)
{
    rex |= (reg >> 3 & 1) << 2 | (rm >> 3 & 1);
    if (rex)
        put8(c, REX | rex);
}

/* ---- general registers ---- */

void lopt_code_move(struct lopt_code *c, unsigned to, unsigned from)
{
    put_rex(c, REX_W, from, to);
    put8(c, 0x89);
    put_registers(c, from, to);
}

void lopt_code_exchange(struct lopt_code *c, unsigned a, unsigned b)
{
    put_rex(c, REX_W, a, b);
    put8(c, 0x87);
    put_registers(c, a, b);
}

void lopt_code_exchange_slot(struct lopt_code *c, unsigned reg, int32_t slot)
{
    put_rex(c, REX_W, reg, RSP);
    put8(c, 0x87);
    put_memory(c, reg, RSP, slot, true);
}

void lopt_code_constant(struct lopt_code *c, unsigned to, uint64_t v)
{
    bool short_form = v == (uint32_t)v, sign_form = (int64_t)v == (int32_t)v;
    put_rex(c, short_form ? 0 : REX_W, 0, to);
    if (short_form || !sign_form) {
        put8(c, 0xb8 | (to & 7));
    } else {
        put8(c, 0xc7);
        put_registers(c, 0, to);
    }
    put32(c, (uint32_t)v);
    if (!short_form && !sign_form)
        put32(c, (uint32_t)(v >> 32));
}

void lopt_code_load(struct lopt_code *c, unsigned to, unsigned base, int32_t at, unsigned bytes)
{
    put_rex(c, bytes == 8 ? REX_W : 0, to, base);
    if (bytes < 4)
        put8(c, 0x0f);
    put8(c, bytes == 1 ? 0xb6 : bytes == 2 ? 0xb7 : 0x8b);
    put_memory(c, to, base, at, true);
}

static void put_narrow(struct lopt_code *c, unsigned bytes, unsigned reg, unsigned base)
{
    unsigned rex = bytes == 8 ? REX_W : 0;
    if (bytes == 2)
        put8(c, 0x66);
    if (bytes == 1 && reg >= RSP && reg <= RDI) /* their low bytes, not ah and its kin */
        put8(c, REX | (base >> 3 & 1));
    else
        put_rex(c, rex, reg, base);
}

void lopt_code_store(struct lopt_code *c, unsigned from, unsigned base, int32_t at, unsigned bytes)
{
    put_narrow(c, bytes, from, base);
    put8(c, bytes == 1 ? 0x88 : 0x89);
    put_memory(c, from, base, at, true);
}

void lopt_code_store_constant(struct lopt_code *c, unsigned base, int32_t at, uint32_t v, unsigned bytes)
{
    put_narrow(c, bytes, 0, base);
    put8(c, bytes == 1 ? 0xc6 : 0xc7);
    put_memory(c, 0, base, at, true);
    if (bytes >= 4)
        put32(c, v);
    else
        put8(c, v);
    if (bytes == 2)
        put8(c, v >> 8);
}

/* ---- vectors ---- */

struct vector_op {
    unsigned prefix, opcode;
    bool w;      /* of 64 bits */
    bool wide;   /* of 256 bits */
    bool scaled; /* EVEX.W: elements of 64 bits */
};

/* What comes before the operands. rm: register or base */
static void put_vector_op(struct lopt_code *c, const struct vector_op *op, unsigned reg, unsigned rm)
{
    unsigned r = ~reg >> 3 & 1, b = ~rm >> 3 & 1, x = ~rm >> 4 & 1, r2 = ~reg >> 4 & 1;
    if (reg >= 16 || rm >= 16) {
        put8(c, 0x62);
        put8(c, r << 7 | x << 6 | b << 5 | r2 << 4 | 1);
        put8(c, (unsigned)(op->w || op->scaled) << 7 | 0x7c | op->prefix);
        put8(c, (unsigned)op->wide << 5 | 8);
    } else if (c->vex) {
        put8(c, 0xc4);
        put8(c, r << 7 | 0x40 | b << 5 | 1);
        put8(c, (unsigned)op->w << 7 | 0x78 | (unsigned)op->wide << 2 | op->prefix);
    } else {
        static const uint8_t prefixes[] = {0, 0x66, 0xf3, 0xf2};
        if (op->prefix)
            put8(c, prefixes[op->prefix]);
        put_rex(c, op->w ? REX_W : 0, reg, rm);
        put8(c, 0x0f);
    }
    put8(c, op->opcode);
}

/* movss, movsd, movups of 16 or of 32 bytes */
static struct vector_op access(unsigned bytes, bool store)
{
    return (struct vector_op){.prefix = bytes == 4   ? P_F3
                                        : bytes == 8 ? P_F2
                                                     : P_NONE,
                              .opcode = store ? 0x11 : 0x10,
                              .wide = bytes == 32,
                              .scaled = bytes == 8};
}

void lopt_code_load_vector(struct lopt_code *c, unsigned to, unsigned base, int32_t at, unsigned bytes)
{
    struct vector_op op = access(bytes, false);
    put_vector_op(c, &op, to, base);
    put_memory(c, to, base, at, to < 16);
}

void lopt_code_store_vector(struct lopt_code *c, unsigned from, unsigned base, int32_t at, unsigned bytes)
{
    struct vector_op op = access(bytes, true);
    put_vector_op(c, &op, from, base);
    put_memory(c, from, base, at, from < 16);
}

void lopt_code_move_vector(struct lopt_code *c, unsigned to, unsigned from)
{
    static const struct vector_op movaps = {.opcode = 0x28};
    put_vector_op(c, &movaps, to, from);
    put_registers(c, to, from);
}

void lopt_code_to_vector(struct lopt_code *c, unsigned to, unsigned from)
{
    static const struct vector_op movq = {.prefix = P_66, .opcode = 0x6e, .w = true};
    put_vector_op(c, &movq, to, from);
    put_registers(c, to, from);
}

uint8_t *lopt_code_jump_if_number(struct lopt_code *c, unsigned reg, unsigned bytes)
{
    const struct vector_op ucomis = {.prefix = bytes == 8 ? P_66 : P_NONE, .opcode = 0x2e, .scaled = bytes == 8};
    put_vector_op(c, &ucomis, reg, reg);
    put_registers(c, reg, reg);
    put8(c, 0x7b); /* jnp */
    put8(c, 0);
    return c->at;
}

void lopt_code_here(struct lopt_code *c, uint8_t *jump) { jump[-1] = (uint8_t)(c->at - jump); }

void lopt_code_forget_upper(struct lopt_code *c)
{
    static const uint8_t vzeroupper[] = {0xc5, 0xf8, 0x77};
    for (unsigned i = 0; i < sizeof vzeroupper; i++)
        put8(c, vzeroupper[i]);
}

/* ---- the end ---- */

void lopt_code_drop(struct lopt_code *c, uint32_t bytes)
{
    if (!bytes)
        return;
    put8(c, REX | REX_W);
    put8(c, bytes < 128 ? 0x83 : 0x81);
    put_registers(c, 0, RSP);
    if (bytes < 128)
        put8(c, bytes);
    else
        put32(c, bytes);
}

void lopt_code_jump(struct lopt_code *c)
{
    put8(c, 0xe9);
    put32(c, 0);
}
