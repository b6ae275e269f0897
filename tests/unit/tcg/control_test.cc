/* SPDX-License-Identifier: Apache-2.0 */
/* tcg_control: entering and leaving, chaining, calls and returns, polls, counters, code checks, exits for tier 2,
 * faults. */
#include <gtest/gtest.h>

#include <csetjmp>
#include <csignal>
#include <cstring>

#include <sys/mman.h>
#include <ucontext.h>

#include "tests/unit/tcg/harness.h"

using namespace tcg_test;
using Code = Cache::Code;
using Options = Cache::Options;

namespace
{

/* x[rd] += imm, then the exit */
void add_to(Block *block, unsigned rd, uint64_t imm)
{
    ir_insn_start(block->b(), block->b()->pc, 4);
    ir_put(block->b(), X0 + rd, ir_bini(block->b(), IR_ADD, ir_get(block->b(), X0 + rd), imm));
}

struct Fixture : ::testing::Test {
    Cache cache;
    Cpu cpu{1};
    /* A block at pc that adds imm to x[rd] and jumps to target. */
    void adder(Code *code, gaddr_t pc, unsigned rd, uint64_t imm, gaddr_t target, const Options &options = Options())
    {
        Block block(pc);
        add_to(&block, rd, imm);
        ir_jump(block.b(), IR_HINT_NONE, target);
        cache.translate(block.seal(), code, options);
        ASSERT_EQ(code->status, STATUS_OK);
    }
    /* A block that adds and calls callee. */
    void caller(Code *code, gaddr_t pc, unsigned rd, gaddr_t callee, gaddr_t return_pc)
    {
        Block block(pc);
        add_to(&block, rd, 1);
        ir_call_hint(block.b(), return_pc);
        ir_jump(block.b(), IR_HINT_CALL, callee);
        cache.translate(block.seal(), code);
        ASSERT_EQ(code->status, STATUS_OK);
    }
    /* A block that adds and returns to the address in x1. */
    void returner(Code *code, gaddr_t pc, unsigned rd)
    {
        Block block(pc);
        add_to(&block, rd, 100);
        ir_jump_reg(block.b(), IR_HINT_RET, ir_get(block.b(), X0 + 1));
        cache.translate(block.seal(), code);
        ASSERT_EQ(code->status, STATUS_OK);
    }
    void link(Code *from, unsigned exit, const Code &to)
    {
        tcg_patch_exit(from->rw, from->rx, &from->exits[exit], to.rx);
    }
};

} // namespace

using tcg_control = Fixture;

TEST_F(tcg_control, unchained_exit_names_its_record)
{
    Code code;
    adder(&code, kPc, 3, 5, kPc + 0x40);
    cpu.set_x(3, 7);
    cache.run(cpu.get(), code.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LINK);
    ASSERT_EQ(code.exit_of(cpu.get()), &code.exits[0]);
    EXPECT_EQ(code.exits[0].pc, kPc + 0x40);
    EXPECT_EQ(code.exits[0].jmp_off % 4, 0u);
    EXPECT_EQ(cpu->pc, kPc + 0x40);
    EXPECT_EQ(cpu.x(3), 12u);
}

TEST_F(tcg_control, registers_and_mxcsr_survive_enter_and_leave)
{
    Code code;
    adder(&code, kPc, 3, 0, kPc + 0x40);
    cpu->fp_env = 0x3f80;
    Cpu before(1);
    cache.run(cpu.get(), code.rx);
    for (unsigned row = X0; row < F0 + kFs; row++)
        EXPECT_EQ(before.x(row), cpu.x(row)) << row;
    EXPECT_EQ(cpu->fp_env, 0x3f80u);
    EXPECT_EQ(cpu->host_fp_env & 0x7fc0, 0x1f80u);
}

TEST_F(tcg_control, chained_blocks_run_without_leaving)
{
    Code a, b;
    adder(&a, kPc, 10, 1, kPc + 0x40);
    adder(&b, kPc + 0x40, 10, 10, kPc + 0x80);
    link(&a, 0, b);
    cpu.set_x(10, 0);
    cache.run(cpu.get(), a.rx);
    EXPECT_EQ(cpu.x(10), 11u);
    EXPECT_EQ(b.exit_of(cpu.get()), &b.exits[0]);
    tcg_patch_exit(a.rw, a.rx, &a.exits[0], nullptr);
    cache.run(cpu.get(), a.rx);
    EXPECT_EQ(cpu.x(10), 12u);
    EXPECT_EQ(a.exit_of(cpu.get()), &a.exits[0]);
}

