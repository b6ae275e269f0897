/* SPDX-License-Identifier: Apache-2.0 */
/* Names of guest code: symbol tables of the ELF files that the guest has mapped, read when they are first asked for.
 *
 * Ownership: the set belongs to whoever made it (the engine makes one when perf map, --explain or -d in_asm want
 * names). Threads: any; a mutex inside. Not from signal handlers. */
#ifndef TANDEM_RUNTIME_LOADER_SYMBOLS_H
#define TANDEM_RUNTIME_LOADER_SYMBOLS_H

#include "runtime/mem/mem_types.h"

struct symbols;

TANDEM_BEGIN_DECLS
struct symbols *symbols_create(struct guest_mem *mem);
void symbols_destroy(struct symbols *s);
/* "name" or "name+0x12" of the function at addr into text; "" and false if there is none. */
bool symbols_name(struct symbols *s, gaddr_t addr, char *text, size_t size);
/* The run-time address of a symbol: searched for in every executable mapping, the program first. */
bool symbols_address(struct symbols *s, const char *name, gaddr_t *addr);
TANDEM_END_DECLS

#endif
