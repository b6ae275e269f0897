/* SPDX-License-Identifier: Apache-2.0 */
/* Vector operations as C functions of values (struct ir_vec_fn): those of cryptography, for which hosts have
 * instructions (named by x86's, SDM volume 2), and rare ones. */
#ifndef TANDEM_FRONTEND_AARCH64_A64_FNS_H
#define TANDEM_FRONTEND_AARCH64_A64_FNS_H

#include "src/ir/ir.h"

/* imm of a64_fn_rdmlah and a64_fn_rdmlsh: the element's bits, and: where it saturates instead of the result */
enum { A64_FN_MASK = 0x80 };

TANDEM_BEGIN_DECLS
extern const struct ir_vec_fn a64_fn_aesenc, a64_fn_aesenclast, a64_fn_aesdec, a64_fn_aesdeclast, a64_fn_aesimc,
    a64_fn_sha1rnds4, a64_fn_sha256rnds2, a64_fn_sha256msg1, a64_fn_sha256msg2;
/* carry-less products of 64 bits; of eight bytes, 16 bits each; of sixteen bytes, 8 bits each */
extern const struct ir_vec_fn a64_fn_pmull64, a64_fn_pmull8, a64_fn_pmul8;
/* SQRDMLAH, SQRDMLSH: factors, addend */
extern const struct ir_vec_fn a64_fn_rdmlah, a64_fn_rdmlsh;
TANDEM_END_DECLS

#endif
