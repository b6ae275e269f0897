/* SPDX-License-Identifier: Apache-2.0 */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/plan/plan_of.h"

using namespace lopt_plan_test;

namespace
{
enum { EXACT = LOPT_K_EXACT, RAW = LOPT_K_RAW, BOX = LOPT_K_BOX, RAWBOX = LOPT_K_RAWBOX };

/* A block at 0x100 that puts f1 by these instructions, then one that does nothing; the kinds of f1 between. */
unsigned kinds_of_put(const std::string &put, bool stores = false)
{
    Plan p({{"block 0x100\n" + put + "jump 0x200\n"}, {"block 0x200\njump 0x900\n"}}, {}, stores);
    p.options.maps = !stores;
    return p.make().flow.in[1][F1] & LOPT_K_KINDS;
}
const char kAdd64[] = "%0 = get f64 $f0\n%1 = fadd f64 %0 %0 {dyn}\n%2 = fcanon f64 %1\nput f64 $f1 %2\n";
const char kAdd32[] = "%0 = get i64 $x0\n%1 = ld f32 %0 {f32}\n%2 = fadd f32 %1 %1 {dyn}\n%3 = fcanon f32 %2\n"
                      "%4 = fbox f64 %3\nput f64 $f1 %4\n";
const char kLoad32[] = "%0 = get i64 $x0\n%1 = ld f32 %0 {f32}\n%2 = fbox f64 %1\nput f64 $f1 %2\n";
const char kLoad64[] = "%0 = get i64 $x0\n%1 = ld f64 %0 {f64}\nput f64 $f1 %1\n";

/* Two ways to 0x300, which ends in these instructions: f1 := f0 + f0 (weight executions), and f1 as it was. */
Plan join(const std::string &end, uint64_t weight)
{
    return Plan({{"block 0x100\n%0 = get i1 $z\nexit.if %0 0x300\njump 0x200\n", 100},
                 {std::string("block 0x200\n") + kAdd64 + "jump 0x300\n", weight},
                 {"block 0x300\n" + end + "jump 0x900\n", 100}});
}
} // namespace

TEST(PlanFlow, RowsStayInMemoryUntilTheyAreWritten)
{
    Plan p({{"block 0x100\n%0 = get i64 $x2\nput i64 $x3 %0\njump 0x200\n"}, {"block 0x200\njump 0x900\n"}});
    const struct lopt_flow &flow = p.make().flow;
    EXPECT_EQ(flow.entry[X2], EXACT | LOPT_K_ABSENT);
    EXPECT_EQ(flow.entry[X0], EXACT | LOPT_K_DIRTY); /* pinned */
    EXPECT_EQ(flow.in[1][X2], EXACT | LOPT_K_ABSENT);
    EXPECT_EQ(flow.in[1][X3], EXACT | LOPT_K_DIRTY);
}

TEST(PlanFlow, WaysOnWhichARowWasNotWrittenLoadItAtTheJoin)
{
    Plan p = join("", 50);
    const struct lopt_plan &plan = p.make();
    uint8_t st[ROW_COUNT];
    EXPECT_EQ(plan.flow.in[2][F1] & (LOPT_K_ABSENT | LOPT_K_DIRTY), LOPT_K_ABSENT | LOPT_K_DIRTY);
    lopt_flow_head(&plan.flow, &plan.rows, 2, st);
    EXPECT_EQ(st[F1] & (LOPT_K_ABSENT | LOPT_K_DIRTY), LOPT_K_DIRTY);
    EXPECT_EQ(st[X2], EXACT | LOPT_K_ABSENT);
}

TEST(PlanFlow, BlocksThatNoWayReachesHaveNoState)
{
    Plan p({{"block 0x100\njump 0x900\n"}, {"block 0x200\njump 0x900\n"}, {"block 0x300\njump 0x900\n", 0, {}, 1}});
    const struct lopt_flow &flow = p.make().flow;
    EXPECT_NE(flow.in[0][0], 0);
    EXPECT_EQ(flow.in[1][0], 0);
    EXPECT_NE(flow.in[2][0], 0) << "an entry";
}