TEST_F(tcg_control, chained_conditional_exit)
{
    /* a loop that counts x10 down */
    Block block;
    ir_insn_start(block.b(), kPc, 4);
    ir_ref v = ir_bini(block.b(), IR_ADD, ir_get(block.b(), X0 + 10), ~0ull);
    ir_put(block.b(), X0 + 10, v);
    ir_put(block.b(), X0 + 3, ir_bini(block.b(), IR_ADD, ir_get(block.b(), X0 + 3), 2));
    ir_insn_start(block.b(), kPc + 4, 4);
    ir_exit_if(block.b(), ir_icmp(block.b(), IR_NE, v, ir_const(block.b(), IR_I64, 0)), kPc);
    ir_jump(block.b(), IR_HINT_NONE, kPc + 8);
    Code code;
    cache.translate(block.seal(), &code);
    ASSERT_EQ(code.status, STATUS_OK);
    EXPECT_TRUE(code.exits[0].poll);
    EXPECT_FALSE(code.exits[1].poll);
    EXPECT_EQ(code.exits[0].jmp_off % 4, 0u);
    link(&code, 0, code);
    cpu.set_x(10, 1000), cpu.set_x(3, 0);
    cache.run(cpu.get(), code.rx);
    EXPECT_EQ(code.exit_of(cpu.get()), &code.exits[1]);
    EXPECT_EQ(cpu.x(10), 0u);
    EXPECT_EQ(cpu.x(3), 2000u);
    /* a pending request is seen before the branch, and the branch is what is executed again */
    cpu->pending = 1;
    cpu.set_x(10, 1000);
    cache.run(cpu.get(), code.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_POLL);
    EXPECT_EQ(cpu->pc, kPc + 4);
    EXPECT_EQ(cpu.x(10), 999u);
}

TEST_F(tcg_control, backward_exit_after_a_store_polls_where_it_is_taken)
{
    Block block;
    ir_insn_start(block.b(), kPc, 4);
    ir_ref v = ir_bini(block.b(), IR_ADD, ir_get(block.b(), X0 + 10), ~0ull);
    ir_put(block.b(), X0 + 10, v);
    ir_exit_if(block.b(), ir_icmp(block.b(), IR_NE, v, ir_const(block.b(), IR_I64, 0)), kPc);
    ir_jump(block.b(), IR_HINT_NONE, kPc + 8);
    Code code;
    cache.translate(block.seal(), &code);
    link(&code, 0, code);
    cpu.set_x(10, 5);
    cache.run(cpu.get(), code.rx);
    EXPECT_EQ(code.exit_of(cpu.get()), &code.exits[1]);
    cpu->pending = 1;
    cpu.set_x(10, 5);
    cache.run(cpu.get(), code.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_POLL);
    EXPECT_EQ(cpu->pc, kPc);
    EXPECT_EQ(cpu.x(10), 4u);
}

TEST_F(tcg_control, backward_jump_polls)
{
    Code code;
    adder(&code, kPc, 3, 1, kPc);
    link(&code, 0, code);
    cpu.set_x(3, 0);
    cpu->pending = 1;
    cache.run(cpu.get(), code.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_POLL);
    EXPECT_EQ(cpu->pc, kPc);
    EXPECT_EQ(cpu.x(3), 1u);
}

TEST_F(tcg_control, trap_reports_pc_and_kind)
{
    Block block;
    add_to(&block, 2, 1);
    ir_trap(block.b(), IR_TRAP_SYSCALL, kPc + 4);
    Code code;
    cache.translate(block.seal(), &code);
    cache.run(cpu.get(), code.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_TRAP);
    EXPECT_EQ(cpu->exit_arg, (uint64_t)IR_TRAP_SYSCALL);
    EXPECT_EQ(cpu->pc, kPc + 4);
}

