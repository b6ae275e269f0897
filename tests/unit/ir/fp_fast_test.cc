// SPDX-License-Identifier: Apache-2.0
// What a block built with fp_fast leaves out, and that blocks are exact otherwise.
#include "src/ir/build/builder.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/state.h"
#include "tests/unit/ir/ir_test_util.h"

namespace
{

// Row numbers of the made-up guest: an integer and three floating-point registers.
const struct ir_state_row rows[] = {{"x", 0, IR_I64}, {"f", 8, IR_F64}, {"g", 16, IR_F64}, {"h", 24, IR_F64}};
const struct ir_state state = {rows, 4, nullptr, 0, nullptr, 0, 0, nullptr, 0, 0, 0, 0};
enum { X, F, G, H };

class ir_fp_fast : public testing::Test
{
  protected:
    ir_fp_fast() { arena_init(&arena_); }
    ~ir_fp_fast() override { arena_fini(&arena_); }

    // h = canonical(f + g); x = flags + (f < g, quiet, raising nothing)
    const struct ir_block *build(bool fast)
    {
        struct ir_builder b;
        ir_builder_init(&b, &arena_, &state, 0x1000, 0);
        EXPECT_FALSE(b.fp_fast) << "exactness is the default";
        b.fp_fast = fast;
        ir_ref f = ir_get(&b, F), g = ir_get(&b, G);
        ir_ref sum = ir_fp(&b, IR_FADD, IR_F64, IR_RDYN, f, g, IR_NO_REF);
        ir_put(&b, H, ir_fp(&b, IR_FCANON, IR_F64, 0, sum, IR_NO_REF, IR_NO_REF));
        ir_ref less = ir_conv(&b, IR_ZEXT, IR_I64, ir_fcmp(&b, IR_FLT | IR_FCOND_NOEXC, f, g));
        ir_put(&b, X, ir_bin(&b, IR_ADD, less, ir_conv(&b, IR_ZEXT, IR_I64, ir_fflags(&b))));
        ir_jump(&b, IR_HINT_NONE, 0x2000);
        return ir_builder_seal(&b);
    }
    static unsigned count(const struct ir_block *block, enum ir_op op)
    {
        unsigned n = 0;
        for (unsigned i = 0; i < block->count; i++)
            n += block->insns[i].op == op;
        return n;
    }
    static unsigned compare_aux(const struct ir_block *block)
    {
        for (unsigned i = 0; i < block->count; i++)
            if (block->insns[i].op == IR_FCMP)
                return block->insns[i].aux;
        return ~0u;
    }
    struct arena arena_;
};

TEST_F(ir_fp_fast, exact_blocks_keep_nan_rules_and_flags)
{
    const struct ir_block *block = build(false);
    EXPECT_FALSE(block->fp_fast);
    EXPECT_EQ(count(block, IR_FCANON), 1u);
    EXPECT_EQ(count(block, IR_FFLAGS), 1u);
    EXPECT_EQ(compare_aux(block), unsigned{IR_FLT} | IR_FCOND_NOEXC);
}

TEST_F(ir_fp_fast, fast_blocks_have_neither)
{
    const struct ir_block *block = build(true);
    EXPECT_TRUE(block->fp_fast);
    EXPECT_EQ(count(block, IR_FADD), 1u);
    EXPECT_EQ(count(block, IR_FCANON), 0u);
    EXPECT_EQ(count(block, IR_FFLAGS), 0u);
    EXPECT_EQ(compare_aux(block), unsigned{IR_FLT});
}

} // namespace
