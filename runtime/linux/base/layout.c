/* SPDX-License-Identifier: Apache-2.0 */
/* Structures between the host's layout and that of 32-bit guests: see layouts.def.
 *
 * How: a layout is a string of fields; one walk over it converts in either direction, and counts bytes where there is
 * nothing to convert.
 *
 * I1  A kind without a layout, and any kind of a 64-bit guest, is the same on both sides. */
#include "runtime/linux/base/layout.h"

#include <errno.h>
#include <string.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/layout_structs.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"

enum { GUEST_STRUCT_MAX = 256, OLD_INFINITY = 0x7fffffff };
#define INFINITY32 UINT32_MAX
#define SAME       ""
#define ONE        NULL

struct layout {
    const char *fields, *wide; /* wide: "": the host's layout; NULL: as fields */
    bool (*put)(void *guest, const void *host, bool wide);
    void (*get)(void *host, const void *guest, bool wide);
    uint16_t bytes, wide_bytes;
};

static const struct layout layouts[SYS_STRUCT_COUNT] = {
#define LAYOUT(kind, narrow, wide) [SYS_STRUCT_##kind] = {narrow, wide, NULL, NULL, 0, 0},
#define LAYOUT_FN(kind, bytes, wide_bytes)                                                                             \
    [SYS_STRUCT_##kind] = {NULL, NULL, put_##kind, get_##kind, bytes, wide_bytes},
#include "runtime/linux/base/layouts.def"
};

/* ---- fields ---- */

static const struct field {
    char kind;
    uint8_t guest, host; /* bytes */
} fields[] = {{'h', 2, 2}, {'i', 4, 4}, {'l', 4, 8}, {'u', 4, 8}, {'o', 4, 8}, {'r', 4, 8},
              {'R', 4, 8}, {'q', 8, 8}, {'Q', 8, 8}, {'n', 8, 8}, {'z', 4, 0}};

static const struct field *field_of(char kind)
{
    const struct field *f = fields;
    while (f->kind != kind)
        f++;
    return f;
}

static uint64_t widened(char kind, uint64_t v)
{
    switch (kind) {
    case 'l':
        return (uint64_t)(int64_t)(int32_t)v;
    case 'r':
        return v == INFINITY32 ? ~0ull : v;
    case 'R':
        return v >= OLD_INFINITY ? ~0ull : v;
    case 'n':
        return (uint32_t)v;
    default:
        return v;
    }
}

static uint64_t narrowed(char kind, uint64_t v, bool *fits)
{
    if (kind == 'o' && v > UINT32_MAX)
        *fits = v == ~0ull; /* "unknown" stays so */
    if (kind == 'r' && v > INFINITY32)
        return INFINITY32;
    if (kind == 'R' && v > OLD_INFINITY)
        return OLD_INFINITY;
    return v;
}

/* Converts (to_guest or not) and returns the guest's bytes; both NULL: only that. */
static size_t convert(const char *layout, unsigned align64, uint8_t *guest, uint8_t *host, bool to_guest, bool *fits)
{
    size_t g = 0, h = 0, align = 1;
    while (*layout) {
        unsigned count = 0;
        for (; *layout >= '0' && *layout <= '9'; layout++)
            count = count * 10 + (unsigned)(*layout - '0');
        const struct field *f = field_of(*layout++);
        const size_t ga = f->guest < 8 ? f->guest : f->kind == 'Q' ? 4 : align64;
        align = ga > align ? ga : align;
        for (count += !count; count-- > 0; g += f->guest, h += f->host) {
            uint64_t v = 0;
            g = ALIGN_UP(g, ga);
            h = f->host ? ALIGN_UP(h, f->host) : h;
            if (!guest)
                continue;
            memcpy(&v, to_guest ? host + h : guest + g, to_guest ? f->host : f->guest);
            v = to_guest ? narrowed(f->kind, v, fits) : widened(f->kind, v);
            memcpy(to_guest ? guest + g : host + h, &v, to_guest ? f->guest : f->host);
        }
    }
    return ALIGN_UP(g, align);
}

/* Alignment of 64-bit integers in structures: i386 has 4, Arm 8. */
static unsigned align64(const struct sys_ctx *c) { return c->t->proc->guest->abi->align64; }

/* The layout if the guest's differs from the host's; NULL: it does not (I1). */
static const struct layout *layout_of(const struct sys_ctx *c, enum sys_struct kind)
{
    const struct layout *l = &layouts[kind];
    if (!lx_narrow(c->t) || (!l->put && (!l->fields || (c->wide && l->wide && !l->wide[0]))))
        return NULL;
    return l;
}

static const char *fields_of(const struct sys_ctx *c, const struct layout *l)
{
    return c->wide && l->wide ? l->wide : l->fields;
}

bool abi_differs(const struct sys_ctx *c, enum sys_struct kind) { return layout_of(c, kind) != NULL; }

size_t abi_size(const struct sys_ctx *c, enum sys_struct kind)
{
    const struct layout *l = layout_of(c, kind);
    if (!l)
        return sys_struct_size(kind);
    return l->put ? (c->wide ? l->wide_bytes : l->bytes)
                  : convert(fields_of(c, l), align64(c), NULL, NULL, false, NULL);
}

/* The host's form of the structure at guest, abi_size bytes, to host. */
static void widen(const struct sys_ctx *c, enum sys_struct kind, void *host, const void *guest)
{
    const struct layout *l = layout_of(c, kind);
    if (!l) {
        memcpy(host, guest, sys_struct_size(kind));
        return;
    }
    memset(host, 0, sys_struct_size(kind));
    if (l->get)
        l->get(host, guest, c->wide);
    else
        convert(fields_of(c, l), align64(c), (uint8_t *)(uintptr_t)guest, host, false, NULL);
}

bool abi_narrow(const struct sys_ctx *c, enum sys_struct kind, void *guest, const void *host)
{
    const struct layout *l = layout_of(c, kind);
    bool fits = true;
    if (!l)
        memcpy(guest, host, sys_struct_size(kind));
    else if (l->put)
        fits = l->put(guest, host, c->wide);
    else
        convert(fields_of(c, l), align64(c), guest, (uint8_t *)(uintptr_t)host, true, &fits);
    return fits;
}

long abi_get(const struct sys_ctx *c, enum sys_struct kind, void *host, gaddr_t from)
{
    uint8_t guest[GUEST_STRUCT_MAX];
    if (guest_read(c->t, guest, from, abi_size(c, kind)))
        return -EFAULT;
    widen(c, kind, host, guest);
    return 0;
}

long abi_put(const struct sys_ctx *c, enum sys_struct kind, gaddr_t to, const void *host)
{
    uint8_t guest[GUEST_STRUCT_MAX] = {0};
    if (!abi_narrow(c, kind, guest, host))
        return -EOVERFLOW;
    return guest_write(c->t, to, guest, abi_size(c, kind));
}

/* ---- words, vectors, messages ---- */

long abi_get_word(struct thread *t, uint64_t *v, gaddr_t from)
{
    *v = 0;
    return guest_read(t, v, from, guest_word_bytes(t->proc->guest));
}

long abi_put_word(struct thread *t, gaddr_t to, uint64_t v)
{
    return guest_write(t, to, &v, guest_word_bytes(t->proc->guest));
}

long abi_get_iovec(struct thread *t, struct iovec *v, gaddr_t array, uint64_t i)
{
    const unsigned word = guest_word_bytes(t->proc->guest);
    uint64_t base, len;
    array += i * 2 * word;
    if (abi_get_word(t, &base, array) || abi_get_word(t, &len, array + word))
        return -EFAULT;
    *v = (struct iovec){(void *)(uintptr_t)base, len};
    return 0;
}

long abi_get_msghdr(struct thread *t, struct msghdr *m, gaddr_t from)
{
    uint32_t w[7]; /* name, its length, vectors, how many, control data, its length, flags */
    if (!lx_narrow(t))
        return guest_read(t, m, from, sizeof *m);
    if (guest_read(t, w, from, sizeof w))
        return -EFAULT;
    *m = (struct msghdr){.msg_name = (void *)(uintptr_t)w[0],
                         .msg_namelen = w[1],
                         .msg_iov = (struct iovec *)(uintptr_t)w[2],
                         .msg_iovlen = w[3],
                         .msg_control = (void *)(uintptr_t)w[4],
                         .msg_controllen = w[5],
                         .msg_flags = (int)w[6]};
    return 0;
}

/* ---- arguments ---- */

static bool is_signed(enum sys_arg_kind kind)
{
    return kind == ARG_INT || kind == ARG_LONG || kind == ARG_FD || kind == ARG_AT || kind == ARG_SIGNO;
}

static uint64_t id_of(uint64_t v) { return (uint16_t)v == 0xffff ? ~0ull : (uint16_t)v; }

void abi_arguments(struct sys_ctx *c, const struct guest_call *e)
{
    const struct guest *guest = c->t->proc->guest;
    uint64_t reg[6];
    for (unsigned i = 0; i < 6; i++)
        reg[i] = guest_get(c->t->cpu, guest, guest->abi->call.arg[i]);
    if (!guest_is32(guest)) {
        memcpy(c->a, reg, sizeof c->a);
        return;
    }
    for (unsigned i = 0, r = 0; i < 6 && r < 6; i++, r++) {
        const enum sys_arg_kind kind = sys_arg_kind(c->row->arg[i]);
        const uint64_t low = (uint32_t)reg[r];
        c->a[i] = is_signed(kind) ? (uint64_t)(int64_t)(int32_t)low : low;
        if (e->ids >> i & 1)
            c->a[i] = id_of(low);
        if (kind == ARG_HIGH && i > 0)
            c->a[i - 1] = (uint32_t)c->a[i - 1] | low << 32;
        if (!(e->split >> i & 1))
            continue;
        if (align64(c) == 8 && r % 2)
            r++;
        c->a[i] = r + 1 < 6 ? (uint32_t)reg[r] | reg[r + 1] << 32 : 0;
        r++;
    }
}