/* ---- calls and returns ---- */

TEST_F(tcg_control, call_links_then_returns_to_its_landing)
{
    constexpr gaddr_t kCallee = kPc + 0x400, kReturn = kPc + 8;
    Code call, callee, after;
    caller(&call, kPc, 3, kCallee, kReturn);
    returner(&callee, kCallee, 3);
    adder(&after, kReturn, 3, 1000, kPc + 0x800);
    ASSERT_EQ(call.result.exit_count, 2u);
    EXPECT_EQ(call.exits[0].kind, IR_EXIT_CALL);
    EXPECT_EQ(call.exits[1].kind, IR_EXIT_LANDING);
    EXPECT_EQ(call.exits[1].pc, kReturn);
    cpu.set_x(3, 0), cpu.set_x(1, kReturn);
    /* unlinked: the level is on the stack when the dispatcher goes on at the callee */
    cache.run(cpu.get(), call.rx);
    ASSERT_EQ(call.exit_of(cpu.get()), &call.exits[0]);
    EXPECT_EQ((uint8_t *)cpu->jit_sp_base - (uint8_t *)cpu->jit_sp, 16);
    cache.run(cpu.get(), callee.rx);
    EXPECT_EQ(call.exit_of(cpu.get()), &call.exits[1]);
    EXPECT_EQ(cpu->jit_sp, cpu->jit_sp_base);
    EXPECT_EQ(cpu.x(3), 101u);
    /* linked: all of it in one go */
    link(&call, 0, callee), link(&call, 1, after);
    cache.run(cpu.get(), call.rx);
    EXPECT_EQ(after.exit_of(cpu.get()), &after.exits[0]);
    EXPECT_EQ(cpu->jit_sp, cpu->jit_sp_base);
    EXPECT_EQ(cpu.x(3), 101u + 1101u);
}

TEST_F(tcg_control, return_with_empty_stack_goes_through_lookup)
{
    Code callee;
    returner(&callee, kPc, 3);
    cpu.set_x(1, kPc + 0x123456);
    cache.run(cpu.get(), callee.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LOOKUP);
    EXPECT_EQ(cpu->pc, kPc + 0x123456);
    EXPECT_EQ(cpu->jit_sp, cpu->jit_sp_base);
}

TEST_F(tcg_control, return_past_levels_finds_its_own)
{
    /* three nested calls, then a return to the outermost (longjmp) */
    constexpr unsigned kDepth = 3;
    Code call[kDepth], callee;
    for (unsigned k = 0; k < kDepth; k++)
        caller(&call[k], kPc + 0x100 * k, 3, kPc + 0x100 * (k + 1), kPc + 0x100 * k + 8);
    returner(&callee, kPc + 0x100 * kDepth, 3);
    for (unsigned k = 0; k < kDepth; k++)
        link(&call[k], 0, k + 1 < kDepth ? call[k + 1] : callee);
    cpu.set_x(1, kPc + 8);
    cache.run(cpu.get(), call[0].rx);
    EXPECT_EQ(call[0].exit_of(cpu.get()), &call[0].exits[1]);
    EXPECT_EQ(cpu->jit_sp, cpu->jit_sp_base);
    /* an address that no level has: the stack stays, until that has happened often enough */
    for (unsigned misses = 1; misses <= CPU_RET_MISSES; misses++) {
        cpu.set_x(1, kPc + 0x77770);
        cache.run(cpu.get(), call[0].rx);
        EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LOOKUP);
        EXPECT_EQ(cpu->pc, kPc + 0x77770);
        EXPECT_EQ(cpu->jit_sp == cpu->jit_sp_base, misses == CPU_RET_MISSES) << misses;
    }
}

