// SPDX-License-Identifier: Apache-2.0
// Lifter: what rows cannot show: how blocks end, traps, hints, rounding in each translation mode, LR/SC sequences, and
// that no legal instruction gives broken IR.
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "frontend/block.h"
#include "frontend/riscv/rv_decode.h"
#include "frontend/riscv/rv_state.h"
#include "src/ir/build/verify.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/seal.h"
#include "tests/insn/rv_random.h"

namespace
{

const uint64_t kPc = 0x20000;

class rv_lifting : public testing::Test
{
  protected:
    rv_lifting()
    {
        arena_init(&arena_);
        char message[64];
        ops_ = guest_find_name("riscv64");
        EXPECT_TRUE(ops_->cpu.parse(nullptr, &config_, message, sizeof message));
    }
    ~rv_lifting() override { arena_fini(&arena_); }

    // Lifts these words (16-bit ones take 2 bytes) at kPc.
    const struct ir_block *lift(const std::vector<uint32_t> &words, uint32_t mode = 0, unsigned max_insns = 64)
    {
        code_.clear();
        for (uint32_t w : words) {
            const uint8_t *p = reinterpret_cast<const uint8_t *>(&w);
            code_.insert(code_.end(), p, p + rv_insn_len(static_cast<uint16_t>(w)));
        }
        struct guest_lift req = {kPc, code_.data(), code_.size(), mode, max_insns, false, &config_, 0, 0, branches_};
        struct ir_builder b;
        ir_builder_init(&b, &arena_, ops_->state, kPc, mode);
        EXPECT_EQ(guest_lift_block(ops_, &req, &b), STATUS_OK);
        const struct ir_block *block = ir_builder_seal(&b);
        char text[256];
        EXPECT_TRUE(block && ir_verify(block, text, sizeof text)) << text;
        return block;
    }
    static const struct ir_insn &last(const struct ir_block *block) { return block->insns[block->count - 1]; }
    static unsigned count(const struct ir_block *block, enum ir_op op)
    {
        unsigned n = 0;
        for (uint32_t i = 0; i < block->count; i++)
            n += block->insns[i].op == op;
        return n;
    }
    void expect_trap(const struct ir_block *block, enum ir_trap trap, uint64_t pc)
    {
        EXPECT_EQ(last(block).op, IR_TRAP);
        EXPECT_EQ(last(block).aux, trap);
        EXPECT_EQ(last(block).imm, pc);
    }
    void expect_jump(const struct ir_block *block, enum ir_op op, enum ir_hint hint)
    {
        EXPECT_EQ(last(block).op, op);
        EXPECT_EQ(last(block).aux, hint);
    }

    struct arena arena_;
    const struct guest *ops_;
    struct guest_config config_;
    std::vector<uint8_t> code_;
    unsigned branches_ = 0; /* guest_lift.max_branches */
};

const uint32_t kNop = 0x00000013, kEcall = 0x00000073, kFaddDyn = 0x02b57553 /* fadd.d fa0,fa0,fa1 */;

} // namespace

TEST_F(rv_lifting, system_instructions_trap_with_their_pc)
{
    expect_trap(lift({kEcall}), IR_TRAP_SYSCALL, kPc + 4);
    expect_trap(lift({kNop, 0x00100073}), IR_TRAP_BREAKPOINT, kPc + 4);
    expect_trap(lift({0x0001, 0x9002}), IR_TRAP_BREAKPOINT, kPc + 2);
    expect_trap(lift({0x0000100f}), IR_TRAP_ICACHE_SYNC, kPc + 4);
}

TEST_F(rv_lifting, reserved_encodings_are_illegal)
{
    const uint32_t words[] = {
        0x0000,     // defined illegal
        0x0010,     // c.addi4spn a2,sp,0
        0x2001,     // c.addiw with rd = 0
        0x6101,     // c.addi16sp with 0
        0x6281,     // c.lui with 0
        0x9c41,     // reserved in the c.subw group
        0x9c61,     // the other one
        0x8002,     // c.jr with rs1 = 0
        0x4002,     // c.lwsp with rd = 0
        0x6002,     // c.ldsp with rd = 0
        0x8000,     // quadrant 0, funct3 4
        0xffffffff, // longer than 32 bits
        0x0000007b, // custom-3
        0x02b55553, // fadd.d with rm = 5
        0x02b56553, // rm = 6
        0x10200073, // sret
        0x10500073, // wfi
        0x00007003, // load with funct3 7
        0x1010202f, // lr.w with rs2 != 0
        0xc00012f3, // csrrw cycle
        0xc000a2f3, // csrrs cycle with rs1 != 0
        0x30002573, // csrrs mstatus
        0x7c002573, // csrrs of a custom CSR
        0x08051513, // slli with bit 27 set
    };
    for (uint32_t w : words) {
        SCOPED_TRACE(testing::Message() << std::hex << w);
        expect_trap(lift({kNop, w}), IR_TRAP_ILLEGAL, kPc + 4);
    }
}

