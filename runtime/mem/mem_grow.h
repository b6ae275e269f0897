/* SPDX-License-Identifier: Apache-2.0 */
/* Mappings that the kernel grows downwards (MAP_GROWSDOWN): the guest's first stack, and those that it makes itself.
 *
 * The kernel does the growing, and decides about it: RLIMIT_STACK of this process is the guest's, and the gap to the
 * next mapping below (MEM_GROW_GAP) is kept. It tells nobody. So the areas have a growing mapping's start as it was
 * when somebody last looked, and who needs to know what lies in a gap below one calls mem_see_growth_locked. */
#ifndef TANDEM_RUNTIME_MEM_MEM_GROW_H
#define TANDEM_RUNTIME_MEM_MEM_GROW_H

#include "runtime/mem/mem_types.h"

enum { MEM_GROW_GAP = 256 * MEM_PAGE_SIZE };

TANDEM_BEGIN_DECLS
/* Enters into the areas what the kernel has grown into [start, end), and from an area that begins in it: a call that
 * changes that one would part it from its growth. A system call for each growing area right above a gap; nothing if
 * there is none. Called under mem.lock (write). */
void mem_see_growth_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end);
/* Takes out of the areas what the kernel has unmapped in [start, end), where a call of the host's has failed. Called
 * under mem.lock (write). */
struct mem_drop;
void mem_see_unmapped_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end, struct mem_drop *drop);
/* The start of the host's mapping that holds addr; addr if there is none. Reads the host's list. */
gaddr_t mem_host_start(gaddr_t addr);
/* Is anything mapped at this page? */
bool mem_host_has_page(gaddr_t page);
/* The same for one address, which lies in no area as far as is known. True: it lies in one now. Takes mem.lock. */
bool mem_see_growth_at(struct guest_mem *mem, gaddr_t addr);
TANDEM_END_DECLS

#endif