TEST_F(tcg_control, full_stack_is_dropped)
{
    /* a call to itself: forever, but for x10 */
    Block block;
    ir_insn_start(block.b(), kPc, 4);
    ir_ref v = ir_bini(block.b(), IR_ADD, ir_get(block.b(), X0 + 10), ~0ull);
    ir_put(block.b(), X0 + 10, v);
    ir_insn_start(block.b(), kPc + 4, 4);
    ir_exit_if(block.b(), ir_icmp(block.b(), IR_EQ, v, ir_const(block.b(), IR_I64, 0)), kPc + 0x100);
    ir_call_hint(block.b(), kPc + 8);
    ir_jump(block.b(), IR_HINT_CALL, kPc);
    Code code;
    cache.translate(block.seal(), &code);
    link(&code, 1, code);
    cpu.set_x(10, 1000000);
    cache.run(cpu.get(), code.rx);
    EXPECT_EQ(code.exit_of(cpu.get()), &code.exits[0]);
    EXPECT_GE(cpu->jit_sp, cpu->jit_sp_limit);
    EXPECT_LE(cpu->jit_sp, cpu->jit_sp_base);
}

TEST_F(tcg_control, return_address_beyond_32_bits)
{
    constexpr gaddr_t kFar = 0x7fff12345678;
    Code call, callee;
    caller(&call, kPc, 3, kPc + 0x400, kFar);
    returner(&callee, kPc + 0x400, 3);
    link(&call, 0, callee);
    cpu.set_x(1, kFar);
    cache.run(cpu.get(), call.rx);
    EXPECT_EQ(call.exit_of(cpu.get()), &call.exits[1]);
}

/* ---- indirect jumps ---- */

TEST_F(tcg_control, indirect_jump_and_call_use_the_ibtc)
{
    constexpr gaddr_t kTarget = kPc + 0x400, kReturn = kPc + 8;
    Code target, jump, call;
    returner(&target, kTarget, 3);
    Block a, b;
    add_to(&a, 3, 1);
    ir_jump_reg(a.b(), IR_HINT_NONE, ir_get(a.b(), X0 + 6));
    cache.translate(a.seal(), &jump);
    add_to(&b, 3, 1);
    ir_call_hint(b.b(), kReturn);
    ir_jump_reg(b.b(), IR_HINT_CALL, ir_get(b.b(), X0 + 6));
    cache.translate(b.seal(), &call);
    cpu.set_x(6, kTarget), cpu.set_x(1, kReturn), cpu.set_x(3, 0);
    cache.run(cpu.get(), jump.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LOOKUP);
    EXPECT_EQ(cpu->pc, kTarget);
    cpu->ibtc[cpu_ibtc_index(cpu.get(), kTarget)] = {kTarget, target.rx};
    cache.run(cpu.get(), jump.rx);
    EXPECT_EQ(cpu->pc, kReturn); /* went through the target, whose return found no level */
    EXPECT_EQ(cpu.x(3), 102u);
    cache.run(cpu.get(), call.rx);
    EXPECT_EQ(call.exit_of(cpu.get()), &call.exits[0]);
    EXPECT_EQ(call.exits[0].kind, IR_EXIT_LANDING);
    cpu->pending = 1;
    cache.run(cpu.get(), jump.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_POLL);
    EXPECT_EQ(cpu->pc, kTarget);
}

TEST_F(tcg_control, ibtc_entry_may_lie_in_the_other_slot)
{
    constexpr gaddr_t kTarget = kPc + 0x400;
    Code target, jump;
    returner(&target, kTarget, 3);
    Block a;
    ir_jump_reg(a.b(), IR_HINT_NONE, ir_get(a.b(), X0 + 6));
    cache.translate(a.seal(), &jump);
    cpu.set_x(6, kTarget), cpu.set_x(3, 0);
    cpu->ibtc[cpu_ibtc_index(cpu.get(), kTarget)] = {kTarget + 0x10000000, nullptr};
    cpu->ibtc[cpu_ibtc_other(cpu_ibtc_index(cpu.get(), kTarget))] = {kTarget, target.rx};
    cache.run(cpu.get(), jump.rx);
    EXPECT_EQ(cpu.x(3), 100u);
}

TEST_F(tcg_control, empty_ibtc_has_no_address)
{
    Code jump;
    Block a;
    ir_jump_reg(a.b(), IR_HINT_NONE, ir_get(a.b(), X0 + 6));
    cache.translate(a.seal(), &jump);
    for (gaddr_t pc : {gaddr_t(0), gaddr_t(2), gaddr_t(4), gaddr_t(6), ~gaddr_t(0), ~gaddr_t(1)}) {
        cpu.set_x(6, pc);
        cache.run(cpu.get(), jump.rx);
        EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LOOKUP);
        EXPECT_EQ(cpu->pc, pc);
    }
}

