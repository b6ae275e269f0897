/* SPDX-License-Identifier: Apache-2.0 */
/* AES, SHA and carry-less products by the host's own instructions; the guest's CPU has them where the host has
 * (x86_features.def). Immediates must be constants there, hence the switches. */
#include <immintrin.h>

#include "frontend/x86/sse/x86_helpers.h"
#include "src/ir/value.h"

static inline __m128i get(const union ir_value *v) { return _mm_loadu_si128((const __m128i *)v); }
static inline void set(union ir_value *r, __m128i v) { _mm_storeu_si128((__m128i *)r, v); }

#define FN(name, isa, expr)                                                                                            \
    __attribute__((target(isa))) void x86_fn_##name(union ir_value *r, const union ir_value *const *a, unsigned imm)   \
    {                                                                                                                  \
        set(r, expr);                                                                                                  \
    }
FN(aesenc, "aes", _mm_aesenc_si128(get(a[0]), get(a[1])))
FN(aesenclast, "aes", _mm_aesenclast_si128(get(a[0]), get(a[1])))
FN(aesdec, "aes", _mm_aesdec_si128(get(a[0]), get(a[1])))
FN(aesdeclast, "aes", _mm_aesdeclast_si128(get(a[0]), get(a[1])))
FN(aesimc, "aes", _mm_aesimc_si128(get(a[0])))
/* the round constant is xor-ed into elements 1 and 3 */
FN(aeskeygen, "aes", _mm_xor_si128(_mm_aeskeygenassist_si128(get(a[0]), 0), _mm_set_epi32((int)imm, 0, (int)imm, 0)))
FN(sha1nexte, "sha", _mm_sha1nexte_epu32(get(a[0]), get(a[1])))
FN(sha1msg1, "sha", _mm_sha1msg1_epu32(get(a[0]), get(a[1])))
FN(sha1msg2, "sha", _mm_sha1msg2_epu32(get(a[0]), get(a[1])))
FN(sha256rnds2, "sha", _mm_sha256rnds2_epu32(get(a[0]), get(a[1]), get(a[2])))
FN(sha256msg1, "sha", _mm_sha256msg1_epu32(get(a[0]), get(a[1])))
FN(sha256msg2, "sha", _mm_sha256msg2_epu32(get(a[0]), get(a[1])))

__attribute__((target("sha"))) void x86_fn_sha1rnds4(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    __m128i x = get(a[0]), y = get(a[1]);
    switch (imm & 3) {
    case 0:
        set(r, _mm_sha1rnds4_epu32(x, y, 0));
        break;
    case 1:
        set(r, _mm_sha1rnds4_epu32(x, y, 1));
        break;
    case 2:
        set(r, _mm_sha1rnds4_epu32(x, y, 2));
        break;
    default:
        set(r, _mm_sha1rnds4_epu32(x, y, 3));
        break;
    }
}

/* imm bits 0 and 4: which half of each operand */
__attribute__((target("pclmul"))) void x86_fn_pclmul(union ir_value *r, const union ir_value *const *a, unsigned imm)
{
    __m128i x = _mm_cvtsi64_si128((long long)a[0]->u64[imm & 1]);
    set(r, _mm_clmulepi64_si128(x, _mm_cvtsi64_si128((long long)a[1]->u64[imm >> 4 & 1]), 0));
}
