// SPDX-License-Identifier: Apache-2.0
// Lifter: what running instructions cannot show: how flags are stored, how blocks end, traps, sequences of exclusive
// accesses, and that no allocated instruction gives broken IR.
#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

#include "frontend/aarch64/a64_state.h"
#include "frontend/block.h"
#include "src/ir/build/verify.h"
#include "src/ir/simplify/seal.h"
#include "tests/unit/frontend/aarch64/a64_words.h"

namespace
{

const uint64_t kPc = 0x20000;
// What the tests are written with.
const uint32_t kRet = 0xd65f03c0, kCmpX0X1 = 0xeb01001f, kCmpX2X3 = 0xeb03005f, kCsel = 0x9a831041 /* x1,x2,x3,ne */;
const uint32_t kNop = 0xd503201f, kLdrX0Sp = 0xf94003e0, kAddSp16 = 0x910043ff, kAddSp8 = 0x910023ff;
// b.eq, so many words on
uint32_t b_eq(int words) { return 0x54000000 | (uint32_t(words) & 0x7ffff) << 5; }

class a64_lifting : public testing::Test
{
  protected:
    a64_lifting()
    {
        arena_init(&arena_);
        char message[64];
        ops_ = guest_find_name("aarch64");
        EXPECT_TRUE(ops_->cpu.parse(nullptr, &config_, message, sizeof message));
    }
    ~a64_lifting() override { arena_fini(&arena_); }

