/* SPDX-License-Identifier: Apache-2.0 */
/* tcg_fuzz: tier 1 agrees bit for bit with the interpreter, for each operation and for random blocks. */
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/harness/random_ir.h"
#include "tests/unit/tcg/harness.h"

using namespace tcg_test;
using harness::RandomIr;

namespace
{

constexpr uint32_t kNoExtras = TCG_HAS_AVX | TCG_HAS_FMA | TCG_HAS_BMI1 | TCG_HAS_BMI2 | TCG_HAS_LZCNT |
                               TCG_HAS_POPCNT | TCG_HAS_CLMUL | TCG_HAS_SSSE3 | TCG_HAS_SSE41 | TCG_HAS_SSE42 |
                               TCG_HAS_AVX2;
constexpr uint32_t kSse4 = TCG_HAS_AVX | TCG_HAS_AVX2 | TCG_HAS_FMA;

// AddressSanitizer looks at the translator, not at what its code computes: a tenth of the rounds takes it through every
// emitter, and all of them took a third of the time of that build's tests.
unsigned rounds(unsigned normal)
{
#ifdef __SANITIZE_ADDRESS__
    normal /= 10;
#endif
    const char *factor = getenv("TANDEM_FUZZ_FACTOR");
    return factor ? normal * (unsigned)atoi(factor) : normal;
}

/* One operation, its operands, and the result in a register. */
void operations(uint32_t without)
{
    Cache cache(without);
    for (unsigned op = 0; op < IR_OP_COUNT; op++)
        for (unsigned round = 0; round < rounds(45); round++) {
            Random random{op * 1000003ull + round};
            Block block;
            RandomIr ir(block.b(), &random, {memory()});
            ir_insn_start(block.b(), kPc, 4);
            if (!ir.emit((enum ir_op)op))
                break;
            ir.sink(1000);
            ir_jump(block.b(), IR_HINT_NONE, kPc + 4);
            const struct ir_block *sealed = block.seal(round % 2);
            for (unsigned k = 0; k < 3; k++) {
                std::string diff = compare(&cache, sealed, random.next(), 0);
                ASSERT_EQ(diff, "") << ir_op_infos[op].text << " round " << round;
            }
        }
}

void blocks(uint64_t seed, unsigned count, uint32_t without, bool random_registers)
{
    Cache cache(without);
    for (unsigned round = 0; round < rounds(count); round++) {
        Random random{seed + round * 7919ull};
        Block block;
        RandomIr ir(block.b(), &random, {memory()});
        unsigned insns = 1 + random.below(30);
        bool all_ops = random.below(3) == 0;
        for (unsigned k = 0; k < insns; k++) {
            ir_insn_start(block.b(), kPc + 4 * k, 4);
            if (!all_ops || random.below(3))
                ir.emit_usual();
            else
                while (!ir.emit((enum ir_op)random.below(IR_OP_COUNT))) {
                }
            if (!random.below(12))
                ir.side_exit(random.below(2) ? kPc + 0x200 + 4 * k : kPc - 4 * k);
            if (!random.below(12))
                ir.side_exit_with_flags(random.below(4) ? kPc + 0x200 + 4 * k : kPc - 4 * k);
        }
        ir.sink(8);
        ir.final_exit();
        const struct ir_block *sealed = block.seal(round % 2);
        ASSERT_NE(sealed, nullptr);
        for (unsigned k = 0; k < 2; k++) {
            std::string diff =
                compare(&cache, sealed, random.next(), random_registers ? 1 + (unsigned)random.next() : 0);
            ASSERT_EQ(diff, "") << "seed " << seed << " round " << round;
        }
    }
}

} // namespace

TEST(tcg_fuzz, each_operation) { operations(0); }
TEST(tcg_fuzz, each_operation_without_extensions) { operations(kNoExtras); }
TEST(tcg_fuzz, each_operation_without_avx) { operations(kSse4); }
TEST(tcg_fuzz, blocks) { blocks(1, 4500, 0, false); }
TEST(tcg_fuzz, blocks_with_random_registers) { blocks(1ull << 40, 4500, 0, true); }
TEST(tcg_fuzz, blocks_without_extensions) { blocks(1ull << 41, 2200, kNoExtras, false); }
TEST(tcg_fuzz, blocks_without_avx_with_random_registers) { blocks(1ull << 42, 2200, kSse4, true); }
