/* SPDX-License-Identifier: Apache-2.0 */
/* Reads ELF headers and says in the user's words what is wrong with a file.
 *
 * How: everything is read with pread into memory of our own and checked before use.
 *
 * Invariants
 * I1  After elf_read_segments succeeded, no sum of fields of a PT_LOAD wraps around. No later reader checks this again.
 * I2  What the kernel loads is loaded: a header that the file ends in, segments in any order, and bytes of a segment
 *     behind the file's end, which fault where they are touched (execve(2), fs/binfmt_elf.c).
 */
#include "runtime/loader/elf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/mem/mem_types.h"

enum {
    MAX_HEADER_BYTES = 65536, /* of program headers, as the kernel has it */
    ADDRESS_BITS = 47,
    FILE_BITS = 63, /* of a position in a file */
    EM_486 = 6,     /* the kernel's; no other machine has it */
};

enum status loader_fail(const struct loader_message *m, enum status status, const char *fmt, ...)
{
    if (m && m->text && m->size) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(m->text, m->size, fmt, args);
        va_end(args);
    }
    return status;
}

static enum status check_regular(struct elf_file *file, const struct loader_message *m)
{
    struct stat st;
    if (fstat(file->fd, &st) < 0)
        return loader_fail(m, STATUS_SYSTEM, "%s", strerror(errno));
    if (S_ISDIR(st.st_mode))
        return loader_fail(m, STATUS_BAD_FORMAT, "is a directory");
    if (!S_ISREG(st.st_mode))
        return loader_fail(m, STATUS_BAD_FORMAT, "not a regular file");
    if (!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))) {
        errno = EACCES;
        return loader_fail(m, STATUS_SYSTEM, "permission denied (not executable)");
    }
    file->size = (uint64_t)st.st_size;
    return STATUS_OK;
}

enum status elf_open(const char *path, int fd, struct elf_file *file, const struct loader_message *m)
{
    memset(file, 0, sizeof *file);
    file->fd = fd;
    if (fd < 0) {
        file->fd = open(path, O_RDONLY | O_CLOEXEC);
        file->own_fd = true;
    }
    if (file->fd < 0) {
        const bool missing = errno == ENOENT || errno == ENOTDIR;
        return loader_fail(m, missing ? STATUS_NOT_FOUND : STATUS_SYSTEM, "%s", strerror(errno));
    }
    enum status status = check_regular(file, m);
    if (status != STATUS_OK) {
        const int error = errno;
        elf_close(file);
        errno = error;
    }
    return status;
}

void elf_close(struct elf_file *file)
{
    if (file->own_fd && file->fd >= 0)
        close(file->fd);
    free(file->segment);
    memset(file, 0, sizeof *file);
    file->fd = -1;
}

