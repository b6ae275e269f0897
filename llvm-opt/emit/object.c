/* SPDX-License-Identifier: Apache-2.0 */
/* A small loader for the relocatable objects that LLVM makes: reads one into a flat image and a list of fix-ups, which
 * can then be placed anywhere.
 *
 * I1  Every allocated section (.text*, .rodata*, constant pools) gets its place in the image: code, stubs of cold exits
 *     (stubs.c), entries (entry.h), data. The image is immutable after reading and may be placed more than once.
 * I2  Symbols are those of the image's own sections, exit_N, or host_D: a function of tandem's, D bytes from
 *     lopt_anchor. Anything else is STATUS_LINK_FAILED. So the image holds no address that another process would have
 *     elsewhere.
 * I3  Code is reached within 2 GiB: PC-relative fix-ups are 32-bit and checked. GOT entries, should LLVM ask for them,
 *     are slots appended to the image.
 */
#include <gelf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "llvm-opt/emit/entry.h"
#include "llvm-opt/emit/faults.h"
#include "llvm-opt/emit/host.h"
#include "llvm-opt/emit/object.h"
#include "src/ir/interp/interp.h"

enum { MAX_SECTIONS = 256 };

uintptr_t lopt_anchor(void) { return (uintptr_t)ir_eval; }

struct reader {
    struct lopt_object *o;
    Elf *elf;
    Elf_Data *symbols;
    size_t symbol_strings, section_strings;
    const struct lopt_exit *exits;
    unsigned exit_count;
    struct lopt_object_maps maps;
    struct lopt_stubs stubs;
    uint32_t stubs_at;           /* offset in the image: behind LLVM's code */
    uint32_t function, prologue; /* its offset in the image; bytes of its prologue, for regions with several entries */
    bool placed[MAX_SECTIONS];
    uint32_t offset[MAX_SECTIONS];
    uint32_t align;
};

static bool add_fixup(struct lopt_object *o, struct lopt_fixup f)
{
    if (o->count == o->capacity) {
        size_t n = o->capacity ? o->capacity * 2 : 64;
        struct lopt_fixup *p = realloc(o->fixups, n * sizeof *p);
        if (!p)
            return false;
        o->fixups = p;
        o->capacity = n;
    }
    o->fixups[o->count++] = f;
    return true;
}

/* LLVM's records of where values are, which are no part of the image. */
static bool is_map(const struct reader *r, const GElf_Shdr *sh)
{
    const char *name = elf_strptr(r->elf, r->section_strings, sh->sh_name);
    return name && strcmp(name, ".llvm_stackmaps") == 0;
}

/* Symbols and maps. */
static bool find_tables(struct reader *r)
{
    if (elf_getshdrstrndx(r->elf, &r->section_strings))
        return false;
    for (Elf_Scn *scn = elf_nextscn(r->elf, NULL); scn; scn = elf_nextscn(r->elf, scn)) {
        GElf_Shdr sh;
        if (!gelf_getshdr(scn, &sh) || elf_ndxscn(scn) >= MAX_SECTIONS)
            return false;
        if (sh.sh_type == SHT_SYMTAB) {
            r->symbols = elf_getdata(scn, NULL);
            r->symbol_strings = sh.sh_link;
        } else if (is_map(r, &sh)) {
            const Elf_Data *d = elf_getdata(scn, NULL);
            r->maps.records = d ? d->d_buf : NULL;
            r->maps.bytes = d ? d->d_size : 0;
        }
    }
    return r->symbols;
}

/* Gives each section of code, or each of data, its offset behind what is placed already. */
static bool place_sections(struct reader *r, bool code)
{
    size_t end = r->o->size;
    for (Elf_Scn *scn = elf_nextscn(r->elf, NULL); scn; scn = elf_nextscn(r->elf, scn)) {
        GElf_Shdr sh;
        size_t index = elf_ndxscn(scn);
        if (!gelf_getshdr(scn, &sh))
            return false;
        bool is_code = sh.sh_flags & SHF_EXECINSTR;
        if (!(sh.sh_flags & SHF_ALLOC) || is_code != code || !sh.sh_size || lopt_host_is_unwind(sh.sh_type) ||
            is_map(r, &sh))
            continue;
        size_t align = sh.sh_addralign ? sh.sh_addralign : 1;
        end = ALIGN_UP(end, align);
        r->align = align > r->align ? (uint32_t)align : r->align;
        r->placed[index] = true;
        r->offset[index] = (uint32_t)end;
        end += sh.sh_size;
    }
    r->o->size = end;
    return end && end < INT32_MAX;
}

