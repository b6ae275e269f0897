/* SPDX-License-Identifier: Apache-2.0 */
/* Every operation, and random blocks and regions, in tier 2 against the reference interpreter. LOPT_FUZZ=n: n times as
 * many;
 * LOPT_SEED=s: that random program alone. */
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/harness/random_ir.h"
#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

uint64_t env(const char *name, uint64_t otherwise)
{
    const char *s = getenv(name);
    return s ? strtoull(s, nullptr, 0) : otherwise;
}

constexpr unsigned kCounter = 15; /* x15 counts rounds: nothing else writes to it */

RandomIr generator(struct ir_builder *b, Random *r)
{
    RandomIr::Wishes wishes = {memory()};
    wishes.xs = kCounter;
    wishes.traps = false;
    return RandomIr(b, r, wishes);
}

/* The guest's state before a run, memory included. */
struct Start : Cpu {
    explicit Start(uint64_t seed) : Cpu(seed)
    {
        get()->fp_env |= (uint32_t)(seed % 3 ? 0 : (seed / 3 & 3) << 13);
        Random r = {seed ^ 0x5eed};
        for (size_t i = 0; i < kMemory; i += 8) {
            uint64_t v = r.below(2) ? r.interesting_f64() : r.interesting_int();
            memcpy(memory() + i, &v, 8);
        }
    }
};

/* K blocks that jump among each other; x15 counts down so that all ends. */
void make_region(Region &region, Random &r, unsigned blocks, unsigned insns)
{
    for (unsigned i = 0; i < blocks; i++) {
        struct ir_builder *b = region.begin();
        ir_insn_start(b, block_pc(i), 4);
        RandomIr gen = generator(b, &r);
        ir_ref left = ir_bini(b, IR_SUB, ir_get(b, X0 + kCounter), 1);
        ir_put(b, X0 + kCounter, left);
        ir_exit_if(b, ir_icmp(b, IR_EQ, left, ir_const(b, IR_I64, 0)), kOutside + 0x1000 + i);
        for (unsigned k = 0; k < insns; k++) {
            gen.emit_any();
            if (!r.below(8)) {
                gaddr_t to = r.below(3) ? block_pc(r.below(blocks)) : kOutside + 0x2000 + k;
                ir_exit_if(b, ir_conv(b, IR_TRUNC, IR_I1, gen.operand(IR_I64)), to);
            }
            if (!r.below(24))
                ir_trap_if(b, ir_icmp(b, IR_EQ, gen.operand(IR_I64), gen.operand(IR_I64)), IR_TRAP_ILLEGAL,
                           block_pc(i) + k);
        }
        gen.sink_all();
        gaddr_t next = r.below(8) ? block_pc(r.below(blocks)) : kOutside;
        if (r.below(4)) {
            ir_jump(b, IR_HINT_NONE, next);
            region.end({}, r.below(1000));
        } else {
            ir_ref c = ir_conv(b, IR_TRUNC, IR_I1, gen.operand(IR_I64));
            gaddr_t other = kOutside + 64;
            ir_jump_reg(b, r.below(2) ? IR_HINT_RET : IR_HINT_NONE,
                        ir_select(b, c, ir_const(b, IR_I64, next), ir_const(b, IR_I64, other)));
            region.end({next}, r.below(1000));
        }
    }
}

void run_seed(uint64_t seed, unsigned blocks, unsigned insns, bool precise)
{
    Random r = {seed};
    Region region;
    make_region(region, r, blocks, insns);
    region.precise = precise;
    std::vector<unsigned> entries = {0};
    for (unsigned i = 1; i < blocks && seed % 3 == 0; i++) {
        if (r.below(3))
            continue;
        region.enter_at(i);
        entries.push_back(i);
    }
    struct lopt_options options = {};
    options.level = 2;
    options.verify = options.polls = options.no_exit_maps = true;
    Code code(region.get(), seed % 4 ? nullptr : &options);
    ASSERT_EQ(code.status, STATUS_OK) << "LOPT_SEED=" << seed;
    for (uint64_t k = 0; k < 8; k++) {
        Start cpu(seed * 100 + k);
        uint64_t steps = 1 + r.below(20);
        cpu.set_x(kCounter, steps);
        cpu->pending = !r.below(10);
        unsigned entry = entries[r.below((unsigned)entries.size())];
        std::string diff = compare_code(region.get(), code, cpu.get(), false, entry);
        ASSERT_EQ(diff, "") << "LOPT_SEED=" << seed << " run " << k << "\n" << print(region.get());
    }
}

void run_many(uint64_t base, unsigned count, unsigned blocks, unsigned insns, bool precise)
{
    uint64_t only = env("LOPT_SEED", 0);
    if (only) {
        if (only / 1000000 == base / 1000000)
            run_seed(only, blocks, insns, precise);
        return;
    }
    for (uint64_t i = 0; i < count * env("LOPT_FUZZ", 1) && !testing::Test::HasFatalFailure(); i++)
        run_seed(base + i, blocks, insns, precise);
}

class LoptOp : public testing::TestWithParam<int>
{
};

} // namespace

/* One operation alone, on operands from registers: 12 random types and aux, 60 register files each. */
TEST_P(LoptOp, MatchesInterpreter)
{
    enum ir_op op = (enum ir_op)GetParam();
    for (uint64_t variant = 0; variant < 12 * env("LOPT_FUZZ", 1); variant++) {
        Random r = {variant * 1000 + (uint64_t)op};
        Region region;
        struct ir_builder *b = region.begin();
        ir_insn_start(b, kPc, 4);
        RandomIr gen = generator(b, &r);
        if (!gen.emit(op))
            GTEST_SKIP() << "not a value operation";
        gen.sink_all();
        ir_jump(b, IR_HINT_NONE, kOutside);
        region.end();
        Code code(region.get());
        for (uint64_t k = 0; k < 60; k++) {
            Start cpu(variant * 977 + k);
            std::string diff = compare_code(region.get(), code, cpu.get());
            ASSERT_EQ(diff, "") << "variant " << variant << " cpu " << k << "\n"
                                << print(region.get()) << code.disassembly();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, LoptOp, testing::Range(0, (int)IR_OP_COUNT), [](const testing::TestParamInfo<int> &info) {
    std::string s = ir_op_infos[info.param].text;
    for (char &c : s)
        c = c == '.' ? '_' : c;
    return s;
});

TEST(LoptFuzz, StraightBlocks) { run_many(1000000, 150, 1, 25, false); }
TEST(LoptFuzz, Regions) { run_many(2000000, 60, 5, 8, false); }
TEST(LoptFuzz, PreciseRegions) { run_many(3000000, 40, 4, 8, true); }
