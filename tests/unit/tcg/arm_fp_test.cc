/* SPDX-License-Identifier: Apache-2.0 */
/* tcg_arm_fp: Arm's floating-point rules inline, of every pair of operands for which they differ from x86's. */
#include <gtest/gtest.h>

#include "tests/harness/arm_fp.h"
#include "tests/unit/tcg/harness.h"

using namespace tcg_test;

namespace
{

void check(const harness::ArmOp &o, bool f64, bool vector, uint32_t without)
{
    Cache cache(without);
    const uint64_t *values = f64 ? harness::kArmDoubles : harness::kArmSingles;
    for (unsigned x = 0; x < std::size(harness::kArmDoubles); x++)
        for (unsigned y = 0; y < std::size(harness::kArmDoubles); y++) {
            Block block;
            struct ir_builder *b = block.b();
            ir_insn_start(b, kPc, 4);
            ir_put(b, F0, ir_const(b, IR_F64, values[x]));
            ir_put(b, F0 + 1, ir_const(b, IR_F64, values[y]));
            if (vector)
                harness::arm_vector(b, o, f64, F0, V0);
            else
                harness::arm_scalar(b, o, f64, F0);
            ir_jump(b, IR_HINT_NONE, kPc + 4);
            std::string diff = compare(&cache, block.seal(), x * 100 + y, x & y & 1);
            ASSERT_EQ(diff, "") << ir_op_infos[o.op].text << " " << x << " " << y;
        }
}

} // namespace

TEST(tcg_arm_fp, scalars)
{
    for (const harness::ArmOp &o : harness::kArmOps)
        for (bool f64 : {false, true})
            check(o, f64, false, 0);
}

TEST(tcg_arm_fp, vectors)
{
    for (const harness::ArmOp &o : harness::kArmOps)
        for (bool f64 : {false, true})
            if (o.op != IR_FCVT_FF)
                check(o, f64, true, f64 == (o.op % 2 == 0) ? 0 : TCG_HAS_AVX | TCG_HAS_AVX2 | TCG_HAS_FMA);
}
