/* SPDX-License-Identifier: Apache-2.0 */
/* The loop over one block, for every host: see block.c. */
#ifndef TANDEM_TCG_COMMON_BLOCK_H
#define TANDEM_TCG_COMMON_BLOCK_H

#include "tcg/common/host.h"

/* Translates the request's block with the host's emitters. t: all zero; struct tcg may be the first member of a struct
 * of the host's. */
enum status tcg_translate_block(struct tcg *t, const struct tcg_host *host, const struct tcg_request *req,
                                struct tcg_result *result);

#endif
