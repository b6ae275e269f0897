/* SPDX-License-Identifier: Apache-2.0 */
/* tcg_fcmp: compares that raise nothing, of every pair of special values, as a value and as the condition of an exit.
 */
#include <gtest/gtest.h>

#include "tests/unit/tcg/harness.h"

using namespace tcg_test;

namespace
{

const uint64_t kDoubles[] = {0x3ff0000000000000, 0xbff0000000000000, 0,
                             0x8000000000000000, 0x7ff0000000000000, 0xfff0000000000000,
                             0x7ff8000000000000, 0xfff8000000000123, 0x7ff0000000000001,
                             0xfff4000000000000, 0x0000000000000001};

uint64_t to_single(uint64_t d) /* the special value of the other format */
{
    return (d >> 32 & 0xc0000000) | (d >> 52 & 0x7ff ? d >> 29 & 0x3fffffff : 0) | (d & 1);
}

class Special
{
  public:
    Special(struct ir_builder *b, bool is_double) : b_(b), is_double_(is_double) {}
    ir_ref value(uint64_t d) { return ir_const(b_, is_double_ ? IR_F64 : IR_F32, is_double_ ? d : to_single(d)); }
    /* the same by way of a register, so that it is no constant */
    ir_ref computed(uint64_t d)
    {
        ir_ref bits = ir_const(b_, is_double_ ? IR_I64 : IR_I32, is_double_ ? d : to_single(d));
        ir_ref zero = ir_bini(b_, IR_AND, ir_get(b_, X0 + 9), 0);
        if (!is_double_)
            zero = ir_conv(b_, IR_TRUNC, IR_I32, zero);
        return ir_conv(b_, IR_BITCAST, is_double_ ? IR_F64 : IR_F32, ir_bin(b_, IR_OR, bits, zero));
    }
    /* its sum with itself: a quiet NaN if any */
    ir_ref quiet(uint64_t d)
    {
        ir_ref v = value(d);
        return ir_fp(b_, IR_FADD, is_double_ ? IR_F64 : IR_F32, IR_RDYN, v, v, IR_NO_REF);
    }

  private:
    struct ir_builder *b_;
    bool is_double_;
};

void compare_pairs(bool is_double, bool exits, unsigned random_seed)
{
    Cache cache;
    for (unsigned rel : {IR_FEQ, IR_FLT, IR_FLE, IR_FUNO})
        for (uint64_t x : kDoubles)
            for (uint64_t y : kDoubles) {
                Block block;
                struct ir_builder *b = block.b();
                Special s(b, is_double);
                unsigned how = rel | IR_FCOND_NOEXC;
                ir_insn_start(b, kPc, 4);
                ir_ref conds[] = {ir_fcmp(b, how, s.value(x), s.computed(y)), ir_fcmp(b, how, s.quiet(x), s.value(y)),
                                  ir_fcmp(b, how, s.quiet(x), s.quiet(y))};
                unsigned n = 10;
                for (ir_ref cond : conds)
                    ir_put(b, X0 + n++, ir_conv(b, IR_ZEXT, IR_I64, cond));
                if (exits)
                    ir_exit_if(b, ir_fcmp(b, how, s.computed(x), s.value(y)), kPc + 0x100);
                ir_jump(b, IR_HINT_NONE, kPc + 4);
                std::string diff = compare(&cache, block.seal(), x ^ y, random_seed);
                ASSERT_EQ(diff, "") << rel << std::hex << " " << x << " " << y;
            }
}

} // namespace

TEST(tcg_fcmp, doubles_without_exceptions) { compare_pairs(true, false, 0); }
TEST(tcg_fcmp, singles_without_exceptions) { compare_pairs(false, false, 0); }
TEST(tcg_fcmp, exits_without_exceptions)
{
    for (unsigned seed : {0u, 1u, 2u, 3u}) {
        compare_pairs(true, true, seed);
        compare_pairs(false, true, seed);
    }
}
