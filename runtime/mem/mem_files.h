/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are mapped where, by an identity that is the same in every process and on every machine; and where they
 * are to be mapped, which follows from it. The cache on disk names regions by these files, and code that was compiled
 * for one address is of no use at another.
 *
 * An identity is a hash of a file's size and first page, where a linker's build id is: never of its name, its inode or
 * its time. Files that are alike in both share an identity; whoever uses it compares the code as well. */
#ifndef TANDEM_RUNTIME_MEM_MEM_FILES_H
#define TANDEM_RUNTIME_MEM_MEM_FILES_H

#include "runtime/mem/mem_types.h"

struct mem_file {
    gaddr_t start, end;
    uint64_t id[2];
};

/* Under mem.lock, but for the flags, which are const. */
struct mem_files {
    bool are_noted;  /* mem_note_file does something */
    bool are_placed; /* files go where their identity says */
    struct mem_file *list;
    size_t count, capacity;
};

TANDEM_BEGIN_DECLS
/* Before anything is mapped. Nothing is noted or placed otherwise. */
void mem_set_files(struct guest_mem *mem, bool are_noted, bool are_placed);
/* The identity of the ELF file behind fd. False: it is none, or is not asked for. */
bool mem_file_id(const struct guest_mem *mem, int fd, uint64_t id[2]);
/* The address where a file of this identity goes, page-aligned; attempt 0 first, then those up to MEM_FILE_ATTEMPTS.
 * 0: wherever there is room. */
enum { MEM_FILE_ATTEMPTS = 4 };
gaddr_t mem_file_place(const struct guest_mem *mem, const uint64_t id[2], unsigned attempt);
/* Where the vDSO goes; 0: wherever there is room. */
gaddr_t mem_vdso_place(const struct guest_mem *mem);
/* The file is mapped in [start, end). */
void mem_note_file(struct guest_mem *mem, gaddr_t start, gaddr_t end, const uint64_t id[2]);
/* Nothing of what lies within [start, end) is mapped any more. mem.lock held. */
void mem_forget_files_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end);
/* The identity of the file that was mapped at addr. */
bool mem_file_at(struct guest_mem *mem, gaddr_t addr, uint64_t id[2]);
TANDEM_END_DECLS

#endif
