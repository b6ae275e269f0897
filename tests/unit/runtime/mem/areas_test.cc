// SPDX-License-Identifier: Apache-2.0
// runtime/mem/mem_areas.c and mem_pages.c against simple models.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <map>

extern "C" {
#include "runtime/mem/mem_areas.h"
#include "runtime/mem/mem_pages.h"
}

#include "tests/harness/random.h"

namespace
{

struct Areas : ::testing::Test {
    mem_areas a{};
    ~Areas() override { mem_areas_fini(&a); }
    void Set(gaddr_t start, gaddr_t end, int prot)
    {
        mem_area area{};
        area.start = start;
        area.end = end;
        area.prot = prot;
        area.flags = MAP_PRIVATE;
        mem_areas_set(&a, &area);
    }
};

TEST_F(Areas, NeighboursThatAreAlikeBecomeOne)
{
    Set(0x1000, 0x2000, PROT_READ);
    Set(0x3000, 0x4000, PROT_READ);
    Set(0x2000, 0x3000, PROT_READ);
    ASSERT_EQ(a.count, 1u);
    EXPECT_EQ(a.item[0].start, 0x1000u);
    EXPECT_EQ(a.item[0].end, 0x4000u);
}

TEST_F(Areas, ClearingTheMiddleSplits)
{
    Set(0x1000, 0x5000, PROT_READ);
    mem_areas_clear(&a, 0x2000, 0x3000);
    ASSERT_EQ(a.count, 2u);
    EXPECT_EQ(a.item[0].end, 0x2000u);
    EXPECT_EQ(a.item[1].start, 0x3000u);
    EXPECT_EQ(mem_areas_find(&a, 0x2fff), nullptr);
    EXPECT_NE(mem_areas_find(&a, 0x3000), nullptr);
}

TEST_F(Areas, CoverNeedsEveryByteAndEveryRight)
{
    Set(0x1000, 0x2000, PROT_READ | PROT_WRITE);
    Set(0x2000, 0x3000, PROT_READ);
    EXPECT_TRUE(mem_areas_cover(&a, 0x1800, 0x2800, PROT_READ));
    EXPECT_FALSE(mem_areas_cover(&a, 0x1800, 0x2800, PROT_WRITE));
    EXPECT_FALSE(mem_areas_cover(&a, 0x2800, 0x3001, PROT_READ));
    EXPECT_FALSE(mem_areas_cover(&a, 0xfff, 0x1001, PROT_READ));
}

// One byte of model a page: what the areas must say after any sequence of changes.
TEST_F(Areas, AgreesWithAPageArrayOnRandomChanges)
{
    constexpr unsigned kPages = 64;
    int model[kPages];
    std::fill(model, model + kPages, -1);
    harness::Random random{1};
    for (int step = 0; step < 20000; step++) {
        unsigned from = random() % kPages, to = from + 1 + random() % (kPages - from);
        int prot = static_cast<int>(random() % 4) - 1;
        if (prot < 0)
            mem_areas_clear(&a, from * 4096, to * 4096);
        else
            Set(from * 4096, to * 4096, prot);
        std::fill(model + from, model + to, prot);
        for (unsigned i = 0; i < kPages; i++) {
            const mem_area *found = mem_areas_find(&a, i * 4096 + 17);
            ASSERT_EQ(found ? found->prot : -1, model[i]) << "step " << step << " page " << i;
        }
        for (size_t i = 0; i + 1 < a.count; i++) {
            ASSERT_LE(a.item[i].end, a.item[i + 1].start);
            ASSERT_FALSE(a.item[i].end == a.item[i + 1].start && a.item[i].prot == a.item[i + 1].prot);
        }
    }
}

TEST(Pages, RecordsAreFoundWhereTheyWereMade)
{
    auto pages = std::make_unique<mem_pages>();
    const gaddr_t where[] = {0x10000, 0x11000, 0x2aaaaa000000, 0x7ffffffff000, 0};
    for (gaddr_t at : where) {
        EXPECT_EQ(mem_pages_next(pages.get(), at, at + 4096, MEM_PAGE_CODE), at + 4096);
        mem_page *page = mem_pages_make(pages.get(), at);
        mem_page_set_flags(page, MEM_PAGE_CODE);
        EXPECT_EQ(mem_pages_find(pages.get(), at + 123), page);
    }
    gaddr_t at = 0x12000;
    EXPECT_EQ(mem_pages_next(pages.get(), at, ~0ull, MEM_PAGE_CODE), 0x2aaaaa000000u);
    EXPECT_EQ(mem_pages_next(pages.get(), at, 0x2aaaaa000000, MEM_PAGE_CODE), 0x2aaaaa000000u);
    EXPECT_EQ(mem_pages_next(pages.get(), at, ~0ull, MEM_PAGE_PROTECTED), ~0ull);
    EXPECT_EQ(mem_pages_find(pages.get(), 1ull << 47), nullptr);
    EXPECT_EQ(mem_pages_find(pages.get(), ~0ull), nullptr);
    mem_pages_fini(pages.get());
}

} // namespace
