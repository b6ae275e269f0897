/* SPDX-License-Identifier: Apache-2.0 */
/* Maps the segments of an ELF file into the guest.
 *
 * How: the whole span is reserved first, without rights: either all of the file finds room, or none of it. Then each
 * segment is mapped over its part of the span, in the order of the headers, which may be any: pages of the file, the
 * rest of the last of them zeroed, anonymous pages for the rest of .bss. What no segment covers is given back.
 *
 * Invariants
 * I1  Nothing outside of the reserved span is mapped over. */
#include <errno.h>
#include <string.h>

#include "runtime/loader/elf_file.h"
#include "runtime/mem/mem_calls.h"
#include "runtime/mem/mem_files.h"

static gaddr_t page_down(gaddr_t a) { return a & ~(gaddr_t)(MEM_PAGE_SIZE - 1); }
static gaddr_t page_up(gaddr_t a) { return page_down(a + MEM_PAGE_SIZE - 1); }

static bool is_mapped(const Elf64_Phdr *p) { return p->p_type == PT_LOAD && p->p_memsz; }
static gaddr_t first_page(const Elf64_Phdr *p) { return page_down(p->p_vaddr); }
static gaddr_t pages_end(const Elf64_Phdr *p) { return page_up(p->p_vaddr + p->p_memsz); }

struct span {
    gaddr_t start, end; /* of p_vaddr, page-aligned */
    uint64_t align;
};

static struct span find_span(const struct elf_file *file)
{
    struct span s = {~0ull, 0, MEM_PAGE_SIZE};
    for (unsigned i = 0; i < file->header.e_phnum; i++) {
        const Elf64_Phdr *p = &file->segment[i];
        if (!is_mapped(p))
            continue;
        const gaddr_t start = first_page(p), end = pages_end(p);
        s.start = start < s.start ? start : s.start;
        s.end = end > s.end ? end : s.end;
        if (p->p_align > s.align && p->p_align <= 1 << 30 && (p->p_align & (p->p_align - 1)) == 0)
            s.align = p->p_align;
    }
    return s;
}

static long reserve_at(struct guest_mem *mem, gaddr_t at, uint64_t len, int extra)
{
    return mem_mmap(mem, at, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | extra, -1, 0);
}

/* Reserves room for an ET_DYN span, aligned as it asks for: at base if possible, else anywhere. Address or -errno. */
static long reserve_dyn(struct guest_mem *mem, const struct span *s, gaddr_t base)
{
    const uint64_t len = s->end - s->start, mask = s->align - 1;
    if (base) {
        long at = reserve_at(mem, ((base + mask) & ~mask) + (s->start & mask), len, MAP_FIXED_NOREPLACE);
        if (at >= 0)
            return at;
    }
    const uint64_t slack = s->align - MEM_PAGE_SIZE;
    long any = reserve_at(mem, 0, len + slack, 0);
    if (any < 0 || slack == 0)
        return any;
    const gaddr_t first = (gaddr_t)any, last = first + len + slack;
    gaddr_t at = (first & ~mask) + (s->start & mask);
    at = at < first ? at + s->align : at;
    if (at > first)
        mem_munmap(mem, first, at - first);
    if (at + len < last)
        mem_munmap(mem, at + len, last - at - len);
    return (long)at;
}

/* The kernel maps all of the span from the first segment's place in the file on, and the other segments over it: so far
 * a file could reach at least, though this one may end before. */
static bool span_is_in_a_file(const struct elf_file *file, const struct span *s)
{
    for (unsigned i = 0; i < file->header.e_phnum; i++) {
        const Elf64_Phdr *p = &file->segment[i];
        if (p->p_type == PT_LOAD)
            return p->p_filesz == 0 || page_down(p->p_offset) <= page_down(INT64_MAX - (s->end - s->start));
    }
    return true;
}

static int segment_prot(const Elf64_Phdr *p)
{
    return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
           (p->p_flags & PF_X ? PROT_EXEC : 0);
}

/* Zeros behind the segment's bytes in the file on their last page. False: the file has no such page. */
static bool zero_rest(struct guest_mem *mem, const struct elf_file *file, const Elf64_Phdr *p, gaddr_t file_end)
{
    const uint64_t last_page = page_down(p->p_offset + p->p_filesz);
    if (file_end % MEM_PAGE_SIZE == 0)
        return true;
    if (last_page >= file->size)
        return false;
    memset(mem_host(mem, file_end), 0, page_up(file_end) - file_end);
    return true;
}

