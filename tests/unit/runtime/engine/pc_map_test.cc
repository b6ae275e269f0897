/* SPDX-License-Identifier: Apache-2.0 */
/* Packed pc maps say what the lines said, for every host offset. */
#include <gtest/gtest.h>

#include <random>
#include <vector>

extern "C" {
#include "runtime/engine/pc_map.h"
}

namespace
{

using Lines = std::vector<tcg_pc_map>;

std::vector<uint8_t> Pack(const Lines &lines)
{
    std::vector<uint8_t> bytes(pc_map_pack(lines.data(), (unsigned)lines.size(), nullptr));
    EXPECT_EQ(pc_map_pack(lines.data(), (unsigned)lines.size(), bytes.data()), bytes.size());
    return bytes;
}

/* Every offset up to behind the last line's finds the last line at or before it. */
void ExpectFound(const Lines &lines)
{
    const std::vector<uint8_t> bytes = Pack(lines);
    size_t at = 0;
    for (uint32_t off = 0; off <= lines.back().host_off + 3u; off++) {
        tcg_pc_map line = {};
        while (at < lines.size() && lines[at].host_off <= off)
            at++;
        ASSERT_EQ(pc_map_find(bytes.data(), bytes.size(), off, &line), at > 0) << off;
        if (!at)
            continue;
        ASSERT_EQ(line.host_off, lines[at - 1].host_off) << off;
        ASSERT_EQ(line.guest_off, lines[at - 1].guest_off) << off;
        ASSERT_EQ(line.x87, lines[at - 1].x87) << off;
    }
}

TEST(PcMap, AnOrdinaryLineTakesTwoBytes)
{
    const Lines lines = {{0, 0, 0}, {12, 4, 0}, {40, 6, 0}, {294, 68, 0}};
    EXPECT_EQ(Pack(lines).size(), 8u);
    ExpectFound(lines);
}

TEST(PcMap, LinesFarApartAndBackwards)
{
    ExpectFound({{254, 61, 0}, {508, 124, 0}, {763, 187, 0}, {1018, 250, 0}, {1018, 20, 0}, {20000, 32767, 0}});
}

TEST(PcMap, ReplaysAndX87BelongToTheirLine)
{
    ExpectFound({{1, 0, 0},
                 {5, 4 | TCG_MAP_REPLAYS, 0},
                 {9, 8, 0x98},
                 {13, 12 | TCG_MAP_REPLAYS, 0x98},
                 {17, 14, 0},
                 {400, 700 | TCG_MAP_REPLAYS, 0xffffffff}});
}

TEST(PcMap, RandomLines)
{
    std::mt19937 random(1);
    for (unsigned n = 0; n < 200; n++) {
        Lines lines;
        unsigned host = 0;
        for (unsigned i = 0, count = 1 + random() % 60; i < count; i++) {
            host += random() % (random() % 8 ? 40 : 600);
            const unsigned replays = random() % 5 ? 0 : TCG_MAP_REPLAYS;
            lines.push_back(
                {(uint16_t)host, (uint16_t)(random() % 0x8000 | replays), random() % 3 ? 0 : (uint32_t)random()});
        }
        ExpectFound(lines);
    }
}

/* Of bytes that are cut off the lines that are whole count. */
TEST(PcMap, WhatIsCutOffIsNotRead)
{
    const Lines lines = {{3, 0, 0}, {300, 4, 0}, {310, 400, 0x9}, {320, 402, 0}};
    const std::vector<uint8_t> bytes = Pack(lines);
    size_t whole = 0;
    for (size_t size = 0; size <= bytes.size(); size++) {
        const std::vector<uint8_t> cut(bytes.begin(), bytes.begin() + (ptrdiff_t)size);
        while (whole < lines.size() && Pack({lines.begin(), lines.begin() + (ptrdiff_t)whole + 1}).size() <= size)
            whole++;
        tcg_pc_map line = {};
        ASSERT_EQ(pc_map_find(cut.data(), cut.size(), 0xffff, &line), whole > 0) << size;
        EXPECT_EQ(line.host_off, whole ? lines[whole - 1].host_off : 0) << size;
    }
    EXPECT_EQ(whole, lines.size());
}

} // namespace
