/* SPDX-License-Identifier: Apache-2.0 */
/* pcmpestri, pcmpestrm, pcmpistri, pcmpistrm: the comparison of two short strings (SDM volume 2, 4.1.1 to 4.1.6). */
#include <string.h>

#include "frontend/x86/sse/x86_helpers.h"
#include "src/ir/value.h"

enum { WORDS = 1, SIGNED = 2, AGGREGATE_SHIFT = 2, POLARITY_SHIFT = 4, LAST = 0x40 /* index; mask: of elements */ };
enum { EQUAL_ANY, RANGES, EQUAL_EACH, EQUAL_ORDERED };

struct text {
    int at[16];
    int length; /* valid elements */
};

static int element(const union ir_value *v, unsigned i, unsigned imm)
{
    if (!(imm & WORDS))
        return imm & SIGNED ? (int8_t)v->u8[i] : v->u8[i];
    uint16_t w;
    memcpy(&w, v->u8 + 2 * i, 2);
    return imm & SIGNED ? (int16_t)w : w;
}

static struct text take(const union ir_value *v, int n, unsigned imm, int64_t given)
{
    struct text t = {.length = n};
    for (int i = n - 1; i >= 0; i--) {
        t.at[i] = element(v, (unsigned)i, imm);
        if (!t.at[i])
            t.length = i;
    }
    if (imm & X86_STR_EXPLICIT)
        t.length = given > -n && given < n ? (int)(given < 0 ? -given : given) : n;
    return t;
}

static bool any(const struct text *a, int v)
{
    for (int i = 0; i < a->length; i++) {
        if (a->at[i] == v)
            return true;
    }
    return false;
}

static bool in_range(const struct text *a, int v)
{
    for (int i = 0; i + 1 < a->length; i += 2) {
        if (a->at[i] <= v && v <= a->at[i + 1])
            return true;
    }
    return false;
}

static bool ordered(const struct text *a, const struct text *b, int from, int n)
{
    for (int i = 0; i < a->length && from + i < n; i++) {
        if (from + i >= b->length || a->at[i] != b->at[from + i])
            return false;
    }
    return true;
}

static bool holds(const struct text *a, const struct text *b, int j, int n, unsigned aggregate)
{
    bool valid = j < b->length;
    switch (aggregate) {
    case EQUAL_ANY:
        return valid && any(a, b->at[j]);
    case RANGES:
        return valid && in_range(a, b->at[j]);
    case EQUAL_EACH:
        return valid && j < a->length ? a->at[j] == b->at[j] : !valid && j >= a->length;
    default:
        return ordered(a, b, j, n);
    }
}

static void compare(union ir_value *r, const union ir_value *const *args, unsigned imm)
{
    int n = imm & WORDS ? 8 : 16;
    struct text a = take(args[0], n, imm, (int64_t)args[2]->u64[0]),
                b = take(args[1], n, imm, (int64_t)args[2]->u64[1]);
    unsigned mask = 0, polarity = imm >> POLARITY_SHIFT & 3;
    for (int j = 0; j < n; j++) {
        bool bit = holds(&a, &b, j, n, imm >> AGGREGATE_SHIFT & 3);
        bit ^= polarity == 1 || (polarity == 3 && j < b.length);
        mask |= (unsigned)bit << j;
    }
    r->u32[0] = mask;
    r->u32[1] = !mask ? (unsigned)n : imm & LAST ? 31 - (unsigned)__builtin_clz(mask) : (unsigned)__builtin_ctz(mask);
    r->u32[2] = b.length < n;
    r->u32[3] = a.length < n;
}

static void expand(union ir_value *r, const union ir_value *const *args, unsigned imm)
{
    unsigned mask = args[0]->u32[0], bytes = imm & WORDS ? 2 : 1;
    memset(r, 0, 16);
    if (!(imm & LAST)) {
        r->u32[0] = mask;
        return;
    }
    for (unsigned i = 0; i < 16; i++)
        r->u8[i] = mask >> i / bytes & 1 ? 0xff : 0;
}

const struct ir_vec_fn x86_fn_strcmp = {"strcmp", compare, IR_VEC_OTHER},
                       x86_fn_strmask = {"strmask", expand, IR_VEC_OTHER};
