/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's memory map: which addresses belong to the guest, with which rights, and which pages hold translated code.
 *
 * This header makes the map and answers questions about ranges. mem_calls.h and mem_shm.h have the system calls that
 * change it, mem_code.h the pages with translated code, mem_list.h the list of mappings.
 *
 * Guest addresses are host addresses; 32-bit guests have the lowest 4 GiB. So the map also keeps the guest away from
 * tandem's own memory: nothing here maps over, unmaps or changes a host page that the guest does not own. Guest code is
 * data for the host: no page gets the host's PROT_EXEC, and pages that the guest may only execute are readable.
 *
 * Ownership: one struct guest_mem a process, made by user_mode_create.
 *
 * Threads: every function of the public headers may be called from any thread. Each takes mem.lock (a read-write lock)
 * and releases it before it returns. The invalidate hook runs without mem.lock. mem_generation, mem_code_is_volatile
 * and mem_code_writes_itself take no lock: they may be called with tbs.lock held. mem_handle_write_fault takes mem.lock
 * in a SIGSEGV handler: what touches guest memory for the guest (generated code, ir_interp, copies in system calls)
 * never holds it.
 *
 * Functions that return "long" are the system calls of their names: they give a result >= 0 or -errno, and take
 * rounded or unrounded arguments as the calls do. */
#ifndef TANDEM_RUNTIME_MEM_GUEST_MEM_H
#define TANDEM_RUNTIME_MEM_GUEST_MEM_H

#include "runtime/mem/mem_types.h"
#include "src/base/status.h"

TANDEM_BEGIN_DECLS
/* arg is handed to invalidate. */
enum status mem_create(struct guest_mem **out, mem_invalidate_fn invalidate, void *arg);
/* Unmaps everything that the guest owns, and frees mem. NULL: nothing to do. */
void mem_destroy(struct guest_mem *mem);
/* Write faults (1 to 65535) after which a code page is no longer protected but checked by content. */
void mem_set_fault_limit(struct guest_mem *mem, unsigned faults);
/* The guest's addresses end at limit, below the host's. Called before anything is mapped. What the guest leaves to the
 * kernel to place goes below top, and above it only where there is no room left.
 * STATUS_NO_MEMORY: the host process itself has something in that space, first at *in_the_way. */
enum status mem_set_limit(struct guest_mem *mem, gaddr_t limit, gaddr_t top, gaddr_t *in_the_way);
gaddr_t mem_limit(const struct guest_mem *mem);

/* ---- questions ---- */
/* Is all of [addr, addr+len) the guest's and writable by it? len 0: true. */
bool mem_is_writable(struct guest_mem *mem, gaddr_t addr, uint64_t len);
/* Does the guest own the page at addr, whatever the rights? For si_code: MAPERR or ACCERR. */
bool mem_is_mapped(struct guest_mem *mem, gaddr_t addr);
/* The guest's PROT_* bits at addr, or -1. */
int mem_prot_at(struct guest_mem *mem, gaddr_t addr);

/* The end of what the guest has mapped without a gap from addr on, at most end; addr if nothing is there. */
gaddr_t mem_covered(struct guest_mem *mem, gaddr_t addr, gaddr_t end);
/* The end of the mapping at addr, as far as it has one kind and the same rights; addr if there is none. */
gaddr_t mem_mapped_end(struct guest_mem *mem, gaddr_t addr);

/* What lies in [start, end) gets a name in mem_foreach; name must stay valid. */
void mem_set_label(struct guest_mem *mem, gaddr_t start, gaddr_t end, const char *name);

/* ---- fork: before it, then after it in the parent or in the child ---- */
void mem_fork_prepare(struct guest_mem *mem);
void mem_fork_parent(struct guest_mem *mem);
void mem_fork_child(struct guest_mem *mem);
TANDEM_END_DECLS

#endif
