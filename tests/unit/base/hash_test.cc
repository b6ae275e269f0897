/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace
{
std::string Text(const std::vector<uint8_t> &data, hash128 seed = {{0, 0}})
{
    char text[HASH128_TEXT];
    hash128_text(hash128_of(seed, data.data(), data.size()), text);
    return text;
}
} // namespace

TEST(Hash128, EveryBitAndTheSizeCount)
{
    std::set<std::string> seen;
    unsigned count = 0;
    for (size_t size = 0; size < 70; size++) {
        std::vector<uint8_t> data(size);
        seen.insert(Text(data));
        count++;
        for (size_t bit = 0; bit < size * 8; bit++) {
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            seen.insert(Text(data));
            data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            count++;
        }
    }
    EXPECT_EQ(seen.size(), count);
}

TEST(Hash128, LanesAreIndependentOfEachOther)
{
    /* Of 20,000 inputs that differ little no two have a lane in common. */
    std::set<uint64_t> low, high;
    for (uint64_t i = 0; i < 20000; i++) {
        hash128 h = hash128_of(hash128{{0, 0}}, &i, sizeof i);
        low.insert(h.lane[0]);
        high.insert(h.lane[1]);
    }
    EXPECT_EQ(low.size(), 20000u);
    EXPECT_EQ(high.size(), 20000u);
}

TEST(Hash128, SeedsAndOrderCount)
{
    EXPECT_NE(Text({1, 2, 3}), Text({3, 2, 1}));
    EXPECT_NE(Text({1, 2, 3}), Text({1, 2, 3}, {{1, 0}}));
    EXPECT_NE(Text({1, 2, 3}), Text({1, 2, 3}, {{0, 1}}));
    EXPECT_EQ(Text({1, 2, 3}), Text({1, 2, 3}));
    EXPECT_EQ(Text({}).size(), 32u);
}
