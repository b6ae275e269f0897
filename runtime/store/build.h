/* SPDX-License-Identifier: Apache-2.0 */
/* Which build of tandem this is. */
#ifndef TANDEM_RUNTIME_STORE_BUILD_H
#define TANDEM_RUNTIME_STORE_BUILD_H

#include "src/base/hash.h"

TANDEM_BEGIN_DECLS
/* Two builds whose machine code differs have different hashes. False: it cannot be told. */
bool store_build_hash(struct hash128 *hash);
TANDEM_END_DECLS

#endif