/* 0 or -errno. */
static long map_segment(struct guest_mem *mem, const struct elf_file *file, const Elf64_Phdr *p, gaddr_t bias)
{
    const int prot = segment_prot(p);
    const gaddr_t start = first_page(p) + bias, file_end = p->p_vaddr + bias + p->p_filesz;
    gaddr_t zero_from = start;
    if (p->p_filesz) {
        long at =
            mem_mmap(mem, start, file_end - start, prot, MAP_PRIVATE | MAP_FIXED, file->fd, page_down(p->p_offset));
        if (at < 0)
            return at;
        zero_from = page_up(file_end);
        if ((prot & PROT_WRITE) && p->p_memsz > p->p_filesz && !zero_rest(mem, file, p, file_end))
            return -EFAULT;
    }
    if (pages_end(p) + bias <= zero_from)
        return 0;
    /* Zeros may be written to, whatever the segment says. */
    long at = mem_mmap(mem, zero_from, pages_end(p) + bias - zero_from, PROT_READ | PROT_WRITE | (prot & PROT_EXEC),
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    return at < 0 ? at : 0;
}

/* Gives back what no segment covers. */
static void unmap_gaps(struct guest_mem *mem, const struct elf_file *file, const struct span *s, gaddr_t bias)
{
    for (gaddr_t at = s->start; at < s->end;) {
        gaddr_t covered = at, next = s->end;
        for (unsigned i = 0; i < file->header.e_phnum; i++) {
            const Elf64_Phdr *p = &file->segment[i];
            if (!is_mapped(p))
                continue;
            if (first_page(p) <= at && pages_end(p) > covered)
                covered = pages_end(p);
            if (first_page(p) > at && first_page(p) < next)
                next = first_page(p);
        }
        if (covered == at)
            mem_munmap(mem, at + bias, next - at);
        at = covered == at ? next : covered;
    }
}

/* Run-time address of the program headers: in the last segment that has them, whatever PT_PHDR says. Where none has,
 * the kernel tells where the file's address 0 is. */
static gaddr_t find_phdr(const struct elf_file *file, gaddr_t bias)
{
    const uint64_t at = file->header.e_phoff;
    gaddr_t found = 0;
    for (unsigned i = 0; i < file->header.e_phnum; i++) {
        const Elf64_Phdr *p = &file->segment[i];
        if (p->p_type == PT_LOAD && at >= p->p_offset && at - p->p_offset < p->p_filesz)
            found = p->p_vaddr + (at - p->p_offset);
    }
    return found + bias;
}

/* Widens the bounds that /proc and prctl show by one segment. */
static void note_bounds(struct elf_mapped *out, const Elf64_Phdr *p)
{
    const gaddr_t start = p->p_vaddr + out->bias, file_end = start + p->p_filesz, end = start + p->p_memsz;
    if (p->p_flags & PF_X) {
        out->start_code = out->start_code && out->start_code < start ? out->start_code : start;
        out->end_code = out->end_code > file_end ? out->end_code : file_end;
    }
    out->start_data = out->start_data > start ? out->start_data : start; /* the highest, as in the kernel */
    out->end_data = out->end_data > file_end ? out->end_data : file_end;
    out->end = out->end > end ? out->end : end;
}

enum status elf_map(struct guest_mem *mem, const struct elf_file *file, gaddr_t base, struct elf_mapped *out,
                    const struct loader_message *m)
{
    const struct span s = find_span(file);
    const bool fixed = file->header.e_type == ET_EXEC;
    uint64_t id[2];
    if (s.end == 0) { /* nothing to map */
        *out = (struct elf_mapped){.entry = file->header.e_entry};
        return STATUS_OK;
    }
    const bool known = mem_file_id(mem, file->fd, id);
    if (known && !base)
        base = mem_file_place(mem, id, 0);
    long at = fixed ? reserve_at(mem, s.start, s.end - s.start, MAP_FIXED_NOREPLACE) : reserve_dyn(mem, &s, base);
    if (at < 0 && fixed)
        return loader_fail(m, STATUS_NO_MEMORY, "cannot have its addresses 0x%llx-0x%llx: %s",
                           (unsigned long long)s.start, (unsigned long long)s.end, strerror((int)-at));
    if (at < 0)
        return loader_fail(m, STATUS_NO_MEMORY, "cannot be mapped: %s", strerror((int)-at));
    if (!fixed && !span_is_in_a_file(file, &s))
        return loader_fail(m, STATUS_SYSTEM, "segment cannot be mapped: %s", strerror(EOVERFLOW));
    memset(out, 0, sizeof *out);
    out->bias = (gaddr_t)at - s.start;
    out->start = (gaddr_t)at;
    out->entry = file->header.e_entry + out->bias;
    out->phdr = find_phdr(file, out->bias);
    for (unsigned i = 0; i < file->header.e_phnum; i++) {
        if (!is_mapped(&file->segment[i]))
            continue;
        long result = map_segment(mem, file, &file->segment[i], out->bias);
        if (result < 0)
            return loader_fail(m, STATUS_SYSTEM, "segment cannot be mapped: %s", strerror((int)-result));
        note_bounds(out, &file->segment[i]);
    }
    unmap_gaps(mem, file, &s, out->bias);
    if (known)
        mem_note_file(mem, out->start, out->end, id);
    return STATUS_OK;
}
