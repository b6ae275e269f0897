/* SPDX-License-Identifier: Apache-2.0 */
/* The text form of a block, one instruction a line:
 *
 *   block 0x10000 mode=0 bytes=8 insns=2
 *     insn 0x10000 {n=4}
 *     %1 = get i64 $x5
 *     %2 = ld i64 %1 +8 {i32 signed}
 *     exit.if %3 0x10040
 *
 * operation, type, operands, immediate, aux in braces; see text.h for the words.
 */
#include "src/ir/text/print.h"

#include <inttypes.h>

#include "src/ir/int_ops.h"
#include "src/ir/state.h"
#include "src/ir/text/text.h"

static void print_fields(FILE *out, const struct ir_aux_fields *table, unsigned aux)
{
    const char *separator = " {";
    for (unsigned i = 0; i < table->count; i++) {
        const struct ir_aux_field *f = &table->fields[i];
        unsigned value = aux >> f->shift & ((1u << f->bits) - 1);
        if (value < f->word_count && f->words[value])
            fprintf(out, "%s%s", separator, f->words[value]);
        else if (value)
            fprintf(out, "%s%s=%u", separator, f->name, value);
        else
            continue;
        separator = " ";
    }
    if (separator[1] == '\0')
        fputc('}', out);
}

static void print_const(FILE *out, const struct ir_insn *in)
{
    int_u128 bits = ir_const_bits(in);
    if (bits >> 64)
        fprintf(out, " 0x%" PRIx64 ":0x%" PRIx64, (uint64_t)(bits >> 64), (uint64_t)bits);
    else
        fprintf(out, " 0x%" PRIx64, (uint64_t)bits);
}

static void print_imm(FILE *out, const struct ir_block *block, const struct ir_insn *in)
{
    switch ((enum ir_imm_kind)ir_op_facts[in->op].imm) {
    case IR_IMM_NONE:
        break;
    case IR_IMM_VALUE:
        print_const(out, in);
        break;
    case IR_IMM_ROW:
        fprintf(out, " $%s", in->imm < block->state->count ? block->state->rows[in->imm].name : "?");
        break;
    case IR_IMM_OFFSET:
        if (in->imm)
            fprintf(out, " %+" PRId64, (int64_t)in->imm);
        break;
    case IR_IMM_PC:
    case IR_IMM_MASK:
        fprintf(out, " 0x%" PRIx64, in->imm);
        break;
    case IR_IMM_ELEM:
    case IR_IMM_SHUFFLE:
        fprintf(out, " #%" PRIu64, in->imm);
        break;
    case IR_IMM_HELPER:
        fprintf(out, " @%s", ((const struct ir_helper *)(uintptr_t)in->imm)->name);
        break;
    case IR_IMM_VEC_FN:
        fprintf(out, " @%s", ((const struct ir_vec_fn *)(uintptr_t)in->imm)->name);
        break;
    }
}

static void print_insn(FILE *out, const struct ir_block *block, uint32_t i)
{
    const struct ir_insn *in = &block->insns[i];
    if (ir_insn_result_type(in) != IR_VOID)
        fprintf(out, "  %%%u = ", i);
    else
        fputs("  ", out);
    fputs(ir_op_infos[in->op].text, out);
    if (in->type != IR_VOID)
        fprintf(out, " %s", ir_type_name((enum ir_type)in->type));
    for (unsigned a = 0; a < ir_insn_arg_count(in); a++)
        fprintf(out, " %%%u", in->arg[a]);
    print_imm(out, block, in);
    if (in->op == IR_CALL)
        print_fields(out, &ir_effect_fields, ir_insn_effects(in));
    else
        print_fields(out, &ir_aux_tables[ir_op_facts[in->op].aux], in->aux);
    fputc('\n', out);
}

void ir_print_kind(FILE *out, const struct ir_insn *in)
{
    fputs(ir_op_infos[in->op].text, out);
    if (in->type != IR_VOID)
        fprintf(out, " %s", ir_type_name((enum ir_type)in->type));
    if (ir_op_facts[in->op].imm == IR_IMM_VEC_FN)
        print_imm(out, NULL, in);
    print_fields(out, &ir_aux_tables[ir_op_facts[in->op].aux], in->aux);
}

void ir_print(FILE *out, const struct ir_block *block)
{
    fprintf(out, "block 0x%" PRIx64 " mode=%u bytes=%u insns=%u\n", block->pc, block->mode, block->guest_bytes,
            block->guest_insns);
    for (uint32_t i = 0; i < block->count; i++)
        print_insn(out, block, i);
}
