/* SPDX-License-Identifier: Apache-2.0 */
/* x86_crypto.h by the instructions of the same names. Immediates must be constants there, hence the switch. */
#include "src/host/x86_crypto.h"

#include <immintrin.h>

static inline __m128i get(const void *v) { return _mm_loadu_si128((const __m128i *)v); }
static inline void set(void *r, __m128i v) { _mm_storeu_si128((__m128i *)r, v); }

#define FN2(name, isa, intrinsic)                                                                                      \
    __attribute__((target(isa))) void host_x86_##name(void *r, const void *a, const void *b)                           \
    {                                                                                                                  \
        set(r, intrinsic(get(a), get(b)));                                                                             \
    }
FN2(aesenc, "aes", _mm_aesenc_si128)
FN2(aesenclast, "aes", _mm_aesenclast_si128)
FN2(aesdec, "aes", _mm_aesdec_si128)
FN2(aesdeclast, "aes", _mm_aesdeclast_si128)
FN2(sha1nexte, "sha", _mm_sha1nexte_epu32)
FN2(sha1msg1, "sha", _mm_sha1msg1_epu32)
FN2(sha1msg2, "sha", _mm_sha1msg2_epu32)
FN2(sha256msg1, "sha", _mm_sha256msg1_epu32)
FN2(sha256msg2, "sha", _mm_sha256msg2_epu32)

__attribute__((target("aes"))) void host_x86_aesimc(void *r, const void *a) { set(r, _mm_aesimc_si128(get(a))); }

/* The round constant is xor-ed into elements 1 and 3. */
__attribute__((target("aes"))) void host_x86_aeskeygen(void *r, const void *a, uint8_t round_constant)
{
    __m128i constant = _mm_set_epi32(round_constant, 0, round_constant, 0);
    set(r, _mm_xor_si128(_mm_aeskeygenassist_si128(get(a), 0), constant));
}

__attribute__((target("sha"))) void host_x86_sha256rnds2(void *r, const void *a, const void *b, const void *keys)
{
    set(r, _mm_sha256rnds2_epu32(get(a), get(b), get(keys)));
}

__attribute__((target("sha"))) void host_x86_sha1rnds4(void *r, const void *a, const void *b, unsigned function)
{
    switch (function & 3) {
    case 0:
        set(r, _mm_sha1rnds4_epu32(get(a), get(b), 0));
        break;
    case 1:
        set(r, _mm_sha1rnds4_epu32(get(a), get(b), 1));
        break;
    case 2:
        set(r, _mm_sha1rnds4_epu32(get(a), get(b), 2));
        break;
    default:
        set(r, _mm_sha1rnds4_epu32(get(a), get(b), 3));
        break;
    }
}

__attribute__((target("pclmul"))) void host_x86_pclmul(void *r, uint64_t a, uint64_t b)
{
    set(r, _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)a), _mm_cvtsi64_si128((long long)b), 0));
}
