/* SPDX-License-Identifier: Apache-2.0 */
/* Loading segment registers from user code: mov, pop, lds and its kin. SDM volume 2: MOV; volume 3, 3.4.
 *
 * The descriptors that user code can reach are the flat ones, whose base is 0 (the null selector, the user's code and
 * data segment), and for i386 what set_thread_area and modify_ldt made. Others are general protection. Loading fs or gs
 * replaces its base, as set by arch_prctl or wrfsbase, by the descriptor's.
 *
 * Descriptors are numbered as on a 64-bit kernel that runs i386 programs (the host's): threads have 12 to 14.
 *
 * I1  es, cs, ss and ds have base 0: code is translated without adding it. A descriptor with another base cannot be
 *     loaded there, which is general protection, and no program of a flat model does.
 * I2  Limits and rights of descriptors are kept, not enforced. */
#include "frontend/x86/system/x86_segment.h"

#include <errno.h>
#include <string.h>

#include "frontend/x86/common/x86_lifters.h"
#include "frontend/x86/common/x86_operand.h"

#include "src/ir/build/builder.h"

enum { RPL = 3, IN_LDT = 4, TLS_FIRST = 12, LDT_BYTES = 8 };
enum { USER_DATA = 0x2b, USER_CODE = 0x33, USER_CODE_32 = 0x23 };

/* ---- descriptors of the guest's own ---- */

/* struct user_desc's flags */
enum descriptor_flag {
    SEG_32BIT = 1,
    CONTENTS_SHIFT = 1,
    READ_EXEC_ONLY = 8,
    LIMIT_IN_PAGES = 16,
    NOT_PRESENT = 32,
    USEABLE = 64,
    KNOWN_FLAGS = 127,
    CONTENTS_CODE = 2,
    CONTENTS_CONFORMING = 3,
    EMPTY = READ_EXEC_ONLY | NOT_PRESENT,
};
static unsigned contents_of(uint32_t flags) { return flags >> CONTENTS_SHIFT & 3; }

static bool is_there(const struct x86_descriptor *d) { return d->flags && !(d->flags & NOT_PRESENT); }

/* The descriptor that a selector names, or NULL. */
static const struct x86_descriptor *find_descriptor(const struct x86_state *s, uint16_t selector)
{
    const unsigned n = selector >> 3;
    const struct x86_descriptor *d = NULL;
    if (!s->ldt) /* 64-bit guests have none */
        return NULL;
    if (selector & IN_LDT)
        d = &s->ldt[n];
    else if (n >= TLS_FIRST && n < TLS_FIRST + X86_TLS_COUNT)
        d = &s->tls[n - TLS_FIRST];
    return d && is_there(d) ? d : NULL;
}

/* fs and gs have a copy of the base: gets it anew where the descriptor changed. */
static void refresh(struct cpu *cpu)
{
    struct x86_state *s = x86_state_of(cpu);
    x86_descriptor_base(cpu, s->fs, &s->fs_base);
    x86_descriptor_base(cpu, s->gs, &s->gs_base);
}

static bool is_nothing(const struct guest_segment *d)
{
    return !d->base && !d->limit && (!d->flags || (d->flags & KNOWN_FLAGS) == EMPTY);
}

static struct x86_descriptor made_of(const struct guest_segment *d)
{
    if (is_nothing(d))
        return (struct x86_descriptor){0};
    return (struct x86_descriptor){d->base, d->limit & 0xfffff, d->flags & KNOWN_FLAGS};
}

long x86_set_segment(struct cpu *cpu, struct guest_segment *desc)
{
    struct x86_state *s = x86_state_of(cpu);
    uint32_t n = desc->entry - TLS_FIRST;
    if (!is_nothing(desc) &&
        (!(desc->flags & SEG_32BIT) || contents_of(desc->flags) >= CONTENTS_CODE || desc->flags & NOT_PRESENT))
        return -EINVAL;
    if (desc->entry == ~UINT32_C(0)) {
        for (n = 0; n < X86_TLS_COUNT && s->tls[n].flags; n++)
            ;
        if (n == X86_TLS_COUNT)
            return -ESRCH;
        desc->entry = TLS_FIRST + n;
    }
    if (n >= X86_TLS_COUNT)
        return -EINVAL;
    s->tls[n] = made_of(desc);
    refresh(cpu);
    return 0;
}

