/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace requests that only x86 has.
 *
 * I1  Regsets (ptrace_regs.h) are in the layout of the tracee, this is in that of the tracer: a 64-bit one sees an i386
 *     tracee's registers in its own struct user (view), a 32-bit one cannot look at a 64-bit tracee. */
#include "runtime/linux/generic/ptrace_x86.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/tracer.h"

/* struct user (asm/user_64.h, user_32.h) */
enum {
    DEBUG_REGS = 8,
    DR6 = 6,
    DR6_NOTHING = 0xffff0ff0,
    DEBUG_AT_64 = 848,
    DEBUG_AT_32 = 252,
    USER_SIZE_64 = 912,
    USER_SIZE_32 = 284
};
enum { ARCH_GET_FS_CODE = 0x1003, ARCH_GET_GS_CODE = 0x1004, FS_BASE_AT = 21 * 8, GS_BASE_AT = 22 * 8 };

static bool is_x86(const struct ptrace_request *q) { return q->r.orig_at && (q->r.is32 || !ptrace_is_narrow(q)); }
static bool is_widened(const struct ptrace_request *q) { return q->r.is32 && !ptrace_is_narrow(q); }

/* Where struct user_regs_struct of 64 bits has the words of that of 32 bits. */
static const uint8_t wide_at[] = {5, 11, 12, 13, 14, 4, 10, 23, 24, 25, 26, 15, 16, 17, 18, 19, 20};
enum { WIDE_WORDS = 27, RAX_AT = 10, ORIG_RAX_AT = 15 };

/* The registers as the tracer has them: bytes of *view, which has room for a wide one. */
static size_t get_view(const struct ptrace_request *q, uint64_t view[TRACE_REGS_MAX / 8])
{
    memcpy(view, q->r.regs, sizeof q->r.regs);
    if (!is_widened(q))
        return q->r.regs_size;
    memset(view, 0, sizeof q->r.regs);
    for (unsigned i = 0; i < ARRAY_LEN(wide_at); i++) {
        uint32_t word;
        memcpy(&word, q->r.regs + 4 * i, sizeof word);
        const bool is_signed = wide_at[i] == RAX_AT || wide_at[i] == ORIG_RAX_AT;
        view[wide_at[i]] = is_signed ? (uint64_t)(int32_t)word : word;
    }
    return WIDE_WORDS * sizeof view[0];
}

static long set_view(struct ptrace_request *q, const uint64_t view[TRACE_REGS_MAX / 8])
{
    if (!is_widened(q))
        memcpy(q->r.regs, view, q->r.regs_size);
    for (unsigned i = 0; is_widened(q) && i < ARRAY_LEN(wide_at); i++)
        memcpy(q->r.regs + 4 * i, &view[wide_at[i]], 4);
    q->r.changed |= TRACE_CHANGED_REGS;
    return tracer_write(q->tracee, &q->r);
}

long ptrace_x86_get_regs(struct ptrace_request *q)
{
    uint64_t view[TRACE_REGS_MAX / 8];
    return is_x86(q) ? guest_write(q->c->t, q->data, view, get_view(q, view)) : -EIO;
}

long ptrace_x86_set_regs(struct ptrace_request *q)
{
    uint64_t view[TRACE_REGS_MAX / 8];
    if (!is_x86(q))
        return -EIO;
    return guest_read(q->c->t, view, q->data, get_view(q, view)) ? -EFAULT : set_view(q, view);
}

static unsigned fxsave_note(const struct ptrace_request *q) { return q->r.is32 ? NT_PRXFPREG : NT_PRFPREG; }

long ptrace_x86_get_fpregs(struct ptrace_request *q)
{
    return is_x86(q) && !ptrace_is_narrow(q) ? ptrace_put_regs(q, q->data, fxsave_note(q), PTRACE_FXSAVE_SIZE) : -EIO;
}
long ptrace_x86_set_fpregs(struct ptrace_request *q)
{
    return is_x86(q) && !ptrace_is_narrow(q) ? ptrace_take_regs(q, q->data, fxsave_note(q), PTRACE_FXSAVE_SIZE) : -EIO;
}
long ptrace_x86_get_fpxregs(struct ptrace_request *q)
{
    return is_x86(q) && ptrace_is_narrow(q) ? ptrace_put_regs(q, q->data, fxsave_note(q), PTRACE_FXSAVE_SIZE) : -EIO;
}
long ptrace_x86_set_fpxregs(struct ptrace_request *q)
{
    return is_x86(q) && ptrace_is_narrow(q) ? ptrace_take_regs(q, q->data, fxsave_note(q), PTRACE_FXSAVE_SIZE) : -EIO;
}

/* A word of struct user. */
static bool user_place(const struct ptrace_request *q, unsigned *debug_reg)
{
    const size_t bytes = ptrace_word_bytes(q), debug = ptrace_is_narrow(q) ? DEBUG_AT_32 : DEBUG_AT_64;
    const bool is_debug = q->addr >= debug && q->addr < debug + DEBUG_REGS * bytes;
    *debug_reg = is_debug ? (unsigned)((q->addr - debug) / bytes) : DEBUG_REGS;
    return is_x86(q) && q->addr % bytes == 0 && q->addr < (ptrace_is_narrow(q) ? USER_SIZE_32 : USER_SIZE_64);
}

/* There are no debug registers to watch with: they are as after reset. */
long ptrace_x86_peek_user(struct ptrace_request *q)
{
    unsigned debug_reg;
    uint64_t word = 0, view[TRACE_REGS_MAX / 8];
    if (!user_place(q, &debug_reg))
        return -EIO;
    if (q->addr < get_view(q, view))
        memcpy(&word, (char *)view + q->addr, ptrace_word_bytes(q));
    else if (debug_reg == DR6)
        word = DR6_NOTHING;
    return abi_put_word(q->c->t, q->data, word);
}

long ptrace_x86_poke_user(struct ptrace_request *q)
{
    unsigned debug_reg;
    uint64_t view[TRACE_REGS_MAX / 8];
    if (!user_place(q, &debug_reg))
        return -EIO;
    if (debug_reg < DEBUG_REGS)
        return debug_reg == DEBUG_REGS - 1 && q->data ? -EINVAL : 0;
    if (q->addr >= get_view(q, view))
        return -EIO;
    memcpy((char *)view + q->addr, &q->data, ptrace_word_bytes(q));
    return set_view(q, view);
}

long ptrace_x86_arch_prctl(struct ptrace_request *q)
{
    uint64_t base;
    if (!is_x86(q) || q->r.is32)
        return -EIO;
    if (q->data != ARCH_GET_FS_CODE && q->data != ARCH_GET_GS_CODE)
        return -EINVAL;
    memcpy(&base, q->r.regs + (q->data == ARCH_GET_FS_CODE ? FS_BASE_AT : GS_BASE_AT), sizeof base);
    return abi_put_word(q->c->t, q->addr, base);
}
