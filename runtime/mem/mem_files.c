/* SPDX-License-Identifier: Apache-2.0 */
/* A list of mapped files, and a window of addresses in which each has its place.
 *
 * How: a file's place is a page of the window that a hash of its identity chooses. If something is there, others are
 * tried, then it goes anywhere. A window of 32 million pages is so wide that a hundred libraries seldom meet.
 *
 * I1  The window lies behind the place of position-independent programs, with room for their heap, and away from where
 *     the host puts mappings of its own choice.
 * I2  The newest entry for an address counts: an older one may be of a file that was mapped over.
 */
#include "runtime/mem/mem_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/mem/mem_struct.h"
#include "src/base/hash.h"

enum { MAX_FILES = 4096 };

/* I1 */
struct window {
    gaddr_t start, end;
};

static const struct window wide = {UINT64_C(0x5000000000), UINT64_C(0x7000000000)}, narrow = {0xe0000000u, 0xf0000000u};

static const struct window *window_of(const struct guest_mem *mem) { return mem->limit > wide.end ? &wide : &narrow; }

void mem_set_files(struct guest_mem *mem, bool are_noted, bool are_placed)
{
    mem->files.are_noted = are_noted;
    mem->files.are_placed = are_noted && are_placed;
}

bool mem_file_id(const struct guest_mem *mem, int fd, uint64_t id[2])
{
    struct stat st;
    uint8_t page[MEM_PAGE_SIZE];
    if (!mem->files.are_noted || fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    ssize_t n = pread(fd, page, sizeof page, 0);
    if (n < 16 || memcmp(page, "\177ELF", 4) != 0)
        return false;
    struct hash128 h = hash128_of((struct hash128){{(uint64_t)st.st_size, 0}}, page, (size_t)n);
    memcpy(id, h.lane, sizeof h.lane);
    return true;
}

gaddr_t mem_file_place(const struct guest_mem *mem, const uint64_t id[2], unsigned attempt)
{
    const struct window *w = window_of(mem);
    if (!mem->files.are_placed)
        return 0;
    struct hash128 h = hash128_of((struct hash128){{attempt, 0}}, id, 2 * sizeof *id);
    return w->start + h.lane[0] % ((w->end - w->start) / MEM_PAGE_SIZE) * MEM_PAGE_SIZE;
}

gaddr_t mem_vdso_place(const struct guest_mem *mem) { return mem->files.are_placed ? window_of(mem)->end : 0; }

/* Room for one more. */
static bool make_room_locked(struct mem_files *f)
{
    if (f->count == MAX_FILES)
        memmove(f->list, f->list + 1, --f->count * sizeof *f->list);
    if (f->count < f->capacity)
        return true;
    size_t n = f->capacity ? f->capacity * 2 : 16;
    struct mem_file *list = realloc(f->list, n * sizeof *list);
    if (!list)
        return false;
    f->list = list;
    f->capacity = n;
    return true;
}

void mem_note_file(struct guest_mem *mem, gaddr_t start, gaddr_t end, const uint64_t id[2])
{
    struct mem_files *f = &mem->files;
    if (!f->are_noted)
        return;
    pthread_rwlock_wrlock(&mem->lock);
    if (make_room_locked(f))
        f->list[f->count++] = (struct mem_file){start, mem_page_up(end), {id[0], id[1]}};
    pthread_rwlock_unlock(&mem->lock);
}

void mem_forget_files_locked(struct guest_mem *mem, gaddr_t start, gaddr_t end)
{
    struct mem_files *f = &mem->files;
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->list[i].start < start || f->list[i].end > end)
            f->list[kept++] = f->list[i];
    f->count = kept;
}

bool mem_file_at(struct guest_mem *mem, gaddr_t addr, uint64_t id[2])
{
    const struct mem_files *f = &mem->files;
    bool found = false;
    pthread_rwlock_rdlock(&mem->lock);
    for (size_t i = f->count; i-- && !found;) { /* I2 */
        found = addr >= f->list[i].start && addr < f->list[i].end;
        if (found)
            memcpy(id, f->list[i].id, sizeof f->list[i].id);
    }
    pthread_rwlock_unlock(&mem->lock);
    return found;
}
