// SPDX-License-Identifier: Apache-2.0
// The passes, as text before and text after. Every rule that must not fire has a row, too.
#include "src/ir/build/builder.h"
#include "src/ir/interp/interp.h"
#include "src/ir/simplify/seal.h"
#include "src/ir/text/parse.h"
#include "tests/unit/ir/ir_test_util.h"

namespace
{
struct Row {
    const char *what, *before, *after;
};

// Bodies without the final jump; both sides get it.
const Row rows[] = {
    {"constants fold", "%1 = const i64 2\n%2 = const i64 3\n%3 = add i64 %1 %2\nput i64 $x1 %3\n",
     "%0 = const i64 0x5\nput i64 $x1 %0\n"},
    {"x + 0", "%0 = get i64 $x0\n%1 = const i64 0\n%2 = add i64 %0 %1\nput i64 $x1 %2\n",
     "%0 = get i64 $x0\nput i64 $x1 %0\n"},
    {"0 + x, the constant moves right", "%0 = get i64 $x0\n%1 = const i64 0\n%2 = add i64 %1 %0\nput i64 $x1 %2\n",
     "%0 = get i64 $x0\nput i64 $x1 %0\n"},
    {"sums of constants join",
     "%0 = get i64 $x0\n%1 = const i64 8\n%2 = add i64 %0 %1\n%3 = add i64 %2 %1\nput i64 $x1 %3\n",
     "%0 = get i64 $x0\n%1 = const i64 0x10\n%2 = add i64 %0 %1\nput i64 $x1 %2\n"},
    {"x - x", "%0 = get i64 $x0\n%1 = sub i64 %0 %0\nput i64 $x1 %1\n", "%0 = const i64 0x0\nput i64 $x1 %0\n"},
    {"x - c is x + -c", "%0 = get i32 $a.i32\n%1 = const i32 1\n%2 = sub i32 %0 %1\nput i32 $r.i32 %2\n",
     "%0 = get i32 $a.i32\n%1 = const i32 0xffffffff\n%2 = add i32 %0 %1\nput i32 $r.i32 %2\n"},
    {"x * 8", "%0 = get i64 $x0\n%1 = const i64 8\n%2 = mul i64 %0 %1\nput i64 $x1 %2\n",
     "%0 = get i64 $x0\n%1 = const i64 0x3\n%2 = shl i64 %0 %1\nput i64 $x1 %2\n"},
    {"trunc of sext", "%0 = get i32 $a.i32\n%1 = sext i64 %0\n%2 = trunc i32 %1\nput i32 $r.i32 %2\n",
     "%0 = get i32 $a.i32\nput i32 $r.i32 %0\n"},
    {"sext of sext", "%0 = get i8 $a.i8\n%1 = sext i32 %0\n%2 = sext i64 %1\nput i64 $x1 %2\n",
     "%0 = get i8 $a.i8\n%1 = sext i64 %0\nput i64 $x1 %1\n"},
    {"sext of what a load extended",
     "%0 = get i64 $x0\n%1 = ld i64 %0 {i32 signed}\n%2 = trunc i32 %1\n%3 = sext i64 %2\nput i64 $x1 %3\n",
     "%0 = get i64 $x0\n%1 = ld i64 %0 {i32 signed}\nput i64 $x1 %1\n"},
    {"sext stays after a zero-extending load of the same width",
     "%0 = get i64 $x0\n%1 = ld i64 %0 {i32}\n%2 = trunc i32 %1\n%3 = sext i64 %2\nput i64 $x1 %3\n",
     "%0 = get i64 $x0\n%1 = ld i64 %0 {i32}\n%2 = trunc i32 %1\n%3 = sext i64 %2\nput i64 $x1 %3\n"},
    {"and with the mask of a zext",
     "%0 = get i8 $a.i8\n%1 = zext i64 %0\n%2 = const i64 0xff\n%3 = and i64 %1 %2\nput i64 $x1 %3\n",
     "%0 = get i8 $a.i8\n%1 = zext i64 %0\nput i64 $x1 %1\n"},
    {"shift pair is an extension",
     "%0 = get i64 $x0\n%1 = const i64 0x30\n%2 = shl i64 %0 %1\n%3 = shr i64 %2 %1\nput i64 $x1 %3\n",
     "%0 = get i64 $x0\n%1 = trunc i16 %0\n%2 = zext i64 %1\nput i64 $x1 %2\n"},
    {"compare of a truth value",
     "%0 = get i1 $a.i1\n%1 = zext i64 %0\n%2 = const i64 0\n%3 = icmp i64 %1 %2 {ne}\nput i1 $r.i1 %3\n",
     "%0 = get i1 $a.i1\nput i1 $r.i1 %0\n"},
    {"inverted compare",
     "%0 = get i64 $x0\n%1 = get i64 $x1\n%2 = icmp i64 %0 %1 {slt}\n%3 = not i1 %2\nput i1 $r.i1 %3\n",
     "%0 = get i64 $x0\n%1 = get i64 $x1\n%2 = icmp i64 %0 %1 {sge}\nput i1 $r.i1 %2\n"},
    {"unbox of box", "%0 = get f32 $a.f32\n%1 = fbox f64 %0\n%2 = funbox f32 %1\nput f32 $r.f32 %2\n",
     "%0 = get f32 $a.f32\nput f32 $r.f32 %0\n"},
    {"box of unbox stays", "%0 = get f64 $a.f64\n%1 = funbox f32 %0\n%2 = fbox f64 %1\nput f64 $r.f64 %2\n",
     "%0 = get f64 $a.f64\n%1 = funbox f32 %0\n%2 = fbox f64 %1\nput f64 $r.f64 %2\n"},
    {"address constants go into the offset",
     "%0 = get i64 $x0\n%1 = const i64 0x10\n%2 = add i64 %0 %1\n%3 = ld i64 %2 -8 {i64}\nput i64 $x1 %3\n",
     "%0 = get i64 $x0\n%1 = ld i64 %0 +8 {i64}\nput i64 $x1 %1\n"},
    {"a store needs no extension", "%0 = get i64 $x0\n%1 = get i32 $a.i32\n%2 = sext i64 %1\nst i64 %0 %2 {i32}\n",
     "%0 = get i64 $x0\n%1 = get i32 $a.i32\nst i32 %0 %1 {i32}\n"},

    {"get after put", "%0 = get i64 $x0\nput i64 $x1 %0\n%2 = get i64 $x1\nput i64 $x2 %2\n",
     "%0 = get i64 $x0\nput i64 $x1 %0\nput i64 $x2 %0\n"},
    {"put of what is there", "%0 = get i64 $x0\nput i64 $x0 %0\n", ""},
    {"overwritten put", "%0 = get i64 $x0\n%1 = get i64 $x1\nput i64 $x2 %0\nput i64 $x2 %1\n",
     "%0 = get i64 $x1\nput i64 $x2 %0\n"},
    {"overwritten put stays before a fault", "%0 = get i64 $x0\nput i64 $x2 %0\n%2 = ld i64 %0 {i64}\nput i64 $x2 %2\n",
     "%0 = get i64 $x0\nput i64 $x2 %0\n%2 = ld i64 %0 {i64}\nput i64 $x2 %2\n"},
    {"overwritten put stays before an exit",
     "%0 = get i64 $x0\n%1 = get i1 $a.i1\nput i64 $x2 %0\nexit.if %1 0x50\n%4 = const i64 1\nput i64 $x2 %4\n",
     "%0 = get i64 $x0\n%1 = get i1 $a.i1\nput i64 $x2 %0\nexit.if %1 0x50\n%4 = const i64 0x1\nput i64 $x2 %4\n"},
    {"overwritten put stays before a call that reads state",
     "%0 = get i64 $x0\n%1 = get i64 $x1\nput i64 $x2 %0\ncall @h {rstate}\nput i64 $x2 %1\n",
     "%0 = get i64 $x0\n%1 = get i64 $x1\nput i64 $x2 %0\ncall @h {rstate}\nput i64 $x2 %1\n"},
    {"a call without state is no barrier",
     "%0 = get i64 $x0\n%1 = get i64 $x1\nput i64 $x2 %0\ncall @h {fpflag}\nput i64 $x2 %1\n",
     "%0 = get i64 $x1\ncall @h {fpflag}\nput i64 $x2 %0\n"},
    {"get after a call that writes state",
     "%0 = get i64 $x0\nput i64 $x1 %0\ncall @h {rstate wstate}\n%3 = get i64 $x1\nput i64 $x2 %3\n",
     "%0 = get i64 $x0\nput i64 $x1 %0\ncall @h {rstate wstate}\n%3 = get i64 $x1\nput i64 $x2 %3\n"},

    {"unused load stays, since it may fault", "%0 = get i64 $x0\n%1 = ld i64 %0 {i64}\n",
     "%0 = get i64 $x0\n%1 = ld i64 %0 {i64}\n"},
    {"unused arithmetic goes", "%0 = get i64 $x0\n%1 = add i64 %0 %0\n", ""},
    {"unused floating point stays, since it raises flags", "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n"},
    {"marks stay", "insn 0x10 {n=4}\ninsn 0x14 {n=2}\n", "insn 0x10 {n=4}\ninsn 0x14 {n=2}\n"},
    {"a side exit never taken goes", "%0 = const i1 0\nexit.if %0 0x50\ntrap.if %0 0x50 {illegal}\n", ""},

    {"canonical NaN between arithmetic",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\n%3 = fmul f64 %2 %0\n%4 = fcanon f64 %3\nput f64 "
     "$r.f64 %4\n",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fmul f64 %1 %0\n%3 = fcanon f64 %2\nput f64 $r.f64 %3\n"},
    {"canonical NaN of something that may signal stays",
     "%0 = get f64 $a.f64\n%1 = fcanon f64 %0\n%2 = fadd f64 %1 %1\nput f64 $r.f64 %2\n",
     "%0 = get f64 $a.f64\n%1 = fcanon f64 %0\n%2 = fadd f64 %1 %1\nput f64 $r.f64 %2\n"},
    {"canonical NaN stays where payloads are seen",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\n%3 = fmul f64 %2 %0 {nan.x86}\nput f64 $r.f64 %3\n",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\n%3 = fmul f64 %2 %0 {nan.x86}\nput f64 $r.f64 "
     "%3\n"},
    {"canonical NaN stays where the sign is seen",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\n%3 = fcopysign f64 %0 %2\nput f64 $r.f64 %3\n",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\n%3 = fcopysign f64 %0 %2\nput f64 $r.f64 %3\n"},
    {"canonical NaN stays where integers are converted",
     "%0 = get v128 $a.v128\n%1 = fadd v128 %0 %0 {f32 dyn}\n%2 = fcanon v128 %1 {f32}\n"
     "%3 = fcvt.sf v128 %2 {f32 dyn}\nput v128 $r.v128 %3\n",
     "%0 = get v128 $a.v128\n%1 = fadd v128 %0 %0 {f32 dyn}\n%2 = fcanon v128 %1 {f32}\n"
     "%3 = fcvt.sf v128 %2 {f32 dyn}\nput v128 $r.v128 %3\n"},
    {"canonical NaN and a compare",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\n%3 = fcmp f64 %2 %0 {flt}\nput i1 $r.i1 %3\n",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcmp f64 %1 %0 {flt}\nput i1 $r.i1 %2\n"},
    {"a conversion from integer is no NaN",
     "%0 = get i64 $x0\n%1 = fcvt.sf f64 %0\n%2 = fcanon f64 %1\nput f64 $r.f64 %2\n",
     "%0 = get i64 $x0\n%1 = fcvt.sf f64 %0\nput f64 $r.f64 %1\n"},

    {"canonical NaNs wait for each other",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\nput f64 $r.f64 %2\n%4 = fmul f64 %1 %0\n"
     "%5 = fcanon f64 %4\nput f64 $a.f64 %5\n",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fmul f64 %1 %0\n%3 = fcanon f64 %1\n%4 = fcanon f64 %2\n"
     "put f64 $r.f64 %3\nput f64 $a.f64 %4\n"},
    {"canonical NaNs of singles, with their boxes",
     "%0 = get f32 $a.f32\n%1 = fadd f32 %0 %0\n%2 = fcanon f32 %1\n%3 = fbox f64 %2\nput f64 $r.f64 %3\n"
     "%5 = fmul f32 %1 %0\n%6 = fcanon f32 %5\nput f32 $r.f32 %6\n",
     "%0 = get f32 $a.f32\n%1 = fadd f32 %0 %0\n%2 = fmul f32 %1 %0\n%3 = fcanon f32 %1\n%4 = fcanon f32 %2\n"
     "%5 = fbox f64 %3\nput f64 $r.f64 %5\nput f32 $r.f32 %4\n"},
    {"canonical NaNs do not wait past a load, which may fault",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\nput f64 $r.f64 %2\n%4 = get i64 $x0\n"
     "%5 = ld f64 %4 {f64}\n%6 = fmul f64 %1 %5\n%7 = fcanon f64 %6\nput f64 $a.f64 %7\n",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = get i64 $x0\n%3 = fcanon f64 %1\nput f64 $r.f64 %3\n"
     "%5 = ld f64 %2 {f64}\n%6 = fmul f64 %1 %5\n%7 = fcanon f64 %6\nput f64 $a.f64 %7\n"},
    {"canonical NaNs do not wait past a look at their bits",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\n%3 = bitcast i64 %2\nput i64 $x1 %3\n"
     "%5 = fmul f64 %1 %0\n%6 = fcanon f64 %5\nput f64 $a.f64 %6\n",
     "%0 = get f64 $a.f64\n%1 = fadd f64 %0 %0\n%2 = fcanon f64 %1\n%3 = bitcast i64 %2\nput i64 $x1 %3\n"
     "%5 = fmul f64 %1 %0\n%6 = fcanon f64 %5\nput f64 $a.f64 %6\n"},
};

// Both sides are parsed and printed, so that values may be numbered as they come.
TEST(Optimize, Rows)
{
    for (const Row &row : rows) {
        SCOPED_TRACE(row.what);
        Arena a;
        const ir_block *before = parse(&a, std::string(row.before) + "jump 0\n");
        const ir_block *after = parse(&a, std::string(row.after) + "jump 0\n");
        ASSERT_TRUE(before && after);
        ASSERT_EQ(verify(before), "");
        const ir_block *got = optimize(&a, before);
        ASSERT_EQ(verify(got), "") << print(got);
        EXPECT_EQ(print_body(got), print_body(after));
    }
}

TEST(Optimize, ConstantJumpRegBecomesJump)
{
    Arena a;
    const ir_block *got = optimize(&a, parse(&a, "%0 = const i64 0x1234\njump.reg %0 {call}\n"));
    EXPECT_EQ(print_body(got), "jump 0x1234 {call}\n");
}

// Every relation, as it is, inverted, and with a constant on either side, on values where relations differ.
TEST(Optimize, ComparesKeepTheirMeaning)
{
    const char *const conds[] = {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"};
    const uint64_t values[] = {0, 1, 2, 0x7f, 0x80, 0xff};
    for (const char *cond : conds)
        for (uint64_t x : values)
            for (uint64_t c : values)
                for (const char *order : {"%0 %1", "%1 %0"}) {
                    Arena a;
                    std::string text = "%0 = get i8 $a.i8\n%1 = const i8 " + std::to_string(c) + "\n%2 = icmp i8 " +
                                       order + " {" + cond +
                                       "}\n%3 = not i1 %2\nput i1 $r.i1 %3\nput i1 $c.i1 %2\njump 0\n";
                    const ir_block *block = parse(&a, text);
                    TestCpu want, got;
                    ir_exit exit;
                    *want.row(row_of(SET_A, IR_I8)) = *got.row(row_of(SET_A, IR_I8)) = static_cast<uint8_t>(x);
                    ir_interp(want.cpu.get(), block, &exit);
                    ir_interp(got.cpu.get(), optimize(&a, block), &exit);
                    EXPECT_EQ(hex(want.cpu->guest, 2048), hex(got.cpu->guest, 2048)) << text << "x = " << x;
                }
}

TEST(Optimize, IsIdempotent)
{
    for (const Row &row : rows) {
        Arena a;
        const ir_block *once = optimize(&a, parse(&a, std::string(row.before) + "jump 0\n"));
        EXPECT_EQ(print(optimize(&a, once)), print(once)) << row.what;
    }
}

TEST(Builder, ForwardsAndFoldsWhileBuilding)
{
    Arena a;
    ir_builder b;
    ir_builder_init(&b, &a, test_state(), 0x1000, 7);
    ir_insn_start(&b, 0x1000, 4);
    ir_put(&b, ROW_X0, ir_const(&b, IR_I64, 40));
    ir_insn_start(&b, 0x1004, 2);
    ir_put(&b, ROW_X0, ir_bini(&b, IR_ADD, ir_get(&b, ROW_X0), 2));
    ir_jump(&b, IR_HINT_NONE, 0x1006);
    EXPECT_TRUE(b.ended);
    const ir_block *block = ir_builder_seal(&b);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(print(block), "block 0x1000 mode=7 bytes=6 insns=2\n  insn 0x1000 {n=4}\n  insn 0x1004 {n=2}\n"
                            "  %2 = const i64 0x2a\n  put i64 %2 $x0\n  jump 0x1006\n");
}

TEST(Builder, RefusesWhatIsTooLarge)
{
    Arena a;
    ir_builder b;
    ir_builder_init(&b, &a, test_state(), 0, 0);
    for (unsigned i = 0; i < 70000; i++)
        ir_insn_start(&b, i, 1);
    ir_jump(&b, IR_HINT_NONE, 0);
    EXPECT_EQ(ir_builder_seal(&b), nullptr);
}

TEST(Builder, Holds128BitConstants)
{
    Arena a;
    ir_builder b;
    ir_builder_init(&b, &a, test_state(), 0, 0);
    ir_ref c = ir_const128(&b, IR_V128, 0x0123456789abcdef, 0xfedcba9876543210);
    ir_put(&b, row_of(SET_R, IR_V128), c);
    ir_jump(&b, IR_HINT_NONE, 0);
    TestCpu cpu;
    ir_exit exit;
    ir_interp(cpu.cpu.get(), ir_builder_seal(&b), &exit);
    EXPECT_EQ(hex(cpu.row(row_of(SET_R, IR_V128)), 16), "fedcba98765432100123456789abcdef");
}

struct Bad {
    const char *text, *message;
};

TEST(Verify, NamesWhatIsWrong)
{
    const Bad bad[] = {
        {"%0 = const i64 1\n", "does not end"},
        {"jump 0\njump 0\n", "goes on after its end"},
        {"%0 = const i64 1\n%1 = const i32 1\n%2 = add i64 %0 %1\njump 0\n", "operand 1 has type i32"},
        {"%0 = const i32 1\n%1 = ld i64 %0 {i64}\njump 0\n", "operand 0 has type i32"},
        {"%0 = const i64 1\n%1 = ld i64 %0\njump 0\n", "no memory type"},
        {"%0 = const i64 1\n%1 = ld i32 %0 {i64}\njump 0\n", "memory type i64 with value type i32"},
        {"%0 = const i64 1\n%1 = sext i32 %0\njump 0\n", "widths"},
        {"%0 = const i64 1\n%1 = trunc i64 %0\njump 0\n", "widths"},
        {"%0 = get i32 $x0\njump 0\n", "another type"},
        {"%0 = const i64 1\n%1 = extract i64 %0 {pos=60 len=8}\njump 0\n", "outside"},
        {"%0 = const v128 1\n%1 = vadd v128 %0 %0\njump 0\n", "no element type"},
        {"%0 = const v128 1\n%1 = vgete i32 %0 #4 {i32}\njump 0\n", "no such element"},
        {"%0 = const f80 1:1\n%1 = fma f80 %0 %0 %0\njump 0\n", "no f80 fma"},
        {"%0 = const i64 1\nexit.if %0 0\njump 0\n", "operand 0 has type i64"},
        {"%0 = const i64 1\nput i64 $x0 %0\njump 0 {hint=9}\n", "hint has value 9"},
    };
    for (const Bad &b : bad) {
        Arena a;
        const ir_block *block = parse(&a, b.text);
        ASSERT_NE(block, nullptr);
        EXPECT_NE(verify(block).find(b.message), std::string::npos) << b.text << verify(block);
    }
}

TEST(Parse, NamesTheLineAndTheReason)
{
    const Bad bad[] = {
        {"jump 0\nfrobnicate\n", "line 2: unknown operation: frobnicate"},
        {"%1 = add i64 %2 %2\n", "line 1: %2 is not defined"},
        {"%1 = get i64 $nope\n", "no such register: nope"},
        {"%1 = const i64 12x\n", "not a number: 12x"},
        {"%1 = const i64 1\n%2 = add i64 %1\n", "line 2: 1 operands, not 2"},
        {"jump 0 {sideways}\n", "unknown word in braces: sideways"},
        {"jump 0 {call\n", "missing }"},
        {"%1 const i64 1\n", "expected ="},
        {"%99999 = const i64 1\n", "too large"},
        {"call {rstate}\n", "call of nothing"},
        {"block zero\n", "not a number: zero"},
    };
    for (const Bad &b : bad) {
        Arena a;
        char message[256];
        const ir_block *block;
        EXPECT_EQ(ir_parse(b.text, test_state(), &a, &block, message, sizeof message), STATUS_SYNTAX) << b.text;
        EXPECT_NE(std::string(message).find(b.message), std::string::npos) << b.text << message;
    }
}
} // namespace
