/* SPDX-License-Identifier: Apache-2.0 */
/* AES, SHA and carry-less products by the host's own instructions; the guest's CPU has them where the host has
 * (x86_features.def). */
#include "frontend/x86/sse/x86_helpers.h"
#include "src/host/x86_crypto.h"

#define FN(name, ...)                                                                                                  \
    void x86_fn_##name(union ir_value *r, const union ir_value *const *a, unsigned imm)                                \
    {                                                                                                                  \
        host_x86_##name(r, __VA_ARGS__);                                                                               \
    }
FN(aesenc, a[0], a[1])
FN(aesenclast, a[0], a[1])
FN(aesdec, a[0], a[1])
FN(aesdeclast, a[0], a[1])
FN(aesimc, a[0])
FN(aeskeygen, a[0], (uint8_t)imm)
FN(sha1nexte, a[0], a[1])
FN(sha1msg1, a[0], a[1])
FN(sha1msg2, a[0], a[1])
FN(sha1rnds4, a[0], a[1], imm)
FN(sha256rnds2, a[0], a[1], a[2])
FN(sha256msg1, a[0], a[1])
FN(sha256msg2, a[0], a[1])
/* imm bits 0 and 4: which half of each operand */
FN(pclmul, a[0]->u64[imm & 1], a[1]->u64[imm >> 4 & 1])
