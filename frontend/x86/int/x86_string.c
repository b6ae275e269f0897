/* SPDX-License-Identifier: Apache-2.0 */
/* rep movs and rep stos: runs of the host's own instruction that stay within a page.
 *
 * I1  Before each run the registers are those of its first element, and a run that faults does so at that element,
 *     because it stays within one page of source and destination: the guest sees the state in which the instruction
 *     goes on.
 * I2  Overlapping operands behave as element-by-element copies do: the host's instruction has the same element. */
#include "frontend/x86/int/x86_string.h"

#include "frontend/x86/common/x86_state.h"
#include "src/host/x86_insns.h"

enum { PAGE = 4096 };

struct run {
    struct x86_state *s;
    uint64_t mask, base; /* of indices; of the source */
    unsigned op, size;   /* size: log2 of bytes */
};

static uint64_t index_of(const struct run *r, uint64_t reg) { return reg & r->mask; }

/* A 32-bit index clears the register's upper half, a 16-bit one keeps it. */
static void set_index(const struct run *r, uint64_t *reg, uint64_t v)
{
    *reg = r->mask == 0xffff ? (*reg & ~r->mask) | (v & r->mask) : v & r->mask;
}

/* Elements from address on within its page, and before the index wraps; 0: the first one sticks out. */
static uint64_t room(const struct run *r, uint64_t address, uint64_t index)
{
    uint64_t bytes = PAGE - address % PAGE, to_wrap = r->mask - index;
    return (to_wrap < bytes ? to_wrap + 1 : bytes) >> r->size;
}

static uint64_t run_length(const struct run *r, uint64_t left)
{
    uint64_t to = index_of(r, r->s->rdi), from = index_of(r, r->s->rsi), n = left;
    if (r->s->fl_d != 1)
        return 1;
    uint64_t limit = room(r, to, to);
    n = limit < n ? limit : n;
    if (r->op == X86_STRING_MOVS) {
        limit = room(r, r->base + from, from);
        n = limit < n ? limit : n;
    }
    return n ? n : 1;
}

static uint64_t helper_string(struct cpu *cpu, uint64_t what, uint64_t base, uint64_t c, uint64_t d)
{
    struct x86_state *s = x86_state_of(cpu);
    unsigned width = what >> 16 & 0xff;
    struct run r = {.s = s,
                    .mask = width == 64 ? ~UINT64_C(0) : (UINT64_C(1) << width) - 1,
                    .base = base,
                    .op = what & 0xff,
                    .size = what >> 8 & 0xff};
    (void)c, (void)d;
    for (uint64_t left; (left = index_of(&r, s->rcx)) != 0;) {
        uint64_t n = run_length(&r, left), bytes = (n << r.size) * s->fl_d;
        if (r.op == X86_STRING_MOVS)
            host_x86_rep_movs(r.size, index_of(&r, s->rdi), base + index_of(&r, s->rsi), n);
        else
            host_x86_rep_stos(r.size, index_of(&r, s->rdi), s->rax, n);
        set_index(&r, &s->rdi, s->rdi + bytes);
        if (r.op == X86_STRING_MOVS)
            set_index(&r, &s->rsi, s->rsi + bytes);
        set_index(&r, &s->rcx, left - n);
    }
    return 0;
}

const struct ir_helper x86_string_helper = {"x86_string", helper_string, 2, IR_VOID,
                                            IR_FX_RSTATE | IR_FX_WSTATE | IR_FX_RMEM | IR_FX_WMEM | IR_FX_FAULT};
