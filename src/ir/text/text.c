/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the IR's text form; see text.h. */
#include "src/ir/text/text.h"

#include <assert.h>

#include "src/ir/ir.h"

#define FIELD(name, shift, bits, words)                                                                                \
    {                                                                                                                  \
        name, shift, bits, ARRAY_LEN(words), words                                                                     \
    }
#define FLAG(shift, words)                                                                                             \
    {                                                                                                                  \
        words[1], shift, 1, 2, words                                                                                   \
    }
#define NUMBER(name, shift, bits)                                                                                      \
    {                                                                                                                  \
        name, shift, bits, 0, NULL                                                                                     \
    }
#define TABLE(fields)                                                                                                  \
    {                                                                                                                  \
        fields, ARRAY_LEN(fields)                                                                                      \
    }

static const char *const cond_words[] = {
#define COND(name, text, swapped, inverse) [IR_##name] = text,
#include "src/ir/conds.def"
};
static const char *const fcond_words[] = {[IR_FEQ] = "feq", [IR_FLT] = "flt", [IR_FLE] = "fle", [IR_FUNO] = "funo"};
static const char *const type_words[] = {
#define TYPE(name, text, bits) [IR_##name] = text,
#include "src/ir/types.def"
};
static const char *const order_words[] = {NULL, "ordered", "acqrel", "seqcst"};
static const char *const space_words[] = {NULL, "space1", "space2", "space3"};
static const char *const amo_words[] = {
    [IR_AMO_XCHG] = "xchg",   [IR_AMO_ADD] = "add",     [IR_AMO_AND] = "and",
    [IR_AMO_OR] = "or",       [IR_AMO_XOR] = "xor",     [IR_AMO_MIN_S] = "min.s",
    [IR_AMO_MAX_S] = "max.s", [IR_AMO_MIN_U] = "min.u", [IR_AMO_MAX_U] = "max.u",
};
static_assert(ARRAY_LEN(amo_words) == IR_AMO_COUNT, "an atomic operation has no word");
static const char *const rm_words[] = {[IR_RTZ] = "rtz", [IR_RDN] = "rdn", [IR_RUP] = "rup", [IR_RMM] = "rmm",
                                       [IR_ROD] = "rod", [6] = "rm6",      [IR_RDYN] = "dyn"};
static const char *const nan_words[] = {[IR_NAN_X86] = "nan.x86", [IR_NAN_ARM] = "nan.arm"};
static const char *const hint_words[] = {[IR_HINT_CALL] = "call", [IR_HINT_RET] = "ret", [IR_HINT_MODE] = "mode"};
static_assert(ARRAY_LEN(hint_words) == IR_HINT_COUNT, "a hint has no word");
static const char
    *const signed_words[] = {NULL, "signed"},
           *const big_words[] = {NULL, "big"}, *const aligned_words[] = {NULL, "aligned"},
           *const signaling_words[] = {NULL, "signaling"}, *const noexc_words[] = {NULL, "noexc"},
           *const x86_words[] = {NULL, "x86"}, *const daz_words[] = {NULL, "daz"}, *const ftz_words[] = {NULL, "ftz"},
           *const tiny_words[] = {NULL, "tiny.before"}, *const neg_product_words[] = {NULL, "neg.product"},
           *const neg_addend_words[] = {NULL, "neg.addend"}, *const exact_words[] = {NULL, "exact"},
           *const traps_words[] = {NULL, "traps"}, *const rr_words[] = {NULL, "rr"}, *const rw_words[] = {NULL, "rw"},
           *const wr_words[] = {NULL, "wr"}, *const ww_words[] = {NULL, "ww"};

static const struct ir_aux_field none_fields[] = {NUMBER("n", 0, 16)};
static const struct ir_aux_field cond_fields[] = {FIELD("cond", 0, 16, cond_words)};
static const struct ir_aux_field fcond_fields[] = {FIELD("cond", 0, 3, fcond_words),
                                                   FLAG(3, signaling_words),
                                                   FLAG(4, noexc_words),
                                                   FLAG(5, daz_words),
                                                   FLAG(6, x86_words),
                                                   FLAG(7, traps_words),
                                                   FIELD("elem", 8, 4, type_words),
                                                   NUMBER("b12", 12, 4)};
