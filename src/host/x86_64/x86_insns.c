/* SPDX-License-Identifier: Apache-2.0 */
/* x86_insns.h by the instructions themselves. Immediates must be constants there, hence the switches. */
#include "src/host/x86_insns.h"

#include <immintrin.h>

/* ---- values ---- */

__attribute__((target("sse4.2"))) uint64_t host_x86_crc32(uint32_t crc, uint64_t v, unsigned bytes)
{
    switch (bytes) {
    case 1:
        return _mm_crc32_u8(crc, (uint8_t)v);
    case 2:
        return _mm_crc32_u16(crc, (uint16_t)v);
    case 4:
        return _mm_crc32_u32(crc, (uint32_t)v);
    default:
        return _mm_crc32_u64(crc, v);
    }
}

void host_x86_rcpps(void *r, const void *a) { _mm_storeu_ps(r, _mm_rcp_ps(_mm_loadu_ps(a))); }
void host_x86_rsqrtps(void *r, const void *a) { _mm_storeu_ps(r, _mm_rsqrt_ps(_mm_loadu_ps(a))); }

__attribute__((target("f16c"))) uint64_t host_x86_halves_to_floats(uint32_t halves)
{
    return (uint64_t)_mm_cvtsi128_si64(_mm_castps_si128(_mm_cvtph_ps(_mm_cvtsi32_si128((int)halves))));
}

__attribute__((target("f16c"))) uint32_t host_x86_floats_to_halves(uint64_t floats, unsigned rounding)
{
    __m128 x = _mm_castsi128_ps(_mm_cvtsi64_si128((long long)floats));
    switch (rounding & 7) {
    case 0:
        return (uint32_t)_mm_cvtsi128_si32(_mm_cvtps_ph(x, 0));
    case 1:
        return (uint32_t)_mm_cvtsi128_si32(_mm_cvtps_ph(x, 1));
    case 2:
        return (uint32_t)_mm_cvtsi128_si32(_mm_cvtps_ph(x, 2));
    case 3:
        return (uint32_t)_mm_cvtsi128_si32(_mm_cvtps_ph(x, 3));
    default:
        return (uint32_t)_mm_cvtsi128_si32(_mm_cvtps_ph(x, 4));
    }
}

/* ---- guest memory ---- */

void host_x86_rep_movs(unsigned size, uint64_t to, uint64_t from, uint64_t n)
{
    switch (size) {
    case 0:
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
        break;
    case 1:
        __asm__ volatile("rep movsw" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
        break;
    case 2:
        __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
        break;
    default:
        __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
        break;
    }
}

void host_x86_rep_stos(unsigned size, uint64_t to, uint64_t value, uint64_t n)
{
    switch (size) {
    case 0:
        __asm__ volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
        break;
    case 1:
        __asm__ volatile("rep stosw" : "+D"(to), "+c"(n) : "a"(value) : "memory");
        break;
    case 2:
        __asm__ volatile("rep stosl" : "+D"(to), "+c"(n) : "a"(value) : "memory");
        break;
    default:
        __asm__ volatile("rep stosq" : "+D"(to), "+c"(n) : "a"(value) : "memory");
        break;
    }
}

void host_x86_maskmovdqu(uint64_t to, const void *value, const void *mask)
{
    __m128i v = _mm_loadu_si128(value), m = _mm_loadu_si128(mask);
    __asm__ __volatile__("maskmovdqu %[m], %[v]" : : [m] "x"(m), [v] "x"(v), "D"(to) : "memory");
}

void host_x86_maskmovq(uint64_t to, uint64_t value, uint64_t mask)
{
    __asm__ __volatile__("movq %[v], %%mm0\n\tmovq %[m], %%mm1\n\tmaskmovq %%mm1, %%mm0\n\temms"
                         :
                         : [v] "r"(value), [m] "r"(mask), "D"(to)
                         : "memory", "mm0", "mm1");
}
