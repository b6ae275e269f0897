/* SPDX-License-Identifier: Apache-2.0 */
/* Names of guest code from the symbol tables of what the guest has mapped.
 *
 * How: the way from an address to a name has three steps. A list of the guest's mappings gives a file and an offset in
 * it. The file's program headers turn the offset into an ELF address. A sorted array of the file's functions gives the
 * name. Programs, dynamic linkers and libraries are treated alike.
 * The list is read again when an address is in none of its mappings. A file is read once, when it is first needed.
 *
 * Invariants
 * I1  Nothing in a file is trusted: every offset is checked against the size that was read.
 * I2  Everything is read and changed under lock.
 * I3  Names of symbols point into the mapping of their file. */
#include "runtime/loader/symbols.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/loader/elf_class.h"
#include "runtime/mem/mem_list.h"
#include "src/base/log.h"

struct symbol {
    uint64_t value, size;
    const char *name;
};

/* A file that was read; symbols sorted by value. */
struct symbol_file {
    char *path;
    uint8_t *data; /* private mapping of the file; NULL: not readable */
    uint64_t size;
    bool is32;
    Elf64_Ehdr header; /* all zero: not ELF */
    struct symbol *symbol;
    size_t count;
    struct symbol_file *next;
};

/* A mapping of the guest. */
struct symbol_range {
    gaddr_t start, end;
    uint64_t offset;
    bool executable;
    char *path;
};

struct symbols {
    pthread_mutex_t lock;
    struct guest_mem *mem;
    struct symbol_file *files;
    struct symbol_range *range; /* in address order */
    size_t count, capacity;
};

struct symbols *symbols_create(struct guest_mem *mem)
{
    struct symbols *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    pthread_mutex_init(&s->lock, NULL);
    s->mem = mem;
    return s;
}

static void forget_ranges(struct symbols *s)
{
    for (size_t i = 0; i < s->count; i++)
        free(s->range[i].path);
    s->count = 0;
}

void symbols_destroy(struct symbols *s)
{
    if (!s)
        return;
    forget_ranges(s);
    free(s->range);
    while (s->files) {
        struct symbol_file *f = s->files;
        s->files = f->next;
        if (f->data)
            munmap(f->data, f->size);
        free(f->symbol);
        free(f->path);
        free(f);
    }
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- ELF files ---- */

/* size bytes at offset, or NULL if the file is shorter. */
static const void *bytes_at(const struct symbol_file *f, uint64_t offset, uint64_t size)
{
    return offset <= f->size && size <= f->size - offset ? f->data + offset : NULL;
}

/* Reads the header into f->header. False: not ELF. */
static bool read_header(struct symbol_file *f)
{
    const unsigned char *ident = f->data ? bytes_at(f, 0, sizeof(Elf32_Ehdr)) : NULL;
    if (!ident || memcmp(ident, ELFMAG, SELFMAG) != 0 || !bytes_at(f, 0, ELF_SIZE(Ehdr, elf_is32(ident))))
        return false;
    f->is32 = elf_is32(ident);
    elf_get_ehdr(&f->header, ident, f->is32);
    return true;
}

/* Copies the i-th section header to out: files need not align it. False: there is none. */
static bool section_at(const struct symbol_file *f, unsigned i, Elf64_Shdr *out)
{
    const Elf64_Ehdr *h = &f->header;
    const size_t one = ELF_SIZE(Shdr, f->is32);
    if (i >= h->e_shnum || h->e_shentsize != one || h->e_shoff > f->size)
        return false;
    const void *p = bytes_at(f, h->e_shoff + i * one, one);
    if (p)
        elf_get_shdr(out, p, f->is32);
    return p != NULL;
}

static int by_value(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* Is it a name for code? Assembly files give their labels no type; "$x" marks kinds of bytes. */
static bool is_code(const Elf64_Sym *sym, const char *name)
{
    const unsigned type = ELF64_ST_TYPE(sym->st_info);
    return sym->st_shndx != SHN_UNDEF && sym->st_shndx < SHN_LORESERVE && name[0] && name[0] != '$' &&
           (type == STT_FUNC || type == STT_GNU_IFUNC || (type == STT_NOTYPE && name[0] != '.'));
}

static void read_table(struct symbol_file *f, const Elf64_Shdr *table)
{
    Elf64_Shdr names;
    const size_t one = ELF_SIZE(Sym, f->is32), count = table->sh_size / one;
    const uint8_t *syms = bytes_at(f, table->sh_offset, table->sh_size);
    if (!syms || table->sh_entsize != one || !section_at(f, table->sh_link, &names))
        return;
    const char *strings = bytes_at(f, names.sh_offset, names.sh_size);
    if (!strings || names.sh_size == 0 || strings[names.sh_size - 1] != 0)
        return;
    f->symbol = malloc((count + 1) * sizeof *f->symbol);
    if (!f->symbol)
        return;
    for (size_t i = 0; i < count; i++) {
        Elf64_Sym sym;
        elf_get_sym(&sym, syms + i * one, f->is32);
        if (sym.st_name < names.sh_size && is_code(&sym, strings + sym.st_name))
            f->symbol[f->count++] = (struct symbol){sym.st_value, sym.st_size, strings + sym.st_name};
    }
    qsort(f->symbol, f->count, sizeof *f->symbol, by_value);
}

/* The symbol table, or the dynamic one where the file is stripped. */
static void read_symbols(struct symbol_file *f)
{
    static const uint32_t kinds[] = {SHT_SYMTAB, SHT_DYNSYM};
    Elf64_Shdr section;
    for (size_t k = 0; k < ARRAY_LEN(kinds) && f->count == 0; k++)
        for (unsigned i = 0; section_at(f, i, &section); i++)
            if (section.sh_type == kinds[k] && !f->symbol)
                read_table(f, &section);
}

static void map_file(struct symbol_file *f)
{
    struct stat st;
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        f->size = (uint64_t)st.st_size;
        f->data = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (f->data == MAP_FAILED)
            f->data = NULL;
    }
    close(fd);
}

static struct symbol_file *find_file(struct symbols *s, const char *path)
{
    for (struct symbol_file *f = s->files; f; f = f->next)
        if (strcmp(f->path, path) == 0)
            return f;
    struct symbol_file *f = calloc(1, sizeof *f);
    if (!f)
        out_of_memory("symbols");
    f->path = strdup(path);
    f->next = s->files;
    s->files = f;
    map_file(f);
    if (read_header(f))
        read_symbols(f);
    return f;
}

/* Turns a file offset into an ELF address, or the reverse. False: no loaded segment has it. */
static bool translate(const struct symbol_file *f, bool to_address, uint64_t in, uint64_t *out)
{
    const Elf64_Ehdr *h = &f->header;
    const size_t one = ELF_SIZE(Phdr, f->is32);
    for (unsigned i = 0; i < h->e_phnum && h->e_phentsize == one && h->e_phoff <= f->size; i++) {
        Elf64_Phdr p;
        const void *at = bytes_at(f, h->e_phoff + i * one, one);
        if (!at)
            return false;
        elf_get_phdr(&p, at, f->is32);
        const uint64_t from = to_address ? p.p_offset : p.p_vaddr, to = to_address ? p.p_vaddr : p.p_offset;
        if (p.p_type != PT_LOAD || in < from || in - from >= p.p_filesz)
            continue;
        *out = to + (in - from);
        return true;
    }
    return false;
}

/* ---- the guest's mappings ---- */

static bool add_range(const struct mem_region *r, void *arg)
{
    struct symbols *s = arg;
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 64;
        s->range = realloc(s->range, s->capacity * sizeof *s->range);
        if (!s->range)
            out_of_memory("symbols");
    }
    char *path = strdup(r->name[0] == '/' ? r->name : "");
    s->range[s->count++] = (struct symbol_range){
        .start = r->start, .end = r->end, .offset = r->offset, .executable = r->prot & PROT_EXEC, .path = path};
    return true;
}

