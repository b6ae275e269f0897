/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and mapping little-endian ELF programs of 32 and 64 bits. A file may hold any garbage: everything is checked.
 * Internal to runtime/loader. */
#ifndef TANDEM_RUNTIME_LOADER_ELF_FILE_H
#define TANDEM_RUNTIME_LOADER_ELF_FILE_H

#include <elf.h>

#include "runtime/loader/elf_class.h"
#include "runtime/loader/image.h"

/* An open file whose headers have been checked. */
struct elf_file {
    int fd;
    bool own_fd; /* elf_close closes it */
    uint64_t size;
    Elf64_Ehdr header;   /* of a 32-bit file: widened */
    Elf64_Phdr *segment; /* header.e_phnum of them; malloc */
};

/* Where a file was mapped. */
struct elf_mapped {
    gaddr_t bias;       /* run-time address - p_vaddr */
    gaddr_t start, end; /* of all segments; end is not rounded */
    gaddr_t entry;
    gaddr_t phdr; /* AT_PHDR: run-time address of the program headers; bias: not mapped */
    gaddr_t start_code, end_code, start_data, end_data;
};

/* Text for the user about what went wrong. */
struct loader_message {
    char *text;
    size_t size;
};

TANDEM_BEGIN_DECLS
/* Formats a text into m, and returns status. m may be NULL or have no room. */
enum status loader_fail(const struct loader_message *m, enum status status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Opens path (if fd is -1) and checks that it is a regular file that may be executed. */
enum status elf_open(const char *path, int fd, struct elf_file *file, const struct loader_message *m);
void elf_close(struct elf_file *file);
/* Says by its first bytes what the file is, and fills file->header. *guest is set if *kind is LOADER_GUEST. */
enum status elf_identify(struct elf_file *file, enum loader_kind *kind, const struct guest **guest,
                         const struct loader_message *m);
/* Reads the program headers of an identified guest file, whatever they say. */
enum status elf_read_headers(struct elf_file *file, const struct loader_message *m);
/* Reads and checks the program headers of an identified guest file: every PT_LOAD lies within the address space and is
 * congruent to its file offset modulo the page size. There is one, or a dynamic linker. */
enum status elf_read_segments(struct elf_file *file, const struct loader_message *m);
/* The first or last program header of this type, or NULL. */
const Elf64_Phdr *elf_find_segment(const struct elf_file *file, uint32_t type);
const Elf64_Phdr *elf_find_last_segment(const struct elf_file *file, uint32_t type);
/* Copies PT_INTERP's text to path. STATUS_NOT_FOUND: there is none. */
enum status elf_read_interp(const struct elf_file *file, char *path, size_t size, const struct loader_message *m);
/* Maps the segments. An ET_DYN file goes to base if that is free and not 0, else anywhere. */
enum status elf_map(struct guest_mem *mem, const struct elf_file *file, gaddr_t base, struct elf_mapped *out,
                    const struct loader_message *m);
TANDEM_END_DECLS

#endif
