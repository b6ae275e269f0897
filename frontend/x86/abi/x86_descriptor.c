/* SPDX-License-Identifier: Apache-2.0 */
/* Segment descriptors of the guest's own, as the kernel's calls make and show them: a thread's (set_thread_area) and
 * the process's (modify_ldt).
 *
 * I1  fs and gs hold a copy of their descriptor's base. Whatever changes a descriptor gets the copies anew (refresh).
 * I2  Limits and rights are kept to be shown again, not enforced. */
#include "frontend/x86/abi/x86_descriptor.h"

#include <errno.h>
#include <string.h>

#include "frontend/x86/common/x86_state.h"
#include "frontend/x86/system/x86_segment.h"

enum { LDT_BYTES = 8 };

/* struct user_desc's flags */
enum descriptor_flag {
    SEG_32BIT = 1,
    CONTENTS_SHIFT = 1,
    READ_EXEC_ONLY = 8,
    LIMIT_IN_PAGES = 16,
    NOT_PRESENT = X86_SEG_NOT_PRESENT,
    USEABLE = 64,
    KNOWN_FLAGS = 127,
    CONTENTS_CODE = 2,
    CONTENTS_CONFORMING = 3,
    EMPTY = READ_EXEC_ONLY | NOT_PRESENT,
};
static unsigned contents_of(uint32_t flags) { return flags >> CONTENTS_SHIFT & 3; }

/* fs and gs have a copy of the base: gets it anew where the descriptor changed. */
static void refresh(struct cpu *cpu)
{
    struct x86_state *s = x86_state_of(cpu);
    x86_descriptor_base(cpu, s->fs, &s->fs_base);
    x86_descriptor_base(cpu, s->gs, &s->gs_base);
}

static bool is_nothing(const struct x86_user_desc *d)
{
    return !d->base && !d->limit && (!d->flags || (d->flags & KNOWN_FLAGS) == EMPTY);
}

static struct x86_descriptor made_of(const struct x86_user_desc *d)
{
    if (is_nothing(d))
        return (struct x86_descriptor){0};
    return (struct x86_descriptor){d->base, d->limit & 0xfffff, d->flags & KNOWN_FLAGS};
}

long x86_set_thread_descriptor(struct cpu *cpu, struct x86_user_desc *desc)
{
    struct x86_state *s = x86_state_of(cpu);
    uint32_t n = desc->entry - X86_TLS_FIRST;
    if (!is_nothing(desc) &&
        (!(desc->flags & SEG_32BIT) || contents_of(desc->flags) >= CONTENTS_CODE || desc->flags & NOT_PRESENT))
        return -EINVAL;
    if (desc->entry == ~UINT32_C(0)) {
        for (n = 0; n < X86_TLS_COUNT && s->tls[n].flags; n++)
            ;
        if (n == X86_TLS_COUNT)
            return -ESRCH;
        desc->entry = X86_TLS_FIRST + n;
    }
    if (n >= X86_TLS_COUNT)
        return -EINVAL;
    s->tls[n] = made_of(desc);
    refresh(cpu);
    return 0;
}

long x86_get_thread_descriptor(const struct cpu *cpu, struct x86_user_desc *desc)
{
    const uint32_t n = desc->entry - X86_TLS_FIRST;
    if (n >= X86_TLS_COUNT)
        return -EINVAL;
    const struct x86_descriptor *d = &x86_state_const(cpu)->tls[n];
    *desc = (struct x86_user_desc){desc->entry, d->base, d->limit, d->flags ? d->flags : EMPTY};
    return 0;
}

long x86_set_ldt_descriptor(struct cpu *cpu, const struct x86_user_desc *desc, bool old)
{
    struct x86_state *s = x86_state_of(cpu);
    if (desc->entry >= X86_LDT_COUNT)
        return -EINVAL;
    if (contents_of(desc->flags) == CONTENTS_CONFORMING && (old || !(desc->flags & NOT_PRESENT)))
        return -EINVAL;
    if (!is_nothing(desc) && !(desc->flags & SEG_32BIT) && old)
        return -EINVAL;
    s->ldt[desc->entry] = old && !desc->base && !desc->limit ? (struct x86_descriptor){0} : made_of(desc);
    refresh(cpu);
    return 0;
}

/* As the CPU has it (SDM volume 3, 3.4.5). */
static uint64_t encoded(const struct x86_descriptor *d)
{
    if (!d->flags)
        return 0;
    uint64_t type =
        1u | !(d->flags & READ_EXEC_ONLY) << 1 | contents_of(d->flags) << 2 | 1u << 4; /* accessed; code or data */
    uint64_t access = type | 3u << 5 | (uint64_t) !(d->flags & NOT_PRESENT) << 7;
    uint64_t high = (uint64_t) !!(d->flags & USEABLE) | (uint64_t)(d->flags & SEG_32BIT) << 2 |
                    (uint64_t) !!(d->flags & LIMIT_IN_PAGES) << 3;
    return (d->limit & 0xffff) | (uint64_t)(d->base & 0xffffff) << 16 | access << 40 |
           (uint64_t)(d->limit >> 16 & 15) << 48 | high << 52 | (uint64_t)(d->base >> 24) << 56;
}

size_t x86_read_ldt(const struct cpu *cpu, uint8_t *table, size_t size)
{
    const struct x86_state *s = x86_state_const(cpu);
    size_t used = 0;
    for (size_t n = 0; n < X86_LDT_COUNT; n++) {
        if (s->ldt[n].flags)
            used = (n + 1) * LDT_BYTES;
    }
    if (!used)
        return 0;
    memset(table, 0, size);
    for (size_t at = 0; at < size && at < used; at += LDT_BYTES) {
        const uint64_t d = encoded(&s->ldt[at / LDT_BYTES]);
        memcpy(table + at, &d, size - at < LDT_BYTES ? size - at : LDT_BYTES);
    }
    return size;
}
