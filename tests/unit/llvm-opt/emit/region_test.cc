/* SPDX-License-Identifier: Apache-2.0 */
/* Control flow of regions: loops, side exits, calls and returns, polls, traps. */
#include <gtest/gtest.h>

#include "src/ir/state.h"
#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

ir_ref add_x(struct ir_builder *b, unsigned n, int64_t k)
{
    ir_ref v = ir_bini(b, IR_ADD, ir_get(b, X0 + n), (uint64_t)k);
    ir_put(b, X0 + n, v);
    return v;
}

/* x1 += x0; x0 -= 1; loop while x0 != 0 */
void make_loop(Region &r)
{
    struct ir_builder *b = r.begin();
    ir_put(b, X0 + 1, ir_bin(b, IR_ADD, ir_get(b, X0 + 1), ir_get(b, X0)));
    ir_ref left = add_x(b, 0, -1);
    ir_exit_if(b, ir_icmp(b, IR_NE, left, ir_const(b, IR_I64, 0)), block_pc(0));
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
}

struct lopt_options unrolling()
{
    struct lopt_options options = {};
    options.level = 2;
    options.verify = true;
    options.polls = true;
    options.unroll = 4;
    return options;
}

/* x0 counts the iterations: 1 to most - 1. */
void expect_same_below(Region &r, uint64_t most)
{
    struct lopt_options options = unrolling();
    Code code(r.get(), &options);
    for (uint64_t n = 1; n < most; n++) {
        Cpu cpu;
        cpu.set_x(0, n);
        EXPECT_EQ(compare_code(r.get(), code, cpu.get()), "") << n;
    }
}

} // namespace

TEST(LoptRegion, StraightBlockLeavesDirect)
{
    Region r;
    struct ir_builder *b = r.begin();
    add_x(b, 0, 5);
    add_x(b, 12, 7);
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    Cpu cpu;
    EXPECT_EQ(compare(r.get(), cpu.get()), "");
    Code code(r.get());
    ASSERT_EQ(code.status, STATUS_OK);
    EXPECT_EQ(code.result().exit_count, 1u);
    Outcome o = code.run(cpu.get());
    EXPECT_EQ(o.kind, IR_EXIT_DIRECT);
    EXPECT_EQ(o.pc, kOutside);
}

TEST(LoptRegion, LoopCountsAndLeaves)
{
    Region r;
    make_loop(r);
    Cpu cpu;
    cpu.set_x(0, 1000);
    cpu.set_x(1, 0);
    EXPECT_EQ(compare(r.get(), cpu.get()), "");
    Code(r.get()).run(cpu.get());
    EXPECT_EQ(cpu.x(1), 500500u);
}

TEST(LoptRegion, LoopPolls)
{
    Region r;
    make_loop(r);
    Cpu cpu;
    cpu.set_x(0, 1000);
    cpu->pending = 1;
    EXPECT_EQ(compare(r.get(), cpu.get()), "");
    Outcome o = Code(r.get()).run(cpu.get());
    EXPECT_EQ(o.kind, IR_EXIT_POLL);
    EXPECT_EQ(o.pc, block_pc(0));
    EXPECT_EQ(cpu.x(0), 999u);
}

TEST(LoptRegion, UnrolledLoopLeavesAtAnyIteration)
{
    Region r;
    make_loop(r);
    expect_same_below(r, 12);
}

TEST(LoptRegion, UnrolledLoopPollsOnceInFourIterations)
{
    Region r;
    make_loop(r);
    struct lopt_options options = unrolling();
    Cpu cpu;
    cpu.set_x(0, 1000);
    cpu->pending = 1;
    Outcome o = Code(r.get(), &options).run(cpu.get());
    EXPECT_EQ(o.kind, IR_EXIT_POLL);
    EXPECT_EQ(o.pc, block_pc(0));
    EXPECT_EQ(cpu.x(0), 996u);
}

