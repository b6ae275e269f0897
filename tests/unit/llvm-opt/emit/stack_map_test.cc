/* SPDX-License-Identifier: Apache-2.0 */
/* LLVM's stack maps, made by hand, and the exits that are made of them. */
#include "llvm-opt/emit/stack_map.h"

#include <gtest/gtest.h>

#include "llvm-opt/emit/stubs.h"

namespace
{

enum { REGISTER = 1, DIRECT = 2, INDIRECT = 3, CONSTANT = 4, CONSTANT_INDEX = 5 }; /* of locations */
constexpr uint16_t kRbx = 3, kRsp = 7, kXmm2 = 19;                                 /* System V's numbers */
constexpr uint64_t kFrame = 40, kVaries = UINT64_MAX, kLarge = UINT64_C(0x123456789abcdef0);
constexpr uint32_t kEntry = 64, kHost = 32;

struct Location {
    uint8_t kind;
    uint16_t reg;
    int32_t value;
};

/* A section with one record of these values. */
class Section
{
  public:
    Section(uint64_t number, const std::vector<Location> &values, uint64_t frame = kFrame)
    {
        put<uint32_t>(3); /* version */
        put<uint32_t>(1), put<uint32_t>(1), put<uint32_t>(1);
        put<uint64_t>(0), put(frame), put<uint64_t>(1); /* the function */
        put(kLarge);                                    /* the constant */
        put(number), put(kHost), put<uint16_t>(0), put((uint16_t)(3 + values.size()));
        for (int32_t fact : {0, 0, (int32_t)values.size()})
            location({CONSTANT, 0, fact});
        for (const Location &l : values)
            location(l);
        align();
        put<uint32_t>(0); /* no registers that live on */
        align();
        maps = {bytes.data(), bytes.size(), kEntry};
    }
    std::vector<uint8_t> bytes;
    struct lopt_object_maps maps;

