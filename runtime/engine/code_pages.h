/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of the code cache's chunks, and of other tables that grow with the code: see code_pages.c. */
#ifndef TANDEM_RUNTIME_ENGINE_CODE_PAGES_H
#define TANDEM_RUNTIME_ENGINE_CODE_PAGES_H

#include "runtime/engine/code_cache.h"

/* Views of the code cache, its metadata, and the table of blocks begin at multiples of it. */
enum { CODE_PAGES_HUGE = 2 << 20 };

/* Private memory at a multiple of CODE_PAGES_HUGE. MAP_FAILED: there is no address space. */
uint8_t *code_pages_reserve(size_t size);
/* Puts a huge page in place of what is at this multiple of CODE_PAGES_HUGE. False: the kernel cannot. */
bool code_pages_collapse(void *at);
/* Has pages of the chunk come before they are written. The caller has it checked out. filled: it has filled another
 * chunk before. */
void code_pages_come(struct code_cache *cc, struct cc_chunk *c, bool filled);
/* So many bytes of code and metadata are about to be written: the pages that are not there yet come at once. */
void code_pages_need(struct code_cache *cc, struct cc_chunk *c, size_t code, size_t data);

#endif
