/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's registers after a fault in a region's code, by the table of faults.c. Runs in signal handlers: it only
 * reads the table, the signal context and the region's stack, and writes to struct cpu. */
#include <string.h>

#include "llvm-opt/lopt.h"
#include "llvm-opt/plan/rows.h"
#include "src/host/context.h"

static const struct lopt_access *find(const struct lopt_faults *f, uint32_t host)
{
    uint32_t low = 0, high = f->access_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (f->accesses[middle].host < host)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->access_count && f->accesses[low].host == host ? &f->accesses[low] : NULL;
}

/* The place's bytes, of which only as many count as its part has. */
static void read_place(const struct lopt_place *p, const ucontext_t *uc, uint8_t bytes[32])
{
    uint64_t word;
    memset(bytes, 0, 32);
    switch ((enum lopt_where)p->where) {
    case LOPT_IN_GPR:
        word = host_context_gpr(uc, (unsigned)p->at);
        memcpy(bytes, &word, sizeof word);
        break;
    case LOPT_IN_VECTOR:
        host_context_vector(uc, (unsigned)p->at, bytes);
        break;
    case LOPT_ON_STACK:
        memcpy(bytes, (const uint8_t *)(host_context_sp(uc) + (uintptr_t)p->at), p->part == LOPT_PART_WIDE ? 32 : 8);
        break;
    case LOPT_IS_CONST:
        memcpy(bytes, &p->at, sizeof p->at);
        memcpy(bytes + sizeof p->at, &p->add, sizeof p->add);
        return;
    }
    if (p->shift || p->add || p->extend) {
        memcpy(&word, bytes, sizeof word);
        word = (word << p->shift) + (uint64_t)(int64_t)p->add;
        if (p->extend)
            word = p->extend == LOPT_EXTEND_SIGN ? (uint64_t)(int64_t)(int32_t)word : (uint32_t)word;
        memcpy(bytes, &word, sizeof word);
    }
}

static bool is_set(uint64_t tags, uint8_t kinds, unsigned yes, unsigned no, unsigned bit)
{
    return kinds & yes && (!(kinds & no) || tags >> bit & 1);
}

/* A value that may be a NaN in another guise than the guest's (LOPT_K_RAW, LOPT_K_RAWBOX) */
static void make_canonical(uint8_t *bytes, bool is_double)
{
    uint64_t d;
    uint32_t s;
    memcpy(&d, bytes, sizeof d);
    memcpy(&s, bytes, sizeof s);
    if (is_double && (d & INT64_MAX) > UINT64_C(0x7ff0000000000000))
        d = UINT64_C(0x7ff8000000000000);
    else if (!is_double && (s & INT32_MAX) > 0x7f800000)
        s = 0x7fc00000;
    memcpy(bytes, is_double ? (const void *)&d : (const void *)&s, is_double ? sizeof d : sizeof s);
}

static void write_row(struct cpu *cpu, const struct lopt_place *p, const ucontext_t *uc, uint64_t tags)
{
    uint8_t bytes[32], *row = (uint8_t *)cpu + p->offset;
    unsigned bits = ir_type_bits((enum ir_type)p->type);
    bool single = is_set(tags, p->kinds, LOPT_K_SINGLE, LOPT_K_DOUBLE, p->single_bit);
    bool raw = is_set(tags, p->kinds, LOPT_K_RAW | LOPT_K_RAWBOX, LOPT_K_EXACT | LOPT_K_BOX, p->raw_bit);
    read_place(p, uc, bytes);
    switch ((enum lopt_part)p->part) {
    case LOPT_PART_TAGS:
        break;
    case LOPT_PART_WIDE:
        if (single)
            break;
        if (raw)
            make_canonical(bytes, p->type == IR_F64);
        if (p->type == IR_I1)
            bytes[0] &= 1;
        memcpy(row, bytes, bits < 8 ? 1 : bits / 8);
        break;
    case LOPT_PART_SINGLE:
        if (!single)
            break;
        if (raw)
            make_canonical(bytes, false);
        memset(bytes + 4, 0xff, 4);
        memcpy(row, bytes, 8);
        break;
    case LOPT_PART_LOW:
        memcpy(row, bytes, 8);
        break;
    case LOPT_PART_HIGH:
        memcpy(row + 8, bytes, 8);
        break;
    }
}

unsigned lopt_recover(const struct lopt_faults *faults, uint32_t host, struct cpu *cpu, const void *context)
{
    const struct lopt_access *a = faults ? find(faults, host) : NULL;
    if (!a)
        return 0;
    const struct lopt_place *places = (const struct lopt_place *)(faults->accesses + faults->access_count);
    uint64_t tags = 0;
    for (uint32_t i = 0; i < a->place_count; i++) {
        const struct lopt_place *p = &places[a->first_place + i];
        uint8_t bytes[32];
        if (p->part == LOPT_PART_TAGS) {
            read_place(p, context, bytes);
            memcpy(&tags, bytes, sizeof tags);
        }
        write_row(cpu, p, context, tags);
    }
    cpu->pc = a->pc;
    return a->replay_insns;
}
