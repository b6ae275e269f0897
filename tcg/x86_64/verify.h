/* SPDX-License-Identifier: Apache-2.0 */
/* Whether all addresses in a block's code are noted. */
#ifndef TANDEM_TCG_X86_64_VERIFY_H
#define TANDEM_TCG_X86_64_VERIFY_H

#include <string.h>

#include "tcg/tcg.h"

/* In debug builds, aborts if one is not. The request asks for them, or nothing is looked at. */
void tcg_verify_relocs(const struct tcg_request *req, const struct tcg_result *result);

#endif
