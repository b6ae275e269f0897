/* SPDX-License-Identifier: Apache-2.0 */
/* I1  An address of the program's image is kept as its distance from a function of its own: where the image lies
 *     differs from run to run, but not what is in it. The key of the cache has the build.
 * I2  The glue is at the code cache's start, and the same for the same build, host and options.
 */
#include "runtime/engine/code_reloc.h"

#include "runtime/engine/tb.h"

/* Of the linker: the program's image. */
extern const char __executable_start[], end[];

static uint64_t base_of(const struct engine *e, const struct tb *tb, enum code_base base)
{
    switch (base) {
    case CODE_IMAGE:
        return (uintptr_t)__executable_start;
    case CODE_GLUE:
        return (uintptr_t)e->cc.rx;
    case CODE_TB:
        return (uintptr_t)tb;
    default:
        return (uintptr_t)tb->code.exits;
    }
}

/* Bytes that belong to it. */
static uint64_t size_of(const struct engine *e, enum code_base base, unsigned exits)
{
    switch (base) {
    case CODE_IMAGE:
        return (uint64_t)(end - __executable_start);
    case CODE_GLUE:
        return e->glue.size;
    case CODE_TB:
        return sizeof(struct tb);
    default:
        return exits * sizeof(struct tcg_exit);
    }
}

static bool make(const struct engine *e, const struct tb *tb, const struct tcg_reloc *from, struct code_reloc *to)
{
    for (unsigned base = 0; base < CODE_BASES; base++) {
        uint64_t distance = from->addr - base_of(e, tb, base);
        if (distance >= size_of(e, base, tb->code.exit_count) || from->off > UINT16_MAX || distance > INT32_MAX)
            continue;
        *to = (struct code_reloc){.off = (uint16_t)from->off,
                                  .kind = from->kind & 15,
                                  .base = base & 15,
                                  .tail = from->tail,
                                  .value = (int32_t)distance};
        if (base == CODE_EXIT)
            to->value /= (int32_t)sizeof(struct tcg_exit);
        return true;
    }
    return false;
}

bool code_relocs_make(const struct engine *e, const struct tb *tb, const struct tcg_reloc *from, unsigned count,
                      struct code_reloc *to)
{
    for (unsigned i = 0; i < count; i++)
        if (!make(e, tb, &from[i], &to[i]))
            return false;
    return true;
}

bool code_reloc_is_good(const struct engine *e, const struct code_reloc *r, size_t code, unsigned exits)
{
    size_t field = r->kind == TCG_RELOC_ABS64 ? 8 : 4;
    if (r->kind > TCG_RELOC_REL32 || r->base >= CODE_BASES || r->value < 0 || r->off + field > code)
        return false;
    if (r->base == CODE_EXIT)
        return (uint32_t)r->value < exits;
    return (uint64_t)r->value < size_of(e, (enum code_base)r->base, exits);
}

bool code_relocs_apply(const struct engine *e, const struct code_reloc *r, unsigned count, struct tb *tb)
{
    bool fits = true;
    for (; count--; r++) {
        uint64_t scale = r->base == CODE_EXIT ? sizeof(struct tcg_exit) : 1;
        const struct tcg_reloc word = {.off = r->off, .kind = r->kind, .tail = r->tail};
        fits &= tcg_relocate(&word, tb->code.rw + r->off, tb->code.rx + r->off,
                             base_of(e, tb, (enum code_base)r->base) + (uint64_t)r->value * scale);
    }
    return fits;
}
