/* SPDX-License-Identifier: Apache-2.0 */
/* Makes the vDSO: a small ELF shared object in one page of guest memory.
 *
 * How: the page is written from its start to its end, as an ELF file of the guest's bits. An address in it is an offset
 * in the page, since its only segment has address 0. Its symbols name the guest's pieces of code (guest->abi->vdso),
 * with the versions that C libraries look for: sigreturn, i386's way into the kernel, and the functions of time, which
 * read the host's clocks (frontend/vdso_clock.h).
 *
 * Invariants
 * I1  The page is written before it becomes read-only and executable, and never after. */
#include "runtime/loader/vdso.h"

#include <string.h>

#include "runtime/mem/guest_mem.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_files.h"

enum {
    SEGMENTS = 2,
    DYNAMICS = 10,
    CODE_ALIGN = 16,
    STRINGS_MAX = 512,
    VERSIONS = 3, /* the file's own, the symbols', the older symbols' */
};

/* The page under construction, and where its parts are. */
struct vdso {
    const struct guest *guest;
    bool is32;
    uint8_t *page;
    size_t used;
    size_t code[GUEST_VDSO_COUNT], dynamic, symbols, hash, strings, versions, symbol_versions;
    size_t names[GUEST_VDSO_COUNT], soname, strings_size; /* in the string table */
    size_t version_names[VERSIONS];
    unsigned version_count;
    unsigned count; /* of symbols, the null symbol included */
};

/* Reserves size bytes in the page and returns their offset. 0: the page is full. */
static size_t reserve(struct vdso *v, size_t size, size_t align)
{
    const size_t at = ALIGN_UP(v->used, align);
    v->used = at + size;
    return v->used <= MEM_PAGE_SIZE ? at : 0;
}

static bool put_code(struct vdso *v)
{
    for (unsigned i = 0; i < GUEST_VDSO_COUNT; i++) {
        const struct guest_vdso_code *c = &v->guest->abi->vdso->code[i];
        if (!c->symbol)
            continue;
        if (!(v->code[i] = reserve(v, c->size, CODE_ALIGN)))
            return false;
        memcpy(v->page + v->code[i], c->code, c->size);
        v->count++;
    }
    return true;
}

static size_t put_string(struct vdso *v, char *strings, const char *s)
{
    const size_t at = v->strings_size, len = strlen(s) + 1;
    if (at + len > STRINGS_MAX)
        return 0;
    memcpy(strings + at, s, len);
    v->strings_size += len;
    return at;
}

static bool put_strings(struct vdso *v)
{
    char strings[STRINGS_MAX] = "";
    v->strings_size = 1;
    v->soname = put_string(v, strings, v->is32 ? "linux-gate.so.1" : "linux-vdso.so.1");
    for (unsigned i = 0; i < GUEST_VDSO_COUNT; i++) {
        if (v->code[i])
            v->names[i] = put_string(v, strings, v->guest->abi->vdso->code[i].symbol);
    }
    v->version_names[0] = v->soname;
    v->version_names[1] = put_string(v, strings, v->guest->abi->vdso->version);
    v->version_count = 2;
    if (v->guest->abi->vdso->old_version)
        v->version_names[v->version_count++] = put_string(v, strings, v->guest->abi->vdso->old_version);
    if (!(v->strings = reserve(v, v->strings_size, 1)))
        return false;
    memcpy(v->page + v->strings, strings, v->strings_size);
    return true;
}

static bool put_symbols(struct vdso *v)
{
    if (!(v->symbols = reserve(v, v->count * ELF_SIZE(Sym, v->is32), 8)))
        return false;
    uint8_t *at = v->page + v->symbols + ELF_SIZE(Sym, v->is32); /* the first is null */
    for (unsigned i = 0; i < GUEST_VDSO_COUNT; i++) {
        const Elf64_Sym sym = {.st_name = (Elf64_Word)v->names[i],
                               .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                               .st_shndx = 1,
                               .st_value = v->code[i],
                               .st_size = v->guest->abi->vdso->code[i].size};
        if (v->code[i])
            at += elf_put_sym(at, &sym, v->is32);
    }
    return true;
}

/* One bucket: every symbol is on its chain. */
static bool put_hash(struct vdso *v)
{
    uint32_t table[3 + GUEST_VDSO_COUNT + 1] = {1, v->count, 1};
    for (unsigned i = 1; i < v->count; i++)
        table[3 + i] = i + 1 < v->count ? i + 1 : 0;
    if (!(v->hash = reserve(v, (3 + v->count) * sizeof table[0], 8)))
        return false;
    memcpy(v->page + v->hash, table, (3 + v->count) * sizeof table[0]);
    return true;
}

/* The hash of a version's name: that of symbols, System V ABI. */
static uint32_t hash_of(const char *name)
{
    uint32_t h = 0;
    for (; *name; name++) {
        h = (h << 4) + (uint8_t)*name;
        h = (h ^ (h & 0xf0000000) >> 24) & 0x0fffffff;
    }
    return h;
}