TEST_F(rv_lifting, counters_can_be_read)
{
    for (uint32_t csr : {0xc00u, 0xc01u, 0xc02u}) {
        const struct ir_block *block = lift({csr << 20 | 0x2573});
        EXPECT_EQ(count(block, IR_CALL), 1u);
        expect_jump(block, IR_JUMP, IR_HINT_NONE);
    }
}

TEST_F(rv_lifting, extensions_can_be_off)
{
    char message[64];
    ASSERT_TRUE(ops_->cpu.parse("rv64,zba=false,c=off,zicond=false", &config_, message, sizeof message)) << message;
    expect_trap(lift({0x20b52533}), IR_TRAP_ILLEGAL, kPc);  // sh1add
    expect_trap(lift({0x4501}), IR_TRAP_ILLEGAL, kPc);      // c.li
    expect_trap(lift({0x0eb55533}), IR_TRAP_ILLEGAL, kPc);  // czero.eqz
    expect_jump(lift({0x40b57533}), IR_JUMP, IR_HINT_NONE); // andn stays
}

TEST_F(rv_lifting, blocks_end_at_branches_and_limits)
{
    const struct ir_block *block = lift({kNop, 0x00b50463, kNop}); // beq a0,a1,.+8
    EXPECT_EQ(block->guest_insns, 2u);
    EXPECT_EQ(block->guest_bytes, 8u);
    EXPECT_EQ(count(block, IR_EXIT_IF), 1u);
    EXPECT_EQ(last(block).imm, kPc + 8);

    block = lift({kNop, kNop, kNop}, 0, 2);
    EXPECT_EQ(block->guest_insns, 2u);
    EXPECT_EQ(last(block).imm, kPc + 8);

    block = lift({kNop, 0x4501, kNop}); // code runs out
    EXPECT_EQ(last(block).op, IR_JUMP);
    EXPECT_EQ(last(block).imm, kPc + 10);

    code_.assign({0x13, 0, 0});
    struct guest_lift req = {kPc, code_.data(), 3, 0, 64, false, &config_, 0, 0, 0};
    struct ir_builder b;
    ir_builder_init(&b, &arena_, ops_->state, kPc, 0);
    EXPECT_EQ(guest_lift_block(ops_, &req, &b), STATUS_OK);
    expect_trap(ir_builder_seal(&b), IR_TRAP_FETCH, kPc);
}

TEST_F(rv_lifting, blocks_go_on_behind_forward_branches)
{
    constexpr uint32_t kForward = 0x00b50463, kBack = 0xfeb50ee3; // beq a0,a1,.+8; beq a0,a1,.-4
    branches_ = 2;
    const struct ir_block *block = lift({kForward, kNop, kForward, kNop, kForward, kNop});
    EXPECT_EQ(block->guest_insns, 5u) << "as many as max_branches, and the last one";
    EXPECT_EQ(count(block, IR_EXIT_IF), 3u);
    EXPECT_EQ(last(block).imm, kPc + 20);

    block = lift({kNop, kBack, kNop});
    EXPECT_EQ(block->guest_insns, 2u) << "loops end";

    block = lift({kNop, kForward});
    EXPECT_EQ(last(block).imm, kPc + 8) << "no code behind it";

    block = lift({kForward, kNop, 0x8082}); // ret
    EXPECT_EQ(last(block).op, IR_JUMP_REG);
    block = lift({kForward, kNop, 0x8782}); // c.jr a5
    EXPECT_EQ(last(block).op, IR_JUMP) << "an indirect jump is in a block without branches";
    EXPECT_EQ(last(block).imm, kPc + 8);
    block = lift({kForward, kNop, 0x9782}); // c.jalr a5
    EXPECT_EQ(last(block).imm, kPc + 8);
    block = lift({kNop, 0x8782});
    EXPECT_EQ(last(block).op, IR_JUMP_REG);

    block = lift({0x00000463, kNop}); // beq zero,zero,.+8
    EXPECT_EQ(block->guest_insns, 1u) << "what is always taken ends the block";
}