static void read_ranges(struct symbols *s)
{
    forget_ranges(s);
    mem_foreach(s->mem, add_range, s);
}

static const struct symbol_range *search_range(const struct symbols *s, gaddr_t addr)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->range[middle].end > addr)
            high = middle;
        else
            low = middle + 1;
    }
    return low < s->count && s->range[low].start <= addr ? &s->range[low] : NULL;
}

static const struct symbol_range *find_range(struct symbols *s, gaddr_t addr)
{
    const struct symbol_range *r = search_range(s, addr);
    if (r && r->executable)
        return r;
    read_ranges(s);
    return search_range(s, addr);
}

/* The function that ELF address value lies in: the last one that begins at or before it, unless it ends before. */
static const struct symbol *find_symbol(const struct symbol_file *f, uint64_t value)
{
    size_t low = 0, high = f->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->symbol[middle].value > value)
            high = middle;
        else
            low = middle + 1;
    }
    for (size_t i = low; i > 0 && low - i < 8; i--) { /* several names may begin at one place; prefer one with a size */
        const struct symbol *sym = &f->symbol[i - 1];
        if (sym->size && value - sym->value < sym->size)
            return sym;
    }
    return low > 0 && f->symbol[low - 1].size == 0 ? &f->symbol[low - 1] : NULL;
}

bool symbols_name(struct symbols *s, gaddr_t addr, char *text, size_t size)
{
    uint64_t value;
    const struct symbol *sym = NULL;
    text[0] = 0;
    pthread_mutex_lock(&s->lock);
    const struct symbol_range *r = find_range(s, addr);
    if (r && r->path[0]) {
        const struct symbol_file *f = find_file(s, r->path);
        if (translate(f, true, r->offset + (addr - r->start), &value))
            sym = find_symbol(f, value);
        if (sym && sym->value == value)
            snprintf(text, size, "%s", sym->name);
        else if (sym)
            snprintf(text, size, "%s+0x%llx", sym->name, (unsigned long long)(value - sym->value));
    }
    pthread_mutex_unlock(&s->lock);
    return sym != NULL;
}

/* Where this mapping has the symbol, if it has it. */
static bool address_in(struct symbols *s, const struct symbol_range *r, const char *name, gaddr_t *addr)
{
    const struct symbol_file *f = find_file(s, r->path);
    for (size_t i = 0; i < f->count; i++) {
        uint64_t offset;
        if (strcmp(f->symbol[i].name, name) != 0 || !translate(f, false, f->symbol[i].value, &offset))
            continue;
        if (offset < r->offset || offset - r->offset >= r->end - r->start)
            continue;
        *addr = r->start + (offset - r->offset);
        return true;
    }
    return false;
}

bool symbols_address(struct symbols *s, const char *name, gaddr_t *addr)
{
    bool found = false;
    pthread_mutex_lock(&s->lock);
    read_ranges(s);
    for (size_t i = 0; i < s->count && !found; i++)
        if (s->range[i].executable && s->range[i].path[0])
            found = address_in(s, &s->range[i], name, addr);
    pthread_mutex_unlock(&s->lock);
    return found;
}