/* ---- counter ---- */

TEST_F(tcg_control, counter_runs_out)
{
    Code code;
    Options options;
    options.counter = true;
    adder(&code, kPc, 3, 1, kPc + 0x40, options);
    const uint8_t *counts = code.rx + code.result.counter_off;
    *code.counter = 2;
    cpu.set_x(3, 0);
    for (int k = 0; k < 2; k++) {
        cache.run(cpu.get(), counts);
        EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LINK);
    }
    cache.run(cpu.get(), counts);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_HOT);
    EXPECT_EQ(cpu->exit_arg, reinterpret_cast<uintptr_t>(code.counter));
    EXPECT_EQ(cpu.x(3), 2u);
    *code.counter = 100;
    cache.run(cpu.get(), counts);
    EXPECT_EQ(cpu.x(3), 3u);
    EXPECT_EQ(*code.counter, 99);
}

TEST_F(tcg_control, first_entry_counts_nothing)
{
    Code code;
    Options options;
    options.counter = true;
    adder(&code, kPc, 3, 1, kPc + 0x40, options);
    *code.counter = 0;
    cpu.set_x(3, 0);
    for (unsigned k = 1; k <= 3; k++) {
        cache.run(cpu.get(), code.rx);
        EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LINK);
        EXPECT_EQ(cpu.x(3), k);
    }
    EXPECT_EQ(*code.counter, 0);
}

TEST_F(tcg_control, changed_guest_code_is_noticed)
{
    for (unsigned bytes = 1; bytes < 40; bytes++) {
        uint8_t *guest = memory(), copy[64];
        for (unsigned k = 0; k < 64; k++)
            guest[k] = copy[k] = (uint8_t)(k * 37 + bytes);
        Block block((gaddr_t)(uintptr_t)guest);
        ir_insn_start(block.b(), block.b()->pc, bytes);
        ir_jump(block.b(), IR_HINT_NONE, kPc);
        struct ir_block sealed = *block.seal();
        sealed.guest_bytes = bytes;
        Options options;
        options.check_code = copy;
        Code code;
        cache.translate(&sealed, &code, options);
        ASSERT_EQ(code.status, STATUS_OK);
        guest[bytes] ^= 1; /* behind the block */
        cache.run(cpu.get(), code.rx);
        EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LINK) << bytes;
        for (unsigned k = 0; k < bytes; k++) {
            guest[k] ^= 0x40;
            cache.run(cpu.get(), code.rx);
            EXPECT_EQ(cpu->exit_reason, CPU_EXIT_TRAP) << bytes << " " << k;
            EXPECT_EQ(cpu->exit_arg, (uint64_t)IR_TRAP_ICACHE_SYNC);
            EXPECT_EQ(cpu->pc, sealed.pc);
            guest[k] ^= 0x40;
        }
    }
}

TEST_F(tcg_control, small_buffers_are_reported)
{
    Block block;
    for (unsigned k = 0; k < 100; k++)
        ir_st(block.b(), IR_I64, ir_const(block.b(), IR_I64, 0x123456789000 + k * 64), 0,
              ir_get(block.b(), X0 + k % kXs));
    ir_jump(block.b(), IR_HINT_NONE, kPc);
    const struct ir_block *sealed = block.seal();
    Code whole;
    cache.translate(sealed, &whole);
    ASSERT_EQ(whole.status, STATUS_OK);
    for (size_t capacity = 0; capacity < whole.result.size; capacity += 64) {
        Code code;
        Options options;
        options.capacity = capacity ? capacity : 1;
        cache.reset();
        cache.translate(sealed, &code, options);
        EXPECT_EQ(code.status, STATUS_CACHE_FULL) << capacity;
    }
}

/* ---- exits for tier 2 ---- */