/* Definitions of versions, numbered from 1, and the number of each symbol's. Both look the same in 32 and 64 bits. */
static bool put_versions(struct vdso *v)
{
    struct {
        Elf64_Verdef def;
        Elf64_Verdaux aux;
    } d;
    Elf64_Half symbol[GUEST_VDSO_COUNT + 1] = {VER_NDX_LOCAL};
    if (!(v->versions = reserve(v, v->version_count * sizeof d, 8)) ||
        !(v->symbol_versions = reserve(v, v->count * sizeof symbol[0], 2)))
        return false;
    for (unsigned i = 0; i < v->version_count; i++) {
        const char *name = (const char *)v->page + v->strings + v->version_names[i];
        d.def = (Elf64_Verdef){.vd_version = VER_DEF_CURRENT,
                               .vd_flags = i ? 0 : VER_FLG_BASE,
                               .vd_ndx = (Elf64_Half)(i + 1),
                               .vd_cnt = 1,
                               .vd_hash = hash_of(name),
                               .vd_aux = sizeof d.def,
                               .vd_next = i + 1 < v->version_count ? sizeof d : 0};
        d.aux = (Elf64_Verdaux){.vda_name = (Elf64_Word)v->version_names[i]};
        memcpy(v->page + v->versions + i * sizeof d, &d, sizeof d);
    }
    unsigned n = 1;
    for (unsigned i = 0; i < GUEST_VDSO_COUNT; i++) {
        if (v->code[i])
            symbol[n++] = (Elf64_Half)(i < GUEST_VDSO_OLD_COUNT ? v->version_count : 2);
    }
    memcpy(v->page + v->symbol_versions, symbol, v->count * sizeof symbol[0]);
    return true;
}

static bool put_dynamic(struct vdso *v)
{
    const struct {
        int64_t tag;
        uint64_t value;
    } entries[DYNAMICS] = {
        {DT_SONAME, v->soname},           {DT_HASH, v->hash},
        {DT_STRTAB, v->strings},          {DT_SYMTAB, v->symbols},
        {DT_STRSZ, v->strings_size},      {DT_SYMENT, ELF_SIZE(Sym, v->is32)},
        {DT_VERSYM, v->symbol_versions},  {DT_VERDEF, v->versions},
        {DT_VERDEFNUM, v->version_count}, {DT_NULL, 0},
    };
    if (!(v->dynamic = reserve(v, DYNAMICS * ELF_SIZE(Dyn, v->is32), 8)))
        return false;
    uint8_t *at = v->page + v->dynamic;
    for (unsigned i = 0; i < DYNAMICS; i++)
        at += elf_put_dyn(at, entries[i].tag, entries[i].value, v->is32);
    return true;
}

static void put_headers(struct vdso *v, uint32_t elf_flags)
{
    const struct guest *guest = v->guest;
    const Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, guest->elf.bits, guest->elf.byte_order, EV_CURRENT},
        .e_type = ET_DYN,
        .e_machine = guest->elf.machine,
        .e_version = EV_CURRENT,
        .e_phoff = ELF_SIZE(Ehdr, v->is32),
        .e_flags = elf_flags,
        .e_ehsize = (Elf64_Half)ELF_SIZE(Ehdr, v->is32),
        .e_phentsize = (Elf64_Half)ELF_SIZE(Phdr, v->is32),
        .e_phnum = SEGMENTS,
    };
    const Elf64_Phdr load = {
        .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = v->used, .p_memsz = v->used, .p_align = MEM_PAGE_SIZE};
    const size_t size = DYNAMICS * ELF_SIZE(Dyn, v->is32);
    const Elf64_Phdr dynamic = {.p_type = PT_DYNAMIC,
                                .p_flags = PF_R,
                                .p_align = 8,
                                .p_offset = v->dynamic,
                                .p_vaddr = v->dynamic,
                                .p_paddr = v->dynamic,
                                .p_filesz = size,
                                .p_memsz = size};
    uint8_t *at = v->page;
    at += elf_put_ehdr(at, &header, v->is32);
    at += elf_put_phdr(at, &load, v->is32);
    elf_put_phdr(at, &dynamic, v->is32);
}

enum status vdso_map(const struct loader_target *to, uint32_t elf_flags, struct loader_image *image,
                     const struct loader_message *m)
{
    long at = mem_mmap(to->mem, mem_vdso_place(to->mem), MEM_PAGE_SIZE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at < 0)
        return loader_fail(m, STATUS_NO_MEMORY, "no room for the vDSO");
    struct vdso v = {
        .guest = to->guest, .is32 = guest_is32(to->guest), .page = mem_host(to->mem, (gaddr_t)at), .count = 1};
    v.used = ELF_SIZE(Ehdr, v.is32) + SEGMENTS * ELF_SIZE(Phdr, v.is32);
    if (!put_code(&v) || !put_strings(&v) || !put_symbols(&v) || !put_hash(&v) || !put_versions(&v) || !put_dynamic(&v))
        return loader_fail(m, STATUS_TOO_LARGE, "the guest's code does not fit into the vDSO");
    put_headers(&v, elf_flags);
    mem_mprotect(to->mem, (gaddr_t)at, MEM_PAGE_SIZE, PROT_READ | PROT_EXEC);
    mem_set_label(to->mem, (gaddr_t)at, (gaddr_t)at + MEM_PAGE_SIZE, "[vdso]");
    image->vdso = (gaddr_t)at;
    image->vdso_end = (gaddr_t)at + MEM_PAGE_SIZE;
    for (unsigned i = 0; i < GUEST_VDSO_COUNT; i++)
        image->vdso_code[i] = v.code[i] ? (gaddr_t)at + v.code[i] : 0;
    return STATUS_OK;
}
