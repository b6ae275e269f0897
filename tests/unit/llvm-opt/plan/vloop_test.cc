/* SPDX-License-Identifier: Apache-2.0 */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/plan/plan_of.h"

using namespace lopt_plan_test;

namespace
{
/* x0 steps by 8 up to x1, in a loop around this body. %0 is x0. */
std::string stepping(const std::string &body, const char *step = "8", const char *cond = "ne")
{
    return "block 0x100 insns=8\n%0 = get i64 $x0\n" + body + "%90 = const i64 " + step +
           "\n%91 = add i64 %0 %90\nput i64 $x0 %91\n%92 = get i64 $x1\n%93 = icmp i64 %91 %92 {" + cond +
           "}\nexit.if %93 0x100\njump 0x900\n";
}
const char kLoad[] = "%1 = ld f64 %0 {f64}\n";
const char kStore[] = "st f64 %0 %5 {f64}\n";
const std::string kDouble = std::string(kLoad) + "%5 = fadd f64 %1 %1 {dyn}\n" + kStore;
} // namespace

TEST(PlanVloop, LoopsOverArraysAreFound)
{
    const struct {
        const char *what;
        std::string text;
        unsigned elem, lanes;
    } rows[] = {
        {"doubles", stepping(kDouble), IR_F64, 8},
        {"up to a bound", stepping(kDouble, "8", "ult"), IR_F64, 8},
        {"with a constant of the loop",
         stepping(std::string(kLoad) + "%2 = get f64 $f0\n%5 = fmul f64 %1 %2 {dyn}\n" + kStore), IR_F64, 8},
        {"canonicalized", stepping(std::string(kLoad) + "%2 = fadd f64 %1 %1 {dyn}\n%5 = fcanon f64 %2\n" + kStore),
         IR_F64, 8},
        {"signs", stepping(std::string(kLoad) + "%2 = fneg f64 %1\n%5 = fabs f64 %2\n" + kStore), IR_F64, 8},
        {"an element passed on",
         stepping(std::string(kLoad) + "%2 = get f64 $f1\n%5 = fadd f64 %1 %2 {dyn}\nput f64 $f1 %1\n" + kStore),
         IR_F64, 8},
        {"from row to row",
         stepping("%2 = get f64 $f1\n%6 = funbox f32 %2\n%3 = get f64 $f0\n%4 = funbox f32 %3\n%1 = ld f32 %0 {f32}\n"
                  "%5 = fadd f32 %6 %4 {dyn}\nst f32 %0 %5 {f32}\n%7 = fbox f64 %4\nput f64 $f1 %7\n%8 = fbox f64 %1\n"
                  "put f64 $f0 %8\n",
                  "4"),
         IR_F32, 16},
        {"fused", stepping(std::string(kLoad) + "%5 = fma f64 %1 %1 %1 {dyn}\n" + kStore), IR_F64, 8},
        {"singles", stepping("%1 = ld f32 %0 {f32}\n%5 = fadd f32 %1 %1 {dyn}\nst f32 %0 %5 {f32}\n", "4"), IR_F32, 16},
        {"an index, scaled",
         stepping("%2 = const i64 3\n%3 = shl i64 %0 %2\n%4 = get i64 $x2\n%6 = add i64 %4 %3\n%1 = ld f64 %6 {f64}\n"
                  "%5 = fadd f64 %1 %1 {dyn}\nst f64 %6 %5 {f64}\n",
                  "1"),
         IR_F64, 8},
    };
    for (auto &row : rows) {
        Plan p({{row.text, 100}});
        const struct lopt_vloop *v = p.make().vloops[0];
        ASSERT_NE(v, nullptr) << row.what;
        EXPECT_EQ(v->elem, row.elem) << row.what;
        EXPECT_EQ(v->lanes, row.lanes) << row.what;
        EXPECT_EQ(v->block->insns[v->x].op, IR_ADD) << row.what;
    }
}

