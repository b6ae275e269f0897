/* SPDX-License-Identifier: Apache-2.0 */
/* Rare vector operations as C functions of 128-bit values (struct ir_vec_fn): semantics from SDM volume 2. */
#include <stdlib.h>
#include <string.h>

#include "frontend/x86/sse/x86_helpers.h"
#include "src/host/x86_insns.h"

static int16_t word_of(const union ir_value *v, unsigned i)
{
    int16_t w;
    memcpy(&w, v->u8 + 2 * i, 2);
    return w;
}

static void set_word(union ir_value *v, unsigned i, int w) { memcpy(v->u8 + 2 * i, &(int16_t){(int16_t)w}, 2); }

void x86_fn_permilps(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    for (unsigned i = 0; i < 4; i++)
        r->u32[i] = a[0]->u32[a[1]->u32[i] & 3];
}

void x86_fn_permilpd(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    for (unsigned i = 0; i < 2; i++)
        r->u64[i] = a[0]->u64[a[1]->u64[i] >> 1 & 1];
}

/* pmaddubsw: unsigned bytes of a[0] by signed ones of a[1], neighbors added with saturation */
void x86_fn_maddubs(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    for (unsigned i = 0; i < 8; i++) {
        int sum = a[0]->u8[2 * i] * (int8_t)a[1]->u8[2 * i] + a[0]->u8[2 * i + 1] * (int8_t)a[1]->u8[2 * i + 1];
        set_word(r, i, sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
    }
}

/* Sums of absolute differences of four bytes: a sliding window of a[0] against one block of a[1]; imm bit 2 and bits
 * 1-0 say where they begin, in units of four bytes. */
void x86_fn_mpsadbw(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    const uint8_t *window = a[0]->u8 + (imm & 4), *block = a[1]->u8 + 4 * (imm & 3);
    for (unsigned i = 0; i < 8; i++) {
        int sum = 0;
        for (unsigned k = 0; k < 4; k++)
            sum += abs(window[i + k] - block[k]);
        set_word(r, i, sum);
    }
}

void x86_fn_phminposuw(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    unsigned best = 0;
    for (unsigned i = 1; i < 8; i++) {
        if ((uint16_t)word_of(a[0], i) < (uint16_t)word_of(a[0], best))
            best = i;
    }
    r->u64[0] = (uint16_t)word_of(a[0], best) | (uint64_t)best << 16;
    r->u64[1] = 0;
}

/* The host's approximations: what the guest's CPU gives, if it is of the same make. They raise nothing and ignore
 * MXCSR. */
void x86_fn_rcpps(union ir_value *r, const union ir_value *const *a, unsigned imm) { host_x86_rcpps(r, a[0]); }

void x86_fn_rsqrtps(union ir_value *r, const union ir_value *const *a, unsigned imm) { host_x86_rsqrtps(r, a[0]); }
