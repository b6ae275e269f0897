// SPDX-License-Identifier: Apache-2.0
// Integer instructions of AArch64 in every executor, with results that qemu gave (gen_a64_rows.py):
//
//   A64_ROW("text", word, IN(x0, x1, x2, x3, nzcv), OUT(x0, nzcv))
//
// All other registers are 0 before, and what they were behind.
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "frontend/aarch64/a64_state.h"
#include "frontend/block.h"
#include "src/ir/build/verify.h"
#include "src/ir/simplify/seal.h"
#include "tests/insn/insn_tiers.h"

namespace
{

const uint64_t kPc = 0x20000;
const uint32_t kAway = 0x14000010; // a jump to where nothing is known

struct a64_case {
    const char *text;
    uint32_t word;
    uint64_t in[5], out[2];
};
const a64_case kRows[] = {
#define IN(...)                                                                                                        \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define OUT(...)                                                                                                       \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define A64_ROW(text, word, in, out) {text, word, in, out},
#include "tests/insn/rows_a64.def"
};

class a64_rows : public testing::Test
{
  protected:
    a64_rows()
    {
        char message[64];
        EXPECT_TRUE(guest_->cpu.parse(nullptr, &config_, message, sizeof message));
    }

    // The row's instruction and a jump as a block; false: it did not run.
    bool execute(const a64_case &row, insn_executor &executor, struct cpu *cpu)
    {
        const uint32_t code[2] = {row.word, kAway};
        struct guest_lift req = {
            kPc, reinterpret_cast<const uint8_t *>(code), sizeof code, 0, 64, false, &config_, 0, 0, 0};
        struct arena arena;
        struct ir_builder b;
        struct ir_exit exit = {};
        std::string message;
        char text[256] = "";
        arena_init(&arena);
        ir_builder_init(&b, &arena, guest_->state, kPc, 0);
        const struct ir_block *block = guest_lift_block(guest_, &req, &b) == STATUS_OK ? ir_builder_seal(&b) : nullptr;
        bool done = block && ir_verify(block, text, sizeof text);
        EXPECT_TRUE(done) << row.text << ": " << text;
        done = done && executor.execute(cpu, block, &exit, &message);
        if (done && exit.reason == CPU_EXIT_TRAP && exit.trap == IR_TRAP_SETTLE) // once: the flags are in their rows
            ADD_FAILURE() << row.text << ": settles";
        arena_fini(&arena);
        return done;
    }

    void run(insn_executor &executor)
    {
        unsigned failures = 0;
        for (const a64_case &row : kRows) {
            auto cpu = std::make_unique<struct cpu>();
            guest_->cpu.init(cpu.get(), &config_, kPc, 0);
            struct a64_state *s = a64_state_of(cpu.get());
            memcpy(&s->x0, row.in, 4 * sizeof(uint64_t));
            a64_set_nzcv(s, uint32_t(row.in[4] << A64_NZCV_SHIFT));
            struct a64_state expected = *s;
            expected.x0 = row.out[0];
            ASSERT_TRUE(execute(row, executor, cpu.get())) << executor.name() << ": " << row.text;
            EXPECT_EQ(a64_get_nzcv(s) >> A64_NZCV_SHIFT, row.out[1]) << executor.name() << ": " << row.text;
            EXPECT_EQ(s->x0, expected.x0) << executor.name() << ": " << row.text;
            EXPECT_EQ(memcmp(&s->x1, &expected.x1, 31 * sizeof(uint64_t)), 0) << executor.name() << ": " << row.text;
            failures += HasFailure();
            ASSERT_LT(failures, 20u) << "and more";
        }
    }

    const struct guest *guest_ = guest_find_name("aarch64");
    struct guest_config config_;
};

TEST_F(a64_rows, InTheInterpreter)
{
    insn_interpreter executor;
    run(executor);
}

TEST_F(a64_rows, InTier1)
{
    insn_tier1 executor(guest_->state);
    run(executor);
}

TEST_F(a64_rows, InTier1WithRandomRegisters)
{
    insn_tier1 executor(guest_->state);
    executor.random_seed = 5;
    run(executor);
}

TEST_F(a64_rows, InTier2)
{
    insn_tier2 executor(guest_->state);
    run(executor);
}

} // namespace
