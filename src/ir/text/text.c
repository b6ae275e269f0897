/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of the IR's text form; see text.h. */
#include "src/ir/text/text.h"

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

static const char *const cond_words[] = {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"};
static const char *const fcond_words[] = {"feq", "flt", "fle", "funo"};
static const char *const type_words[] = {NULL,   "i1",  "i8",  "i16", "i32",  "i64",
                                         "i128", "f32", "f64", "f80", "v128", "v256"};
static const char *const order_words[] = {NULL, "ordered", "acqrel", "seqcst"};
static const char *const space_words[] = {NULL, "space1", "space2", "space3"};
static const char *const amo_words[] = {"xchg", "add", "and", "or", "xor", "min.s", "max.s", "min.u", "max.u"};
static const char *const rm_words[] = {NULL, "rtz", "rdn", "rup", "rmm", "rod", "rm6", "dyn"};
static const char *const nan_words[] = {NULL, "nan.x86", "nan.arm"};
static const char *const trap_words[] = {"syscall", "breakpoint", "illegal", "div.zero", "misaligned", "icache.sync",
                                         "fetch",   "privileged", "fp",      "x87",      "debug"};
static const char *const hint_words[] = {NULL, "call", "ret", "mode"};
static const char *const signed_words[] = {NULL, "signed"}, *const big_words[] = {NULL, "big"},
                         *const aligned_words[] = {NULL, "aligned"}, *const signaling_words[] = {NULL, "signaling"},
                         *const noexc_words[] = {NULL, "noexc"}, *const x86_words[] = {NULL, "x86"},
                         *const daz_words[] = {NULL, "daz"}, *const ftz_words[] = {NULL, "ftz"},
                         *const tiny_words[] = {NULL, "tiny.before"},
                         *const neg_product_words[] = {NULL, "neg.product"},
                         *const neg_addend_words[] = {NULL, "neg.addend"}, *const exact_words[] = {NULL, "exact"},
                         *const rr_words[] = {NULL, "rr"}, *const rw_words[] = {NULL, "rw"},
                         *const wr_words[] = {NULL, "wr"}, *const ww_words[] = {NULL, "ww"};
static const char *const fx_words[][2] = {{NULL, "rstate"}, {NULL, "wstate"}, {NULL, "rmem"},   {NULL, "wmem"},
                                          {NULL, "fault"},  {NULL, "fpobs"},  {NULL, "fpflag"}, {NULL, "exit"}};

static const struct ir_aux_field none_fields[] = {NUMBER("n", 0, 16)};
static const struct ir_aux_field cond_fields[] = {FIELD("cond", 0, 16, cond_words)};
static const struct ir_aux_field fcond_fields[] = {FIELD("cond", 0, 3, fcond_words),
                                                   FLAG(3, signaling_words),
                                                   FLAG(4, noexc_words),
                                                   FLAG(5, daz_words),
                                                   FLAG(6, x86_words),
                                                   NUMBER("b7", 7, 1),
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
                                                FLAG(14, exact_words),       NUMBER("b15", 15, 1)};
static const struct ir_aux_field bits_fields[] = {NUMBER("pos", 0, 8), NUMBER("len", 8, 8)};
static const struct ir_aux_field fence_fields[] = {FLAG(0, rr_words), FLAG(1, rw_words), FLAG(2, wr_words),
                                                   FLAG(3, ww_words), NUMBER("b4", 4, 12)};
static const struct ir_aux_field trap_fields[] = {FIELD("trap", 0, 16, trap_words)};
static const struct ir_aux_field hint_fields[] = {FIELD("hint", 0, 16, hint_words)};
static const struct ir_aux_field vec_fields[] = {FIELD("elem", 0, 4, type_words), NUMBER("b4", 4, 12)};
static const char *const x87mem_words[] = {NULL, "mul", "sub", "subr", "div", "divr"}, *const trunc_words[] = {NULL,
                                                                                                               "trunc"};
static const struct ir_aux_field x87_fields[] = {NUMBER("fn", 0, 16)};
static const struct ir_aux_field x87mem_fields[] = {FIELD("type", 0, 4, type_words), FLAG(4, trunc_words),
                                                    FIELD("op", 5, 3, x87mem_words), NUMBER("b8", 8, 8)};
static const struct ir_aux_field effect_fields[] = {FLAG(0, fx_words[0]), FLAG(1, fx_words[1]), FLAG(2, fx_words[2]),
                                                    FLAG(3, fx_words[3]), FLAG(4, fx_words[4]), FLAG(5, fx_words[5]),
                                                    FLAG(6, fx_words[6]), FLAG(7, fx_words[7]), NUMBER("b8", 8, 8)};

const struct ir_aux_fields ir_aux_tables[] = {
    [IR_AUX_NONE] = TABLE(none_fields), [IR_AUX_COND] = TABLE(cond_fields),     [IR_AUX_FCOND] = TABLE(fcond_fields),
    [IR_AUX_MEM] = TABLE(mem_fields),   [IR_AUX_AMO] = TABLE(amo_fields),       [IR_AUX_FP] = TABLE(fp_fields),
    [IR_AUX_BITS] = TABLE(bits_fields), [IR_AUX_FENCE] = TABLE(fence_fields),   [IR_AUX_TRAP] = TABLE(trap_fields),
    [IR_AUX_HINT] = TABLE(hint_fields), [IR_AUX_VEC] = TABLE(vec_fields),       [IR_AUX_HELPER] = TABLE(none_fields),
    [IR_AUX_X87] = TABLE(x87_fields),   [IR_AUX_X87MEM] = TABLE(x87mem_fields),
};

const struct ir_aux_fields ir_effect_fields = TABLE(effect_fields);

enum ir_imm_kind ir_imm_kind(unsigned op)
{
    static const uint8_t kinds[IR_OP_COUNT] = {
        [IR_CONST] = IR_IMM_VALUE,   [IR_GET] = IR_IMM_ROW,        [IR_PUT] = IR_IMM_ROW,
        [IR_GETX] = IR_IMM_ROW,      [IR_PUTX] = IR_IMM_ROW,       [IR_LD] = IR_IMM_OFFSET,
        [IR_ST] = IR_IMM_OFFSET,     [IR_AMO] = IR_IMM_OFFSET,     [IR_CAS] = IR_IMM_OFFSET,
        [IR_LL] = IR_IMM_OFFSET,     [IR_X87_MEM] = IR_IMM_OFFSET, [IR_X87_LD] = IR_IMM_OFFSET,
        [IR_X87_ST] = IR_IMM_OFFSET, [IR_SC] = IR_IMM_OFFSET,      [IR_CALL] = IR_IMM_HELPER,
        [IR_INSN] = IR_IMM_ADDR,     [IR_CALL_HINT] = IR_IMM_ADDR, [IR_DEAD_FLAGS] = IR_IMM_VALUE,
        [IR_EXIT_IF] = IR_IMM_ADDR,  [IR_TRAP_IF] = IR_IMM_ADDR,   [IR_JUMP] = IR_IMM_ADDR,
        [IR_TRAP] = IR_IMM_ADDR,     [IR_VGETE] = IR_IMM_INDEX,    [IR_VSETE] = IR_IMM_INDEX,
        [IR_VSHUF] = IR_IMM_INDEX,   [IR_VFN] = IR_IMM_HELPER,
    };
    return (enum ir_imm_kind)kinds[op];
}
