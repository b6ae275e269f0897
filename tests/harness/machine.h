// SPDX-License-Identifier: Apache-2.0
// A real engine for tests of its parts, with RISC-V code in an array. No guest code runs: the tests say how hot a block
// is, and do what the dispatcher would.
#ifndef TANDEM_TESTS_HARNESS_MACHINE_H
#define TANDEM_TESTS_HARNESS_MACHINE_H

#include <gtest/gtest.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

extern "C" {
#include "runtime/engine/lifecycle.h"
#include "runtime/engine/reclaim.h"
#include "runtime/engine/tb.h"
#include "runtime/engine/thread.h"
#include "runtime/engine/tiers.h"
#include "runtime/engine/translate.h"
}

namespace machine
{

constexpr uint32_t Addi(unsigned reg) { return 1u << 20 | reg << 15 | reg << 7 | 0x13; } // addi reg, reg, 1
constexpr uint32_t Jump(int to) { return uint32_t(to & 0x7fe) << 20 | 0x6f; }            // forward, below 2 KiB
constexpr uint32_t Bne(unsigned x, unsigned y, int to)                                   // backward, below 4 KiB
{
    return 1u << 31 | uint32_t(to >> 5 & 0x3f) << 25 | y << 20 | x << 15 | 1u << 12 | uint32_t(to >> 1 & 0xf) << 8 |
           1u << 7 | 0x63;
}
constexpr uint32_t kEcall = 0x73;
constexpr gaddr_t kBase = 0x10000; // where the code lies

// The guest's memory. Threads other than the test's may be held up when they fetch, and then get nothing.
struct Memory {
    const uint32_t *code = nullptr;
    size_t bytes = 0;
    std::mutex lock;
    std::condition_variable changed;
    std::thread::id own = std::this_thread::get_id();
    bool closed = false; // others are held up
    unsigned waiting = 0, compiled = 0;

    bool Fetch(gaddr_t pc, const uint8_t **at, size_t *avail)
    {
        std::unique_lock<std::mutex> hold(lock);
        if (closed && std::this_thread::get_id() != own) {
            waiting++;
            changed.notify_all();
            changed.wait(hold, [&] { return !closed; });
            waiting--;
            return false;
        }
        if (pc < kBase || pc >= kBase + bytes)
            return false;
        *at = reinterpret_cast<const uint8_t *>(code) + (pc - kBase);
        *avail = kBase + bytes - pc;
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

inline const engine_mem kMem = {
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
inline const engine_os kOs = {nullptr, nullptr, nullptr, [](void *, engine_visit_fn, void *) {}, nullptr, nullptr};
inline const engine_events kEvents = {
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

inline options Defaults()
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
    template <size_t N> explicit Machine(const uint32_t (&code)[N])
    {
        memory.code = code;
        memory.bytes = sizeof code;
    }

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
};

} // namespace machine

#endif
