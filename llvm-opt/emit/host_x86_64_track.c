/* SPDX-License-Identifier: Apache-2.0 */
/* Follows values back through x86-64 code.
 *
 * LLVM may move a value between an access and the map behind it: it copies registers, spills and reloads, and loads
 * constants again. Or it makes a value only there, of which the access uses nothing but the parts: a sum that is an
 * address. Of these, register * 2^n + constant and what is extended from 32 bits are known here, too. Whatever else
 * writes a value's place has made the value, and so it was not there before.
 *
 * I1  A way is one that the code may go: straight on, or by its jumps. At a conditional jump both are tried. What a
 *     value's place is on one way from an access to its map, it is on every way, since it is the same value.
 * I2  Nothing but instructions that name rsp writes to the region's own stack. rsp does not change on a way.
 * I3  Each instruction is decoded once, and kept by its offset.
 */
#include <Zydis/Zydis.h>
#include <stdlib.h>
#include <string.h>

#include "llvm-opt/emit/track.h"

enum { RSP = 4, VECTORS = 16, MOST_STEPS = 2048, MOST_TRIES = 64 };

/* rax, rcx, rdx, rsi, rdi, r8 .. r11 and all vectors: the called function's (System V ABI) */
static const uint64_t CALL_WRITES = 0xffffffff0fc7;

enum flow { FLOW_ON, FLOW_JUMP, FLOW_BRANCH, FLOW_END };
enum copy { COPY_NONE, COPY_REGISTER, COPY_SUM, COPY_LOAD, COPY_STORE, COPY_CONST, COPY_STORE_CONST };

/* What an instruction does to places. Registers: general ones by their number, vectors from VECTORS on. */
struct step {
    uint32_t next, target;
    uint64_t writes;    /* registers, a bit each */
    int64_t value;      /* of COPY_CONST and COPY_STORE_CONST; of COPY_SUM, what is added */
    int32_t slot;       /* offset from rsp of what it loads or stores */
    uint16_t slot_size; /* bytes */
    uint8_t flow, copy;
    uint8_t bytes; /* that are copied */
    uint8_t to, from;
    uint8_t shift; /* of COPY_SUM, before value is added */
    bool sign;     /* a move that extends with the sign */
    bool stores;   /* to its slot */
    bool marked;   /* makes a marked access */
};

struct lopt_track {
    const uint8_t *code;
    uint32_t size;
    ZydisDecoder decoder;
    struct step *steps;
    uint32_t count, capacity;
    uint32_t *at;  /* per offset: number of the step + 1; 0: not decoded */
    uint32_t *end; /* per offset: number of what ends there + 1; 0: nothing */
    uint32_t way[MOST_STEPS];
    uint32_t length;
    bool failed; /* no memory */
};

struct lopt_track *lopt_track_open(const uint8_t *code, size_t size)
{
    struct lopt_track *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->code = code;
    t->size = (uint32_t)size;
    t->at = calloc(size + 1, sizeof *t->at);
    t->end = calloc(size + 1, sizeof *t->end);
    t->capacity = (uint32_t)size / 4 + 16;
    t->steps = malloc(t->capacity * sizeof *t->steps);
    ZydisDecoderInit(&t->decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (t->at && t->end && t->steps)
        return t;
    lopt_track_close(t);
    return NULL;
}

void lopt_track_close(struct lopt_track *track)
{
    if (!track)
        return;
    free(track->at);
    free(track->end);
    free(track->steps);
    free(track);
}

/* ---- one instruction ---- */

/* Number of the register that r is part of; -1: none that is followed. */
static int register_number(ZydisRegister r)
{
    ZydisRegister wide = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r);
    switch (ZydisRegisterGetClass(wide)) {
    case ZYDIS_REGCLASS_GPR64:
        return ZydisRegisterGetId(wide);
    case ZYDIS_REGCLASS_ZMM:
        return VECTORS + ZydisRegisterGetId(wide);
    default:
        return -1;
    }
}

