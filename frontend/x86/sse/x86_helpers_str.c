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

static struct text take(const union ir_value *v, int n, unsigned imm, int32_t given)
{
    struct text t = {.length = n};
    for (int i = n - 1; i >= 0; i--) {
        t.at[i] = element(v, (unsigned)i, imm);
        if (!t.at[i])
            t.length = i;
    }
    if (imm & IR_VEC_LENGTHS)
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

struct outcome {
    unsigned mask;
    int elements;
    bool a_ends, b_ends;
};

static struct outcome compare(const union ir_value *const *args, unsigned imm)
{
    int n = imm & WORDS ? 8 : 16;
    struct text a = take(args[0], n, imm, (int32_t)args[2]->u32[0]),
                b = take(args[1], n, imm, (int32_t)args[2]->u32[1]);
    unsigned mask = 0, polarity = imm >> POLARITY_SHIFT & 3;
    for (int j = 0; j < n; j++) {
        bool bit = holds(&a, &b, j, n, imm >> AGGREGATE_SHIFT & 3);
        bit ^= polarity == 1 || (polarity == 3 && j < b.length);
        mask |= (unsigned)bit << j;
    }
    return (struct outcome){mask, n, a.length < n, b.length < n};
}

static void find(union ir_value *r, const union ir_value *const *args, unsigned imm)
{
    const struct outcome o = compare(args, imm);
    const unsigned last = o.mask ? 31 - (unsigned)__builtin_clz(o.mask) : 0,
                   first = o.mask ? (unsigned)__builtin_ctz(o.mask) : 0;
    const unsigned flags = (o.mask ? X86_STR_C : 0) | (o.b_ends ? X86_STR_Z : 0) | (o.a_ends ? X86_STR_S : 0);
    memset(r, 0, 16);
    r->u32[0] = (o.mask & X86_STR_O) | flags | X86_STR_ALWAYS;
    r->u32[1] = !o.mask ? (unsigned)o.elements : imm & LAST ? last : first;
}

static void show_mask(union ir_value *r, const union ir_value *const *args, unsigned imm)
{
    unsigned mask = compare(args, imm).mask, bytes = imm & WORDS ? 2 : 1;
    memset(r, 0, 16);
    if (!(imm & LAST)) {
        r->u32[0] = mask;
        return;
    }
    for (unsigned i = 0; i < 16; i++)
        r->u8[i] = mask >> i / bytes & 1 ? 0xff : 0;
}

const struct ir_vec_fn x86_fn_strfind = {"strfind", find, IR_VEC_PCMPSTRI},
                       x86_fn_strmask = {"strmask", show_mask, IR_VEC_PCMPSTRM};