long x86_get_segment(const struct cpu *cpu, struct guest_segment *desc)
{
    const uint32_t n = desc->entry - TLS_FIRST;
    if (n >= X86_TLS_COUNT)
        return -EINVAL;
    const struct x86_descriptor *d = &x86_state_const(cpu)->tls[n];
    *desc = (struct guest_segment){desc->entry, d->base, d->limit, d->flags ? d->flags : EMPTY};
    return 0;
}

long x86_set_ldt(struct cpu *cpu, const struct guest_segment *desc, bool old)
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

/* ---- selectors ---- */

bool x86_descriptor_base(const struct cpu *cpu, uint16_t selector, uint64_t *base)
{
    const struct x86_descriptor *d = find_descriptor(x86_state_const(cpu), selector);
    *base = d ? d->base : 0;
    return d || selector <= RPL || selector == USER_DATA || selector == USER_CODE || selector == USER_CODE_32;
}

/* ss is never null in user code, and cs cannot be loaded this way. */
static uint64_t helper_can_load(struct cpu *cpu, uint64_t row, uint64_t selector, uint64_t is64, uint64_t d)
{
    uint64_t base;
    bool flat = row != X86_ROW_fs && row != X86_ROW_gs;
    (void)d;
    if (row == X86_ROW_ss && !(selector & IN_LDT) && selector != USER_DATA)
        return 0;
    return x86_descriptor_base(cpu, (uint16_t)selector, &base) && (!flat || base == 0); /* I1 */
}

static uint64_t helper_base(struct cpu *cpu, uint64_t selector, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t base;
    (void)b, (void)c, (void)d;
    return x86_descriptor_base(cpu, (uint16_t)selector, &base) ? base : 0;
}

void x86_restore_segment(struct cpu *cpu, unsigned row, uint16_t selector)
{
    struct x86_state *s = x86_state_of(cpu);
    if (!helper_can_load(cpu, row, selector, 0, 0))
        selector = row == X86_ROW_ss ? USER_DATA : 0;
    (&s->es)[row - X86_ROW_es] = selector;
    if (row == X86_ROW_fs)
        x86_descriptor_base(cpu, selector, &s->fs_base);
    if (row == X86_ROW_gs)
        x86_descriptor_base(cpu, selector, &s->gs_base);
}

static const struct ir_helper can_load = {"x86_can_load_segment", helper_can_load, 3, IR_I64, IR_FX_RMEM | IR_FX_WMEM};
static const struct ir_helper base_of = {"x86_segment_base", helper_base, 1, IR_I64, IR_FX_RMEM | IR_FX_WMEM};

void x86_load_segment(struct x86_lift *l, ZydisRegister segment, ir_ref selector)
{
    unsigned row = X86_ROW_es + (unsigned)(segment - ZYDIS_REGISTER_ES);
    if (segment == ZYDIS_REGISTER_CS) {
        x86_lift_illegal(l, 0);
        return;
    }
    ir_ref wide = x86_zext(l, IR_I64, selector);
    ir_ref ok = ir_call(l->b, &can_load, ir_const(l->b, IR_I64, row), wide, ir_const(l->b, IR_I64, l->is64), IR_NO_REF);
    ir_trap_if(l->b, ir_icmp(l->b, IR_EQ, ok, ir_const(l->b, IR_I64, 0)), IR_TRAP_PRIVILEGED, l->pc);
    ir_put(l->b, row, selector);
    if (segment == ZYDIS_REGISTER_FS || segment == ZYDIS_REGISTER_GS)
        ir_put(l->b, segment == ZYDIS_REGISTER_FS ? X86_ROW_fs_base : X86_ROW_gs_base,
               ir_call(l->b, &base_of, wide, IR_NO_REF, IR_NO_REF, IR_NO_REF));
}

/* lds les lfs lgs lss: arg is the Zydis register. The offset comes first in memory. */
void x86_lift_load_far(struct x86_lift *l, unsigned segment)
{
    enum ir_type type = x86_int_type(l->op[0].size);
    ir_ref addr = x86_addr(l, 1), offset = x86_load(l, type, addr, 0);
    x86_load_segment(l, (ZydisRegister)segment, x86_load(l, IR_I16, addr, l->op[0].size / 8));
    x86_write(l, 0, offset);
}