TEST(PlanFlow, KindsFollowFromWhatIsPut)
{
    const struct {
        const char *what;
        std::string put;
        unsigned kinds;
    } rows[] = {
        {"a loaded double", kLoad64, EXACT},
        {"a canonicalized sum", kAdd64, RAW},
        {"a loaded single", kLoad32, BOX},
        {"a canonicalized sum of singles", kAdd32, RAWBOX},
        {"a canonicalized load: its NaN may signal",
         "%0 = get i64 $x0\n%1 = ld f64 %0 {f64}\n%2 = fcanon f64 %1\nput f64 $f1 %2\n", EXACT},
        {"a copy of a soft row", std::string(kAdd64) + "%7 = get f64 $f1\nput f64 $f2 %7\nput f64 $f1 %7\n", RAW},
    };
    for (auto &row : rows)
        EXPECT_EQ(kinds_of_put(row.put), row.kinds) << row.what;
}

TEST(PlanFlow, RegionsThatStoreBeforeAccessesPutExactValuesOnly)
{
    for (const char *put : {kAdd64, kAdd32, kLoad32, kLoad64})
        EXPECT_EQ(kinds_of_put(put, true), (unsigned)EXACT) << put;
}

TEST(PlanFlow, AccessesWithoutMapsLeaveNothingDirty)
{
    const std::string text = "block 0x100\n%0 = get i64 $x0\nput i64 $x2 %0\n%1 = ld i64 %0 {i64}\njump 0x200\n";
    for (bool precise : {false, true}) {
        for (bool maps : {false, true}) {
            Plan p({{text}, {"block 0x200\njump 0x900\n"}}, {}, precise);
            p.options.maps = maps;
            unsigned dirty = precise && !maps ? 0 : LOPT_K_DIRTY;
            EXPECT_EQ(p.make().flow.in[1][X2], EXACT | dirty) << precise << maps;
        }
    }
}

TEST(PlanFlow, HelpersThatWriteStateLeaveRowsInMemory)
{
    Plan p({{"block 0x100\n%0 = get i64 $x0\nput i64 $x2 %0\ncall @f {rstate wstate}\njump 0x200\n"},
            {"block 0x200\njump 0x900\n"}});
    const struct lopt_plan &plan = p.make();
    EXPECT_TRUE(plan.rows.has_calls);
    EXPECT_EQ(plan.flow.in[1][X2], EXACT | LOPT_K_ABSENT);
    EXPECT_EQ(plan.flow.in[1][X0], EXACT | LOPT_K_ABSENT);
}

TEST(PlanFlow, RowsWhoseKindDependsOnTheWayHaveTagBits)
{
    Plan p = join("", 50);
    const struct lopt_row &row = p.make().rows.row[F1];
    EXPECT_EQ(row.tagging, LOPT_TAG_ALWAYS);
    EXPECT_NE(row.raw, 0u);
    EXPECT_EQ(row.single, 0u) << "no single is put";
    EXPECT_FALSE(row.eager);
}

TEST(PlanFlow, RowsThatAreReadExactlyOftenArePutExact)
{
    const char store[] = "%0 = get i64 $x0\n%1 = get f64 $f1\nst f64 %0 %1 {f64}\n";
    const struct {
        uint64_t puts;
        bool eager;
    } rows[] = {{10, true}, {300, true}, {400, false}}; /* 100 reads */
    for (auto &row : rows) {
        Plan p = join(store, row.puts);
        const struct lopt_row &f1 = p.make().rows.row[F1];
        EXPECT_EQ(f1.eager, row.eager) << row.puts;
        EXPECT_EQ(f1.tagging, row.eager ? LOPT_TAG_NONE : LOPT_TAG_ALWAYS) << row.puts;
    }
}

