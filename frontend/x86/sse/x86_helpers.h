/* SPDX-License-Identifier: Apache-2.0 */
/* C functions behind rare vector instructions: the records that IR refers to. */
#ifndef TANDEM_FRONTEND_X86_SSE_X86_HELPERS_H
#define TANDEM_FRONTEND_X86_SSE_X86_HELPERS_H

#include "src/ir/ir.h"
#include "src/ir/value.h"

/* Functions that rows name by number: FN(name, kind of enum ir_vec_kind). x86_helpers_vec.c: permutations and sums;
 * x86_helpers_crypto.c: AES, SHA, carry-less products */
#define X86_FNS(FN)                                                                                                    \
    FN(permilps, VPERMILPS)                                                                                            \
    FN(permilpd, VPERMILPD)                                                                                            \
    FN(maddubs, PMADDUBSW)                                                                                             \
    FN(mpsadbw, MPSADBW)                                                                                               \
    FN(phminposuw, PHMINPOSUW)                                                                                         \
    FN(rcpps, RCPPS)                                                                                                   \
    FN(rsqrtps, RSQRTPS)                                                                                               \
    FN(aesenc, AESENC)                                                                                                 \
    FN(aesenclast, AESENCLAST)                                                                                         \
    FN(aesdec, AESDEC)                                                                                                 \
    FN(aesdeclast, AESDECLAST)                                                                                         \
    FN(aesimc, AESIMC)                                                                                                 \
    FN(aeskeygen, AESKEYGENASSIST)                                                                                     \
    FN(pclmul, PCLMUL)                                                                                                 \
    FN(sha1rnds4, SHA1RNDS4)                                                                                           \
    FN(sha1nexte, SHA1NEXTE)                                                                                           \
    FN(sha1msg1, SHA1MSG1)                                                                                             \
    FN(sha1msg2, SHA1MSG2)                                                                                             \
    FN(sha256rnds2, SHA256RNDS2)                                                                                       \
    FN(sha256msg1, SHA256MSG1)                                                                                         \
    FN(sha256msg2, SHA256MSG2)
enum x86_fn {
#define X86_FN_NUMBER(name, kind) X86_FN_##name,
    X86_FNS(X86_FN_NUMBER)
#undef X86_FN_NUMBER
        X86_FN_COUNT
};
#define X86_FN_DECLARE(name, kind)                                                                                     \
    void x86_fn_##name(union ir_value *result, const union ir_value *const *args, unsigned imm);
X86_FNS(X86_FN_DECLARE)
#undef X86_FN_DECLARE
extern const struct ir_vec_fn x86_fns[X86_FN_COUNT];

/* x86_helpers_str.c: the string compares (SDM volume 2, 4.1), as IR_VEC_PCMPSTRI and IR_VEC_PCMPSTRM say. Element 0 of
 * x86_fn_strfind's result has the flags, element 1 the index. */
enum { X86_STR_O = 1, X86_STR_C = 1 << 8, X86_STR_ALWAYS = 1 << 9, X86_STR_Z = 1 << 14, X86_STR_S = 1 << 15 };
extern const struct ir_vec_fn x86_fn_strfind, x86_fn_strmask;

#endif
