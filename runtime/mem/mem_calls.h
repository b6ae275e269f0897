/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that change the guest's memory map. PROT_* and MAP_* have the guest's values, which all our 64-bit
 * guests share with the host. Each call returns a result >= 0 or -errno, but for mem_brk. */
#ifndef TANDEM_RUNTIME_MEM_MEM_CALLS_H
#define TANDEM_RUNTIME_MEM_MEM_CALLS_H

#include <sys/mman.h>

#include "runtime/mem/mem_types.h"

TANDEM_BEGIN_DECLS
long mem_mmap(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot, int flags, int fd, uint64_t offset);
long mem_munmap(struct guest_mem *mem, gaddr_t addr, uint64_t len);
long mem_mprotect(struct guest_mem *mem, gaddr_t addr, uint64_t len, int prot);
long mem_mremap(struct guest_mem *mem, gaddr_t old_addr, uint64_t old_len, uint64_t new_len, int flags,
                gaddr_t new_addr);
long mem_madvise(struct guest_mem *mem, gaddr_t addr, uint64_t len, int advice);
long mem_msync(struct guest_mem *mem, gaddr_t addr, uint64_t len, int flags);
/* Returns the new break; on failure and for addr 0, the old one. */
long mem_brk(struct guest_mem *mem, gaddr_t addr);
/* Says where the heap begins. The loader calls this once. */
void mem_set_brk(struct guest_mem *mem, gaddr_t start);
/* From now on what the guest may read it may execute (personality(2), READ_IMPLIES_EXEC), or not. Any thread. */
void mem_set_read_executes(struct guest_mem *mem, bool on);
bool mem_read_executes(const struct guest_mem *mem);
TANDEM_END_DECLS

#endif
