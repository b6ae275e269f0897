// SPDX-License-Identifier: Apache-2.0
// What --explain says of a place (runtime/observe/explain.c): in no region, inside one, waiting for one, given up.
//
// The engine is real, with the guest's code in an array. No guest code runs: the tests say how hot a block is, and
// promote it as the dispatcher would.
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>

extern "C" {
#include "runtime/engine/lifecycle.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/tiers.h"
#include "runtime/engine/translate.h"
#include "runtime/observe/explain.h"
}

namespace
{

constexpr uint32_t Addi(unsigned reg) { return 1u << 20 | reg << 15 | reg << 7 | 0x13; } // addi reg, reg, 1
constexpr uint32_t Jump(int to) { return uint32_t(to & 0x7fe) << 20 | 0x6f; }            // forward, below 2 KiB
constexpr uint32_t Bne(unsigned x, unsigned y, int to)                                   // backward, below 4 KiB
{
    return 1u << 31 | uint32_t(to >> 5 & 0x3f) << 25 | y << 20 | x << 15 | 1u << 12 | uint32_t(to >> 1 & 0xf) << 8 |
           1u << 7 | 0x63;
}
constexpr uint32_t kEcall = 0x73;

// Two loops, the first one of two blocks, and code without a loop.
constexpr gaddr_t kBase = 0x10000, kHead = kBase, kInner = kBase + 0x10, kOther = kBase + 0x40,
                  kStraight = kBase + 0x80, kNowhere = kBase + 0xc0;
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

// The guest's memory. Threads other than the test's may be held up when they fetch, and then get nothing.
struct Memory {
    std::mutex lock;
    std::condition_variable changed;
    std::thread::id own = std::this_thread::get_id();
    bool closed = false; // others are held up
    unsigned waiting = 0, compiled = 0;

    bool Fetch(gaddr_t pc, const uint8_t **code, size_t *avail)
    {
        std::unique_lock<std::mutex> hold(lock);
        if (closed && std::this_thread::get_id() != own) {
            waiting++;
            changed.notify_all();
            changed.wait(hold, [&] { return !closed; });
            waiting--;
            return false;
        }
        if (pc < kBase || pc >= kBase + sizeof kCode)
            return false;
        *code = reinterpret_cast<const uint8_t *>(kCode) + (pc - kBase);
        *avail = kBase + sizeof kCode - pc;
        return true;
    }
    void Close(bool on)
    {
        std::lock_guard<std::mutex> hold(lock);
        closed = on;
        changed.notify_all();
    }
    void Compiled()
    {
        std::lock_guard<std::mutex> hold(lock);
        compiled++;
        changed.notify_all();
    }
    template <class Condition> void WaitFor(Condition condition)
    {
        std::unique_lock<std::mutex> hold(lock);
        changed.wait(hold, condition);
    }
};

const engine_mem kMem = {
    [](void *m, gaddr_t pc, const uint8_t **code, size_t *avail) {
        return static_cast<Memory *>(m)->Fetch(pc, code, avail);
    },
    [](void *, gaddr_t, gaddr_t) { return uint64_t(0); },
    [](void *, gaddr_t, gaddr_t) { return uint64_t(0); },
    [](void *, gaddr_t) { return false; },
    [](void *, gaddr_t) { return false; },
    [](void *, gaddr_t) { return false; },
    [](void *, gaddr_t) {},
    [](void *, gaddr_t) { return false; },
    [](void *, gaddr_t, uint64_t *) { return false; },
};
const engine_os kOs = {nullptr, nullptr, nullptr, [](void *, engine_visit_fn, void *) {}};
const engine_events kEvents = {
    [](void *, engine_thread *) {},
    [](void *, engine_thread *) {},
    [](void *, engine_thread *, const tb *, const ir_block *, const uint8_t *, uint64_t) {},
    [](void *, engine_thread *, const tb *) {},
    [](void *, const tb *, const ir_region *) {},
    [](void *m, unsigned, gaddr_t, uint64_t, status) { static_cast<Memory *>(m)->Compiled(); },
    [](void *) {},
    [](void *) {},
    [](void *) {},
};

options Defaults()
{
    options o;
    memset(&o, 0, sizeof o);
#define OPT(field, kind, short_name, long_name, env, value, arg, help) o.field = value;
#include "src/base/options.def"
#undef OPT
    o.cache_size = 1 << 20;
    return o;
}

// An engine, and one guest thread of it.
struct Machine {
    Memory memory;
    options o = Defaults();
    guest_config config{};
    engine *e = nullptr;
    engine_thread *t = nullptr;
    TANDEM_ALIGNED(64) cpu registers{};

    void Make(int64_t opt_threads)
    {
        char why[256] = "";
        o.opt_threads = opt_threads;
        const engine_setup setup = {guest_find_name("riscv64"), &config, &o, &kOs, nullptr, &kMem, &memory, nullptr};
        ASSERT_TRUE(setup.guest->cpu.parse(nullptr, &config, why, sizeof why)) << why;
        ASSERT_EQ(engine_create(&e, &setup, why, sizeof why), STATUS_OK) << why;
        engine_observe(e, &kEvents, &memory);
        t = engine_thread_create(e, &registers, nullptr);
    }
    // Only if no optimizer thread was started.
    void Destroy()
    {
        if (t)
            engine_thread_destroy(t);
        engine_destroy(e);
    }
    // Translates the block at pc, and says that it was entered that often.
    void Translate(gaddr_t pc, uint64_t entered)
    {
        section_enter(e, &t->section);
        tb *block = translate_find(t, pc, 0);
        ASSERT_NE(block, nullptr);
        block->heat.executed = entered;
        section_leave(&t->section);
    }
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
    Machine m;
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
    std::thread guest([&] { Machine::Promote(second, kOther); });
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
    auto *m = new Machine;
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
