/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a region, and its returns: machine code that is not LLVM's. */
#ifndef TANDEM_LLVM_OPT_ENTRY_H
#define TANDEM_LLVM_OPT_ENTRY_H

#include "src/base/types.h"

/* The table of the blocks of the entries, by number, in an object. */
#define LOPT_ENTRIES "entries"

enum { LOPT_NO_PROLOGUE = UINT32_MAX, LOPT_ENTRY_ALIGN = 16 };

TANDEM_BEGIN_DECLS
/* Bytes from the function's begin to the indirect jump of its first block; LOPT_NO_PROLOGUE: there is none. */
uint32_t lopt_prologue_size(const uint8_t *code, size_t size);
/* Bytes of an entry with a prologue of so many. */
uint32_t lopt_entry_size(uint32_t prologue);
/* Writes the entry at offset at of the image: the prologue of size bytes that is at offset prologue, then a jump to
 * block. */
void lopt_entry_write(uint8_t *image, uint32_t prologue, uint32_t size, uint32_t at, uint32_t block);
/* Makes a return of the jump whose distance is there. False: it is a conditional one. */
bool lopt_return_in_place(uint8_t *distance);
TANDEM_END_DECLS

#endif