namespace
{
struct Tier2Exit {
    struct tcg_exit exit = {}, ret = {};
    uint8_t *rw;
    const uint8_t *rx;
    Tier2Exit(Cache *cache, int kind, gaddr_t pc, bool poll, gaddr_t return_pc = 0, const uint8_t *inner = nullptr)
    {
        exit.kind = (uint8_t)kind, exit.pc = pc, exit.poll = poll;
        ret.kind = IR_EXIT_LANDING, ret.pc = return_pc;
        rw = cache->take(256, &rx);
        EXPECT_EQ(tcg_emit_exit(rw, rx, 8, rx, &cache->glue, &exit, &ret, inner), 0u);
        size_t used = tcg_emit_exit(rw, rx, 256, rx, &cache->glue, &exit, &ret, inner);
        EXPECT_GT(used, 0u);
        EXPECT_LE(used, (size_t)TCG_EXIT_BYTES);
        if (exit.jmp_off)
            tcg_patch_exit(rw, rx, &exit, nullptr);
        if (ret.jmp_off)
            tcg_patch_exit(rw, rx, &ret, nullptr);
    }
};
} // namespace

TEST_F(tcg_control, tier2_exits)
{
    constexpr gaddr_t kTarget = kPc + 0x400, kReturn = kPc + 8;
    Code callee;
    returner(&callee, kTarget, 3);
    cpu.set_x(1, kReturn);
    Tier2Exit direct(&cache, IR_EXIT_DIRECT, kTarget, true);
    cache.run(cpu.get(), direct.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LINK);
    EXPECT_EQ(cpu->exit_arg, (uint64_t)(uintptr_t)&direct.exit);
    cpu->pending = 1;
    cache.run(cpu.get(), direct.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_POLL);
    EXPECT_EQ(cpu->pc, kTarget);
    cpu->pending = 0;
    tcg_patch_exit(direct.rw, direct.rx, &direct.exit, callee.rx);
    cache.run(cpu.get(), direct.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LOOKUP);
    EXPECT_EQ(cpu->pc, kReturn);

    Tier2Exit call(&cache, IR_EXIT_CALL, kTarget, false, kReturn);
    tcg_patch_exit(call.rw, call.rx, &call.exit, callee.rx);
    cache.run(cpu.get(), call.rx);
    EXPECT_EQ(cpu->exit_arg, (uint64_t)(uintptr_t)&call.ret);
    EXPECT_EQ(cpu->jit_sp, cpu->jit_sp_base);

    Tier2Exit level(&cache, IR_EXIT_LEVEL, 0, false, kReturn, direct.rx); /* which goes to the callee */
    cache.run(cpu.get(), level.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LINK);
    EXPECT_EQ(cpu->exit_arg, (uint64_t)(uintptr_t)&level.ret);
    EXPECT_EQ(cpu->jit_sp, cpu->jit_sp_base);

    Tier2Exit call_ind(&cache, IR_EXIT_CALL_IND, 0, true, kReturn);
    cpu->ibtc[cpu_ibtc_index(cpu.get(), kTarget)] = {kTarget, callee.rx};
    cpu->pc = kTarget;
    cache.run(cpu.get(), call_ind.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LINK);
    EXPECT_EQ(cpu->exit_arg, (uint64_t)(uintptr_t)&call_ind.ret);
    EXPECT_EQ(call_ind.exit.jmp_off, 0u);

    Tier2Exit ind(&cache, IR_EXIT_IND, 0, true);
    cpu->pc = kTarget + 0x10;
    cache.run(cpu.get(), ind.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LOOKUP);
    EXPECT_EQ(cpu->pc, kTarget + 0x10);

    Tier2Exit ret(&cache, IR_EXIT_RET, 0, false);
    cpu->pc = kTarget;
    cache.run(cpu.get(), ret.rx); /* no level: found in the IBTC, whose block returns to kReturn */
    EXPECT_EQ(cpu->pc, kReturn);

    Tier2Exit lookup(&cache, IR_EXIT_LOOKUP, kTarget + 2, false);
    cache.run(cpu.get(), lookup.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_LOOKUP);
    EXPECT_EQ(cpu->pc, kTarget + 2);

    Tier2Exit trap(&cache, IR_EXIT_TRAP, kTarget + 4, false);
    trap.exit.trap = IR_TRAP_ILLEGAL;
    tcg_emit_exit(trap.rw, trap.rx, 256, trap.rx, &cache.glue, &trap.exit, nullptr, nullptr);
    cache.run(cpu.get(), trap.rx);
    EXPECT_EQ(cpu->exit_reason, CPU_EXIT_TRAP);
    EXPECT_EQ(cpu->exit_arg, (uint64_t)IR_TRAP_ILLEGAL);
    EXPECT_EQ(cpu->pc, kTarget + 4);
}

