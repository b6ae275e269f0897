/* SPDX-License-Identifier: Apache-2.0 */
/* Guest code: fetching it, and noticing when it changes. Threads and locks: guest_mem.h. */
#ifndef TANDEM_RUNTIME_MEM_MEM_CODE_H
#define TANDEM_RUNTIME_MEM_MEM_CODE_H

#include "runtime/mem/mem_types.h"

TANDEM_BEGIN_DECLS
/* Guest code at pc: *code points at it. *avail is the number of bytes up to the end of the executable mapping, at most
 * 4096. False: not executable. The bytes may change under the reader: compare generations. */
bool mem_fetch(struct guest_mem *mem, gaddr_t pc, const uint8_t **code, size_t *avail);
/* Pages of [start, end) now hold translated code: those that the guest can write are write-protected. Returns
 * mem_generation of the range. */
uint64_t mem_protect_code(struct guest_mem *mem, gaddr_t start, gaddr_t end);
/* A number that changes with every call of invalidate for a page of the range. */
uint64_t mem_generation(struct guest_mem *mem, gaddr_t start, gaddr_t end);
/* Does the guest write code on this page all the time? Then the page is not protected; blocks there check their bytes
 * on entry. */
bool mem_code_is_volatile(struct guest_mem *mem, gaddr_t pc);
/* Code on the page of addr has written to this page. mem_code_writes_itself is true from now on. */
void mem_note_self_write(struct guest_mem *mem, gaddr_t addr);
bool mem_code_writes_itself(struct guest_mem *mem, gaddr_t pc);
/* Has the guest itself the right to write at pc? */
bool mem_code_is_writable(struct guest_mem *mem, gaddr_t pc);

/* Called by the SIGSEGV handler: was it a guest write to a page that only we protect? Then the page is made writable
 * and its translations are invalidated; the access can be made again. Async-signal-safe with respect to guest code. */
bool mem_handle_write_fault(struct guest_mem *mem, gaddr_t addr);
/* The kernel is about to write [addr, addr+len) in a system call: what only we protect there is made writable, as
 * mem_handle_write_fault would do for a guest's write. True if something was protected. The cost is one atomic load
 * while no page is protected.
 * Another thread may translate code there again before the kernel writes. So a caller that gets EFAULT calls again, and
 * makes the system call again while the answer is true. */
bool mem_prepare_write(struct guest_mem *mem, gaddr_t addr, uint64_t len);
TANDEM_END_DECLS

#endif