/* 0: x0--; zero: out; bit 1 clear: to 1; x12 ^= x0; to 0. 1: x13 += x0; to 0. */
TEST(LoptRegion, UnrolledLoopOfTwoBlocks)
{
    Region r;
    struct ir_builder *b = r.begin();
    add_x(b, 0, (uint64_t)-1);
    ir_ref x = ir_get(b, X0);
    ir_exit_if(b, ir_icmp(b, IR_EQ, x, ir_const(b, IR_I64, 0)), kOutside);
    ir_exit_if(b, ir_icmp(b, IR_EQ, ir_bin(b, IR_AND, x, ir_const(b, IR_I64, 2)), ir_const(b, IR_I64, 0)), block_pc(1));
    ir_put(b, X0 + 12, ir_bin(b, IR_XOR, ir_get(b, X0 + 12), x));
    ir_jump(b, IR_HINT_NONE, block_pc(0));
    r.end({}, 1000);
    b = r.begin();
    ir_put(b, X0 + 13, ir_bin(b, IR_ADD, ir_get(b, X0 + 13), ir_get(b, X0)));
    ir_jump(b, IR_HINT_NONE, block_pc(0));
    r.end({}, 500);
    expect_same_below(r, 40);
}

TEST(LoptRegion, SideExitSeesPutsBeforeItOnly)
{
    for (uint64_t x : {0, 1}) {
        Region r;
        struct ir_builder *b = r.begin();
        add_x(b, 12, 1);
        ir_exit_if(b, ir_icmp(b, IR_EQ, ir_get(b, X0), ir_const(b, IR_I64, 0)), kOutside);
        add_x(b, 12, 1);
        add_x(b, 13, 1);
        ir_jump(b, IR_HINT_NONE, kOutside + 8);
        r.end();
        Cpu cpu;
        cpu.set_x(0, x);
        EXPECT_EQ(compare(r.get(), cpu.get()), "");
    }
}

TEST(LoptRegion, CallInRegionReturnsThroughItsTargets)
{
    Region r;
    struct ir_builder *b = r.begin(); /* 0: call 1 */
    ir_put(b, X0 + 1, ir_const(b, IR_I64, block_pc(2)));
    ir_call_hint(b, block_pc(2));
    ir_jump(b, IR_HINT_CALL, block_pc(1));
    r.end();
    b = r.begin(); /* 1: callee */
    add_x(b, 14, 3);
    ir_jump_reg(b, IR_HINT_RET, ir_get(b, X0 + 1));
    r.end({block_pc(2)});
    b = r.begin(); /* 2 */
    add_x(b, 14, 100);
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    Cpu cpu;
    EXPECT_EQ(compare(r.get(), cpu.get()), "");
}

/* Entered where its own call comes back to: block 1, which loops; x12 (not pinned) is written on one way only. */
TEST(LoptRegion, IsEnteredWhereItsCallReturns)
{
    Region r;
    struct ir_builder *b = r.begin();
    add_x(b, 0, 1);
    add_x(b, 12, 7);
    ir_exit_if(b, ir_icmp(b, IR_EQ, ir_get(b, X0 + 2), ir_const(b, IR_I64, 0)), block_pc(1));
    ir_call_hint(b, block_pc(1));
    ir_jump(b, IR_HINT_CALL, kOutside);
    r.end();
    b = r.begin();
    add_x(b, 13, 3);
    ir_put(b, X0 + 14, ir_bin(b, IR_ADD, ir_get(b, X0 + 12), ir_get(b, X0 + 13)));
    ir_ref left = add_x(b, 1, -1);
    ir_exit_if(b, ir_icmp(b, IR_NE, left, ir_const(b, IR_I64, 0)), block_pc(1));
    ir_jump(b, IR_HINT_NONE, kOutside + 8);
    r.end();
    r.enter_at(1);
    Code code(r.get());
    ASSERT_EQ(code.status, STATUS_OK);
    for (uint32_t entry : {0u, 1u}) {
        for (uint64_t call : {0, 1}) {
            Cpu cpu;
            cpu.set_x(1, 10);
            cpu.set_x(2, call);
            EXPECT_EQ(compare_code(r.get(), code, cpu.get(), false, entry), "") << entry;
            Outcome o = code.run(cpu.get(), entry);
            EXPECT_EQ(o.pc, call && !entry ? kOutside : kOutside + 8);
        }
    }
}

/* Left within calls that it has followed, a region pushes their levels, the outermost first; not for a return, nor for
 * a call that comes back into it. */
