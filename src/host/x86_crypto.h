/* SPDX-License-Identifier: Apache-2.0 */
/* AES, SHA and carry-less products as x86-64 hosts compute them (SDM volume 2). Operands and result are 16 bytes of any
 * alignment; the result may be an operand. Pure. A host without the instruction must not be asked. Other hosts have
 * none of these functions, and no x86 front end. */
#ifndef TANDEM_HOST_X86_CRYPTO_H
#define TANDEM_HOST_X86_CRYPTO_H

#include "src/base/types.h"

TANDEM_BEGIN_DECLS
void host_x86_aesenc(void *r, const void *a, const void *b);
void host_x86_aesenclast(void *r, const void *a, const void *b);
void host_x86_aesdec(void *r, const void *a, const void *b);
void host_x86_aesdeclast(void *r, const void *a, const void *b);
void host_x86_aesimc(void *r, const void *a);
void host_x86_aeskeygen(void *r, const void *a, uint8_t round_constant);
void host_x86_sha1nexte(void *r, const void *a, const void *b);
void host_x86_sha1msg1(void *r, const void *a, const void *b);
void host_x86_sha1msg2(void *r, const void *a, const void *b);
void host_x86_sha1rnds4(void *r, const void *a, const void *b, unsigned function);
void host_x86_sha256rnds2(void *r, const void *a, const void *b, const void *keys);
void host_x86_sha256msg1(void *r, const void *a, const void *b);
void host_x86_sha256msg2(void *r, const void *a, const void *b);
/* r: 16 bytes */
void host_x86_pclmul(void *r, uint64_t a, uint64_t b);
TANDEM_END_DECLS

#endif
