/* SPDX-License-Identifier: Apache-2.0 */
/* tcg_quality: common guest instructions become the host instructions that one would write by hand. Each row is the
 * code between two instruction marks, byte for byte. Pinned: x10 rbp, x11 r12, x12 rbx, x13 r14; f3 xmm1, f4 xmm2, f5
 * xmm3. */
#include <gtest/gtest.h>

#include "tests/unit/tcg/harness.h"

using namespace tcg_test;

namespace
{

struct Row {
    const char *name;
    void (*build)(struct ir_builder *b);
    std::vector<uint8_t> bytes;
};

ir_ref x(struct ir_builder *b, unsigned n) { return ir_get(b, X0 + n); }
ir_ref f(struct ir_builder *b, unsigned n) { return ir_get(b, F0 + n); }
void put(struct ir_builder *b, unsigned n, ir_ref v) { ir_put(b, X0 + n, v); }
ir_ref w(struct ir_builder *b, unsigned n) { return ir_conv(b, IR_TRUNC, IR_I32, x(b, n)); }

void PrintTo(const Row &row, std::ostream *out) { *out << row.name; }

const Row rows[] = {
    {"addi a0, a0, 8",
     [](struct ir_builder *b) { put(b, 10, ir_bini(b, IR_ADD, x(b, 10), 8)); },
     {0x48, 0x83, 0xc5, 0x08}},
    {"add a0, a1, a2: lea rbp, [r12 + rbx]",
     [](struct ir_builder *b) { put(b, 10, ir_bin(b, IR_ADD, x(b, 11), x(b, 12))); },
     {0x49, 0x8d, 0x2c, 0x1c}},
    {"sub a0, a0, a2",
     [](struct ir_builder *b) { put(b, 10, ir_bin(b, IR_SUB, x(b, 10), x(b, 12))); },
     {0x48, 0x2b, 0xeb}},
    {"mv a0, a2", [](struct ir_builder *b) { put(b, 10, x(b, 12)); }, {0x48, 0x8b, 0xeb}},
    {"li a0, 5", [](struct ir_builder *b) { put(b, 10, ir_const(b, IR_I64, 5)); }, {0xbd, 0x05, 0x00, 0x00, 0x00}},
    {"sh2add a0, a2, a0: lea rbp, [rbp + rbx * 4]",
     [](struct ir_builder *b) { put(b, 10, ir_bin(b, IR_ADD, ir_bini(b, IR_SHL, x(b, 12), 2), x(b, 10))); },
     {0x48, 0x8d, 0x6c, 0x9d, 0x00}},
    {"addiw a0, a2, 1: lea eax, [rbx + 1]; movsxd rbp, eax",
     [](struct ir_builder *b) { put(b, 10, ir_conv(b, IR_SEXT, IR_I64, ir_bini(b, IR_ADD, w(b, 12), 1))); },
     {0x8d, 0x43, 0x01, 0x48, 0x63, 0xe8}},
    {"lw a0, 4(a2): movsxd rbp, [rbx + 4]",
     [](struct ir_builder *b) { put(b, 10, ir_ld(b, IR_I64, IR_I32 | IR_MEM_SIGNED, x(b, 12), 4)); },
     {0x48, 0x63, 0x6b, 0x04}},
    {"lbu a0, 0(a2): movzx ebp, byte [rbx]",
     [](struct ir_builder *b) { put(b, 10, ir_ld(b, IR_I64, IR_I8, x(b, 12), 0)); },
     {0x0f, 0xb6, 0x2b}},
    {"sd a0, 8(a2)", [](struct ir_builder *b) { ir_st(b, IR_I64, x(b, 12), 8, x(b, 10)); }, {0x48, 0x89, 0x6b, 0x08}},
    {"sb zero, 0(a2)",
     [](struct ir_builder *b) { ir_st(b, IR_I8, x(b, 12), 0, ir_const(b, IR_I64, 0)); },
     {0xc6, 0x03, 0x00}},
    {"fld fa0, 8(a2): vmovsd xmm1, [rbx + 8]",
     [](struct ir_builder *b) { ir_put(b, F0 + 3, ir_ld(b, IR_F64, IR_F64, x(b, 12), 8)); },
     {0xc5, 0xfb, 0x10, 0x4b, 0x08}},
    {"indexed load: mov rbp, [r12 + rbx * 8 + 16]",
     [](struct ir_builder *b) {
         ir_ref a = ir_bin(b, IR_ADD, x(b, 11), ir_bini(b, IR_SHL, x(b, 12), 3));
         put(b, 10, ir_ld(b, IR_I64, IR_I64, a, 16));
     },
     {0x49, 0x8b, 0x6c, 0xdc, 0x10}},
    {"x86 addsd xmm, [rbx + 8]: vmovsd xmm0, row; vaddsd xmm0, xmm0, [rbx + 8]; vmovsd row, xmm0",
     [](struct ir_builder *b) {
         ir_ref v = ir_get(b, V0), a = ir_emit(b, IR_VGETE, IR_F64, IR_F64, v, IR_NO_REF, IR_NO_REF, 0);
         ir_ref m = ir_ld(b, IR_F64, IR_F64, x(b, 12), 8);
         ir_ref sum = ir_fp(b, IR_FADD, IR_F64, IR_RDYN | ir_fp_nan(IR_NAN_X86), a, m, IR_NO_REF);
         ir_put(b, V0, ir_emit(b, IR_VSETE, IR_V128, IR_F64, v, sum, IR_NO_REF, 0));
     },
     {0xc4, 0xc1, 0x7b, 0x10, 0x85, 0x10, 0x01, 0x00, 0x00, 0xc5, 0xfb, 0x58,
      0x43, 0x08, 0xc4, 0xc1, 0x7b, 0x11, 0x85, 0x10, 0x01, 0x00, 0x00}},
    {"x86 paddd xmm, [rbx + 16]: vmovups xmm0, row; vpaddd xmm0, xmm0, [rbx + 16]; vmovups row, xmm0",
     [](struct ir_builder *b) {
         ir_ref v = ir_get(b, V0), m = ir_ld(b, IR_V128, IR_V128, x(b, 12), 16);
         ir_put(b, V0, ir_emit(b, IR_VADD, IR_V128, IR_I32, v, m, IR_NO_REF, 0));
     },
     {0xc4, 0xc1, 0x78, 0x10, 0x85, 0x10, 0x01, 0x00, 0x00, 0xc5, 0xf9, 0xfe,
      0x43, 0x10, 0xc4, 0xc1, 0x78, 0x11, 0x85, 0x10, 0x01, 0x00, 0x00}},
    {"x86 add rbp, [rbx]",
     [](struct ir_builder *b) { put(b, 10, ir_bin(b, IR_ADD, x(b, 10), ir_ld(b, IR_I64, IR_I64, x(b, 12), 0))); },
     {0x48, 0x03, 0x2b}},
    {"x86 mov bpl, bl: a merge into the low byte",
     [](struct ir_builder *b) {
         put(b, 10, ir_emit(b, IR_DEPOSIT, IR_I64, ir_bits(0, 8), x(b, 10), x(b, 12), IR_NO_REF, 0));
     },
     {0x40, 0x88, 0xdd}},
};

class tcg_quality : public ::testing::TestWithParam<Row>
{
};

} // namespace