static bool is_move(ZydisMnemonic m)
{
    switch (m) {
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVSXD:
    case ZYDIS_MNEMONIC_MOVQ:
    case ZYDIS_MNEMONIC_MOVD:
    case ZYDIS_MNEMONIC_VMOVQ:
    case ZYDIS_MNEMONIC_VMOVD:
    case ZYDIS_MNEMONIC_MOVAPS:
    case ZYDIS_MNEMONIC_MOVAPD:
    case ZYDIS_MNEMONIC_MOVUPS:
    case ZYDIS_MNEMONIC_MOVUPD:
    case ZYDIS_MNEMONIC_MOVDQA:
    case ZYDIS_MNEMONIC_MOVDQU:
    case ZYDIS_MNEMONIC_VMOVAPS:
    case ZYDIS_MNEMONIC_VMOVAPD:
    case ZYDIS_MNEMONIC_VMOVUPS:
    case ZYDIS_MNEMONIC_VMOVUPD:
    case ZYDIS_MNEMONIC_VMOVDQA:
    case ZYDIS_MNEMONIC_VMOVDQU:
    case ZYDIS_MNEMONIC_VMOVDQA64:
    case ZYDIS_MNEMONIC_VMOVDQU64:
        return true;
    default:
        return false;
    }
}

/* Moves of a scalar from or to memory; between registers they merge. */
static bool is_scalar_move(ZydisMnemonic m)
{
    return m == ZYDIS_MNEMONIC_MOVSD || m == ZYDIS_MNEMONIC_MOVSS || m == ZYDIS_MNEMONIC_VMOVSD ||
           m == ZYDIS_MNEMONIC_VMOVSS;
}

static bool is_stack(const ZydisDecodedOperand *o)
{
    return o->type == ZYDIS_OPERAND_TYPE_MEMORY && o->mem.type == ZYDIS_MEMOP_TYPE_MEM &&
           o->mem.base == ZYDIS_REGISTER_RSP && o->mem.index == ZYDIS_REGISTER_NONE;
}

