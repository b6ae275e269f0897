/* SPDX-License-Identifier: Apache-2.0 */
/* Promotion: how much CPU time optimizer threads may take. */
#include <gtest/gtest.h>

extern "C" {
#include "runtime/engine/tiers.h"
}

namespace
{

constexpr uint64_t kMs = 1000000;

TEST(Tiers, TheFirstCompilationWaitsForNothing) { EXPECT_EQ(tiers_debt(1 * kMs, 0, 25), 0u); }

TEST(Tiers, CompilationsWaitUntilTheGuestHasHadItsTime)
{
    // 20 ms are a quarter of 80 ms; the guest has had 10 of 30.
    EXPECT_EQ(tiers_debt(30 * kMs, 20 * kMs, 25), 70 * kMs);
    EXPECT_EQ(tiers_debt(99 * kMs, 20 * kMs, 25), 4 * kMs / 4);
    EXPECT_EQ(tiers_debt(100 * kMs, 20 * kMs, 25), 0u);
}

TEST(Tiers, AShareMayBeMoreThanTheGuests)
{
    EXPECT_EQ(tiers_debt(30 * kMs, 20 * kMs, 200), 0u);
    EXPECT_EQ(tiers_debt(25 * kMs, 20 * kMs, 200), 5 * kMs);
}

// The cost of a compilation that has just begun is expected, not spent yet.
TEST(Tiers, MoreThanAllIsSpent) { EXPECT_EQ(tiers_debt(5 * kMs, 20 * kMs, 25), 80 * kMs); }

TEST(Tiers, ZeroIsNoLimit) { EXPECT_EQ(tiers_debt(30 * kMs, 29 * kMs, 0), 0u); }

} // namespace