    // Lifts these words at pc; those from the first `size` on may only be looked at.
    const struct ir_block *lift(const std::vector<uint32_t> &words, uint32_t mode = 0, gaddr_t pc = kPc)
    {
        const uint8_t *code = reinterpret_cast<const uint8_t *>(words.data());
        struct guest_lift req = {pc, code, words.size() * 4, mode, 64, false, &config_, 0, 0, branches_};
        struct ir_builder b;
        ir_builder_init(&b, &arena_, ops_->state, pc, mode);
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
    static unsigned puts(const struct ir_block *block, unsigned row)
    {
        unsigned n = 0;
        for (uint32_t i = 0; i < block->count; i++)
            n += block->insns[i].op == IR_PUT && block->insns[i].imm == row;
        return n;
    }
    static unsigned flag_puts(const struct ir_block *block)
    {
        return puts(block, A64_ROW_n) + puts(block, A64_ROW_z) + puts(block, A64_ROW_c) + puts(block, A64_ROW_v) +
               puts(block, A64_ROW_fl_op);
    }
    static void expect_trap(const struct ir_block *block, enum ir_trap trap, uint64_t pc)
    {
        EXPECT_EQ(last(block).op, IR_TRAP);
        EXPECT_EQ(last(block).aux, trap);
        EXPECT_EQ(last(block).imm, pc);
    }

    struct arena arena_;
    const struct guest *ops_;
    struct guest_config config_;
    unsigned branches_ = 0;
};

TEST_F(a64_lifting, FlagsThatAreWrittenAgainAreNotStored)
{
    const struct ir_block *b = lift({kCmpX0X1, b_eq(2), kCmpX2X3, kCmpX2X3, kRet});
    EXPECT_EQ(flag_puts(b), 0u);
    EXPECT_EQ(count(b, IR_ICMP), 1u);
    EXPECT_EQ(b->guest_bytes, 16u) << "what was looked at counts as the block's";
}

TEST_F(a64_lifting, FlagsThatNobodyIsKnownToReadAreStoredAsARecord)
{
    const struct ir_block *b = lift({kCmpX0X1, kRet});
    EXPECT_EQ(puts(b, A64_ROW_fl_op), 1u);
    EXPECT_EQ(puts(b, A64_ROW_fl_p) + puts(b, A64_ROW_fl_q), 2u);
    EXPECT_EQ(flag_puts(b), 1u);
    EXPECT_EQ(count(b, IR_SUB) + count(b, IR_ICMP) + count(b, IR_OVF_SUB), 0u) << "nothing is computed";
}

TEST_F(a64_lifting, FlagsThatTheNextBlockReadsAreInTheirRows)
{
    const struct ir_block *b = lift({kCmpX0X1, b_eq(1), kCsel, kCmpX0X1, kRet});
    EXPECT_EQ(puts(b, A64_ROW_fl_op), 1u);
    EXPECT_EQ(puts(b, A64_ROW_fl_p), 0u);
    EXPECT_EQ(puts(b, A64_ROW_z), 1u);
    EXPECT_EQ(puts(b, A64_ROW_n) + puts(b, A64_ROW_c) + puts(b, A64_ROW_v), 0u) << "ne reads Z alone";
}

TEST_F(a64_lifting, BlocksThatReadOlderFlagsSettle)
{
    const struct ir_block *b = lift({kNop, kCsel, kRet});
    ASSERT_EQ(count(b, IR_TRAP_IF), 1u);
    for (uint32_t i = 0; i < b->count; i++) {
        if (b->insns[i].op == IR_TRAP_IF) {
            EXPECT_EQ(b->insns[i].aux, IR_TRAP_SETTLE);
            EXPECT_EQ(b->insns[i].imm, kPc);
        }
    }
    EXPECT_EQ(count(lift({kCmpX0X1, kCsel, kRet}), IR_TRAP_IF), 0u);
}

TEST_F(a64_lifting, FlagsAreStoredBeforeWhatMayFault)
{
    const uint32_t ldr = 0xf9400020; // x0, [x1]
    const struct ir_block *b = lift({kCmpX0X1, ldr, kCsel, kCmpX2X3, b_eq(1), kCmpX2X3, kRet});
    uint32_t put = 0, load = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        if (b->insns[i].op == IR_PUT && b->insns[i].imm == A64_ROW_fl_op)
            put = put ? put : i;
        if (b->insns[i].op == IR_LD)
            load = i;
    }
    EXPECT_LT(0u, put);
    EXPECT_LT(put, load);
}

TEST_F(a64_lifting, ARecordSaysWhatTheRowsWouldSay)
{
    const uint64_t values[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_C(1) << 63, ~UINT64_C(0), 12345};
    for (uint64_t p : values) {
        for (uint64_t q : values) {
            struct a64_state s = {};
            s.fl_p = p, s.fl_q = q, s.fl_op = A64_RECORD_SUB64;
            EXPECT_EQ(a64_get_nzcv(&s) >> 29 & 1, p >= q);
            EXPECT_EQ(a64_get_nzcv(&s) >> 30 & 1, p == q);
            EXPECT_EQ(a64_get_nzcv(&s) >> 31 != (a64_get_nzcv(&s) >> 28 & 1), int64_t(p) < int64_t(q));
            s.fl_op = A64_RECORD_ADD32;
            const uint64_t sum = uint64_t(uint32_t(p)) + uint32_t(q);
            EXPECT_EQ(a64_get_nzcv(&s) >> 29 & 1, sum >> 32);
            EXPECT_EQ(a64_get_nzcv(&s) >> 31, sum >> 31 & 1);
            EXPECT_EQ(a64_get_nzcv(&s) >> 28 & 1, int64_t(int32_t(p)) + int32_t(q) != int32_t(sum));
        }
    }
    struct a64_state s = {};
    for (uint32_t nzcv = 0; nzcv < 16; nzcv++) {
        s.fl_op = A64_RECORD_SUB32;
        a64_set_nzcv(&s, nzcv << 28);
        EXPECT_EQ(a64_get_nzcv(&s), nzcv << 28);
    }
}

TEST_F(a64_lifting, SpIsCheckedWhereItMayBecomeOdd)
{
    EXPECT_EQ(count(lift({kAddSp16, kLdrX0Sp, kRet}), IR_EXIT_IF), 0u);
    const struct ir_block *b = lift({kAddSp8, kLdrX0Sp, kRet});
    EXPECT_EQ(count(b, IR_EXIT_IF), 1u);
    EXPECT_EQ(puts(b, A64_ROW_MODE), 1u);
    EXPECT_EQ(count(b, IR_TRAP_IF), 0u);
    b = lift({kLdrX0Sp, kRet}, A64_MODE_SP_ODD);
    ASSERT_EQ(count(b, IR_TRAP_IF), 1u);
    EXPECT_EQ(count(lift({0xf9400020, kRet}, A64_MODE_SP_ODD), IR_TRAP_IF), 0u) << "another base";
    EXPECT_EQ(count(lift({0xf81f8fe0, kRet}), IR_EXIT_IF), 1u) << "str x0, [sp, #-8]!";
    EXPECT_EQ(count(lift({0xf81f0fe0, kRet}), IR_EXIT_IF), 0u) << "str x0, [sp, #-16]!";
    EXPECT_EQ(count(lift({0xa9bf7bfd, kRet}), IR_EXIT_IF), 0u) << "stp x29, x30, [sp, #-16]!";
    EXPECT_EQ(count(lift({0xa9bffbfd, kRet}), IR_EXIT_IF), 1u) << "stp x29, x30, [sp, #-8]!";
    EXPECT_EQ(count(lift({0x910003bf, kRet}), IR_EXIT_IF), 1u) << "mov sp, x29";
    EXPECT_EQ(count(lift({0x927cec1f, kRet}), IR_EXIT_IF), 1u) << "and sp, x0, #~15: known only by its value";
}

TEST_F(a64_lifting, ASequenceOfExclusiveAccessesIsACompareAndSwap)
{
    // 1: ldaxr w0, [x1]; cmp w0, w2; b.ne 2f; stlxr w3, w4, [x1]; cbnz w3, 1b; 2: ret
    const struct ir_block *b = lift({0x885ffc20, 0x6b02001f, 0x54000061, 0x8803fc24, 0x35ffff83, kRet});
    EXPECT_EQ(count(b, IR_CAS), 1u);
    EXPECT_EQ(count(b, IR_LL) + count(b, IR_SC), 0u);
    EXPECT_EQ(puts(b, A64_ROW_RESERVATION), 1u);
    // another access between them
    b = lift({0x885ffc20, 0xf9400045, 0x8803fc24, kRet});
    EXPECT_EQ(count(b, IR_CAS), 0u);
    EXPECT_EQ(count(b, IR_LL) + count(b, IR_SC), 2u);
    // the address is overwritten; the store has another width; a branch to the store
    EXPECT_EQ(count(lift({0x885ffc20, 0x91000421, 0x8803fc24, kRet}), IR_CAS), 0u);
    EXPECT_EQ(count(lift({0x885ffc20, 0xc803fc24, kRet}), IR_CAS), 0u);
    EXPECT_EQ(count(lift({0x885ffc20, b_eq(2), kNop, 0x8803fc24, kRet}), IR_CAS), 0u);
    // pairs
    EXPECT_EQ(count(lift({0xc87f9c20, 0xc8249c26, kRet}), IR_CAS), 0u);
}

TEST_F(a64_lifting, ALoadOfASequenceDoesNotOverwriteItsAddress)
{
    EXPECT_EQ(count(lift({0x885ffc21, 0x8803fc24, kRet}), IR_CAS), 0u); // ldaxr w1, [x1]
}

TEST_F(a64_lifting, UnallocatedIsIllegalAtItsPlace)
{
    for (uint32_t word : {0u, 0xffffffffu, 0xd4000002u /* hvc */, 0xd4400000u /* hlt */, 0xd5384100u /* mrs sp_el0 */,
                          0x4ac08020u /* eor w0, w1, w0, ror #32 */, 0x12400020u /* and w0, w1 with N */})
        expect_trap(lift({kNop, word, kRet}), IR_TRAP_ILLEGAL, kPc + 4);
}

TEST_F(a64_lifting, FeaturesThatAreOffAreUnallocated)
{
    char message[64];
    ASSERT_TRUE(ops_->cpu.parse("neoverse-n1,atomics=false,crc32=off", &config_, message, sizeof message));
    expect_trap(lift({0xb8210000, kRet}), IR_TRAP_ILLEGAL, kPc); // ldadd
    expect_trap(lift({0x1ac14000, kRet}), IR_TRAP_ILLEGAL, kPc); // crc32b
    EXPECT_FALSE(ops_->cpu.parse("neoverse-n1,nothing=on", &config_, message, sizeof message));
    EXPECT_FALSE(ops_->cpu.parse("cortex-m0", &config_, message, sizeof message));
}

TEST_F(a64_lifting, IdRegistersSayWhatIsOn)
{
    char message[64];
    const uint32_t isar0 = 0xd5380600, pfr0 = 0xd5380400; // mrs x0, ...
    auto value = [this](uint32_t word) {
        const struct ir_block *b = lift({word, kRet});
        for (uint32_t i = 0; i < b->count; i++) {
            if (b->insns[i].op == IR_PUT && b->insns[i].imm == A64_ROW_x0)
                return b->insns[b->insns[i].arg[0]].imm;
        }
        return ~uint64_t(0);
    };
    EXPECT_EQ(value(isar0), 0x100010211120u);
    EXPECT_EQ(value(pfr0), 0x110011u);
    EXPECT_EQ(value(0xd5380340), 0u) << "unallocated: zero";
    ASSERT_TRUE(ops_->cpu.parse("neoverse-n1,atomics=false,pmull=false,fp=false", &config_, message, sizeof message));
    EXPECT_EQ(value(isar0), 0x100010011110u);
    EXPECT_EQ(value(pfr0), 0x1f0011u);
    ASSERT_TRUE(ops_->cpu.parse("neoverse-n1,cpuid=false", &config_, message, sizeof message));
    expect_trap(lift({isar0, kRet}), IR_TRAP_ILLEGAL, kPc);
}

TEST_F(a64_lifting, TrapsAndTheirPlaces)
{
    expect_trap(lift({kNop, 0xd4000001}), IR_TRAP_SYSCALL, kPc + 8);
    expect_trap(lift({kNop, 0xd4200020}), IR_TRAP_BREAKPOINT, kPc + 4);
    expect_trap(lift({kNop, 0xd50b7520, kRet}), IR_TRAP_ICACHE_SYNC, kPc + 8);
    expect_trap(lift({kNop, kRet}, 0, kPc + 2), IR_TRAP_MISALIGNED, kPc + 2);
}

TEST_F(a64_lifting, CallsAndReturns)
{
    const struct ir_block *b = lift({0xd63f03c0}); // blr x30
    EXPECT_EQ(last(b).op, IR_JUMP_REG);
    EXPECT_EQ(last(b).aux, IR_HINT_CALL);
    EXPECT_EQ(b->insns[last(b).arg[0]].op, IR_GET) << "the old x30";
    EXPECT_EQ(last(lift({kRet})).aux, IR_HINT_RET);
    EXPECT_EQ(last(lift({0xd65f0020})).aux, IR_HINT_RET);  // ret x1
    EXPECT_EQ(last(lift({0xd61f03c0})).aux, IR_HINT_NONE); // br x30
    b = lift({0x94000010});
    EXPECT_EQ(last(b).aux, IR_HINT_CALL);
    EXPECT_EQ(last(b).imm, kPc + 0x40);
}

TEST_F(a64_lifting, RbitAndClzCountFromTheOtherEnd)
{
    const struct ir_block *b = lift({0xdac00000, 0xdac01000, kRet}); // rbit x0, x0; clz x0, x0
    EXPECT_EQ(count(b, IR_CTZ), 1u);
    EXPECT_EQ(count(b, IR_BITREV) + count(b, IR_CLZ), 0u);
}

TEST_F(a64_lifting, EveryRowGivesSoundIr)
{
    std::mt19937 random(7);
    ops_->cpu.parse("max", &config_, nullptr, 0);
    for (unsigned op = 0; op < A64_OP_COUNT; op++) {
        for (unsigned n = 0; n < 16; n++) {
            for (uint32_t mode : {0u, unsigned(A64_MODE_SP_ODD)})
                lift({a64_random_word(op, random), a64_random_word(op, random), kCsel, kRet}, mode);
            if (HasFailure())
                FAIL() << a64_rows[op].name;
        }
    }
}

} // namespace