TEST(LoptRegion, PushesTheLevelsOfFollowedCalls)
{
    for (bool comes_back : {false, true}) {
        Region r;
        struct ir_builder *b = r.begin();
        ir_exit_if(b, ir_icmp(b, IR_EQ, ir_get(b, X0 + 1), ir_const(b, IR_I64, 1)), kOutside);
        ir_exit_if(b, ir_icmp(b, IR_EQ, ir_get(b, X0 + 1), ir_const(b, IR_I64, 2)), block_pc(1));
        ir_jump_reg(b, IR_HINT_RET, ir_get(b, X0));
        r.end();
        b = r.begin();
        ir_call_hint(b, block_pc(2));
        ir_jump(b, IR_HINT_CALL, kOutside + 16);
        r.end();
        b = r.begin();
        ir_jump(b, IR_HINT_NONE, kOutside + 24);
        r.end();
        r.place_within(0, {kOutside + 0x100, kOutside + 0x200});
        r.place_within(1, {kOutside + 0x100});
        if (comes_back)
            r.enter_at(2);
        Code code(r.get());
        ASSERT_EQ(code.status, STATUS_OK);
        const struct lopt_exit *exits = code.result().exits;
        Cpu cpu;
        cpu.set_x(1, 1);
        (void)code.run(cpu.get());
        const struct lopt_exit &outer = exits[cpu->exit_arg];
        ASSERT_EQ(outer.kind, IR_EXIT_LEVEL);
        EXPECT_EQ(outer.return_pc, kOutside + 0x200);
        ASSERT_LT(outer.inner, cpu->exit_arg);
        const struct lopt_exit &inner = exits[outer.inner];
        ASSERT_EQ(inner.kind, IR_EXIT_LEVEL);
        EXPECT_EQ(inner.return_pc, kOutside + 0x100);
        EXPECT_EQ(exits[inner.inner].kind, IR_EXIT_DIRECT);
        EXPECT_EQ(exits[inner.inner].pc, kOutside);
        cpu.set_x(1, 0);
        EXPECT_EQ(code.run(cpu.get()).kind, IR_EXIT_RET);
        cpu.set_x(1, 2);
        EXPECT_EQ(code.run(cpu.get()).kind, comes_back ? IR_EXIT_CALL : IR_EXIT_LEVEL);
    }
}

/* Entries by their numbers, which need not be those of the blocks. */
TEST(LoptRegion, HasCodeOfItsOwnForEachEntry)
{
    Region r;
    for (unsigned i = 0; i < 4; i++) {
        struct ir_builder *b = r.begin();
        add_x(b, 2, (int64_t)i + 1);
        ir_exit_if(b, ir_icmp(b, IR_EQ, ir_get(b, X0 + 3), ir_const(b, IR_I64, i)), kOutside + 8 * i);
        ir_jump(b, IR_HINT_NONE, i < 3 ? block_pc(i + 1) : kOutside + 0x100);
        r.end();
    }
    r.enter_at(3);
    r.enter_at(1);
    Code code(r.get());
    ASSERT_EQ(code.status, STATUS_OK);
    for (unsigned entry : {0u, 1u, 3u}) {
        for (unsigned left : {3u, 9u}) {
            Cpu cpu;
            cpu.set_x(3, left);
            EXPECT_EQ(compare_code(r.get(), code, cpu.get(), false, entry), "") << entry;
            EXPECT_TRUE(code.run(cpu.get(), entry).stack_ok);
        }
    }
    EXPECT_EQ(lopt_entry(&code.result(), nullptr, 4), nullptr);
}

/* The rows BIT and BYTE as status flags. */
static const struct ir_state *flag_state()
{
    static const uint16_t flags[] = {BIT, BYTE};
    static const struct ir_state state = [] {
        struct ir_state s = kState;
        s.flags = flags;
        s.flag_count = ARRAY_LEN(flags);
        return s;
    }();
    return &state;
}

static void put_flags(struct ir_builder *b, uint64_t byte)
{
    ir_put(b, BIT, ir_icmp(b, IR_ULT, ir_get(b, X0 + 12), ir_get(b, X0 + 13)));
    ir_put(b, BYTE, ir_const(b, IR_I8, byte));
}

/* A return to where the host call came from stores the flags unless the level is marked (cpu.h I4). */
TEST(LoptRegion, MarkedReturnsStoreNoFlags)
{
    Region r(flag_state());
    struct ir_builder *b = r.begin();
    put_flags(b, 77);
    ir_jump_reg(b, IR_HINT_RET, ir_get(b, X0));
    r.end();
    Code code(r.get());
    ASSERT_EQ(code.status, STATUS_OK);
    for (uint64_t level : {kOutside, ~kOutside, kOutside + 8}) {
        Cpu cpu;
        cpu.set_x(0, kOutside);
        cpu.set_row(BYTE, 5);
        cpu->exit_arg = level;
        Outcome o = code.run(cpu.get());
        bool matched = level == ~kOutside;
        EXPECT_EQ(o.kind, matched ? IR_EXIT_RET_MATCHED : IR_EXIT_RET);
        EXPECT_EQ(cpu.row(BYTE), matched ? 5u : 77u);
        EXPECT_TRUE(o.stack_ok);
        EXPECT_EQ(matched || o.pc == kOutside, true);
    }
}