TEST_F(rv_lifting, constant_branches_are_jumps)
{
    const struct ir_block *block = lift({0x00000463}); // beq zero,zero,.+8
    EXPECT_EQ(count(block, IR_EXIT_IF), 0u);
    EXPECT_EQ(last(block).imm, kPc + 8);
}

TEST_F(rv_lifting, calls_and_returns_are_told_apart)
{
    expect_jump(lift({0x008000ef}), IR_JUMP, IR_HINT_CALL);     // jal ra
    expect_jump(lift({0x008002ef}), IR_JUMP, IR_HINT_CALL);     // jal t0
    expect_jump(lift({0x0080006f}), IR_JUMP, IR_HINT_NONE);     // j
    expect_jump(lift({0x0080056f}), IR_JUMP, IR_HINT_NONE);     // jal a0
    expect_jump(lift({0x8082}), IR_JUMP_REG, IR_HINT_RET);      // ret
    expect_jump(lift({0x00028067}), IR_JUMP_REG, IR_HINT_RET);  // jr t0
    expect_jump(lift({0x9782}), IR_JUMP_REG, IR_HINT_CALL);     // c.jalr a5
    expect_jump(lift({0x000280e7}), IR_JUMP_REG, IR_HINT_CALL); // jalr ra,t0
    expect_jump(lift({0x8782}), IR_JUMP_REG, IR_HINT_NONE);     // c.jr a5
    EXPECT_EQ(count(lift({0x9782}), IR_CALL_HINT), 1u);
    EXPECT_EQ(count(lift({0x8082}), IR_CALL_HINT), 0u);
}

TEST_F(rv_lifting, fences_order_what_they_name)
{
    struct {
        uint32_t word;
        int order; // -1: nothing is emitted
    } rows[] = {{0x0ff0000f, IR_FENCE_FULL},
                {0x0330000f, IR_FENCE_FULL},
                {0x0110000f, IR_FENCE_WW},
                {0x0220000f, IR_FENCE_RR},
                {0x0230000f, IR_FENCE_RR | IR_FENCE_RW},
                {0x0310000f, IR_FENCE_RW | IR_FENCE_WW},
                {0x0120000f, IR_FENCE_WR},
                {0x0100000f, -1},
                {0x8330000f, IR_FENCE_RR | IR_FENCE_RW | IR_FENCE_WW},
                {0x0440000f, IR_FENCE_WW}};
    for (const auto &row : rows) {
        SCOPED_TRACE(testing::Message() << std::hex << row.word);
        const struct ir_block *block = lift({row.word});
        EXPECT_EQ(count(block, IR_FENCE), row.order < 0 ? 0u : 1u);
        for (uint32_t n = 0; n < block->count; n++) {
            if (block->insns[n].op == IR_FENCE) {
                EXPECT_EQ(block->insns[n].aux, row.order);
            }
        }
    }
}

TEST_F(rv_lifting, dynamic_rounding_follows_the_mode)
{
    auto rm_in = [&](uint32_t word, uint32_t mode) {
        const struct ir_block *block = lift({word}, mode);
        for (uint32_t n = 0; n < block->count; n++) {
            if (block->insns[n].op == IR_FADD)
                return block->insns[n].aux & IR_FP_RM;
        }
        return -1;
    };
    EXPECT_EQ(rm_in(kFaddDyn, RV_MODE_HOST_RM), IR_RDYN);
    EXPECT_EQ(rm_in(kFaddDyn, RV_MODE_RMM), IR_RMM);
    expect_trap(lift({kFaddDyn}, RV_MODE_INVALID_RM), IR_TRAP_ILLEGAL, kPc);
    EXPECT_EQ(rm_in(0x02b51553, RV_MODE_INVALID_RM), IR_RTZ);
}

