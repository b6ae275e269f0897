/* SPDX-License-Identifier: Apache-2.0 */
/* C functions behind rare vector instructions: the records that IR refers to. */
#ifndef TANDEM_FRONTEND_X86_SSE_X86_HELPERS_H
#define TANDEM_FRONTEND_X86_SSE_X86_HELPERS_H

#include "src/ir/ir.h"
#include "src/ir/value.h"

/* Functions that rows name by number: FN(name, kind of enum ir_vec_kind). x86_helpers_vec.c: permutations and sums;
 * x86_helpers_crypto.c: AES, SHA, carry-less products */
#define X86_FNS(FN)                                                                                                    \
    FN(permilps, OTHER)                                                                                                \
    FN(permilpd, OTHER)                                                                                                \
    FN(permd, OTHER)                                                                                                   \
    FN(maddubs, OTHER)                                                                                                 \
    FN(mpsadbw, OTHER)                                                                                                 \
    FN(phminposuw, OTHER)                                                                                              \
    FN(rcpps, RCPPS)                                                                                                   \
    FN(rsqrtps, RSQRTPS)                                                                                               \
    FN(aesenc, AESENC)                                                                                                 \
    FN(aesenclast, AESENCLAST)                                                                                         \
    FN(aesdec, AESDEC)                                                                                                 \
    FN(aesdeclast, AESDECLAST)                                                                                         \
    FN(aesimc, AESIMC)                                                                                                 \
    FN(aeskeygen, OTHER)                                                                                               \
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

/* x86_helpers_str.c: the string compares (SDM volume 2, 4.1). args: first operand, second operand, two 64-bit lengths;
 * imm: the instruction's, and X86_STR_EXPLICIT if the lengths count. x86_fn_strcmp: 32-bit elements: the mask, the
 * index, ZF, SF;
 * x86_fn_strmask: the mask of that result as the instructions ending in M give it */
enum { X86_STR_EXPLICIT = 0x100 };
extern const struct ir_vec_fn x86_fn_strcmp, x86_fn_strmask;

#endif
