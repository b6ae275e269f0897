// SPDX-License-Identifier: Apache-2.0
// Loads that become one: as text before and text after; what must be left alone is the same after.
#include "src/ir/simplify/merge_loads.h"
#include "tests/unit/ir/ir_test_util.h"

namespace
{
const ir_block *merged(arena *a, const ir_block *block)
{
    auto *made = static_cast<ir_block *>(arena_alloc(a, sizeof *block));
    *made = *block;
    std::vector<ir_insn> list(block->insns, block->insns + block->count);
    auto *insns = static_cast<ir_insn *>(arena_alloc(a, list.size() * sizeof(ir_insn)));
    std::copy(list.begin(), list.end(), insns);
    insns = ir_merge_loads(insns, &made->count, a);
    made->count = ir_remove_dead(insns, made->count, block->state, a);
    made->insns = insns;
    return made;
}

const char kInsn[] = "insn 0x10 {n=4}\n%0 = get i64 $x0\n", kReplays[] = "insn 0x10 {n=4 replays}\n%1 = get i64 $x0\n";

// Byte n of the value is at +n (little) or at +count-1-n. between: before the last load
std::string bytes(unsigned count, bool little, const std::string &between = "", const std::string &base = "%0")
{
    std::string text;
    for (unsigned i = 0; i < count; i++) {
        std::string at = std::to_string(little ? i : count - 1 - i), n = std::to_string(10 * i + 10);
        if (i + 1 == count)
            text += between;
        text += "%" + n + " = ld i64 " + (i ? base : "%0") + " +" + at + " {i8}\n";
        if (!i)
            continue;
        std::string shift = "%" + std::to_string(10 * i + 11), moved = "%" + std::to_string(10 * i + 12);
        text +=
            shift + " = const i64 " + std::to_string(8 * i) + "\n" + moved + " = shl i64 %" + n + " " + shift + "\n";
        text += "%" + std::to_string(10 * i + 15) + " = or i64 " + moved + " %" +
                std::to_string(i == 1 ? 10 : 10 * i + 5) + "\n";
    }
    return text + "put i64 $x1 %" + std::to_string(10 * count + 5) + "\n";
}

struct Row {
    const char *what;
    std::string before, after; // without the beginning; after: empty if nothing is merged
};

const Row rows[] = {
    {"two bytes", bytes(2, true), "%2 = ld i64 %1 {i16}\nput i64 %2 $x1\n"},
    {"four", bytes(4, true), "%2 = ld i64 %1 {i32}\nput i64 %2 $x1\n"},
    {"eight", bytes(8, true), "%2 = ld i64 %1 {i64}\nput i64 %2 $x1\n"},
    {"four, big-endian", bytes(4, false),
     "%2 = ld i32 %1 {i32}\n%3 = bswap i32 %2\n%4 = zext i64 %3\nput i64 %4 $x1\n"},
    {"eight, big-endian", bytes(8, false), "%2 = ld i64 %1 {i64}\n%3 = bswap i64 %2\nput i64 %3 $x1\n"},
    {"a PUT between them", bytes(4, true, "put i64 $x2 %0\n"),
     "%2 = ld i64 %1 {i32}\nput i64 %1 $x2\nput i64 %2 $x1\n"},
    {"a byte that is used otherwise", bytes(4, true) + "put i64 $x2 %20\n",
     "%2 = ld i64 %1 {i32}\n%3 = extract i64 %2 {pos=8 len=8}\nput i64 %2 $x1\nput i64 %3 $x2\n"},
    {"a part that is", bytes(4, true) + "put i64 $x2 %35\n",
     "%2 = ld i64 %1 {i32}\n%3 = extract i64 %2 {len=24}\nput i64 %2 $x1\nput i64 %3 $x2\n"},
    {"halves, with the sign of the word",
     "%1 = ld i64 %0 {i16}\n%2 = ld i64 %0 +2 {i16}\n%3 = trunc i32 %2\n%4 = const i32 16\n%5 = shl i32 %3 %4\n"
     "%6 = sext i64 %5\n%7 = or i64 %6 %1\nput i64 $x1 %7\n",
     "%2 = ld i64 %1 {i32 signed}\nput i64 %2 $x1\n"},
    {"three bytes: two of them", bytes(3, true),
     "%2 = ld i64 %1 {i16}\n%3 = ld i64 %1 +2 {i8}\n%4 = const i64 0x10\n%5 = shl i64 %3 %4\n%6 = or i64 %5 %2\n"
     "put i64 %6 $x1\n"},
    {"a store between them", bytes(2, true, "st i64 %0 %10 {i64}\n"), ""},
    {"a fence between them", bytes(2, true, "fence {rr}\n"), ""},
    {"an exit between them", bytes(2, true, "%99 = icmp i64 %0 %0 {eq}\nexit.if %99 0x900\n"), ""},
    {"another base", bytes(2, true, "", "%5").insert(0, "%5 = get i64 $x5\n"), ""},
    {"ordered loads",
     "%1 = ld i64 %0 {i8 ordered}\n%2 = ld i64 %0 +1 {i8}\n%3 = const i64 8\n%4 = shl i64 %2 %3\n%5 = or i64 %4 "
     "%1\nput i64 $x1 %5\n",
     ""},
    {"signed bytes",
     "%1 = ld i64 %0 {i8}\n%2 = ld i64 %0 +1 {i8 signed}\n%3 = const i64 8\n%4 = shl i64 %2 %3\n%5 = or i64 %4 %1\nput "
     "i64 $x1 %5\n",
     ""},
    {"a place that is no byte",
     "%1 = ld i64 %0 {i8}\n%2 = ld i64 %0 +1 {i8}\n%3 = const i64 9\n%4 = shl i64 %2 %3\n%5 = or i64 %4 %1\nput i64 "
     "$x1 %5\n",
     ""},
    {"the same byte twice",
     "%1 = ld i64 %0 {i8}\n%2 = ld i64 %0 {i8}\n%3 = const i64 8\n%4 = shl i64 %2 %3\n%5 = or i64 %4 %1\nput i64 $x1 "
     "%5\n",
     ""},
    {"all parts are used otherwise",
     "%1 = ld i64 %0 {i8}\n%2 = ld i64 %0 +1 {i8}\n%3 = const i64 8\n%4 = shl i64 %2 %3\n%5 = or i64 %4 %1\n"
     "put i64 $x1 %5\nput i64 $x2 %1\nput i64 $x3 %2\nput i64 $x4 %4\n",
     ""},
};

TEST(MergeLoads, Rows)
{
    for (const Row &row : rows) {
        Arena a;
        const ir_block *block = parse(&a, kInsn + row.before + "jump 0\n"), *got = merged(&a, block);
        std::string want = row.after.empty() ? print_body(block) : kReplays + row.after + "jump 0x0\n";
        EXPECT_EQ(print_body(got), want) << row.what;
        EXPECT_EQ(verify(got), "") << row.what;
    }
}

// The rows that blocks write, in one number, after the block has run on these bytes.
uint64_t run(const ir_block *block)
{
    TestCpu cpu;
    unsigned char memory[16];
    ir_exit exit;
    for (unsigned i = 0; i < sizeof memory; i++)
        memory[i] = static_cast<unsigned char>(0xf1 - 13 * i);
    cpu.set(ROW_X0, reinterpret_cast<uintptr_t>(memory));
    cpu.set(ROW_X0 + 5, reinterpret_cast<uintptr_t>(memory) + 4);
    ir_interp(cpu.cpu.get(), block, &exit);
    return cpu.get(ROW_X0 + 1) ^ cpu.get(ROW_X0 + 3) * 3 ^ cpu.get(ROW_X0 + 4) * 5;
}

TEST(MergeLoads, GiveWhatTheBytesGave)
{
    for (const Row &row : rows) {
        Arena a;
        const ir_block *block = parse(&a, kInsn + row.before + "jump 0\n");
        EXPECT_EQ(run(merged(&a, block)), run(block)) << row.what;
    }
}

TEST(MergeLoads, BuilderDoesItWhereItMay)
{
    for (bool may : {false, true}) {
        Arena a;
        ir_builder b;
        ir_builder_init(&b, &a, test_state(), 0x10, 0);
        b.merges_loads = may;
        ir_insn_start(&b, 0x10, 4);
        ir_ref p = ir_get(&b, ROW_X0), low = ir_ld(&b, IR_I64, IR_I8, p, 0), high = ir_ld(&b, IR_I64, IR_I8, p, 1);
        ir_put(&b, ROW_X0 + 1, ir_bin(&b, IR_OR, ir_bini(&b, IR_SHL, high, 8), low));
        ir_jump(&b, IR_HINT_NONE, 0);
        std::string text = print_body(ir_builder_seal(&b));
        EXPECT_EQ(text.find("{i16}") != std::string::npos, may) << text;
    }
}
} // namespace