TEST(PlanVloop, EverythingElseIsLeftAlone)
{
    const struct {
        const char *what;
        std::string text;
    } rows[] = {
        {"nothing is stored", stepping(std::string(kLoad) + "%5 = fadd f64 %1 %1 {dyn}\n")},
        {"every other element", stepping(kDouble, "16")},
        {"overlapping elements", stepping(kDouble, "4")},
        {"the sum of all",
         stepping(std::string(kLoad) + "%2 = get f64 $f1\n%5 = fadd f64 %1 %2 {dyn}\nput f64 $f1 %5\n" + kStore)},
        {"rows that change places", stepping("%2 = get f64 $f1\n%3 = get f64 $f0\n" + std::string(kLoad) +
                                             "%5 = fadd f64 %1 %2 {dyn}\nput f64 $f1 %3\nput f64 $f0 %2\n" + kStore)},
        {"the address is loaded",
         stepping("%2 = ld i64 %0 {i64}\n%1 = ld f64 %2 {f64}\n%5 = fadd f64 %1 %1 {dyn}\n" + std::string(kStore))},
        {"loads that are ordered",
         stepping("%1 = ld f64 %0 {f64 ordered}\n%5 = fadd f64 %1 %1 {dyn}\n" + std::string(kStore))},
        {"loads that trap if misaligned",
         stepping("%1 = ld f64 %0 {f64 aligned}\n%5 = fadd f64 %1 %1 {dyn}\n" + std::string(kStore))},
        {"a fixed rounding mode", stepping(std::string(kLoad) + "%5 = fadd f64 %1 %1 {rtz}\n" + kStore)},
        {"a NaN rule", stepping(std::string(kLoad) + "%5 = fadd f64 %1 %1 {dyn nan.x86}\n" + kStore)},
        {"a load is canonicalized", stepping(std::string(kLoad) + "%5 = fcanon f64 %1\n" + kStore)},
        {"minima", stepping(std::string(kLoad) + "%5 = fmin f64 %1 %1\n" + kStore)},
        {"another way out",
         stepping(std::string(kLoad) + "%2 = get i1 $z\nexit.if %2 0x900\n%5 = fadd f64 %1 %1 {dyn}\n" + kStore)},
        {"a helper", stepping(kDouble + "call @f {fpflag}\n")},
        {"goes on while equal", stepping(kDouble, "8", "eq")},
        {"counts away from its bound", stepping(kDouble, "8", "ugt")},
        {"no loop", "block 0x100\n%0 = get i64 $x0\n" + kDouble + "jump 0x900\n"},
    };
    for (auto &row : rows) {
        Plan p({{row.text, 100}});
        EXPECT_EQ(p.make().vloops[0], nullptr) << row.what;
    }
}

TEST(PlanVloop, ShapesSayHowValuesGoOn)
{
    Plan p({{stepping(kDouble), 100}});
    const struct lopt_vloop *v = p.make().vloops[0];
    ASSERT_NE(v, nullptr);
    EXPECT_EQ(v->shape[0].kind, LOPT_SHAPE_AFFINE);
    EXPECT_EQ(v->shape[0].stride, 8u);
    EXPECT_TRUE(lopt_vloop_is_lanes(v, 1)) << "the load";
    EXPECT_TRUE(lopt_vloop_same(v, v->bound));
    EXPECT_EQ(v->cond, IR_NE);
}

TEST(PlanVloop, DependsOnTheHostAndTheOptions)
{
    const std::string fused = stepping(std::string(kLoad) + "%5 = fma f64 %1 %1 %1 {dyn}\n" + kStore);
    Plan no_fma({{fused, 100}}), off({{stepping(kDouble), 100}});
    no_fma.options.has_fma = false;
    off.options.vector_loops = false;
    EXPECT_EQ(no_fma.make().vloops[0], nullptr);
    EXPECT_EQ(off.make().vloops[0], nullptr);
}

TEST(PlanVloop, NeedsMapsAndMemoryOfItsOwnWhereFaultsArePrecise)
{
    Plan mapped({{stepping(kDouble), 100}}, {}, true), stores({{stepping(kDouble), 100}}, {}, true),
        shared({{stepping(kDouble), 100}}, {}, true);
    mapped.options.maps = true;
    stores.options.maps = false;
    shared.options.maps = true;
    shared.share_memory();
    EXPECT_NE(mapped.make().vloops[0], nullptr);
    EXPECT_EQ(stores.make().vloops[0], nullptr);
    EXPECT_EQ(shared.make().vloops[0], nullptr);
}

TEST(PlanVloop, VectorLoopsAreNotUnrolled)
{
    Plan on({{stepping(kDouble), 100}}), off({{stepping(kDouble), 100}});
    off.options.vector_loops = false;
    EXPECT_EQ(on.make().region->count, 1u);
    EXPECT_GT(off.make().region->count, 1u);
}