#define MEM_FIELDS                                                                                                     \
    FIELD("type", 0, 4, type_words), FLAG(4, signed_words), FLAG(5, big_words), FIELD("order", 6, 2, order_words),     \
        FIELD("space", 8, 2, space_words), FLAG(10, aligned_words)
static const struct ir_aux_field mem_fields[] = {MEM_FIELDS, NUMBER("b11", 11, 5)};
static const struct ir_aux_field amo_fields[] = {FIELD("op", 11, 5, amo_words), MEM_FIELDS};
static const struct ir_aux_field fp_fields[] = {FIELD("rm", 0, 3, rm_words), FIELD("nan", 3, 2, nan_words),
                                                FLAG(5, daz_words),          FLAG(6, ftz_words),
                                                FLAG(7, tiny_words),         FIELD("elem", 8, 4, type_words),
                                                FLAG(12, neg_product_words), FLAG(13, neg_addend_words),
                                                FLAG(14, exact_words),       FLAG(15, traps_words)};
static const struct ir_aux_field bits_fields[] = {NUMBER("pos", 0, 8), NUMBER("len", 8, 8)};
static const struct ir_aux_field fence_fields[] = {FLAG(0, rr_words), FLAG(1, rw_words), FLAG(2, wr_words),
                                                   FLAG(3, ww_words), NUMBER("b4", 4, 12)};
static const struct ir_aux_field trap_fields[] = {FIELD("trap", 0, 16, ir_trap_names)};
static const struct ir_aux_field hint_fields[] = {FIELD("hint", 0, 16, hint_words)};
static const struct ir_aux_field vec_fields[] = {FIELD("elem", 0, 4, type_words), NUMBER("b4", 4, 12)};
static const char *const x87mem_words[] = {[IR_X87M_MUL] = "mul",
                                           [IR_X87M_SUB] = "sub",
                                           [IR_X87M_SUBR] = "subr",
                                           [IR_X87M_DIV] = "div",
                                           [IR_X87M_DIVR] = "divr"};
static_assert(ARRAY_LEN(x87mem_words) == IR_X87M_DIVR + 1, "an x87 operation on memory has no word");
static const char *const trunc_words[] = {NULL, "trunc"};
static const struct ir_aux_field x87_fields[] = {NUMBER("fn", 0, 16)};
static const struct ir_aux_field x87mem_fields[] = {FIELD("type", 0, 4, type_words), FLAG(4, trunc_words),
                                                    FIELD("op", 5, 3, x87mem_words), NUMBER("b8", 8, 8)};
static const char *const replays_words[] = {NULL, "replays"};
static const struct ir_aux_field insn_fields[] = {NUMBER("n", 0, 8), FLAG(8, replays_words), NUMBER("b9", 9, 7)};
static const struct ir_aux_field effect_fields[] = {
#define EFFECT(name, text) {text, IR_FX_BIT_##name, 1, 2, (const char *const[]){NULL, text}},
#include "src/ir/effects.def"
    NUMBER("b", IR_FX_BIT_COUNT, 16 - IR_FX_BIT_COUNT)};

const struct ir_aux_fields ir_aux_tables[IR_AUX_COUNT] = {
    [IR_AUX_NONE] = TABLE(none_fields), [IR_AUX_COND] = TABLE(cond_fields),     [IR_AUX_FCOND] = TABLE(fcond_fields),
    [IR_AUX_MEM] = TABLE(mem_fields),   [IR_AUX_AMO] = TABLE(amo_fields),       [IR_AUX_FP] = TABLE(fp_fields),
    [IR_AUX_BITS] = TABLE(bits_fields), [IR_AUX_FENCE] = TABLE(fence_fields),   [IR_AUX_TRAP] = TABLE(trap_fields),
    [IR_AUX_HINT] = TABLE(hint_fields), [IR_AUX_VEC] = TABLE(vec_fields),       [IR_AUX_HELPER] = TABLE(none_fields),
    [IR_AUX_X87] = TABLE(x87_fields),   [IR_AUX_X87MEM] = TABLE(x87mem_fields), [IR_AUX_INSN] = TABLE(insn_fields),
};

const struct ir_aux_fields ir_effect_fields = TABLE(effect_fields);