// A guest with modes: the key has the exit's, in either slot of the pair.
TEST_F(tcg_control, indirect_exits_in_a_mode)
{
    constexpr gaddr_t kTarget = kPc + 0x400, kReturn = kPc + 8;
    Code callee;
    returner(&callee, kTarget, 3);
    cpu.set_x(1, kReturn);
    struct tcg_glue glue = cache.glue;
    glue.modes = true;
    for (unsigned mode : {0u, 5u, 0x8001u})
        for (unsigned other : {0u, 1u}) {
            Tier2Exit ind(&cache, IR_EXIT_IND, 0, false);
            ind.exit.mode = (uint16_t)mode;
            tcg_emit_exit(ind.rw, ind.rx, 256, ind.rx, &glue, &ind.exit, nullptr, nullptr);
            cpu_ibtc_entry *entry = &cpu->ibtc[cpu_ibtc_index(cpu.get(), kTarget) ^ other];
            *entry = {cpu_ibtc_key(kTarget, mode, true), callee.rx};
            cpu->pc = kTarget;
            cache.run(cpu.get(), ind.rx);
            EXPECT_EQ(cpu->pc, kReturn) << mode << " " << other;
            entry->pc = cpu_ibtc_key(kTarget, mode ^ 1, true);
            cpu->pc = kTarget;
            cache.run(cpu.get(), ind.rx);
            EXPECT_EQ(cpu->pc, kTarget) << mode << " " << other;
        }
}

/* ---- faults ---- */

namespace
{
sigjmp_buf fault_jump;
struct cpu *fault_cpu;
uintptr_t fault_host_pc;
void on_fault(int, siginfo_t *, void *context)
{
    tcg_save_pinned(fault_cpu, &kState, context);
    fault_host_pc = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    siglongjmp(fault_jump, 1);
}
} // namespace

TEST_F(tcg_control, fault_finds_exact_state)
{
    void *hole = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    Block block;
    struct ir_builder *b = block.b();
    ir_insn_start(b, kPc, 4);
    ir_put(b, X0 + 10, ir_bini(b, IR_ADD, ir_get(b, X0 + 10), 1));
    ir_insn_start(b, kPc + 4, 4);
    ir_put(b, X0 + 5, ir_bini(b, IR_ADD, ir_get(b, X0 + 5), 1));
    ir_insn_start(b, kPc + 8, 2);
    ir_put(b, X0 + 10, ir_ld(b, IR_I64, IR_I64, ir_get(b, X0 + 7), 8));
    ir_insn_start(b, kPc + 10, 4);
    ir_put(b, X0 + 10, ir_const(b, IR_I64, 0));
    ir_put(b, X0 + 5, ir_const(b, IR_I64, 0));
    ir_jump(b, IR_HINT_NONE, kPc + 14);
    Code code;
    cache.translate(block.seal(), &code);
    ASSERT_EQ(code.status, STATUS_OK);
    cpu.set_x(10, 41), cpu.set_x(5, 10), cpu.set_x(7, (uint64_t)(uintptr_t)hole);
    struct sigaction action = {}, old;
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, &old);
    fault_cpu = cpu.get();
    if (sigsetjmp(fault_jump, 1) == 0)
        cache.run(cpu.get(), code.rx);
    sigaction(SIGSEGV, &old, nullptr);
    EXPECT_EQ(cpu.x(10), 42u);
    EXPECT_EQ(cpu.x(5), 11u);
    EXPECT_EQ(cpu->jit_sp, cpu->jit_sp_base);
    uint32_t off = (uint32_t)(fault_host_pc - (uintptr_t)code.rx), guest = ~0u;
    for (unsigned k = 0; k < code.result.map_count; k++)
        if (code.map[k].host_off <= off)
            guest = code.map[k].guest_off;
    EXPECT_EQ(guest, 8u);
    munmap(hole, 4096);
}