/* Between code and data; behind them the entries. */
static enum status make_stubs(struct reader *r, const struct lopt_exit_table *sites)
{
    struct lopt_object *o = r->o;
    r->maps.entry = r->function;
    enum status s = lopt_stubs_make(sites, &r->maps, &r->stubs);
    r->stubs_at = (uint32_t)o->size;
    o->size += r->stubs.size;
    if (o->entry_count) {
        o->entry = (uint32_t)ALIGN_UP(o->size, LOPT_ENTRY_ALIGN);
        o->size = o->entry + (size_t)o->entry_count * o->entry_stride;
    }
    o->code_size = o->size;
    return s;
}

static bool copy_sections(struct reader *r)
{
    r->o->image = calloc(1, r->o->size);
    if (!r->o->image)
        return false;
    for (Elf_Scn *scn = elf_nextscn(r->elf, NULL); scn; scn = elf_nextscn(r->elf, scn)) {
        size_t index = elf_ndxscn(scn);
        Elf_Data *d = r->placed[index] ? elf_getdata(scn, NULL) : NULL;
        if (d && d->d_buf)
            memcpy(r->o->image + r->offset[index], d->d_buf, d->d_size);
    }
    return true;
}

/* What a symbol stands for. */
static bool resolve(const struct reader *r, size_t number, struct lopt_fixup *f)
{
    GElf_Sym sym;
    if (!gelf_getsym(r->symbols, (int)number, &sym))
        return false;
    if (sym.st_shndx != SHN_UNDEF && sym.st_shndx < MAX_SECTIONS && r->placed[sym.st_shndx]) {
        f->exit = LOPT_TO_IMAGE;
        f->addend += (int64_t)(r->offset[sym.st_shndx] + sym.st_value);
        return true;
    }
    const char *name = elf_strptr(r->elf, r->symbol_strings, sym.st_name);
    char *end;
    if (name && !strncmp(name, LOPT_HOST_PREFIX, strlen(LOPT_HOST_PREFIX))) {
        f->exit = LOPT_TO_HOST;
        f->addend += (int64_t)strtoll(name + strlen(LOPT_HOST_PREFIX), &end, 10);
        return !*end;
    }
    if (!name || strncmp(name, "exit_", 5))
        return false;
    unsigned long n = strtoul(name + 5, &end, 10);
    f->exit = (int32_t)n;
    return !*end && n < r->exit_count;
}

/* A slot holding the symbol's address, at the image's end. */
static bool add_slot(struct reader *r, struct lopt_fixup *f)
{
    size_t at = ALIGN_UP(r->o->size, 8);
    uint8_t *image = realloc(r->o->image, at + 8);
    if (!image)
        return false;
    memset(image + r->o->size, 0, at + 8 - r->o->size);
    r->o->image = image;
    r->o->size = at + 8;
    if (r->align < 8)
        r->align = 8;
    struct lopt_fixup slot = {.at = (uint32_t)at, .kind = LOPT_FIX_ABS64, .exit = f->exit, .addend = f->addend + 4};
    f->exit = LOPT_TO_IMAGE;
    f->addend = (int64_t)at - 4;
    return add_fixup(r->o, slot);
}

static bool read_relocation(struct reader *r, const GElf_Rela *rel, uint32_t base)
{
    struct lopt_fixup f = {.at = base + (uint32_t)rel->r_offset, .addend = rel->r_addend};
    if (!resolve(r, GELF_R_SYM(rel->r_info), &f))
        return false;
    f.kind = (uint8_t)lopt_host_fixup((uint32_t)GELF_R_TYPE(rel->r_info));
    if (f.kind == LOPT_FIX_UNKNOWN || (f.kind == LOPT_FIX_SLOT_PC32 && !add_slot(r, &f)))
        return false;
    const bool returns = f.exit >= 0 && r->exits[f.exit].kind == IR_EXIT_RET_MATCHED;
    if (returns && f.at && lopt_return_in_place(r->o->image + f.at))
        return true;
    return add_fixup(r->o, f);
}