/* Flags are stored on the way out unless the block there is known to write them first; a call's level is marked if its
 * return address is such a place. */
TEST(LoptRegion, FlagsThatAreDeadOutsideAreNotStored)
{
    for (unsigned knows = 0; knows < 3; knows++) { /* nothing; that both are written; that one is */
        Region r(flag_state());
        struct ir_builder *b = r.begin();
        put_flags(b, 77);
        ir_call_hint(b, kOutside);
        ir_jump(b, IR_HINT_CALL, kOutside);
        r.end();
        if (knows) {
            b = r.begin(kOutside);
            ir_put(b, BYTE, ir_const(b, IR_I8, 1));
            if (knows == 1)
                ir_dead_flags(b, 1);
            ir_jump(b, IR_HINT_NONE, kOutside + 8);
            r.end();
            r.last_is_outside();
        }
        Code code(r.get());
        ASSERT_EQ(code.status, STATUS_OK);
        Cpu cpu;
        cpu.set_x(12, 1);
        cpu.set_x(13, 2);
        cpu.set_row(BYTE, 5), cpu.set_row(BIT, 0);
        Outcome o = code.run(cpu.get());
        EXPECT_EQ(o.kind, IR_EXIT_CALL);
        EXPECT_EQ(cpu.row(BYTE), knows ? 5u : 77u);
        EXPECT_EQ(cpu.row(BIT), knows == 1 ? 0u : 1u);
        EXPECT_EQ(code.result().exits[0].free_flags, knows == 1);
    }
}

/* Block 0 jumps to x0: likely targets are the blocks after it. */
TEST(LoptRegion, JumpsToManyTargets)
{
    for (unsigned n : {2u, 4u, 16u}) {
        Region r;
        struct ir_builder *b = r.begin();
        std::vector<gaddr_t> targets;
        for (unsigned i = 1; i <= n; i++)
            targets.push_back(block_pc(i));
        add_x(b, 12, 1);
        ir_jump_reg(b, IR_HINT_NONE, ir_get(b, X0));
        r.end(targets);
        for (unsigned i = 1; i <= n; i++) {
            b = r.begin();
            add_x(b, 12, 100 * i);
            ir_jump(b, IR_HINT_NONE, kOutside + 8 * i);
            r.end();
        }
        Code code(r.get());
        ASSERT_EQ(code.status, STATUS_OK);
        Cpu cpu;
        for (unsigned i = 1; i <= n; i++) {
            /* the target, one that differs in high bits only, one that differs in low bits only */
            for (uint64_t x :
                 {block_pc(i), block_pc(i) + (UINT64_C(1) << 40), block_pc(i) + 2, block_pc(i) + 0x10000}) {
                cpu.set_x(0, x);
                EXPECT_EQ(compare_code(r.get(), code, cpu.get()), "") << n << " targets, " << i;
            }
        }
    }
}

/* Targets that no run of address bits tells apart, and one that is not in the region. */
TEST(LoptRegion, JumpsToTargetsWithoutAHash)
{
    const gaddr_t pcs[] = {0x20000, 0x40000000, 0x100020000, 0x140000000, 0x50002};
    Region r;
    struct ir_builder *b = r.begin(0x10000);
    ir_jump_reg(b, IR_HINT_NONE, ir_get(b, X0));
    r.end({pcs[0], pcs[1], pcs[2], pcs[3], pcs[4]});
    for (unsigned i = 0; i < 4; i++) {
        b = r.begin(pcs[i]);
        add_x(b, 12, 100 * (i + 1));
        ir_jump(b, IR_HINT_NONE, kOutside);
        r.end();
    }
    Cpu cpu;
    for (gaddr_t pc : pcs) {
        cpu.set_x(0, pc);
        EXPECT_EQ(compare(r.get(), cpu.get()), "") << pc;
    }
}

