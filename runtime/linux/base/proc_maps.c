/* SPDX-License-Identifier: Apache-2.0 */
/* See proc_maps.h. smaps: the host has other mappings where tandem protects pages of code, and joins what the guest has
 * apart. Each of its mappings counts for the first of the guest's that it overlaps, with all that it has; so sums are
 * right, and so is each mapping that is alone. */
#include "runtime/linux/base/proc_maps.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { FIELDS = 40, NAME_MAX_ = 32, FLAGS_MAX = 160 };

/* The lines below a mapping: "Name: N kB" or "Name: N", in the host's order; VmFlags has text. */
struct details {
    unsigned count;
    char name[FIELDS][NAME_MAX_];
    uint64_t value[FIELDS];
    bool kb[FIELDS];
    char flags[FLAGS_MAX];
};

struct host_mapping {
    gaddr_t start, end;
    struct details d;
};

struct smaps {
    struct host_mapping *list;
    size_t count, room, next; /* next: none before it overlaps what comes */
    struct details sum;
    gaddr_t first, last;
    FILE *out;
};

static void put_head(FILE *out, const struct mem_region *r)
{
    enum { NAME_COLUMN = 73 };
    const int n = fprintf(out, "%08llx-%08llx %c%c%c%c %08llx %02x:%02x %llu ", (unsigned long long)r->start,
                          (unsigned long long)r->end, r->prot & PROT_READ ? 'r' : '-', r->prot & PROT_WRITE ? 'w' : '-',
                          r->prot & PROT_EXEC ? 'x' : '-', r->flags & MAP_SHARED ? 's' : 'p',
                          (unsigned long long)r->offset, r->dev_major, r->dev_minor, (unsigned long long)r->inode);
    if (*r->name)
        fprintf(out, "%*s%s", n < NAME_COLUMN ? NAME_COLUMN - n : 0, "", r->name);
    fputc('\n', out);
}

static bool maps_line(const struct mem_region *r, void *arg)
{
    put_head(arg, r);
    return true;
}

void proc_maps(struct guest_mem *mem, FILE *out) { mem_foreach(mem, maps_line, out); }

/* ---- smaps ---- */

static bool add_mapping(struct smaps *s, gaddr_t start, gaddr_t end)
{
    if (s->count == s->room) {
        const size_t room = s->room ? 2 * s->room : 64;
        struct host_mapping *list = realloc(s->list, room * sizeof *list);
        if (!list)
            return false;
        s->list = list;
        s->room = room;
    }
    s->list[s->count] = (struct host_mapping){.start = start, .end = end};
    s->count++;
    return true;
}

static void read_detail(struct details *d, const char *line)
{
    unsigned long long value;
    char name[NAME_MAX_], unit[4] = "";
    if (!strncmp(line, "VmFlags:", 8)) {
        snprintf(d->flags, sizeof d->flags, "%.*s", (int)strcspn(line, "\n"), line);
    } else if (d->count < FIELDS && sscanf(line, "%31[^:]: %llu %3s", name, &value, unit) >= 2) {
        strcpy(d->name[d->count], name);
        d->value[d->count] = value;
        d->kb[d->count++] = !strcmp(unit, "kB");
    }
}

static void read_smaps(struct smaps *s, FILE *in)
{
    char *line = NULL;
    size_t size = 0;
    unsigned long start, end;
    while (in && getline(&line, &size, in) > 0) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
            if (!add_mapping(s, start, end))
                break;
        } else if (s->count) {
            read_detail(&s->list[s->count - 1].d, line);
        }
    }
    free(line);
}

/* Sizes of pages are no sums. */
static bool adds(const struct details *d, unsigned i) { return d->kb[i] && !strstr(d->name[i], "PageSize"); }

static void add_details(struct details *to, const struct details *d)
{
    const bool first = !to->count;
    if (first)
        *to = *d;
    for (unsigned i = 0; !first && i < to->count && i < d->count; i++) {
        if (adds(d, i))
            to->value[i] += d->value[i];
    }
}