static bool read_relocations(struct reader *r)
{
    for (Elf_Scn *scn = elf_nextscn(r->elf, NULL); scn; scn = elf_nextscn(r->elf, scn)) {
        GElf_Shdr sh;
        if (!gelf_getshdr(scn, &sh))
            return false;
        if (sh.sh_type != SHT_RELA || sh.sh_info >= MAX_SECTIONS || !r->placed[sh.sh_info])
            continue;
        Elf_Data *d = elf_getdata(scn, NULL);
        for (size_t i = 0; d && i < sh.sh_size / sh.sh_entsize; i++) {
            GElf_Rela rel;
            if (!gelf_getrela(d, (int)i, &rel) || !read_relocation(r, &rel, r->offset[sh.sh_info]))
                return false;
        }
    }
    return true;
}

static bool find_symbol(const struct reader *r, const char *want, GElf_Sym *sym)
{
    for (int i = 0; gelf_getsym(r->symbols, i, sym); i++) {
        const char *name = elf_strptr(r->elf, r->symbol_strings, sym->st_name);
        if (name && !strcmp(name, want) && sym->st_shndx < MAX_SECTIONS)
            return true;
    }
    return false;
}

/* Sections of code are placed. Makes room for the entries behind the code and the stubs. */
static bool find_entries(struct reader *r)
{
    GElf_Sym function, table;
    if (!find_symbol(r, "region", &function) || !r->placed[function.st_shndx])
        return false;
    r->function = r->o->entry = r->offset[function.st_shndx] + (uint32_t)function.st_value;
    if (!find_symbol(r, LOPT_ENTRIES, &table))
        return true;
    const Elf_Data *code = elf_getdata(elf_getscn(r->elf, function.st_shndx), NULL);
    if (!code || !code->d_buf || function.st_value > code->d_size)
        return false;
    const uint8_t *begin = (const uint8_t *)code->d_buf + function.st_value;
    r->prologue = lopt_prologue_size(begin, code->d_size - function.st_value);
    if (r->prologue == LOPT_NO_PROLOGUE)
        return false;
    r->o->entry_count = (uint32_t)(table.st_size / 8);
    r->o->entry_stride = (uint32_t)ALIGN_UP(lopt_entry_size(r->prologue), LOPT_ENTRY_ALIGN);
    return true;
}

/* Data is placed and has its fix-ups. One within the prologue is needed in each copy. */
static bool write_entries(struct reader *r)
{
    GElf_Sym table;
    size_t fixups = r->o->count;
    if (!r->o->entry_count)
        return true;
    if (!find_symbol(r, LOPT_ENTRIES, &table) || !r->placed[table.st_shndx])
        return false;
    uint32_t begin = r->offset[table.st_shndx] + (uint32_t)table.st_value, found = 0;
    for (size_t i = 0; i < fixups; i++) {
        struct lopt_fixup f = r->o->fixups[i];
        uint32_t number = (f.at - begin) / 8;
        if (f.kind == LOPT_FIX_ABS64 && f.at >= begin && number < r->o->entry_count) {
            uint32_t at = r->o->entry + number * r->o->entry_stride;
            lopt_entry_write(r->o->image, r->function, r->prologue, at, (uint32_t)f.addend);
            found++;
        }
        for (uint32_t k = 0; f.at >= r->function && f.at < r->function + r->prologue && k < r->o->entry_count; k++) {
            struct lopt_fixup copy = f;
            copy.at = f.at - r->function + r->o->entry + k * r->o->entry_stride;
            if (!add_fixup(r->o, copy))
                return false;
        }
    }
    return found == r->o->entry_count;
}

static void free_object(struct lopt_object *o)
{
    if (!o)
        return;
    free(o->image);
    free(o->fixups);
    free(o);
}