/* The guest with x12 in a place that is never held outside of struct cpu. */
static const struct ir_state *memory_state()
{
    static const std::vector<struct ir_state_row> rows = [] {
        std::vector<struct ir_state_row> list(kRows, kRows + ROW_COUNT);
        list[X0 + 12].offset = offsetof(struct cpu, resv) + offsetof(struct cpu_reservation, value);
        return list;
    }();
    static const struct ir_state state = [] {
        struct ir_state s = kState;
        s.rows = rows.data();
        return s;
    }();
    return &state;
}

/* It is stored, and again on the hot way: only the trap between wants the first store. */
TEST(LoptRegion, StoresThatOnlyAColdExitWantsStay)
{
    for (uint64_t traps : {0, 1}) {
        Region r(memory_state());
        struct ir_builder *b = r.begin();
        ir_put(b, X0 + 12, ir_const(b, IR_I64, 77));
        ir_trap_if(b, ir_icmp(b, IR_NE, ir_get(b, X0), ir_const(b, IR_I64, 0)), IR_TRAP_ILLEGAL, kPc);
        ir_put(b, X0 + 12, ir_const(b, IR_I64, 78));
        ir_jump(b, IR_HINT_NONE, kOutside);
        r.end();
        Code code(r.get());
        ASSERT_EQ(code.status, STATUS_OK);
        Cpu cpu;
        cpu.set_x(0, traps);
        EXPECT_EQ(code.run(cpu.get()).kind, traps ? IR_EXIT_TRAP : IR_EXIT_DIRECT);
        EXPECT_EQ(cpu->resv.value[0], traps ? 77u : 78u);
    }
}

TEST(LoptRegion, CallAndReturnOutOfRegion)
{
    for (int ind = 0; ind < 3; ind++) {
        Region r;
        struct ir_builder *b = r.begin();
        add_x(b, 12, 1);
        if (ind < 2)
            ir_call_hint(b, kPc + 4);
        if (ind == 0)
            ir_jump(b, IR_HINT_CALL, kOutside);
        else
            ir_jump_reg(b, ind == 1 ? IR_HINT_CALL : IR_HINT_RET, ir_get(b, X0 + 9));
        r.end();
        Cpu cpu;
        EXPECT_EQ(compare(r.get(), cpu.get()), "");
        Outcome o = Code(r.get()).run(cpu.get());
        EXPECT_EQ(o.kind, ind == 0 ? IR_EXIT_CALL : ind == 1 ? IR_EXIT_CALL_IND : IR_EXIT_RET);
        EXPECT_EQ(o.return_pc, ind < 2 ? kPc + 4 : 0);
    }
}

TEST(LoptRegion, IndirectJumpOutsideItsTargets)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_jump_reg(b, IR_HINT_NONE, ir_get(b, X0));
    r.end({block_pc(1), kOutside});
    b = r.begin();
    add_x(b, 3, 1);
    ir_jump(b, IR_HINT_MODE, kOutside);
    r.end();
    for (uint64_t to : {(uint64_t)block_pc(1), (uint64_t)kOutside, (uint64_t)0x1234}) {
        Cpu cpu;
        cpu.set_x(0, to);
        EXPECT_EQ(compare(r.get(), cpu.get()), "");
    }
}

TEST(LoptRegion, Traps)
{
    for (uint64_t x : {0, 1}) {
        Region r;
        struct ir_builder *b = r.begin();
        ir_insn_start(b, kPc, 4);
        add_x(b, 11, 1);
        ir_trap_if(b, ir_icmp(b, IR_EQ, ir_get(b, X0), ir_const(b, IR_I64, 0)), IR_TRAP_DIV_ZERO, kPc);
        add_x(b, 11, 1);
        ir_trap(b, IR_TRAP_SYSCALL, kPc + 4);
        r.end();
        Cpu cpu;
        cpu.set_x(0, x);
        EXPECT_EQ(compare(r.get(), cpu.get()), "");
    }
}

TEST(LoptRegion, InjectedFailuresAreReported)
{
    Region r;
    make_loop(r);
    struct lopt_options options = {};
    options.fail_one_in = 1;
    options.polls = true;
    Code code(r.get(), &options);
    EXPECT_EQ(code.status, STATUS_INJECTED);
}

TEST(LoptRegion, EveryLevelGivesTheSame)
{
    for (int level = 0; level < 4; level++) {
        Region r;
        make_loop(r);
        struct lopt_options options = {};
        options.level = level;
        options.verify = true;
        options.polls = true;
        Cpu cpu;
        cpu.set_x(0, 10);
        EXPECT_EQ(compare(r.get(), cpu.get(), &options), "") << level;
    }
}
