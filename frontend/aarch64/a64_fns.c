/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations in C; see a64_fns.h. What a host has an instruction for comes here only where it lacks it. */
#include "frontend/aarch64/a64_fns.h"

#include <string.h>

#include "src/ir/value.h"

#define FN(name, kind)                                                                                                 \
    static void name(union ir_value *r, const union ir_value *const *a, unsigned imm);                                 \
    const struct ir_vec_fn a64_fn_##name = {"a64_" #name, name, kind};                                                 \
    static void name(union ir_value *r, const union ir_value *const *a, unsigned imm)

/* ---- AES (FIPS 197): bytes of the state are numbered by column ---- */

static uint8_t times2(uint8_t b) { return (uint8_t)(b << 1 ^ (b & 0x80 ? 0x1b : 0)); }

static uint8_t times(uint8_t b, unsigned n)
{
    uint8_t product = 0;
    for (; n; n >>= 1, b = times2(b))
        product ^= n & 1 ? b : 0;
    return product;
}

/* The inverse in GF(2^8): b to the power 254. */
static uint8_t inverse(uint8_t b)
{
    uint8_t power = b, product = 1;
    for (unsigned n = 1; n < 8; n++) {
        power = times(power, power);
        product = times(product, power);
    }
    return product;
}

static uint8_t turn(uint8_t b, unsigned n) { return (uint8_t)(b << n | b >> (8 - n)); }

static uint8_t sub_byte(uint8_t b)
{
    b = inverse(b);
    return b ^ turn(b, 1) ^ turn(b, 2) ^ turn(b, 3) ^ turn(b, 4) ^ 0x63;
}

static uint8_t inv_sub_byte(uint8_t b) { return inverse(turn(b, 1) ^ turn(b, 3) ^ turn(b, 6) ^ 0x05); }

static void shift_and_sub(uint8_t *r, const uint8_t *s)
{
    for (unsigned n = 0; n < 16; n++)
        r[n] = sub_byte(s[(n + 4 * (n & 3)) & 15]);
}

static void inv_shift_and_sub(uint8_t *r, const uint8_t *s)
{
    for (unsigned n = 0; n < 16; n++)
        r[n] = inv_sub_byte(s[(n - 4 * (n & 3)) & 15]);
}

/* Each column by the circulant matrix whose first row is c. */
static void mix(uint8_t *s, const uint8_t c[4])
{
    for (unsigned n = 0; n < 16; n += 4) {
        uint8_t column[4];
        memcpy(column, s + n, 4);
        for (unsigned row = 0; row < 4; row++) {
            s[n + row] = 0;
            for (unsigned k = 0; k < 4; k++)
                s[n + row] ^= times(column[k], c[(k - row) & 3]);
        }
    }
}

static const uint8_t forward[4] = {2, 3, 1, 1}, backward[4] = {14, 11, 13, 9};

static void add_key(union ir_value *r, const union ir_value *key)
{
    for (unsigned n = 0; n < 2; n++)
        r->u64[n] ^= key->u64[n];
}

FN(aesenclast, IR_VEC_AESENCLAST)
{
    shift_and_sub(r->u8, a[0]->u8);
    add_key(r, a[1]);
}

FN(aesenc, IR_VEC_AESENC)
{
    shift_and_sub(r->u8, a[0]->u8);
    mix(r->u8, forward);
    add_key(r, a[1]);
}

FN(aesdeclast, IR_VEC_AESDECLAST)
{
    inv_shift_and_sub(r->u8, a[0]->u8);
    add_key(r, a[1]);
}

FN(aesdec, IR_VEC_AESDEC)
{
    inv_shift_and_sub(r->u8, a[0]->u8);
    mix(r->u8, backward);
    add_key(r, a[1]);
}

FN(aesimc, IR_VEC_AESIMC)
{
    memcpy(r->u8, a[0]->u8, 16);
    mix(r->u8, backward);
}

/* ---- SHA-1, SHA-256 (FIPS 180-4) ---- */

static uint32_t left(uint32_t v, unsigned n) { return v << n | v >> (32 - n); }
static uint32_t right(uint32_t v, unsigned n) { return left(v, 32 - n); }
static uint32_t choose(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (~x & z); }
static uint32_t majority(uint32_t x, uint32_t y, uint32_t z) { return (x & y) ^ (x & z) ^ (y & z); }

/* a[0]: d, c, b, a from element 0 on; a[1]: four words of the schedule, the last one first, e added to the first */
FN(sha1rnds4, IR_VEC_SHA1RNDS4)
{
    static const uint32_t constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
    uint32_t v[5] = {a[0]->u32[3], a[0]->u32[2], a[0]->u32[1], a[0]->u32[0], 0};
    for (unsigned n = 0; n < 4; n++) {
        const unsigned which = imm & 3;
        uint32_t f = which == 0   ? choose(v[1], v[2], v[3])
                     : which == 2 ? majority(v[1], v[2], v[3])
                                  : v[1] ^ v[2] ^ v[3];
        uint32_t next = left(v[0], 5) + f + v[4] + a[1]->u32[3 - n] + constants[which];
        v[4] = v[3], v[3] = v[2], v[2] = left(v[1], 30), v[1] = v[0], v[0] = next;
    }
    for (unsigned n = 0; n < 4; n++)
        r->u32[n] = v[3 - n];
}

