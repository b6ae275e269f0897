/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled region as a run of bytes, from which this build of tandem makes it again in another process.
 *
 * I1  The bytes hold no address of the host's (object.c I2) and no padding: the same region gives the same bytes.
 * I2  Loading trusts nothing: every offset and number is checked against the sizes. What the code itself does is not
 *     checked: the caller knows by a checksum that the bytes are those that were saved.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "llvm-opt/emit/host.h"
#include "llvm-opt/emit/object.h"

static_assert(sizeof(struct lopt_object) == 64 && sizeof(struct lopt_result) == 56 && sizeof(struct lopt_exit) == 32,
              "a new field has to be saved, too");

enum { MAX_SAVED = 64 << 20, MAX_ALIGN = 4096 };

/* Behind it follow the exits, the fix-ups, the image and the table for faults. */
struct saved_head {
    uint32_t exits, fixups;
    uint32_t image_size, code_size;
    uint32_t entry, align;
    uint32_t faults_size, entry_count, entry_stride, zero;
};

struct saved_exit {
    uint64_t pc, return_pc;
    uint32_t mode, inner;
    uint8_t kind, trap, free_flags, zero[5];
};

struct saved_fixup {
    uint64_t addend;
    uint32_t at, kind;
    int32_t exit;
    uint32_t zero;
};

static size_t saved_size(const struct saved_head *h)
{
    return sizeof *h + h->exits * sizeof(struct saved_exit) + h->fixups * sizeof(struct saved_fixup) + h->image_size +
           h->faults_size;
}

static uint8_t *put(uint8_t *to, const void *from, size_t size)
{
    memcpy(to, from, size);
    return to + size;
}

size_t lopt_save(const struct lopt_result *result, uint8_t *to, size_t size)
{
    const struct lopt_object *o = result->object;
    const struct saved_head head = {.exits = result->exit_count,
                                    .fixups = (uint32_t)o->count,
                                    .image_size = (uint32_t)o->size,
                                    .code_size = (uint32_t)o->code_size,
                                    .entry = o->entry,
                                    .entry_count = o->entry_count,
                                    .entry_stride = o->entry_stride,
                                    .align = (uint32_t)result->text_align,
                                    .faults_size = result->faults ? result->faults->size : 0};
    size_t need = saved_size(&head);
    if (need > size)
        return need;
    to = put(to, &head, sizeof head);
    for (unsigned i = 0; i < result->exit_count; i++) {
        const struct lopt_exit *x = &result->exits[i];
        const struct saved_exit s = {x->pc, x->return_pc, x->mode, x->inner, x->kind, x->trap, x->free_flags, {0}};
        to = put(to, &s, sizeof s);
    }
    for (size_t i = 0; i < o->count; i++) {
        const struct lopt_fixup *f = &o->fixups[i];
        const struct saved_fixup s = {(uint64_t)f->addend, f->at, f->kind, f->exit, 0};
        to = put(to, &s, sizeof s);
    }
    to = put(to, o->image, o->size);
    if (result->faults)
        put(to, result->faults, result->faults->size);
    return need;
}

static bool head_is_good(const struct saved_head *h, size_t size)
{
    return size <= MAX_SAVED && h->exits <= size && h->fixups <= size && h->image_size <= size &&
           h->faults_size <= size && saved_size(h) == size && h->image_size && h->code_size <= h->image_size &&
           h->entry < h->code_size && (uint64_t)h->entry_count * h->entry_stride <= h->code_size - h->entry &&
           h->align && h->align <= MAX_ALIGN && !(h->align & (h->align - 1));
}

static bool load_exits(struct lopt_result *result, const uint8_t *from)
{
    for (unsigned i = 0; i < result->exit_count; i++) {
        struct saved_exit s;
        memcpy(&s, from + i * sizeof s, sizeof s);
        if (s.kind >= IR_EXIT_COUNT || s.kind == IR_EXIT_LANDING || (s.kind == IR_EXIT_LEVEL && s.inner >= i))
            return false;
        result->exits[i] = (struct lopt_exit){s.kind, s.trap, s.free_flags != 0, s.pc, s.return_pc, s.mode, s.inner};
    }
    return true;
}

static bool load_fixups(struct lopt_object *o, const uint8_t *from, unsigned exit_count)
{
    for (size_t i = 0; i < o->count; i++) {
        struct saved_fixup s;
        memcpy(&s, from + i * sizeof s, sizeof s);
        unsigned bytes = s.kind == LOPT_FIX_ABS64 ? 8 : 4;
        if (s.kind == LOPT_FIX_UNKNOWN || s.kind > LOPT_FIX_ABS64 || s.at > o->size || o->size - s.at < bytes ||
            s.exit < LOPT_TO_HOST || s.exit >= (int64_t)exit_count)
            return false;
        o->fixups[i] = (struct lopt_fixup){s.at, (uint8_t)s.kind, s.exit, (int64_t)s.addend};
    }
    return true;
}

static bool load_faults(struct lopt_result *result, const uint8_t *from, size_t size)
{
    struct lopt_faults *f = result->faults = size ? malloc(size) : NULL;
    if (!f)
        return !size;
    if (size < sizeof *f)
        return false;
    memcpy(f, from, size);
    if (f->size != size || f->access_count > size || f->place_count > size ||
        size != sizeof *f + f->access_count * sizeof(struct lopt_access) + f->place_count * sizeof(struct lopt_place))
        return false;
    for (uint32_t i = 0; i < f->access_count; i++) {
        const struct lopt_access *a = &f->accesses[i];
        if (a->first_place > f->place_count || a->place_count > f->place_count - a->first_place)
            return false;
    }
    return true;
}

static bool load_object(struct lopt_result *result, struct lopt_object *o, const struct saved_head *h,
                        const uint8_t *from)
{
    *o = (struct lopt_object){.size = h->image_size,
                              .code_size = h->code_size,
                              .entry = h->entry,
                              .entry_count = h->entry_count,
                              .entry_stride = h->entry_stride,
                              .count = h->fixups,
                              .capacity = h->fixups,
                              .image = malloc(h->image_size),
                              .fixups = calloc(h->fixups + (size_t)1, sizeof *o->fixups)};
    result->exits = calloc(h->exits + (size_t)1, sizeof *result->exits);
    if (!o->image || !o->fixups || !result->exits || !load_exits(result, from))
        return false;
    from += h->exits * sizeof(struct saved_exit);
    if (!load_fixups(o, from, h->exits))
        return false;
    from += h->fixups * sizeof(struct saved_fixup);
    memcpy(o->image, from, o->size);
    return load_faults(result, from + o->size, h->faults_size);
}

enum status lopt_load(const uint8_t *from, size_t size, struct lopt_result *result)
{
    struct saved_head h;
    *result = (struct lopt_result){0};
    if (size < sizeof h)
        return STATUS_BAD_FORMAT;
    memcpy(&h, from, sizeof h);
    if (!head_is_good(&h, size))
        return STATUS_BAD_FORMAT;
    struct lopt_object *o = calloc(1, sizeof *o);
    if (!o)
        return STATUS_NO_MEMORY;
    result->object = o;
    result->exit_count = h.exits;
    result->text_size = h.image_size;
    result->text_align = h.align;
    if (load_object(result, o, &h, from + sizeof h))
        return STATUS_OK;
    lopt_result_fini(result);
    return STATUS_BAD_FORMAT;
}