  private:
    template <typename T> void put(T v) { bytes.insert(bytes.end(), (const uint8_t *)&v, (const uint8_t *)(&v + 1)); }
    void location(const Location &l)
    {
        put(l.kind), put<uint8_t>(0), put<uint16_t>(8), put(l.reg), put<uint16_t>(0), put(l.value);
    }
    void align() { bytes.resize(ALIGN_UP(bytes.size(), 8)); }
};

TEST(StackMap, SaysWhereValuesAre)
{
    Section section(
        7,
        {{REGISTER, kRbx, 0}, {REGISTER, kXmm2, 0}, {INDIRECT, kRsp, 24}, {CONSTANT, 0, -5}, {CONSTANT_INDEX, 0, 0}});
    const struct {
        enum lopt_where where;
        int64_t at;
    } expected[] = {{LOPT_IN_GPR, 3},
                    {LOPT_IN_VECTOR, 2},
                    {LOPT_ON_STACK, 24},
                    {LOPT_IS_CONST, -5},
                    {LOPT_IS_CONST, (int64_t)kLarge}};
    struct lopt_map_walk walk;
    struct lopt_map_record record;
    lopt_map_begin(&walk, &section.maps);
    EXPECT_EQ(walk.frame, kFrame);
    ASSERT_TRUE(lopt_map_next(&walk, &record));
    EXPECT_EQ(record.number, 7u);
    EXPECT_EQ(record.host, kEntry + kHost);
    ASSERT_EQ(record.count, ARRAY_LEN(expected));
    for (unsigned i = 0; i < ARRAY_LEN(expected); i++) {
        struct lopt_location l;
        ASSERT_TRUE(lopt_map_value(&walk, &record, i, 8, &l)) << i;
        EXPECT_EQ(l.where, expected[i].where) << i;
        EXPECT_EQ(l.at, expected[i].at) << i;
    }
    EXPECT_FALSE(lopt_map_next(&walk, &record));
    EXPECT_FALSE(walk.broken);
}

TEST(StackMap, WhatIsNotKnownIsSeen)
{
    Section section(0, {{DIRECT, kRsp, 8}, {INDIRECT, kRbx, 8}, {REGISTER, 16, 0}});
    struct lopt_map_walk walk;
    struct lopt_map_record record;
    lopt_map_begin(&walk, &section.maps);
    ASSERT_TRUE(lopt_map_next(&walk, &record));
    for (unsigned i = 0; i < record.count; i++) {
        struct lopt_location l;
        EXPECT_FALSE(lopt_map_value(&walk, &record, i, 8, &l)) << i;
    }
}

TEST(StackMap, BrokenSectionsAreSeen)
{
    Section whole(0, {{REGISTER, kRbx, 0}});
    struct lopt_map_walk walk;
    struct lopt_map_record record;
    for (size_t size = 0; size < whole.bytes.size(); size++) {
        struct lopt_object_maps cut = {whole.bytes.data(), size, 0};
        lopt_map_begin(&walk, &cut);
        EXPECT_FALSE(lopt_map_next(&walk, &record)) << size;
        EXPECT_TRUE(walk.broken) << size;
    }
    whole.bytes[0] = 2; /* another version */
    lopt_map_begin(&walk, &whole.maps);
    EXPECT_TRUE(walk.broken);
}

/* One site: struct cpu and one pinned register, for exit 5. */
enum status make_stubs(const Section &section, struct lopt_stubs *stubs)
{
    static struct lopt_stub_move move = {16, 8, LOPT_REPAIR_NONE, 0, -1, false, {}};
    static struct lopt_exit_site site = {5, 0, 1, 2};
    struct lopt_exit_table sites = {};
    sites.three_operands = true;
    sites.list = &site, sites.count = 1;
    sites.moves = &move, sites.move_count = 1;
    return lopt_stubs_make(&sites, &section.maps, stubs);
}

TEST(ExitSites, BecomeStubs)
{
    Section section(LOPT_EXIT_SITE, {{REGISTER, 13, 0}, {REGISTER, kRbx, 0}});
    const uint8_t expected[] = {0x48, 0x89, 0xdd, 0x48, 0x83, 0xc4, (uint8_t)kFrame, 0xe9, 0, 0, 0, 0};
    struct lopt_stubs stubs;
    ASSERT_EQ(make_stubs(section, &stubs), STATUS_OK); /* mov %rbx, %rbp; add $40, %rsp; jmp */
    EXPECT_EQ(std::vector<uint8_t>(stubs.bytes, stubs.bytes + stubs.size),
              std::vector<uint8_t>(expected, expected + sizeof expected));
    ASSERT_EQ(stubs.use_count, 1u);
    EXPECT_EQ(stubs.uses[0].host, kEntry + kHost);
    EXPECT_EQ(stubs.uses[0].stub, 0u);
    ASSERT_EQ(stubs.end_count, 1u);
    EXPECT_EQ(stubs.ends[0].at, stubs.size - 4);
    EXPECT_EQ(stubs.ends[0].exit, 5u);
    lopt_stubs_fini(&stubs);
}

TEST(ExitSites, AreLostIfTheMapCannotBeRead)
{
    const std::vector<Location> good = {{REGISTER, 13, 0}, {REGISTER, kRbx, 0}};
    const Section sections[] = {
        Section(LOPT_EXIT_SITE | 1, good),                                     /* no such site */
        Section(LOPT_EXIT_SITE, good, kVaries),                                /* a frame whose size varies */
        Section(LOPT_EXIT_SITE, {{REGISTER, 13, 0}}),                          /* a value is missing */
        Section(LOPT_EXIT_SITE, {{REGISTER, 13, 0}, {DIRECT, kRsp, 8}}),       /* an address on the stack */
        Section(LOPT_EXIT_SITE, {{CONSTANT, 0, 13}, {REGISTER, kRbx, 0}}),     /* struct cpu is nowhere */
        Section(LOPT_EXIT_SITE, {{REGISTER, 13, 0}, {REGISTER, kRbx, 0}, {}}), /* a value too many */
    };
    for (const Section &section : sections) {
        struct lopt_stubs stubs;
        EXPECT_EQ(make_stubs(section, &stubs), STATUS_EXIT_LOST) << &section - sections;
        lopt_stubs_fini(&stubs);
    }
}

} // namespace