static void put_details(FILE *out, const struct details *d)
{
    for (unsigned i = 0; i < d->count; i++) {
        char name[NAME_MAX_ + 1];
        snprintf(name, sizeof name, "%s:", d->name[i]);
        fprintf(out, d->kb[i] ? "%-16s %7llu kB\n" : "%-16s %7llu\n", name, (unsigned long long)d->value[i]);
    }
}

/* The host's flags, with the rights that the guest has. */
static void put_flags(FILE *out, const struct mem_region *r, const char *host)
{
    static const char *const rights[] = {"rd", "wr", "ex"};
    fprintf(out, "VmFlags:");
    for (unsigned i = 0; i < 3; i++) {
        if (r->prot >> i & 1)
            fprintf(out, " %s", rights[i]);
    }
    for (const char *p = host + strcspn(host, " "); *p == ' ' && p[1]; p += 1 + strcspn(p + 1, " ")) {
        if (strncmp(p + 1, "rd ", 3) && strncmp(p + 1, "wr ", 3) && strncmp(p + 1, "ex ", 3))
            fprintf(out, " %.*s", (int)strcspn(p + 1, " "), p + 1);
    }
    fprintf(out, " \n");
}

static struct details details_of(struct smaps *s, const struct mem_region *r)
{
    struct details d = {0};
    while (s->next < s->count && s->list[s->next].end <= r->start)
        s->next++;
    for (; s->next < s->count && s->list[s->next].start < r->end; s->next++)
        add_details(&d, &s->list[s->next].d);
    if (d.count && !strcmp(d.name[0], "Size"))
        d.value[0] = (r->end - r->start) >> 10;
    return d;
}

static bool smaps_lines(const struct mem_region *r, void *arg)
{
    struct smaps *s = arg;
    const struct details d = details_of(s, r);
    s->first = s->last ? s->first : r->start;
    s->last = r->end;
    add_details(&s->sum, &d);
    if (s->out) {
        put_head(s->out, r);
        put_details(s->out, &d);
        put_flags(s->out, r, d.flags);
    }
    return true;
}

void proc_smaps(struct guest_mem *mem, FILE *in, FILE *out)
{
    struct smaps s = {.out = out};
    read_smaps(&s, in);
    mem_foreach(mem, smaps_lines, &s);
    free(s.list);
}

void proc_maps_page(gaddr_t start, gaddr_t end, const char *name, FILE *smaps, FILE *out)
{
    const struct mem_region r = {
        .start = start, .end = end, .prot = PROT_EXEC, .flags = MAP_PRIVATE | MAP_ANONYMOUS, .name = name};
    struct smaps s = {0};
    put_head(out, &r);
    if (!smaps)
        return;
    rewind(smaps);
    read_smaps(&s, smaps);
    struct details d = s.count ? s.list[0].d : (struct details){0};
    for (unsigned i = 0; i < d.count; i++)
        d.value[i] = !strcmp(d.name[i], "Size") ? (end - start) >> 10 : adds(&d, i) ? 0 : d.value[i];
    put_details(out, &d);
    put_flags(out, &r, "");
    free(s.list);
}

void proc_smaps_rollup(struct guest_mem *mem, FILE *out)
{
    struct smaps s = {0};
    FILE *in = fopen("/proc/self/smaps", "re");
    read_smaps(&s, in);
    if (in)
        fclose(in);
    mem_foreach(mem, smaps_lines, &s);
    free(s.list);
    fprintf(out, "%08llx-%08llx ---p 00000000 00:00 0 %27s[rollup]\n", (unsigned long long)s.first,
            (unsigned long long)s.last, "");
    struct details sum = {0};
    for (unsigned i = 0; i < s.sum.count; i++) {
        if (!adds(&s.sum, i) || !strcmp(s.sum.name[i], "Size"))
            continue;
        strcpy(sum.name[sum.count], s.sum.name[i]);
        sum.value[sum.count] = s.sum.value[i];
        sum.kb[sum.count++] = true;
    }
    put_details(out, &sum);
}
