/* SPDX-License-Identifier: Apache-2.0 */
/* The linker's build id, which it makes of all that is in the executable; without one, the executable's own bytes. */
#include "runtime/store/build.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

/* Looks for the build id among the notes at p. */
static bool hash_notes(const uint8_t *p, size_t size, struct hash128 *hash)
{
    while (size >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) note;
        memcpy(&note, p, sizeof note);
        size_t name = sizeof note, desc = name + ALIGN_UP(note.n_namesz, 4), end = desc + ALIGN_UP(note.n_descsz, 4);
        if (end > size)
            return false;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && !memcmp(p + name, "GNU", 4)) {
            *hash = hash128_of((struct hash128){{1, 0}}, p + desc, note.n_descsz);
            return true;
        }
        p += end, size -= end;
    }
    return false;
}

/* The first object is the executable. */
static int visit(struct dl_phdr_info *info, size_t size, void *arg)
{
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
        if (ph->p_type == PT_NOTE && hash_notes((const uint8_t *)info->dlpi_addr + ph->p_vaddr, ph->p_memsz, arg))
            return 1;
    }
    return -1;
}

static bool hash_executable(struct hash128 *hash)
{
    static const struct hash128 start = {{2, 0}};
    uint8_t bytes[16384];
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ssize_t n;
    *hash = start;
    if (fd < 0)
        return false;
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        *hash = hash128_of(*hash, bytes, (size_t)n);
    close(fd);
    return n == 0;
}

bool store_build_hash(struct hash128 *hash) { return dl_iterate_phdr(visit, hash) == 1 || hash_executable(hash); }
