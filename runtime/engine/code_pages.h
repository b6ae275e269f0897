/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of the code cache's chunks: see code_pages.c. */
#ifndef TANDEM_RUNTIME_ENGINE_CODE_PAGES_H
#define TANDEM_RUNTIME_ENGINE_CODE_PAGES_H

#include "runtime/engine/code_cache.h"

/* Of code and metadata: views and chunks begin at multiples of it. */
enum { CODE_PAGES_HUGE = 2 << 20 };

/* Has pages of the chunk come before they are written. The caller has it checked out. filled: it has filled another
 * chunk before. */
void code_pages_come(struct code_cache *cc, struct cc_chunk *c, bool filled);
/* So many bytes of code and metadata are about to be written: the pages that are not there yet come at once. */
void code_pages_need(struct code_cache *cc, struct cc_chunk *c, size_t code, size_t data);

#endif
