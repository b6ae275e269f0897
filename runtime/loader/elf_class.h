/* SPDX-License-Identifier: Apache-2.0 */
/* Widens ELF structures of 32-bit files to 64-bit ones, and narrows them. The loader works with the wide ones only. */
#ifndef TANDEM_RUNTIME_LOADER_ELF_CLASS_H
#define TANDEM_RUNTIME_LOADER_ELF_CLASS_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool elf_is32(const unsigned char *ident) { return ident[EI_CLASS] == ELFCLASS32; }

/* Size of a structure in a file of 32 or 64 bits. */
#define ELF_SIZE(type, is32) ((is32) ? sizeof(Elf32_##type) : sizeof(Elf64_##type))

/* The functions elf_get_* widen. from: the structure as it lies in the file, at any alignment. */
static inline void elf_get_ehdr(Elf64_Ehdr *to, const void *from, bool is32)
{
    Elf32_Ehdr n;
    if (!is32) {
        memmove(to, from, sizeof *to);
        return;
    }
    memcpy(&n, from, sizeof n);
    *to = (Elf64_Ehdr){
        .e_type = n.e_type,
        .e_machine = n.e_machine,
        .e_version = n.e_version,
        .e_entry = n.e_entry,
        .e_phoff = n.e_phoff,
        .e_shoff = n.e_shoff,
        .e_flags = n.e_flags,
        .e_ehsize = n.e_ehsize,
        .e_phentsize = n.e_phentsize,
        .e_phnum = n.e_phnum,
        .e_shentsize = n.e_shentsize,
        .e_shnum = n.e_shnum,
        .e_shstrndx = n.e_shstrndx,
    };
    memcpy(to->e_ident, n.e_ident, sizeof to->e_ident);
}

static inline void elf_get_phdr(Elf64_Phdr *to, const void *from, bool is32)
{
    Elf32_Phdr n;
    if (!is32) {
        memcpy(to, from, sizeof *to);
        return;
    }
    memcpy(&n, from, sizeof n);
    *to = (Elf64_Phdr){.p_type = n.p_type,
                       .p_flags = n.p_flags,
                       .p_offset = n.p_offset,
                       .p_vaddr = n.p_vaddr,
                       .p_paddr = n.p_paddr,
                       .p_filesz = n.p_filesz,
                       .p_memsz = n.p_memsz,
                       .p_align = n.p_align};
}

static inline void elf_get_shdr(Elf64_Shdr *to, const void *from, bool is32)
{
    Elf32_Shdr n;
    if (!is32) {
        memcpy(to, from, sizeof *to);
        return;
    }
    memcpy(&n, from, sizeof n);
    *to = (Elf64_Shdr){.sh_name = n.sh_name,
                       .sh_type = n.sh_type,
                       .sh_flags = n.sh_flags,
                       .sh_addr = n.sh_addr,
                       .sh_offset = n.sh_offset,
                       .sh_size = n.sh_size,
                       .sh_link = n.sh_link,
                       .sh_info = n.sh_info,
                       .sh_addralign = n.sh_addralign,
                       .sh_entsize = n.sh_entsize};
}

static inline void elf_get_sym(Elf64_Sym *to, const void *from, bool is32)
{
    Elf32_Sym n;
    if (!is32) {
        memcpy(to, from, sizeof *to);
        return;
    }
    memcpy(&n, from, sizeof n);
    *to = (Elf64_Sym){.st_name = n.st_name,
                      .st_info = n.st_info,
                      .st_other = n.st_other,
                      .st_shndx = n.st_shndx,
                      .st_value = n.st_value,
                      .st_size = n.st_size};
}

/* The functions elf_put_* narrow what the loader itself makes. They return the number of bytes written. */
static inline size_t elf_put_ehdr(void *to, const Elf64_Ehdr *w, bool is32)
{
    const Elf32_Ehdr n = {
        .e_type = w->e_type,
        .e_machine = w->e_machine,
        .e_version = w->e_version,
        .e_entry = (Elf32_Addr)w->e_entry,
        .e_phoff = (Elf32_Off)w->e_phoff,
        .e_shoff = (Elf32_Off)w->e_shoff,
        .e_flags = w->e_flags,
        .e_ehsize = w->e_ehsize,
        .e_phentsize = w->e_phentsize,
        .e_phnum = w->e_phnum,
        .e_shentsize = w->e_shentsize,
        .e_shnum = w->e_shnum,
        .e_shstrndx = w->e_shstrndx,
    };
    memcpy(to, is32 ? (const void *)&n : w, ELF_SIZE(Ehdr, is32));
    memcpy(to, w->e_ident, sizeof w->e_ident);
    return ELF_SIZE(Ehdr, is32);
}

static inline size_t elf_put_phdr(void *to, const Elf64_Phdr *w, bool is32)
{
    const Elf32_Phdr n = {.p_type = w->p_type,
                          .p_flags = w->p_flags,
                          .p_offset = (Elf32_Off)w->p_offset,
                          .p_vaddr = (Elf32_Addr)w->p_vaddr,
                          .p_paddr = (Elf32_Addr)w->p_paddr,
                          .p_filesz = (Elf32_Word)w->p_filesz,
                          .p_memsz = (Elf32_Word)w->p_memsz,
                          .p_align = (Elf32_Word)w->p_align};
    memcpy(to, is32 ? (const void *)&n : w, ELF_SIZE(Phdr, is32));
    return ELF_SIZE(Phdr, is32);
}

static inline size_t elf_put_dyn(void *to, int64_t tag, uint64_t value, bool is32)
{
    const Elf64_Dyn w = {tag, {value}};
    const Elf32_Dyn n = {(Elf32_Sword)tag, {(Elf32_Word)value}};
    memcpy(to, is32 ? (const void *)&n : &w, ELF_SIZE(Dyn, is32));
    return ELF_SIZE(Dyn, is32);
}

static inline size_t elf_put_sym(void *to, const Elf64_Sym *w, bool is32)
{
    const Elf32_Sym n = {.st_name = w->st_name,
                         .st_value = (Elf32_Addr)w->st_value,
                         .st_size = (Elf32_Word)w->st_size,
                         .st_info = w->st_info,
                         .st_other = w->st_other,
                         .st_shndx = w->st_shndx};
    memcpy(to, is32 ? (const void *)&n : w, ELF_SIZE(Sym, is32));
    return ELF_SIZE(Sym, is32);
}

#endif
