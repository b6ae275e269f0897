/* SPDX-License-Identifier: Apache-2.0 */
/* Code that changes without an access to the mapping it is in: through the file behind a private mapping, or through
 * /proc/self/mem.
 *
 * What a file holds shows in private mappings of it, page by page until the guest writes to the page. So code in a file
 * that this process can write, by a descriptor or a shared mapping, is treated as code in shared memory: its blocks
 * compare their bytes on entry. Whether it can is found out when the first code of the file is translated, and noted
 * when the guest gets such a descriptor later. Programs that do not write to the files of their code pay for a look at
 * their descriptors with each such file, and for an fstat with each file that they open for writing.
 *
 * Not seen: what other processes write to such a file by descriptors that this process never had. */
#ifndef TANDEM_RUNTIME_MEM_MEM_WRITERS_H
#define TANDEM_RUNTIME_MEM_MEM_WRITERS_H

#include "runtime/mem/mem_types.h"

struct mem_area;

TANDEM_BEGIN_DECLS
/* area is about to become a mapping of the file behind fd: says which file, and whether the mapping can write it. */
void mem_identify(struct mem_area *area, int fd);
/* May the bytes of this area change by its file? Only asked of areas with code. mem.lock held (write). */
bool mem_file_changes_locked(struct guest_mem *mem, const struct mem_area *area);
/* The guest has a new descriptor. Any thread; cheap where it cannot write. */
void mem_note_descriptor(struct guest_mem *mem, int fd);
/* The file at this path of the host's has changed. */
void mem_note_changed_file(struct guest_mem *mem, const char *path);
/* Was there a descriptor of /proc/self/mem, or of another process's, that can write? */
bool mem_has_memory_file(const struct guest_mem *mem);
/* Is fd one? */
bool mem_is_memory_file(int fd);
/* [addr, addr + len) has been written by such a file. */
void mem_note_written_code(struct guest_mem *mem, gaddr_t addr, uint64_t len);
TANDEM_END_DECLS

#endif
