/* SPDX-License-Identifier: Apache-2.0 */
/* See eval_counts.h. */
#include "src/ir/interp/eval_counts.h"

static bool is_same(const struct ir_eval_count *a, const struct ir_eval_count *b)
{
    return a->op == b->op && a->type == b->type && a->from == b->from && a->aux == b->aux && a->imm == b->imm;
}

static unsigned hash(const struct ir_eval_count *k)
{
    uint64_t x = k->op | (uint64_t)k->type << 8 | (uint64_t)k->from << 16 | (uint64_t)k->aux << 24;
    return (unsigned)((x ^ k->imm << 16) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static void add(struct ir_eval_counts *c, const struct ir_eval_count *kind)
{
    unsigned at = hash(kind);
    for (unsigned i = 0; i < IR_EVAL_KINDS; i++) {
        struct ir_eval_count *slot = &c->kinds[(at + i) % IR_EVAL_KINDS];
        if (!slot->calls) {
            *slot = *kind;
            return;
        }
        if (is_same(slot, kind)) {
            slot->calls += kind->calls;
            return;
        }
    }
    c->others += kind->calls;
}

void ir_eval_count(struct ir_eval_counts *c, const struct ir_insn *in, enum ir_type from)
{
    struct ir_eval_count kind = {.op = (uint8_t)in->op,
                                 .type = (uint8_t)in->type,
                                 .from = (uint8_t)from,
                                 .aux = (uint16_t)in->aux,
                                 .imm = ir_op_facts[in->op].imm == IR_IMM_VEC_FN ? in->imm : 0,
                                 .calls = 1};
    add(c, &kind);
}

void ir_eval_counts_add(struct ir_eval_counts *sum, const struct ir_eval_counts *c)
{
    for (unsigned i = 0; i < IR_EVAL_KINDS; i++)
        if (c->kinds[i].calls)
            add(sum, &c->kinds[i]);
    sum->others += c->others;
}

struct ir_insn ir_eval_counted(const struct ir_eval_count *c)
{
    return (struct ir_insn){.op = c->op, .type = c->type, .aux = c->aux, .imm = c->imm};
}
