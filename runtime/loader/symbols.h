/* SPDX-License-Identifier: Apache-2.0 */
/* Names of guest code, from the symbol tables of the ELF files that the guest has mapped. A table is read when a name
 * of it is first asked for.
 *
 * Ownership: struct symbols belongs to whoever made it: runtime/observe makes one if perf map, --explain or -d in_asm
 * want names.
 * Threads: any, but no signal handler. A mutex is inside. */
#ifndef TANDEM_RUNTIME_LOADER_SYMBOLS_H
#define TANDEM_RUNTIME_LOADER_SYMBOLS_H

#include "runtime/mem/mem_types.h"

struct symbols;

TANDEM_BEGIN_DECLS
struct symbols *symbols_create(struct guest_mem *mem);
void symbols_destroy(struct symbols *s);
/* Writes "name" or "name+0x12" of the function at addr to text. False, and "": there is none. */
bool symbols_name(struct symbols *s, gaddr_t addr, char *text, size_t size);
/* The run-time address of a symbol. Every executable mapping is searched, in the order of addresses. */
bool symbols_address(struct symbols *s, const char *name, gaddr_t *addr);
TANDEM_END_DECLS

#endif
