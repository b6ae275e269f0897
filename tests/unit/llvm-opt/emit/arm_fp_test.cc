/* SPDX-License-Identifier: Apache-2.0 */
/* Arm's floating-point rules inline, of every pair of operands for which they differ from x86's. */
#include "tests/harness/arm_fp.h"

#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

void check(const harness::ArmOp &o, bool f64, bool vector)
{
    Region r;
    struct ir_builder *b = r.begin();
    if (vector)
        harness::arm_vector(b, o, f64, F0, V0);
    else
        harness::arm_scalar(b, o, f64, F0);
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    Code code(r.get());
    for (uint64_t x : f64 ? harness::kArmDoubles : harness::kArmSingles)
        for (uint64_t y : f64 ? harness::kArmDoubles : harness::kArmSingles) {
            Cpu cpu(3);
            cpu.set_f(0, x), cpu.set_f(1, y);
            ASSERT_EQ(compare_code(r.get(), code, cpu.get()), "") << std::hex << x << " " << y << "\n"
                                                                  << print(r.get()) << code.disassembly();
        }
}

} // namespace

TEST(LoptArmFp, Scalars)
{
    for (const harness::ArmOp &o : harness::kArmOps)
        for (bool f64 : {false, true})
            check(o, f64, false);
}

TEST(LoptArmFp, Vectors)
{
    for (const harness::ArmOp &o : harness::kArmOps)
        for (bool f64 : {false, true})
            if (o.op != IR_FCVT_FF)
                check(o, f64, true);
}
