/* SPDX-License-Identifier: Apache-2.0 */
/* Who can change code behind the back of its mapping.
 *
 * Invariants
 * I1  A descriptor that can write is in the process's table before mem_note_descriptor looks for its file among those
 *     with code, and a file is among them before find_writer looks through the table. So one of the two sees the
 *     other, whichever thread is first.
 * I2  Files with code and areas change under mem.lock (write). */
#include "runtime/mem/mem_writers.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/mem/mem_forget.h"
#include "runtime/mem/mem_struct.h"

static bool can_write(int fd)
{
    const int mode = fcntl(fd, F_GETFL);
    return mode >= 0 && !(mode & O_PATH) && (mode & O_ACCMODE) != O_RDONLY;
}

void mem_identify(struct mem_area *area, int fd)
{
    struct stat st;
    if (fd < 0 || area->flags & MAP_ANONYMOUS || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    area->dev = st.st_dev;
    area->ino = st.st_ino;
    area->writes_file = (area->flags & MAP_SHARED) && can_write(fd);
}

/* Is fd a descriptor that can write to the file? */
static bool writes(int fd, const struct mem_code_file *file)
{
    struct stat st;
    return can_write(fd) && fstat(fd, &st) == 0 && st.st_dev == file->dev && st.st_ino == file->ino;
}

static bool has_descriptor(const struct mem_code_file *file)
{
    enum { WITHOUT_PROC = 1024 };
    bool found = false;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir) {
        for (int fd = 0; fd < WITHOUT_PROC && !found; fd++)
            found = writes(fd, file);
        return found;
    }
    for (const struct dirent *entry; !found && (entry = readdir(dir));)
        found = entry->d_name[0] != '.' && writes(atoi(entry->d_name), file);
    closedir(dir);
    return found;
}

static bool has_shared_mapping(const struct mem_areas *areas, const struct mem_code_file *file)
{
    for (size_t i = 0; i < areas->count; i++) {
        const struct mem_area *area = &areas->item[i];
        if (area->writes_file && area->dev == file->dev && area->ino == file->ino)
            return true;
    }
    return false;
}

static struct mem_code_file *find_file(const struct guest_mem *mem, uint64_t dev, uint64_t ino)
{
    for (size_t i = 0; i < mem->code_file_count; i++)
        if (mem->code_files[i].ino == ino && mem->code_files[i].dev == dev)
            return &mem->code_files[i];
    return NULL;
}

bool mem_file_changes_locked(struct guest_mem *mem, const struct mem_area *area)
{
    if (!area->ino)
        return false;
    struct mem_code_file *file = find_file(mem, area->dev, area->ino);
    if (file)
        return file->changes;
    struct mem_code_file *grown = realloc(mem->code_files, (mem->code_file_count + 1) * sizeof *grown);
    if (!grown)
        return true;
    mem->code_files = grown;
    file = &grown[mem->code_file_count++];
    *file = (struct mem_code_file){area->dev, area->ino, false}; /* I1 */
    file->changes = has_shared_mapping(&mem->areas, file) || has_descriptor(file);
    return file->changes;
}

/* Code of the file goes; what is translated again is checked. */
static void set_changes(struct guest_mem *mem, uint64_t dev, uint64_t ino)
{
    struct mem_drop drop = {0, 0};
    pthread_rwlock_wrlock(&mem->lock);
    struct mem_code_file *file = find_file(mem, dev, ino);
    if (file && !file->changes) {
        file->changes = true;
        for (size_t i = 0; i < mem->areas.count; i++) {
            const struct mem_area *area = &mem->areas.item[i];
            if (area->dev == dev && area->ino == ino && !(area->flags & MAP_SHARED))
                mem_forget_code_locked(mem, area->start, area->end, MEM_FORGET_WRITTEN, &drop);
        }
    }
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
}

static void note_file(struct guest_mem *mem, const struct stat *st)
{
    pthread_rwlock_rdlock(&mem->lock);
    const struct mem_code_file *file = find_file(mem, st->st_dev, st->st_ino);
    const bool news = file && !file->changes;
    pthread_rwlock_unlock(&mem->lock);
    if (news)
        set_changes(mem, st->st_dev, st->st_ino);
}

void mem_note_descriptor(struct guest_mem *mem, int fd)
{
    struct stat st;
    if (!can_write(fd) || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return;
    note_file(mem, &st);
    if (st.st_size == 0 && st.st_nlink == 1 && mem_is_memory_file(fd))
        __atomic_store_n(&mem->has_memory_file, true, __ATOMIC_RELEASE);
}

void mem_note_changed_file(struct guest_mem *mem, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0)
        note_file(mem, &st);
}

bool mem_has_memory_file(const struct guest_mem *mem)
{
    return __atomic_load_n(&mem->has_memory_file, __ATOMIC_ACQUIRE);
}

bool mem_is_memory_file(int fd)
{
    char link[64], name[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t n = readlink(link, name, sizeof name - 1);
    if (n < 5)
        return false;
    name[n] = 0;
    return strncmp(name, "/proc/", 6) == 0 && strcmp(name + n - 4, "/mem") == 0;
}

void mem_note_written_code(struct guest_mem *mem, gaddr_t addr, uint64_t len)
{
    struct mem_drop drop = {0, 0};
    if (addr + len < addr)
        return;
    pthread_rwlock_wrlock(&mem->lock);
    mem_forget_code_locked(mem, addr, addr + len, MEM_FORGET_WRITTEN, &drop);
    pthread_rwlock_unlock(&mem->lock);
    mem_drop_code(mem, &drop);
}
