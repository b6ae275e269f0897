/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the vDSO: a small ELF shared object in one page of guest memory.
 *
 * How: a struct gives the layout; addresses in it are offsets, since its only segment is loaded at 0. It exports the
 * sigreturn trampoline as __vdso_rt_sigreturn, so that unwinders and debuggers can name it. Time functions are not in
 * it: libc then makes the system calls, which is what stubs of ours would do.
 *
 * Invariants
 * I1  The page is written before it becomes read-only and executable, and never after. */
#include "runtime/loader/vdso.h"

#include <string.h>

#define VDSO_SONAME "linux-vdso.so.1"
#define VDSO_SYMBOL "__vdso_rt_sigreturn"

enum {
    SEGMENTS = 2,
    TRAMPOLINE_MAX = 256,
};

struct vdso_hash {
    uint32_t nbucket, nchain, bucket[1], chain[2];
};

struct vdso_image {
    Elf64_Ehdr header;
    Elf64_Phdr segment[SEGMENTS];
    Elf64_Dyn dynamic[7];
    Elf64_Sym symbol[2];
    char strings[1 + sizeof VDSO_SONAME + sizeof VDSO_SYMBOL];
    TANDEM_ALIGNED(8) struct vdso_hash hash;
    TANDEM_ALIGNED(16) uint8_t trampoline[TRAMPOLINE_MAX];
};

_Static_assert(sizeof(struct vdso_image) <= MEM_PAGE_SIZE, "the vDSO is one page");

enum {
    SONAME_AT = 1,
    SYMBOL_AT = SONAME_AT + sizeof VDSO_SONAME,
};

static void fill_headers(struct vdso_image *v, const struct guest_ops *ops, uint32_t elf_flags)
{
    v->header = (Elf64_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ops->elf_class, ops->elf_data, EV_CURRENT},
        .e_type = ET_DYN,
        .e_machine = ops->elf_machine,
        .e_version = EV_CURRENT,
        .e_phoff = offsetof(struct vdso_image, segment),
        .e_flags = elf_flags,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = SEGMENTS,
    };
    v->segment[0] = (Elf64_Phdr){.p_type = PT_LOAD,
                                 .p_flags = PF_R | PF_X,
                                 .p_filesz = sizeof *v,
                                 .p_memsz = sizeof *v,
                                 .p_align = MEM_PAGE_SIZE};
    v->segment[1] = (Elf64_Phdr){.p_type = PT_DYNAMIC, .p_flags = PF_R, .p_align = 8};
    v->segment[1].p_offset = v->segment[1].p_vaddr = v->segment[1].p_paddr = offsetof(struct vdso_image, dynamic);
    v->segment[1].p_filesz = v->segment[1].p_memsz = sizeof v->dynamic;
}

static void fill_dynamic(struct vdso_image *v, size_t code_size)
{
    const Elf64_Dyn dynamic[ARRAY_LEN(v->dynamic)] = {
        {DT_SONAME, {SONAME_AT}},
        {DT_HASH, {offsetof(struct vdso_image, hash)}},
        {DT_STRTAB, {offsetof(struct vdso_image, strings)}},
        {DT_SYMTAB, {offsetof(struct vdso_image, symbol)}},
        {DT_STRSZ, {sizeof v->strings}},
        {DT_SYMENT, {sizeof(Elf64_Sym)}},
        {DT_NULL, {0}},
    };
    memcpy(v->dynamic, dynamic, sizeof dynamic);
    v->symbol[1] = (Elf64_Sym){.st_name = SYMBOL_AT,
                               .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                               .st_shndx = 1,
                               .st_value = offsetof(struct vdso_image, trampoline),
                               .st_size = code_size};
    memcpy(v->strings + SONAME_AT, VDSO_SONAME, sizeof VDSO_SONAME);
    memcpy(v->strings + SYMBOL_AT, VDSO_SYMBOL, sizeof VDSO_SYMBOL);
    v->hash = (struct vdso_hash){.nbucket = 1, .nchain = 2, .bucket = {1}, .chain = {0, 0}};
}

enum status vdso_map(struct process *proc, uint32_t elf_flags, struct loader_image *image,
                     const struct loader_message *m)
{
    const struct guest_ops *ops = proc->ops;
    if (ops->sigreturn_size > TRAMPOLINE_MAX)
        return loader_fail(m, STATUS_TOO_LARGE, "sigreturn trampoline does not fit into the vDSO");
    long at = mem_mmap(proc->mem, 0, MEM_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at < 0)
        return loader_fail(m, STATUS_NO_MEMORY, "no room for the vDSO");
    struct vdso_image *v = mem_host(proc->mem, (gaddr_t)at);
    fill_headers(v, ops, elf_flags);
    fill_dynamic(v, ops->sigreturn_size);
    if (ops->sigreturn_size)
        memcpy(v->trampoline, ops->sigreturn_code, ops->sigreturn_size);
    mem_mprotect(proc->mem, (gaddr_t)at, MEM_PAGE_SIZE, PROT_READ | PROT_EXEC);
    mem_set_label(proc->mem, (gaddr_t)at, (gaddr_t)at + MEM_PAGE_SIZE, "[vdso]");
    image->sigreturn = (gaddr_t)at + offsetof(struct vdso_image, trampoline);
    image->vdso = (gaddr_t)at;
    return STATUS_OK;
}