TEST_P(tcg_quality, is_minimal)
{
    Cache cache;
    Block block;
    ir_insn_start(block.b(), kPc, 4);
    GetParam().build(block.b());
    ir_insn_start(block.b(), kPc + 4, 4);
    ir_jump(block.b(), IR_HINT_NONE, kPc + 8);
    Cache::Code code;
    cache.translate(block.seal(), &code);
    ASSERT_EQ(code.status, STATUS_OK);
    ASSERT_GE(code.result.map_count, 2u);
    EXPECT_EQ(std::vector<uint8_t>(code.rw + code.map[0].host_off, code.rw + code.map[1].host_off), GetParam().bytes)
        << code.hex();
}

TEST(tcg_quality_fp, sum_needs_one_check_and_no_move)
{
    Cache cache;
    Block block;
    ir_insn_start(block.b(), kPc, 4);
    ir_ref v = ir_fp(block.b(), IR_FADD, IR_F64, IR_RDYN, f(block.b(), 4), f(block.b(), 5), IR_NO_REF);
    ir_put(block.b(), F0 + 3, ir_fp(block.b(), IR_FCANON, IR_F64, 0, v, IR_NO_REF, IR_NO_REF));
    ir_insn_start(block.b(), kPc + 4, 4);
    ir_jump(block.b(), IR_HINT_NONE, kPc + 8);
    Cache::Code code;
    cache.translate(block.seal(), &code);
    /* vaddsd xmm1, xmm2, xmm3; vucomisd xmm1, xmm1; jp */
    std::vector<uint8_t> want = {0xc5, 0xeb, 0x58, 0xcb, 0xc5, 0xf9, 0x2e, 0xc9, 0x0f, 0x8a};
    EXPECT_EQ(std::vector<uint8_t>(code.rw, code.rw + want.size()), want) << code.hex();
    EXPECT_EQ(code.map[1].host_off, want.size() + 4);
}

INSTANTIATE_TEST_SUITE_P(rows, tcg_quality, ::testing::ValuesIn(rows));
