// SPDX-License-Identifier: Apache-2.0
// What --explain says of a place (runtime/observe/explain.c): in no region, inside one, waiting for one, given up.
//
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "tests/harness/machine.h"

extern "C" {
#include "runtime/observe/explain.h"
}

namespace
{

using namespace machine;

// Two loops, the first one of two blocks, and code without a loop.
constexpr gaddr_t kHead = kBase, kInner = kBase + 0x10, kOther = kBase + 0x40, kStraight = kBase + 0x80,
                  kNowhere = kBase + 0xc0;
constexpr uint32_t kCode[64] = {
    /* kHead */ Addi(10),
    Jump(0xc),
    0,
    0,
    /* kInner */ Addi(12),
    Bne(10, 11, -0x14),
    kEcall,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    /* kOther */ Addi(13),
    Bne(13, 11, -4),
    kEcall,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    /* kStraight */ Addi(14),
    kEcall};

// Counts executions: regions do not depend on time.
struct Explained : Machine {
    Explained() : Machine(kCode) { o.hot_threshold = 50000; }
    // The counter of the block at pc, a natural head, runs out.
    void Promote(gaddr_t pc) { Promote(t, pc); }
    static void Promote(engine_thread *t, gaddr_t pc)
    {
        section_enter(t->engine, &t->section);
        tb *block = tb_find(t->engine, pc, 0);
        block->heat.head_like = true;
        tiers_promote(t, block);
        section_leave(&t->section);
    }
    std::string Explain(gaddr_t pc)
    {
        char *text = nullptr, place[32];
        size_t size = 0;
        snprintf(place, sizeof place, "0x%llx", (unsigned long long)pc);
        FILE *out = open_memstream(&text, &size);
        explain_place(e, nullptr, place, out);
        fclose(out);
        std::string result = text;
        free(text);
        return result;
    }
};

bool Has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

// Compiles on the test's own thread.
struct Explain : ::testing::Test {
    Explained m;
    void SetUp() override { m.Make(0); }
    void TearDown() override { m.Destroy(); }
};

TEST_F(Explain, SaysThatNothingWasTranslated)
{
    EXPECT_EQ(m.Explain(kNowhere), "nothing was translated at 0x100c0\n");
    m.Translate(kHead, 1);
    EXPECT_EQ(m.Explain(kInner), "nothing was translated at 0x10010\n");
}

TEST_F(Explain, ABlockThatIsColdIsInNoRegion)
{
    m.Translate(kHead, 1);
    const std::string text = m.Explain(kHead);
    EXPECT_TRUE(Has(text, "guest code at 0x10000\n")) << text;
    EXPECT_TRUE(Has(text, "\ntier 1: ")) << text;
    EXPECT_TRUE(Has(text, "\ntier 2: no region begins here, and none has it inside\n")) << text;
    EXPECT_FALSE(Has(text, "inside:")) << text;
}

TEST_F(Explain, ARegionIsShownWhereItBegins)
{
    m.Translate(kHead, 1000);
    m.Translate(kInner, 1000);
    m.Promote(kHead);
    const std::string text = m.Explain(kHead);
    EXPECT_TRUE(Has(text, "\ntier 2: region of 2 blocks, 4 guest instructions, ")) << text;
    EXPECT_TRUE(Has(text, "--- LLVM IR as built")) << text;
    EXPECT_TRUE(Has(text, "--- LLVM IR after the passes")) << text;
    EXPECT_TRUE(Has(text, "\ninstalled code\n")) << text;
    EXPECT_FALSE(Has(text, "inside the region")) << text;
    EXPECT_FALSE(Has(text, "given up")) << text;
    EXPECT_FALSE(Has(text, "when the program ended")) << text;
}

TEST_F(Explain, ABlockInsideARegionNamesIt)
{
    m.Translate(kHead, 1000);
    m.Translate(kInner, 1000);
    m.Promote(kHead);
    const std::string inside = "\ntier 2: inside the region at 0x10000 (2 blocks), which is entered at 0x10000\n";
    std::string text = m.Explain(kInner);
    EXPECT_TRUE(Has(text, inside)) << text;
    EXPECT_FALSE(Has(text, "no region begins here")) << text;
    EXPECT_FALSE(Has(text, "installed code")) << text;

    text = m.Explain(kInner + 4);
    EXPECT_EQ(text.find("no block begins at 0x10014; it is inside:\nmode 0\nguest code at 0x10010\n"), 0u) << text;
    EXPECT_TRUE(Has(text, inside)) << text;
}

TEST_F(Explain, ARegionWithoutALoopWasGivenUp)
{
    m.Translate(kStraight, 1000);
    m.Promote(kStraight);
    const std::string text = m.Explain(kStraight);
    EXPECT_TRUE(Has(text, std::string("\ntier 2: no region begins here, it was given up: ") +
                              status_text(STATUS_NO_LOOP) + "\n"))
        << text;
}

TEST_F(Explain, ARegionThatLlvmRefusedWasGivenUp)
{
    m.o.fail_one_in = 1;
    m.Translate(kOther, 1000);
    m.Promote(kOther);
    const std::string text = m.Explain(kOther);
    EXPECT_TRUE(Has(text, std::string("it was given up: ") + status_text(STATUS_INJECTED) + "\n")) << text;
}

// What was given up is told even if another region has the block inside.
TEST_F(Explain, BothInsideARegionAndGivenUp)
{
    m.Translate(kHead, 1000);
    m.Translate(kInner, 1000);
    m.Promote(kHead);
    section_enter(m.e, &m.t->section);
    tb_find(m.e, kInner, 0)->heat.given_up = STATUS_TOO_LARGE;
    section_leave(&m.t->section);
    const std::string text = m.Explain(kInner);
    EXPECT_TRUE(Has(text, "\ntier 2: inside the region at 0x10000 (2 blocks)")) << text;
    EXPECT_TRUE(Has(text, std::string("it was given up: ") + status_text(STATUS_TOO_LARGE) + "\n")) << text;
}

// The program ends while another guest thread compiles.
TEST_F(Explain, AGuestThreadIsCompiling)
{
    m.Translate(kOther, 1000);
    m.memory.Close(true);
    TANDEM_ALIGNED(64) cpu registers{};
    engine_thread *second = engine_thread_create(m.e, &registers, nullptr);
    std::thread guest([&] { Explained::Promote(second, kOther); });
    m.memory.WaitFor([&] { return m.memory.waiting == 1; });
    const std::string text = m.Explain(kOther);
    EXPECT_TRUE(Has(text, "\ntier 2: the region from here was being compiled when the program ended\n")) << text;
    m.memory.Close(false);
    guest.join();
    EXPECT_TRUE(Has(m.Explain(kOther), "it was given up: "));
    engine_thread_destroy(second);
}

// One optimizer thread, which is held up when it reads the guest's code: what it compiles is being compiled, and what
// is promoted then waits. When it goes on it cannot read the code, and gives up. Its thread never ends, so neither does
// the machine.
TEST(ExplainThreads, QueuedThenCompiledThenGivenUp)
{
    auto *m = new Explained;
    m->Make(1);
    m->Translate(kOther, 1000);
    m->Translate(kHead, 1000);
    m->Translate(kInner, 1000);
    m->memory.Close(true);
    m->Promote(kOther);
    m->memory.WaitFor([&] { return m->memory.waiting == 1; });
    m->Promote(kHead);

    std::string text = m->Explain(kOther);
    EXPECT_TRUE(Has(text, "\ntier 2: the region from here was being compiled when the program ended\n")) << text;
    text = m->Explain(kHead);
    EXPECT_TRUE(Has(text, "\ntier 2: the region from here was waiting to be compiled when the program ended\n"))
        << text;
    EXPECT_TRUE(Has(m->Explain(kInner), "no region begins here, and none has it inside\n"));

    m->memory.Close(false);
    m->memory.WaitFor([&] { return m->memory.compiled == 2; });
    text = m->Explain(kOther);
    EXPECT_TRUE(Has(text, std::string("it was given up: ") + status_text(STATUS_BAD_FETCH) + "\n")) << text;
    EXPECT_FALSE(Has(text, "when the program ended")) << text;
    EXPECT_TRUE(Has(m->Explain(kHead), "\ntier 2: region of 2 blocks, "));
}

} // namespace