/* All of size bytes at offset, or false. */
static bool read_at(const struct elf_file *file, void *to, size_t size, uint64_t offset)
{
    if (offset > file->size || size > file->size - offset)
        return false;
    for (size_t done = 0; done < size;) {
        ssize_t n = pread(file->fd, (char *)to + done, size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

static const char *machine_name(unsigned machine)
{
    static const struct {
        uint16_t machine;
        const char *name;
    } known[] = {
        {EM_X86_64, "x86-64"},   {EM_386, "i386"},
        {EM_AARCH64, "AArch64"}, {EM_ARM, "Arm"},
        {EM_RISCV, "RISC-V"},    {EM_PPC64, "POWER"},
        {EM_PPC, "PowerPC"},     {EM_S390, "IBM Z"},
        {EM_MIPS, "MIPS"},       {EM_SPARCV9, "SPARC"},
        {EM_SPARC, "SPARC"},     {EM_68K, "m68k"},
        {EM_ALPHA, "Alpha"},     {EM_LOONGARCH, "LoongArch"},
        {EM_PARISC, "PA-RISC"},  {EM_IA_64, "IA-64"},
    };
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i].machine == machine)
            return known[i].name;
    return NULL;
}

static enum status wrong_machine(const struct elf_file *file, enum loader_kind *kind, const struct loader_message *m)
{
    const unsigned char *ident = file->header.e_ident;
    const char *name = machine_name(file->header.e_machine);
    char number[32];
    snprintf(number, sizeof number, "machine %u", file->header.e_machine);
    if (file->header.e_machine == EM_X86_64 && ident[EI_CLASS] == ELFCLASS64)
        *kind = LOADER_HOST;
    return loader_fail(m, STATUS_WRONG_MACHINE, "built for %s%s%s, which is not supported", name ? name : number,
                       ident[EI_CLASS] == ELFCLASS32 ? ", 32 bits" : "",
                       ident[EI_DATA] == ELFDATA2MSB ? ", big-endian" : "");
}

/* The guest of a header as it lies in the file. As in the kernel the machine decides (I2): the order of bytes is not
 * looked at, and the class only where machines of both widths have one number. */
static const struct guest *find_guest(Elf64_Ehdr *h)
{
    unsigned char *ident = h->e_ident;
    const unsigned char data = ident[EI_DATA];
    if (h->e_machine == EM_486)
        h->e_machine = EM_386;
    if (h->e_machine == EM_386)
        ident[EI_CLASS] = ELFCLASS32;
    else if (h->e_machine == EM_X86_64 && h->e_phentsize == sizeof(Elf64_Phdr)) /* else x32 */
        ident[EI_CLASS] = ELFCLASS64;
    ident[EI_DATA] = ELFDATA2LSB;
    const struct guest *guest = guest_find_elf(h->e_machine, ident[EI_CLASS], ELFDATA2LSB);
    if (!guest && data == ELFDATA2MSB) {
        ident[EI_DATA] = data;
        h->e_machine = __builtin_bswap16(h->e_machine);
    }
    return guest;
}

enum status elf_identify(struct elf_file *file, enum loader_kind *kind, const struct guest **guest,
                         const struct loader_message *m)
{
    Elf64_Ehdr *h = &file->header;
    *kind = LOADER_OTHER;
    *guest = NULL;
    memset(h, 0, sizeof *h);
    const size_t have = file->size < sizeof *h ? (size_t)file->size : sizeof *h; /* behind the end are zeros (I2) */
    if (!read_at(file, h, have, 0))
        return loader_fail(m, STATUS_SYSTEM, "cannot be read");
    if (have >= 2 && h->e_ident[0] == '#' && h->e_ident[1] == '!') {
        *kind = LOADER_SCRIPT;
        return loader_fail(m, STATUS_BAD_FORMAT, "is a script: run its interpreter");
    }
    if (have < SELFMAG || memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return loader_fail(m, STATUS_BAD_FORMAT, "not an ELF file");
    *guest = find_guest(h);
    if (!*guest)
        return wrong_machine(file, kind, m);
    elf_get_ehdr(h, h, elf_is32(h->e_ident));
    if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
        return loader_fail(m, STATUS_BAD_FORMAT, "%s, not a program",
                           h->e_type == ET_REL    ? "an object file"
                           : h->e_type == ET_CORE ? "a core file"
                                                  : "an ELF file");
    *kind = LOADER_GUEST;
    return STATUS_OK;
}

static enum status check_load(const Elf64_Phdr *p, const struct loader_message *m)
{
    if (p->p_filesz > p->p_memsz)
        return loader_fail(m, STATUS_BAD_FORMAT, "bad program header: more bytes in the file than in memory");
    if (p->p_vaddr >> ADDRESS_BITS || p->p_memsz >> ADDRESS_BITS || (p->p_vaddr + p->p_memsz) >> ADDRESS_BITS)
        return loader_fail(m, STATUS_BAD_FORMAT, "bad program header: segment outside of the address space");
    if (p->p_filesz && (p->p_vaddr - p->p_offset) % MEM_PAGE_SIZE)
        return loader_fail(m, STATUS_BAD_FORMAT, "bad program header: address and file offset do not fit together");
    if (p->p_filesz && (p->p_offset >> FILE_BITS || (p->p_offset + p->p_filesz) >> FILE_BITS))
        return loader_fail(m, STATUS_BAD_FORMAT, "bad program header: segment outside of any file");
    return STATUS_OK;
}

enum status elf_read_headers(struct elf_file *file, const struct loader_message *m)
{
    const Elf64_Ehdr *h = &file->header;
    const bool is32 = elf_is32(h->e_ident);
    const size_t one = ELF_SIZE(Phdr, is32), bytes = h->e_phnum * one;
    if (h->e_phnum == 0 || h->e_phentsize != one || bytes > MAX_HEADER_BYTES)
        return loader_fail(m, STATUS_BAD_FORMAT, "bad ELF header: no usable program headers");
    file->segment = malloc(h->e_phnum * sizeof *file->segment);
    if (!file->segment)
        return loader_fail(m, STATUS_NO_MEMORY, "out of memory");
    /* The 32-bit headers lie at the end of the array. Widening goes upwards and overwrites only those already read. */
    char *raw = (char *)file->segment + h->e_phnum * sizeof *file->segment - bytes;
    if (!read_at(file, raw, bytes, h->e_phoff))
        return loader_fail(m, STATUS_BAD_FORMAT, "file is cut short: no program headers");
    for (unsigned i = 0; is32 && i < h->e_phnum; i++)
        elf_get_phdr(&file->segment[i], raw + i * one, is32);
    return STATUS_OK;
}

enum status elf_read_segments(struct elf_file *file, const struct loader_message *m)
{
    enum status status = elf_read_headers(file, m);
    if (status != STATUS_OK)
        return status;
    const Elf64_Ehdr *h = &file->header;
    bool any = false;
    for (unsigned i = 0; i < h->e_phnum; i++) {
        const Elf64_Phdr *p = &file->segment[i];
        if (p->p_type != PT_LOAD)
            continue;
        status = check_load(p, m);
        if (status != STATUS_OK)
            return status;
        any |= p->p_memsz != 0;
    }
    any |= elf_find_segment(file, PT_INTERP) != NULL; /* to whom the rest is left */
    return any ? STATUS_OK : loader_fail(m, STATUS_BAD_FORMAT, "bad ELF header: nothing to load");
}

const Elf64_Phdr *elf_find_segment(const struct elf_file *file, uint32_t type)
{
    for (unsigned i = 0; i < file->header.e_phnum; i++)
        if (file->segment[i].p_type == type)
            return &file->segment[i];
    return NULL;
}

const Elf64_Phdr *elf_find_last_segment(const struct elf_file *file, uint32_t type)
{
    for (unsigned i = file->header.e_phnum; i-- > 0;)
        if (file->segment[i].p_type == type)
            return &file->segment[i];
    return NULL;
}

enum status elf_read_interp(const struct elf_file *file, char *path, size_t size, const struct loader_message *m)
{
    const Elf64_Phdr *p = elf_find_segment(file, PT_INTERP);
    if (!p)
        return STATUS_NOT_FOUND;
    if (p->p_filesz < 2 || p->p_filesz > size || !read_at(file, path, p->p_filesz, p->p_offset) ||
        path[p->p_filesz - 1] != 0)
        return loader_fail(m, STATUS_BAD_FORMAT, "bad program header: name of the dynamic linker");
    return STATUS_OK;
}