/* Stubs, jumps to them, and fix-ups of their jumps to the exits. */
static enum status copy_stubs(struct reader *r)
{
    const struct lopt_stubs *s = &r->stubs;
    if (s->size)
        memcpy(r->o->image + r->stubs_at, s->bytes, s->size);
    for (size_t i = 0; i < s->use_count; i++) {
        const struct lopt_stub_use *use = &s->uses[i];
        if (use->host > r->stubs_at || !lopt_stub_jump(r->o->image, use->host, r->stubs_at + use->stub))
            return STATUS_EXIT_LOST;
    }
    for (size_t i = 0; i < s->end_count; i++) {
        struct lopt_fixup f = {
            .at = r->stubs_at + s->ends[i].at, .kind = LOPT_FIX_PC32, .exit = (int32_t)s->ends[i].exit, .addend = -4};
        if (!add_fixup(r->o, f))
            return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

static enum status read_object(struct reader *r, const struct lopt_exit_table *sites)
{
    if (!find_tables(r) || !place_sections(r, true) || !find_entries(r))
        return STATUS_LINK_FAILED;
    enum status s = make_stubs(r, sites);
    if (s != STATUS_OK)
        return s;
    if (!place_sections(r, false) || !copy_sections(r) || !read_relocations(r) || !write_entries(r))
        return STATUS_LINK_FAILED;
    return copy_stubs(r);
}

enum status lopt_object_read(const void *elf, size_t size, const struct lopt_points *points,
                             const struct lopt_exit_table *sites, struct lopt_result *result)
{
    struct reader r = {
        .o = calloc(1, sizeof *r.o), .exits = result->exits, .exit_count = result->exit_count, .align = 16};
    union {
        const void *c;
        char *p;
    } image = {.c = elf}; /* libelf does not write to it */
    elf_version(EV_CURRENT);
    r.elf = elf_memory(image.p, size);
    enum status s = r.o && r.elf ? read_object(&r, sites) : STATUS_LINK_FAILED;
    if (s == STATUS_OK)
        s = lopt_faults_make(&r.maps, r.o->image, r.stubs_at, points, &result->faults);
    if (r.elf)
        elf_end(r.elf);
    lopt_stubs_fini(&r.stubs);
    if (s != STATUS_OK) {
        free_object(r.o);
        return s;
    }
    result->object = r.o;
    result->text_size = r.o->size;
    result->text_align = r.align;
    return STATUS_OK;
}

const uint8_t *lopt_object_image(const struct lopt_result *result, size_t *code_size)
{
    const struct lopt_object *o = result->object;
    *code_size = o->code_size;
    return o->image;
}

/* What the fix-up's addend is added to. */
static uint64_t base_of(const struct lopt_fixup *f, const uint8_t *rx, const uint8_t *const *exit_addr)
{
    if (f->exit == LOPT_TO_HOST)
        return lopt_anchor();
    return (uintptr_t)(f->exit == LOPT_TO_IMAGE ? rx : exit_addr[f->exit]);
}

enum status lopt_link(const struct lopt_result *result, uint8_t *rw, const uint8_t *rx, const uint8_t *const *exit_addr)
{
    const struct lopt_object *o = result->object;
    memcpy(rw, o->image, o->size);
    for (size_t i = 0; i < o->count; i++) {
        const struct lopt_fixup *f = &o->fixups[i];
        uint64_t target = base_of(f, rx, exit_addr) + (uint64_t)f->addend;
        if (f->kind == LOPT_FIX_ABS64) {
            memcpy(rw + f->at, &target, 8);
            continue;
        }
        int64_t distance = (int64_t)(target - (uint64_t)(uintptr_t)(rx + f->at));
        int32_t d32 = (int32_t)distance;
        if (d32 != distance)
            return STATUS_LINK_FAILED;
        memcpy(rw + f->at, &d32, 4);
    }
    return STATUS_OK;
}

const uint8_t *lopt_entry(const struct lopt_result *result, const uint8_t *rx, unsigned number)
{
    const struct lopt_object *o = result->object;
    if (number && number >= o->entry_count)
        return NULL;
    return rx + o->entry + (size_t)number * o->entry_stride;
}

void lopt_result_fini(struct lopt_result *result)
{
    free_object(result->object);
    free(result->exits);
    free(result->faults);
    *result = (struct lopt_result){0};
}
