// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/x86/values.h"

#include <cpuid.h>

#include <cstring>

namespace x86fuzz
{

namespace
{

const uint32_t kFloats[] = {0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
                            0x7fc00000, 0xffc00001, 0x7f800001, 0xffa00000, 0x00000001, 0x807fffff,
                            0x00800000, 0x7f7fffff, 0xff7fffff, 0x4f000000, 0xcf000000, 0x4effffff,
                            0x5f000000, 0x3f000000, 0x40490fdb, 0x33800000, 0x4b000001};
const uint64_t kDoubles[] = {0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000,
                             0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000123,
                             0x7ff0000000000001, 0xfff4000000000000, 0x0000000000000001, 0x800fffffffffffff,
                             0x0010000000000000, 0x7fefffffffffffff, 0x41dfffffffc00000, 0x41e0000000000000,
                             0xc1e0000000200000, 0x43e0000000000000, 0xc3e0000000000000, 0x3fe0000000000000,
                             0x400921fb54442d18, 0x36a0000000000000, 0x47efffffe0000000, 0x3810000000000000};

template <typename T, size_t N> T pick(rng *r, const T (&values)[N]) { return values[r->below(N)]; }

uint64_t two_floats(rng *r)
{
    uint64_t lo = r->one_in(3) ? uint32_t(r->next()) : pick(r, kFloats);
    uint64_t hi = r->one_in(3) ? uint32_t(r->next()) : pick(r, kFloats);
    return hi << 32 | lo;
}

// Doubles near each other in size, so that sums and quotients round.
uint64_t plain_double(rng *r) { return (r->next() & 0x800fffffffffffff) | (uint64_t(0x3f0 + r->below(32)) << 52); }

uint64_t small_elements(rng *r)
{
    uint64_t v = 0;
    static const uint16_t edges[] = {0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7f80, 0x8001};
    for (unsigned k = 0; k < 64; k += 16)
        v |= uint64_t(pick(r, edges)) << k;
    return v;
}

uint64_t vector_part(rng *r, unsigned kind)
{
    switch (kind) {
    case 0:
        return r->next();
    case 1:
        return two_floats(r);
    case 2:
        return pick(r, kDoubles);
    case 3:
        return plain_double(r);
    case 4:
        return small_elements(r);
    case 5:
        return (r->next() & 0x807fffff807fffff) | 0x3f8000003f800000 | (r->next() & 0x0780000007800000);
    default:
        return r->interesting_int();
    }
}

// 80 bits: specials, or random with an exponent in the middle.
void extended(rng *r, uint8_t *to)
{
    static const uint16_t exponents[] = {0, 0x8000, 0x3fff, 0xbfff, 0x7fff, 0xffff, 1, 0x7ffe, 0x403e, 0x3ffe};
    static const uint64_t mantissas[] = {
        0, 0x8000000000000000, 0xc000000000000000, 0xffffffffffffffff, 0x8000000000000001, 0xa000000000000000,
        1, 0x7fffffffffffffff};
    uint64_t m = r->one_in(2) ? r->next() | UINT64_C(1) << 63 : pick(r, mantissas);
    uint16_t e = r->one_in(3) ? pick(r, exponents) : uint16_t((r->next() & 0x8000) | (0x3fe0 + r->below(64)));
    memcpy(to, &m, 8);
    memcpy(to + 8, &e, 2);
}

} // namespace

uint32_t random_mxcsr(rng *r, rng *fixed)
{
    uint32_t v = 0x1f80;
    if (r->one_in(3))
        v |= r->below(4) << 13;
    if (fixed->one_in(8))
        v |= 0x8000; // FTZ
    if (fixed->one_in(8))
        v |= 0x40; // DAZ
    if (fixed->one_in(16))
        v &= ~(fixed->below(64) << 7); // exceptions that are taken
    return r->one_in(2) ? v | r->below(64) : v;
}

void fill_vectors(rng *r, state *s)
{
    unsigned kind = r->below(7);
    for (auto &y : s->ymm) {
        for (unsigned k = 0; k < 32; k += 8) {
            uint64_t v = vector_part(r, r->one_in(8) ? r->below(7) : kind);
            memcpy(y + k, &v, 8);
        }
    }
}

void fill_fpu(rng *r, rng *fixed, const insn &first, state *s)
{
    bool x87 = first.i.meta.isa_ext == ZYDIS_ISA_EXT_X87, mmx = first.i.meta.isa_ext == ZYDIS_ISA_EXT_MMX;
    for (unsigned k = 0; k < first.i.operand_count; k++)
        mmx = mmx || (first.op[k].type == ZYDIS_OPERAND_TYPE_REGISTER && first.op[k].reg.value >= ZYDIS_REGISTER_MM0 &&
                      first.op[k].reg.value <= ZYDIS_REGISTER_MM7);
    s->fcw = 0x37f;
    if (!x87 && !mmx && !fixed->one_in(16))
        return;
    static const uint16_t controls[] = {0x37f, 0x27f, 0x07f, 0x77f, 0xb7f, 0xf7f};
    s->fcw = pick(r, controls);
    if (fixed->one_in(8))
        s->fcw &= uint16_t(~fixed->below(64)); // exceptions that are taken
    s->ftag = fixed->one_in(3) ? uint8_t(fixed->next()) : 0xff;
    s->fsw = uint16_t(fixed->below(8) << 11 | r->below(8) << 8 | (r->one_in(2) ? r->below(64) : 0));
    bool as_mmx = mmx && fixed->one_in(2);
    for (auto &st : s->st) {
        extended(r, st);
        if (as_mmx)
            st[8] = st[9] = 0xff;
    }
    if (as_mmx)
        s->ftag = 0xff, s->fsw &= 0x4700;
}

void fill_window(rng *r, state *s)
{
    unsigned kind = r->below(8);
    for (unsigned k = 0; k < kWindow; k += 8) {
        uint64_t v = kind == 7 ? s->gpr[k & 8 ? 2 : 0] : vector_part(r, kind);
        memcpy(s->window + k, &v, 8);
    }
}

void fill_area(rng *r, const insn &n, uint64_t to, state *s)
{
    enum { MXCSR_AT = 24, XSTATE_AT = 512, XSTATE_BYTES = 64, COMPONENTS = 7 };
    uint64_t at = to - kWindowAt;
    rng own = {r->next()};
    uint32_t mxcsr = random_mxcsr(r, &own) | (r->one_in(12) ? uint32_t(r->next()) & 0xffff : 0);
    bool xsave = false;
    switch (n.i.mnemonic) {
    case ZYDIS_MNEMONIC_LDMXCSR:
    case ZYDIS_MNEMONIC_VLDMXCSR:
        if (at <= kWindow - 4)
            memcpy(s->window + at, &mxcsr, 4);
        return;
    case ZYDIS_MNEMONIC_XRSTOR:
    case ZYDIS_MNEMONIC_XRSTOR64:
    case ZYDIS_MNEMONIC_XSAVE:
    case ZYDIS_MNEMONIC_XSAVE64:
    case ZYDIS_MNEMONIC_XSAVEOPT:
    case ZYDIS_MNEMONIC_XSAVEOPT64:
        xsave = true;
        break;
    case ZYDIS_MNEMONIC_FXRSTOR:
    case ZYDIS_MNEMONIC_FXRSTOR64:
        break;
    default:
        return;
    }
    if (at <= kWindow - MXCSR_AT - 4 && !r->one_in(12))
        memcpy(s->window + at + MXCSR_AT, &mxcsr, 4);
    if (!xsave || at > kWindow - XSTATE_AT - XSTATE_BYTES || r->one_in(12))
        return;
    uint64_t used = r->below(COMPONENTS + 1),
             compact = r->one_in(3) ? UINT64_C(1) << 63 | used | r->below(COMPONENTS + 1) : 0;
    uint8_t *header = s->window + at + XSTATE_AT;
    memset(header, 0, XSTATE_BYTES);
    memcpy(header, &used, 8);
    memcpy(header + 8, &compact, 8);
    if (r->one_in(12))
        header[r->below(XSTATE_BYTES)] = uint8_t(r->next());
}

void fill_indices(rng *r, uint8_t *ymm, const insn &n)
{
    bool wide = n.i.mnemonic == ZYDIS_MNEMONIC_VGATHERQPD || n.i.mnemonic == ZYDIS_MNEMONIC_VGATHERQPS ||
                n.i.mnemonic == ZYDIS_MNEMONIC_VPGATHERQQ || n.i.mnemonic == ZYDIS_MNEMONIC_VPGATHERQD;
    for (unsigned k = 0; k < 32; k += wide ? 8 : 4) {
        int64_t v = int64_t(r->below(32)) - 16;
        memcpy(ymm + k, &v, wide ? 8 : 4);
    }
}

bool needs_alignment(const insn &n)
{
    switch (n.i.mnemonic) {
    case ZYDIS_MNEMONIC_VMOVAPS:
    case ZYDIS_MNEMONIC_VMOVAPD:
    case ZYDIS_MNEMONIC_VMOVDQA:
    case ZYDIS_MNEMONIC_VMOVNTPS:
    case ZYDIS_MNEMONIC_VMOVNTPD:
    case ZYDIS_MNEMONIC_VMOVNTDQ:
    case ZYDIS_MNEMONIC_VMOVNTDQA:
        return true;
    default:
        return false;
    }
}

uint64_t components_of_host_only()
{
    enum { GUEST_COMPONENTS = 7 };
    static const uint64_t only_host = [] {
        uint32_t a, b, c, d, low = 0, high = 0;
        if (__get_cpuid(1, &a, &b, &c, &d) && c & bit_OSXSAVE)
            __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
        return (uint64_t(high) << 32 | low) & ~uint64_t(GUEST_COMPONENTS);
    }();
    return only_host;
}

bool is_xsave(const insn &n)
{
    return n.i.meta.category == ZYDIS_CATEGORY_XSAVE || n.i.meta.category == ZYDIS_CATEGORY_XSAVEOPT;
}

} // namespace x86fuzz