/* a[0]: h, g, d, c; a[1]: f, e, b, a; a[2]: two words with their constants. Gives the new f, e, b, a. */
FN(sha256rnds2, IR_VEC_SHA256RNDS2)
{
    uint32_t A = a[1]->u32[3], B = a[1]->u32[2], C = a[0]->u32[3], D = a[0]->u32[2];
    uint32_t E = a[1]->u32[1], F = a[1]->u32[0], G = a[0]->u32[1], H = a[0]->u32[0];
    for (unsigned n = 0; n < 2; n++) {
        uint32_t t1 = H + (right(E, 6) ^ right(E, 11) ^ right(E, 25)) + choose(E, F, G) + a[2]->u32[n];
        uint32_t t2 = (right(A, 2) ^ right(A, 13) ^ right(A, 22)) + majority(A, B, C);
        H = G, G = F, F = E, E = D + t1, D = C, C = B, B = A, A = t1 + t2;
    }
    r->u32[0] = F, r->u32[1] = E, r->u32[2] = B, r->u32[3] = A;
}

FN(sha256msg1, IR_VEC_SHA256MSG1)
{
    for (unsigned n = 0; n < 4; n++) {
        uint32_t w = n < 3 ? a[0]->u32[n + 1] : a[1]->u32[0];
        r->u32[n] = a[0]->u32[n] + (right(w, 7) ^ right(w, 18) ^ w >> 3);
    }
}

FN(sha256msg2, IR_VEC_SHA256MSG2)
{
    for (unsigned n = 0; n < 4; n++) {
        uint32_t w = n < 2 ? a[1]->u32[n + 2] : r->u32[n - 2];
        r->u32[n] = a[0]->u32[n] + (right(w, 17) ^ right(w, 19) ^ w >> 10);
    }
}

/* ---- carry-less products ---- */

static unsigned __int128 carryless(uint64_t x, uint64_t y)
{
    unsigned __int128 product = 0;
    for (unsigned n = 0; n < 64; n++)
        product ^= y >> n & 1 ? (unsigned __int128)x << n : 0;
    return product;
}

FN(pmull64, IR_VEC_PCLMUL)
{
    unsigned __int128 product = carryless(a[0]->u64[imm & 1], a[1]->u64[imm >> 4 & 1]);
    r->u64[0] = (uint64_t)product, r->u64[1] = (uint64_t)(product >> 64);
}

FN(pmull8, IR_VEC_OTHER)
{
    for (unsigned n = 0; n < 8; n++) {
        uint16_t product = (uint16_t)carryless(a[0]->u8[n], a[1]->u8[n]);
        memcpy(r->u8 + 2 * n, &product, 2);
    }
}

FN(pmul8, IR_VEC_OTHER)
{
    for (unsigned n = 0; n < 16; n++)
        r->u8[n] = (uint8_t)carryless(a[0]->u8[n], a[1]->u8[n]);
}

/* ---- products that are added (FEAT_RDM) ---- */

static int64_t element(const union ir_value *v, unsigned bits, unsigned n)
{
    int16_t half;
    int32_t word;
    memcpy(&half, v->u8 + 2 * n % 16, 2);
    memcpy(&word, v->u8 + 4 * n % 16, 4);
    return bits == 16 ? half : word;
}

/* sign: 1 or -1; DDI 0487, SQRDMLAH */
static void add_products(union ir_value *r, const union ir_value *const *a, unsigned imm, int sign)
{
    const unsigned bits = imm & 0x7f;
    const int64_t max = (INT64_C(1) << (bits - 1)) - 1;
    for (unsigned n = 0; n < 128 / bits; n++) {
        __int128 sum = (__int128)element(a[2], bits, n) * ((__int128)1 << bits);
        sum += (__int128)2 * sign * element(a[0], bits, n) * element(a[1], bits, n) + ((__int128)1 << (bits - 1));
        sum >>= bits;
        int64_t v = (int64_t)(sum > max ? max : sum < -max - 1 ? -max - 1 : sum);
        if (imm & A64_FN_MASK)
            v = sum == v ? 0 : -1;
        memcpy(r->u8 + n * bits / 8, &v, bits / 8);
    }
}

FN(rdmlah, IR_VEC_OTHER) { add_products(r, a, imm, 1); }
FN(rdmlsh, IR_VEC_OTHER) { add_products(r, a, imm, -1); }
