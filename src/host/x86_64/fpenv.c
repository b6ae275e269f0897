/* SPDX-License-Identifier: Apache-2.0 */
/* host_fp_raise on x86-64: an SSE instruction with operands that meet the exception. */
#include "src/host/fpenv.h"

#include <xmmintrin.h>

void host_fp_raise(unsigned flags)
{
    enum { BIGGEST = 0x7f7fffff, SMALLEST = 0x00800000, SUBNORMAL = 1, ONE = 0x3f800000, THREE = 0x40400000 };
    static const struct {
        uint32_t flag, a, b;
        bool divide;
    } causes[] = {
        {FP_NV, 0, 0, true},
        {FP_DE, SUBNORMAL, ONE, false},
        {FP_DZ, ONE, 0, true},
        {FP_OF, BIGGEST, BIGGEST, false},
        {FP_UF, SMALLEST, SMALLEST, false},
        {FP_NX, ONE, THREE, true},
    };
    for (unsigned n = 0; n < ARRAY_LEN(causes); n++) {
        if (!(flags & causes[n].flag))
            continue;
        __m128 a = (__m128)(__v4si){(int)causes[n].a}, b = (__m128)(__v4si){(int)causes[n].b};
        if (causes[n].divide)
            __asm__ __volatile__("divss %[b], %[a]" : [a] "+x"(a) : [b] "x"(b));
        else
            __asm__ __volatile__("mulss %[b], %[a]" : [a] "+x"(a) : [b] "x"(b));
    }
}