TEST(PlanFlow, SinglesThatAreReadAreKeptUpToDate)
{
    Plan p({{"block 0x100\n%0 = get f64 $f1\n%1 = funbox f32 %0\n%2 = fbox f64 %1\nput f64 $f2 %2\njump 0x900\n"}});
    const struct lopt_rows &rows = p.make().rows;
    EXPECT_TRUE(rows.row[F1].need_s);
    EXPECT_FALSE(rows.row[F2].need_s);
}

TEST(PlanFlow, EmptyRowsAreNotCarriedToWhereTheyAreEmpty)
{
    const std::string put = "%0 = get i64 $x0\n%1 = x87.ld f80 %0 {f64}\nput f80 $t0 %1\n";
    Plan empty({{"block 0x100\n" + put + "jump 0x200\n"}, {"block 0x200\njump 0x900\n"}});
    Plan full({{"block 0x100 mode=1\n" + put + "jump 0x200\n"}, {"block 0x200 mode=1\njump 0x900\n"}});
    EXPECT_EQ(empty.make().flow.in[1][T0], EXACT | LOPT_K_ABSENT);
    EXPECT_EQ(full.make().flow.in[1][T0], EXACT | LOPT_K_DIRTY);
}

TEST(PlanFlow, WideRowsThatAreReadAreLoadedAtTheEntryIfTheyAreFullThere)
{
    const std::string text = "\n%0 = get f80 $t0\n%1 = get i64 $x0\nx87.st f80 %1 %0 {f64}\njump 0x900\n";
    for (unsigned mode : {0u, 1u}) {
        Plan p({{"block 0x100 mode=" + std::to_string(mode) + text}});
        const struct lopt_plan &plan = p.make();
        EXPECT_EQ(plan.rows.row[T0].at_entry, mode == 1);
    }
}

TEST(PlanFlow, RareWaysOutAreCounted)
{
    const std::string trap = "trap.if %0 0x100 {illegal}\n";
    for (unsigned traps : {0u, 1u, 4u}) {
        std::string text = "block 0x100\n%0 = get i1 $z\nput i64 $x2 %1\n";
        text = "block 0x100\n%0 = get i1 $z\n%1 = get i64 $x0\n";
        for (unsigned i = 0; i < traps; i++)
            text += trap;
        Plan p({{text + "put i64 $x2 %1\njump 0x900\n"}});
        EXPECT_EQ(p.make().flow.cold_sites, traps);
    }
}

TEST(PlanFlow, BackwardBranchesPollAndSoLeave)
{
    const char loop[] = "block 0x100\n%0 = get i1 $z\nexit.if %0 0x900\njump 0x100\n";
    Plan polls({{loop}}), silent({{loop}});
    silent.options.polls = false;
    EXPECT_EQ(polls.make().flow.cold_sites, 1u);
    EXPECT_EQ(silent.make().flow.cold_sites, 0u);
}

TEST(PlanFlow, MisalignedAccessesLeave)
{
    Plan p({{"block 0x100\n%0 = get i64 $x0\n%1 = ld i64 %0 {i64 aligned}\n%2 = ld i64 %0 {i64}\njump 0x900\n"}});
    EXPECT_EQ(p.make().flow.cold_sites, 1u);
}

TEST(PlanFlow, FlagsAndWideRowsAreStoredBeforeTheSharedWayOut)
{
    Plan p({{"block 0x100 mode=1\n%0 = get i64 $x0\n%1 = icmp i64 %0 %0 {eq}\nput i1 $z %1\nput i64 $x2 %0\n"
             "%2 = x87.ld f80 %0 {f64}\nput f80 $t0 %2\ntrap.if %1 0x100 {illegal}\njump 0x900\n"}});
    const struct lopt_flow &flow = p.make().flow;
    EXPECT_EQ(flow.cold[X2], EXACT | LOPT_K_DIRTY);
    EXPECT_EQ(flow.cold[Z], EXACT | LOPT_K_ABSENT);
    EXPECT_EQ(flow.cold[T0], EXACT | LOPT_K_ABSENT);
}
