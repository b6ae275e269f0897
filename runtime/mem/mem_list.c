/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's memory map as /proc/self/maps shows it.
 *
 * How: a copy of the areas is laid over the host's own /proc/self/maps, which knows names, offsets and inodes. (Guest
 * addresses are host addresses.) Where we protect a code page, the host has split a mapping. Its parts are joined.
 *
 * Invariants
 * I1  visit runs without any lock.
 * I2  Every byte of every area is reported exactly once, in address order, even where the host's list cannot be read.
 */
#include "runtime/mem/mem_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/mem/mem_grow.h"
#include "runtime/mem/mem_struct.h"
#include "src/base/log.h"

struct walk {
    mem_visit_fn visit;
    void *arg;
    struct mem_region last; /* not reported yet, if end is not 0 */
    bool go_on;
};

/* *r becomes the next line of the host's list. False at its end. r->name points into *text. */
static bool read_line(FILE *file, char **text, size_t *size, struct mem_region *r)
{
    unsigned long start, end, offset, inode;
    unsigned dev_major, dev_minor;
    int name_at = 0;
    memset(r, 0, sizeof *r);
    if (!file || getline(text, size, file) < 0)
        return false;
    if (sscanf(*text, "%lx-%lx %*4s %lx %x:%x %lu %n", &start, &end, &offset, &dev_major, &dev_minor, &inode,
               &name_at) < 6)
        return false;
    (*text)[strcspn(*text, "\n")] = 0;
    *r = (struct mem_region){.start = start,
                             .end = end,
                             .offset = offset,
                             .dev_major = dev_major,
                             .dev_minor = dev_minor,
                             .inode = inode,
                             .name = name_at ? *text + name_at : ""};
    return true;
}

static void flush(struct walk *w)
{
    if (w->last.end && w->go_on)
        w->go_on = w->visit(&w->last, w->arg);
    free((char *)w->last.name);
    memset(&w->last, 0, sizeof w->last);
}

static bool continues(const struct mem_region *a, const struct mem_region *b)
{
    return a->end == b->start && a->prot == b->prot && a->flags == b->flags && a->inode == b->inode &&
           a->dev_major == b->dev_major && a->dev_minor == b->dev_minor && strcmp(a->name, b->name) == 0 &&
           (a->inode == 0 || a->offset + (a->end - a->start) == b->offset);
}

/* Reports [start, end) of an area. host: the host's line for it, or NULL. */
static void emit(struct walk *w, const struct mem_area *area, gaddr_t start, gaddr_t end, const struct mem_region *host)
{
    struct mem_region r = {.start = start, .end = end, .prot = area->prot, .flags = area->flags, .name = ""};
    if (host) {
        r.offset = host->inode ? host->offset + (start - host->start) : 0;
        r.dev_major = host->dev_major;
        r.dev_minor = host->dev_minor;
        r.inode = host->inode;
        if (host->name[0] != '[')
            r.name = host->name;
    }
    if (area->label)
        r.name = area->label;
    if (w->last.end && continues(&w->last, &r)) {
        w->last.end = r.end;
        return;
    }
    flush(w);
    w->last = r;
    w->last.name = strdup(r.name);
    if (!w->last.name)
        out_of_memory("the list of the guest's mappings");
}

static struct mem_area *copy_areas(struct guest_mem *mem, size_t *count)
{
    pthread_rwlock_wrlock(&mem->lock);
    mem_see_growth_locked(mem, 0, mem->limit);
    *count = mem->areas.count;
    struct mem_area *copy = malloc((*count + 1) * sizeof *copy);
    if (!copy)
        out_of_memory("the list of the guest's mappings");
    if (*count)
        memcpy(copy, mem->areas.item, *count * sizeof *copy);
    pthread_rwlock_unlock(&mem->lock);
    return copy;
}

void mem_foreach(struct guest_mem *mem, mem_visit_fn visit, void *arg)
{
    size_t count, size = 0;
    char *text = NULL;
    struct mem_region host;
    struct walk w = {.visit = visit, .arg = arg, .go_on = true};
    struct mem_area *areas = copy_areas(mem, &count);
    FILE *file = fopen("/proc/self/maps", "re");
    bool have = read_line(file, &text, &size, &host);
    for (size_t i = 0; i < count && w.go_on; i++) {
        for (gaddr_t a = areas[i].start; a < areas[i].end;) {
            while (have && host.end <= a)
                have = read_line(file, &text, &size, &host);
            const bool inside = have && host.start <= a;
            gaddr_t stop = inside ? host.end : have && host.start < areas[i].end ? host.start : areas[i].end;
            stop = stop < areas[i].end ? stop : areas[i].end;
            emit(&w, &areas[i], a, stop, inside ? &host : NULL);
            a = stop;
        }
    }
    flush(&w);
    if (file)
        fclose(file);
    free(text);
    free(areas);
}