TEST_F(rv_lifting, writing_frm_ends_the_block_and_sets_the_mode)
{
    auto cpu = std::make_unique<struct cpu>();
    for (unsigned frm = 0; frm < 8; frm++) {
        const struct ir_block *block = lift({0x00205073u | frm << 15, kNop}); // csrrwi zero,frm,N
        expect_jump(block, IR_JUMP, IR_HINT_NONE);
        struct ir_exit exit;
        ops_->cpu.init(cpu.get(), &config_, kPc, 0);
        ir_interp(cpu.get(), block, &exit);
        EXPECT_EQ(cpu->mode, frm < 4 ? RV_MODE_HOST_RM : frm == 4 ? RV_MODE_RMM : RV_MODE_INVALID_RM);
        EXPECT_EQ(exit.hint, frm < 4 ? IR_HINT_NONE : IR_HINT_MODE) << "look-up only where the mode is another";
        EXPECT_EQ(exit.pc, kPc + 4);
        EXPECT_EQ(cpu->fp_env >> 13 & 3, frm == 1 ? 3u : frm == 2 ? 1u : frm == 3 ? 2u : 0u);
        EXPECT_EQ(ops_->cpu.mode(cpu.get()), cpu->mode);
    }
}

namespace
{
const uint32_t kLr = 0x1006252f /* lr.w a0,(a2) */, kSc = 0x18b6272f /* sc.w a4,a1,(a2) */;
}

TEST_F(rv_lifting, lr_sc_sequences_become_compare_and_swap)
{
    const std::vector<std::vector<uint32_t>> sequences = {
        {kLr, 0x00d51663, kSc, 0xff65}, // bne a0,a3,out; sc; bnez a4 (backwards)
        {kLr, 0x00b57733, kSc},         // and a4,a0,a1; sc
        {kLr, kSc},
    };
    for (const auto &words : sequences) {
        const struct ir_block *block = lift(words);
        EXPECT_EQ(count(block, IR_LL) + count(block, IR_SC), 0u);
        EXPECT_EQ(count(block, IR_CAS), 1u);
        EXPECT_EQ(count(block, IR_LD), 1u);
    }
}

TEST_F(rv_lifting, other_lr_sc_sequences_stay)
{
    const std::vector<std::vector<uint32_t>> sequences = {
        {kLr, 0x00062603, kSc},       // a load between
        {kLr, 0x00460613, kSc},       // the address changes
        {kLr, 0x00d51463, kNop, kSc}, // a branch to the inside (at the sc... +8 = kNop+4)
        {kLr, 0x18b6b72f},            // another width and address
        {kLr, kEcall},
        {kLr},
    };
    for (const auto &words : sequences) {
        const struct ir_block *block = lift(words);
        EXPECT_EQ(count(block, IR_LL), 1u);
        EXPECT_EQ(count(block, IR_CAS), 0u);
    }
}

TEST_F(rv_lifting, lr_sc_sequences_are_not_torn_by_the_limit)
{
    const struct ir_block *block = lift({kNop, kLr, kSc}, 0, 2);
    EXPECT_EQ(block->guest_insns, 1u);
    EXPECT_EQ(last(block).imm, kPc + 4);
    block = lift({kLr, kSc}, 0, 1); // no room at all: LL and SC proper
    EXPECT_EQ(count(block, IR_LL), 1u);
}

TEST_F(rv_lifting, a_legal_instruction_never_breaks_the_ir)
{
    harness::Random rng = {3};
    for (unsigned op = 0; op < RV_OP_COUNT; op++) {
        for (int n = 0; n < 30; n++) {
            uint32_t word = rv_random_word(&rng, static_cast<enum rv_op>(op));
            SCOPED_TRACE(testing::Message() << std::hex << word);
            for (uint32_t mode : {RV_MODE_HOST_RM, RV_MODE_RMM, RV_MODE_INVALID_RM})
                lift({word}, mode);
        }
    }
}

TEST_F(rv_lifting, any_bytes_can_be_lifted)
{
    harness::Random rng = {4};
    for (int n = 0; n < 3000; n++) {
        std::vector<uint32_t> words;
        for (int k = 0; k < 16; k++)
            words.push_back(static_cast<uint32_t>(rng.next()));
        lift(words);
    }
}

TEST_F(rv_lifting, random_instructions_keep_to_what_is_asked)
{
    harness::Random rng = {5};
    struct rv_insn i;
    for (int n = 0; n < 2000; n++) {
        ASSERT_TRUE(rv_random_insn(&rng, RV_EXT_I | RV_EXT_M, 1 << RV_KIND_INT, &i));
        EXPECT_EQ(i.row->kind, RV_KIND_INT);
        EXPECT_EQ(i.row->ext & ~static_cast<uint32_t>(RV_EXT_I | RV_EXT_M), 0u);
    }
    EXPECT_FALSE(rv_random_insn(&rng, RV_EXT_I, 1 << RV_KIND_FP, &i));
}