/* register * 2^n + constant */
static void note_sum(struct step *s, const ZydisDecodedInstruction *i, const ZydisDecodedOperand *op)
{
    int base = -1, index = -1, to = op[0].type == ZYDIS_OPERAND_TYPE_REGISTER ? register_number(op[0].reg.value) : -1;
    bool imm = i->operand_count_visible == 2 && op[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE;
    s->value = imm ? op[1].imm.value.s : 1;
    s->shift = 0;
    switch (i->mnemonic) {
    case ZYDIS_MNEMONIC_LEA:
        base = register_number(op[1].mem.base);
        index = register_number(op[1].mem.index);
        s->value = op[1].mem.disp.value;
        s->shift = base >= 0 ? 0 : (uint8_t)__builtin_ctz(op[1].mem.scale | 8u);
        if ((base < 0) == (index < 0) || op[1].mem.base == ZYDIS_REGISTER_RIP || base == RSP)
            return;
        break;
    case ZYDIS_MNEMONIC_DEC:
    case ZYDIS_MNEMONIC_SUB:
        s->value = -s->value;
        base = imm || i->mnemonic == ZYDIS_MNEMONIC_DEC ? to : -1;
        break;
    case ZYDIS_MNEMONIC_ADD:
    case ZYDIS_MNEMONIC_INC:
        base = imm || i->mnemonic == ZYDIS_MNEMONIC_INC ? to : -1;
        break;
    default:
        return;
    }
    if (to < 0 || (base < 0 && index < 0) || op[0].size < 32)
        return;
    s->copy = COPY_SUM;
    s->to = (uint8_t)to, s->from = (uint8_t)(base >= 0 ? base : index);
    s->bytes = (uint8_t)(op[0].size / 8);
}

static void note_copy(struct step *s, const ZydisDecodedInstruction *i, const ZydisDecodedOperand *op)
{
    bool scalar = is_scalar_move(i->mnemonic);
    int to = op[0].type == ZYDIS_OPERAND_TYPE_REGISTER ? register_number(op[0].reg.value) : -1;
    int from = op[1].type == ZYDIS_OPERAND_TYPE_REGISTER ? register_number(op[1].reg.value) : -1;
    bool zero = (i->mnemonic == ZYDIS_MNEMONIC_XOR || i->mnemonic == ZYDIS_MNEMONIC_XORPS ||
                 i->mnemonic == ZYDIS_MNEMONIC_PXOR) &&
                to >= 0 && to == from;
    unsigned bits = op[0].size < op[1].size ? op[0].size : op[1].size;
    if (zero)
        s->copy = COPY_CONST, s->to = (uint8_t)to, s->value = 0;
    if (i->operand_count_visible != 2 || !(is_move(i->mnemonic) || scalar)) {
        note_sum(s, i, op);
        return;
    }
    s->bytes = (uint8_t)(bits / 8);
    s->sign = i->mnemonic == ZYDIS_MNEMONIC_MOVSXD;
    s->to = (uint8_t)to, s->from = (uint8_t)from;
    if (to >= 0 && from >= 0 && !scalar && bits >= 32)
        s->copy = COPY_REGISTER;
    else if (to >= 0 && is_stack(&op[1]) && bits >= 32)
        s->copy = COPY_LOAD;
    else if (from >= 0 && is_stack(&op[0]))
        s->copy = COPY_STORE;
    else if (op[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && op[0].size >= 32) {
        s->copy = to >= 0 ? COPY_CONST : is_stack(&op[0]) ? COPY_STORE_CONST : COPY_NONE;
        s->value = op[0].size == 32 ? (int64_t)(uint32_t)op[1].imm.value.u : op[1].imm.value.s;
    }
}

static void note_flow(struct step *s, const ZydisDecodedInstruction *i, const ZydisDecodedOperand *op, uint32_t at)
{
    bool direct = op[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && op[0].imm.is_relative;
    s->target = direct ? (uint32_t)(at + i->length + op[0].imm.value.s) : UINT32_MAX;
    switch (i->meta.category) {
    case ZYDIS_CATEGORY_COND_BR:
        s->flow = FLOW_BRANCH;
        break;
    case ZYDIS_CATEGORY_UNCOND_BR:
        s->flow = direct ? FLOW_JUMP : FLOW_END;
        break;
    case ZYDIS_CATEGORY_CALL:
        s->writes |= CALL_WRITES;
        break;
    case ZYDIS_CATEGORY_RET:
        s->flow = FLOW_END;
        break;
    default:
        s->flow = FLOW_ON;
        break;
    }
}

static struct step decode(struct lopt_track *t, uint32_t at)
{
    struct step s = {.flow = FLOW_END, .next = at};
    ZydisDecodedInstruction i;
    ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];
    if (at >= t->size || !ZYAN_SUCCESS(ZydisDecoderDecodeFull(&t->decoder, t->code + at, t->size - at, &i, op)))
        return s;
    s.next = at + i.length;
    note_flow(&s, &i, op, at);
    for (unsigned k = 0; k < i.operand_count; k++) {
        int r = op[k].type == ZYDIS_OPERAND_TYPE_REGISTER ? register_number(op[k].reg.value) : -1;
        if (r >= 0 && op[k].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE)
            s.writes |= UINT64_C(1) << r;
        s.marked |= op[k].type == ZYDIS_OPERAND_TYPE_MEMORY && op[k].mem.segment == ZYDIS_REGISTER_GS;
        if (!is_stack(&op[k]))
            continue;
        s.slot = (int32_t)op[k].mem.disp.value;
        s.slot_size = (uint16_t)(op[k].size / 8);
        s.stores |= (op[k].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    }
    if (i.operand_count_visible == 3 && op[1].type == ZYDIS_OPERAND_TYPE_REGISTER &&
        op[1].reg.value == ZYDIS_REGISTER_K0) { /* no mask */
        i.operand_count_visible = 2;
        op[1] = op[2];
    }
    note_copy(&s, &i, op);
    if (s.writes >> RSP & 1 && i.meta.category != ZYDIS_CATEGORY_CALL)
        s.flow = FLOW_END;
    return s;
}

/* Number of the step at this offset. */
static uint32_t step_at(struct lopt_track *t, uint32_t at)
{
    if (at < t->size && t->at[at])
        return t->at[at] - 1;
    if (t->count == t->capacity) {
        struct step *more = realloc(t->steps, t->capacity * 2 * sizeof *more);
        if (!more) {
            t->failed = true;
            return 0;
        }
        t->steps = more;
        t->capacity *= 2;
    }
    t->steps[t->count] = decode(t, at);
    if (at < t->size)
        t->at[at] = t->count + 1;
    return t->count++;
}

size_t lopt_track_next_access(struct lopt_track *track, size_t at)
{
    at = at == SIZE_MAX ? 0 : track->steps[step_at(track, (uint32_t)at)].next;
    while (at < track->size) {
        const struct step *s = &track->steps[step_at(track, (uint32_t)at)];
        if (s->marked)
            return at;
        at = s->next > at ? s->next : track->size;
    }
    return SIZE_MAX;
}

/* ---- ways ---- */

void lopt_track_end_at(struct lopt_track *track, uint32_t at, uint32_t number)
{
    if (at < track->size)
        track->end[at] = number + 1;
}

/* A conditional jump whose other side is still to be tried: it is at this length of the way. */
struct choice {
    uint32_t length, target;
};

int64_t lopt_track_way(struct lopt_track *t, uint32_t from)
{
    struct choice open[MOST_TRIES];
    unsigned choices = 0, tries = 0;
    uint32_t at = from;
    t->length = 0;
    for (;;) {
        if (t->length && at < t->size && t->end[at])
            return (int64_t)t->end[at] - 1;
        uint32_t n = step_at(t, at);
        const struct step *s = &t->steps[n];
        bool stuck = s->flow == FLOW_END || t->length == MOST_STEPS || t->failed;
        if (!stuck) {
            t->way[t->length++] = n;
            if (s->flow == FLOW_BRANCH && s->target < t->size && tries++ < MOST_TRIES)
                open[choices++] = (struct choice){t->length, s->target};
            at = s->flow == FLOW_JUMP ? s->target : s->next;
        } else if (choices) {
            t->length = open[--choices].length;
            at = open[choices].target;
        } else {
            return -1;
        }
    }
}

/* ---- back ---- */

static void set_register(struct lopt_location *l, unsigned number)
{
    l->where = number < VECTORS ? LOPT_IN_GPR : LOPT_IN_VECTOR;
    l->at = number < VECTORS ? number : number - VECTORS;
}

/* The step writes fewer bytes than the value has: 32 bits, and extends them. */
static bool extends(const struct step *s, struct lopt_location *l)
{
    if (s->bytes != 4 || l->bytes != 8 || l->extend || l->shift || l->add)
        return false;
    l->extend = s->sign ? LOPT_EXTEND_SIGN : LOPT_EXTEND_ZERO;
    l->bytes = 4;
    return true;
}

static bool back_register(const struct step *s, struct lopt_location *l)
{
    unsigned r = (unsigned)l->at + (l->where == LOPT_IN_VECTOR ? VECTORS : 0);
    if (!(s->writes >> r & 1))
        return true;
    if (s->to != r || (s->copy != COPY_CONST && s->bytes < l->bytes && !extends(s, l)))
        return false;
    switch (s->copy) {
    case COPY_REGISTER:
        set_register(l, s->from);
        return true;
    case COPY_SUM:
        set_register(l, s->from);
        l->add += (int64_t)((uint64_t)s->value << l->shift);
        l->shift = (uint8_t)(l->shift + s->shift);
        return l->add == (int32_t)l->add && l->shift < 16;
    case COPY_LOAD:
        l->where = LOPT_ON_STACK;
        l->at = s->slot;
        return true;
    case COPY_CONST:
        l->where = LOPT_IS_CONST;
        l->at = s->value;
        return true;
    default:
        return false;
    }
}

static bool back_slot(const struct step *s, struct lopt_location *l)
{
    if (!s->stores || s->slot >= l->at + l->bytes || l->at >= s->slot + s->slot_size)
        return true;
    if (s->slot != l->at || s->slot_size < l->bytes)
        return false;
    if (s->copy == COPY_STORE) {
        set_register(l, s->from);
        return true;
    }
    if (s->copy == COPY_STORE_CONST) {
        l->where = LOPT_IS_CONST;
        l->at = s->value;
        return true;
    }
    return false;
}

bool lopt_track_back(const struct lopt_track *t, struct lopt_location *l)
{
    bool found = true;
    for (uint32_t i = t->length; i-- > 0 && found && l->where != LOPT_IS_CONST;) {
        const struct step *s = &t->steps[t->way[i]];
        found = l->where == LOPT_ON_STACK ? back_slot(s, l) : back_register(s, l);
    }
    return found;
}

int64_t lopt_track_constant(const struct lopt_location *l)
{
    uint64_t v = ((uint64_t)l->at << l->shift) + (uint64_t)l->add;
    return l->extend == LOPT_EXTEND_SIGN ? (int32_t)v : l->extend == LOPT_EXTEND_ZERO ? (uint32_t)v : (int64_t)v;
}

/* ---- registers by LLVM's numbers (System V ABI, figure 3.36) ---- */

bool lopt_track_is_stack_pointer(unsigned dwarf) { return dwarf == 7; }

bool lopt_track_register(unsigned dwarf, struct lopt_location *l)
{
    static const uint8_t general[8] = {0, 2, 1, 3, 6, 7, 5, 4};
    if (dwarf < 16) {
        l->where = LOPT_IN_GPR;
        l->at = dwarf < 8 ? general[dwarf] : (int64_t)dwarf;
        return true;
    }
    bool low = dwarf >= 17 && dwarf < 33, high = dwarf >= 67 && dwarf < 83;
    l->where = LOPT_IN_VECTOR;
    l->at = low ? (int64_t)dwarf - 17 : (int64_t)dwarf - 67 + 16;
    return low || high;
}