namespace
{
const uint32_t kFrflagsA4 = 0x00102773, kFltDA5 = 0xa2f517d3 /* a5,fa0,fa5 */, kFsflagsA4 = 0x00171073, kRet = 0x8082;
const uint32_t kLiA4 = 0x4705, kMvA0A4 = 0x853a, kFsqrtD = 0x5a057553;

unsigned noexc(const struct ir_block *block)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < block->count; i++)
        n += block->insns[i].op == IR_FCMP && block->insns[i].aux == (IR_FLT | IR_FCOND_NOEXC);
    return n;
}
} // namespace

TEST_F(rv_lifting, quiet_compares_leave_flags_alone)
{
    const struct ir_block *block = lift({kFrflagsA4, kFltDA5, kFsflagsA4, kMvA0A4, kRet});
    EXPECT_EQ(noexc(block), 1u);
    EXPECT_EQ(count(block, IR_FFLAGS), 1u); // a4 is read
    EXPECT_EQ(block->guest_insns, 5u);
    EXPECT_EQ(block->guest_bytes, 16u);
    ASSERT_EQ(count(block, IR_INSN), 5u);
    uint64_t pc = kPc;
    for (uint32_t i = 0; i < block->count; i++) {
        if (block->insns[i].op == IR_INSN) {
            EXPECT_EQ(block->insns[i].imm, pc);
            pc += pc < kPc + 12 ? 4 : 2;
        }
    }
}

TEST_F(rv_lifting, quiet_compares_read_flags_only_if_used)
{
    const struct {
        std::vector<uint32_t> after;
        unsigned reads;
        uint32_t bytes;
    } rows[] = {
        {{kLiA4, kRet}, 0, 16},                                             // overwritten
        {{kFsqrtD, kLiA4, kRet}, 0, 20},                                    // after an instruction that cannot trap
        {{0xe391 /* bnez a5,+4 */, 0xa009 /* j +2 */, kLiA4, kRet}, 0, 18}, // both ways; the proof's bytes count
        {{0xe391, kLiA4, kRet}, 1, 14},                                     // one way: the return sees it
        {{0xe319 /* bnez a4,+6 */, kLiA4, kRet}, 1, 14},                    // the branch reads it
        {{0x6542 /* ld a0,16(sp) */, kLiA4, kRet}, 1, 18},                  // a fault would show it
        {{0x9002 /* ebreak */}, 1, 14},
        {{kRet}, 1, 14},
        {{0x8305 /* srli a4,a4,1 */, kRet}, 1, 16},
        {{kFrflagsA4, kRet}, 1, 18}, // the second reading
        {{kFrflagsA4, kFltDA5, kFsflagsA4, kLiA4, kRet}, 0, 28},
        {{}, 1, 12}, // code runs out
    };
    for (const auto &row : rows) {
        std::vector<uint32_t> words = {kFrflagsA4, kFltDA5, kFsflagsA4};
        words.insert(words.end(), row.after.begin(), row.after.end());
        const struct ir_block *block = lift(words);
        SCOPED_TRACE(testing::Message() << "row " << &row - rows);
        EXPECT_GE(noexc(block), 1u);
        EXPECT_EQ(count(block, IR_FFLAGS), row.reads);
        EXPECT_EQ(block->guest_bytes, row.bytes);
    }
}

TEST_F(rv_lifting, other_uses_of_flags_are_not_quiet_compares)
{
    EXPECT_EQ(noexc(lift({kFrflagsA4, 0xa2f51753 /* flt.d a4 */, kFsflagsA4, kRet})), 0u);
    EXPECT_EQ(noexc(lift({kFrflagsA4, kFltDA5, 0x00179073 /* fsflags a5 */, kRet})), 0u);
    EXPECT_EQ(noexc(lift({kFrflagsA4, kFltDA5, 0x00171773 /* fsflags a4,a4 */, kRet})), 0u);
    EXPECT_EQ(noexc(lift({0x00102073 /* csrr x0 */, kFltDA5, 0x00101073, kRet})), 0u);
    EXPECT_EQ(noexc(lift({kFrflagsA4, kFltDA5, kFsflagsA4, kRet}, 0, 2)), 0u); // too few instructions
    EXPECT_EQ(noexc(lift({kFrflagsA4, kFltDA5, kFsflagsA4, kRet}, 0, 3)), 1u);
    EXPECT_EQ(noexc(lift({kFrflagsA4, kFltDA5})), 0u);
}
