/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point registers carried around loops in another form than the guest's: raw NaNs, unboxed singles. */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

const uint64_t kSpecial[] = {0x3ff0000000000000,
                             0x7ff0000000000000,
                             0xfff0000000000000,
                             0x7ff8000000000000,
                             0xfff8000000000123,
                             0x7ff0000000000001,
                             0xffffffff3f800000,
                             0xffffffff7f800000,
                             0xffffffff7fc00000,
                             0xffffffffffc00055,
                             0xffffffff7f800001,
                             0xfffffffe3f800000,
                             0};

ir_ref fp(struct ir_builder *b, enum ir_op op, ir_ref x, ir_ref y)
{
    enum ir_type t = ir_type_of(b, x);
    return ir_fp(b, IR_FCANON, t, 0, ir_fp(b, op, t, IR_RDYN, x, y, IR_NO_REF), IR_NO_REF, IR_NO_REF);
}

ir_ref single(struct ir_builder *b, unsigned row) { return ir_conv(b, IR_FUNBOX, IR_F32, ir_get(b, F0 + row)); }

void put_single(struct ir_builder *b, unsigned row, ir_ref v) { ir_put(b, F0 + row, ir_conv(b, IR_FBOX, IR_F64, v)); }

/* Ends the block: again while --x0 != 0. */
void loop_end(struct ir_builder *b)
{
    ir_ref left = ir_bini(b, IR_SUB, ir_get(b, X0), 1);
    ir_put(b, X0, left);
    ir_exit_if(b, ir_icmp(b, IR_NE, left, ir_const(b, IR_I64, 0)), block_pc(0));
    ir_jump(b, IR_HINT_NONE, kOutside);
}

/* Every pair of special values in f0, f1 and f6, f7 (pinned and not), one and three times around, with and without a
 * poll. */
void check(Region &r)
{
    Code code(r.get());
    for (uint64_t a : kSpecial) {
        for (uint64_t c : kSpecial) {
            for (unsigned k = 0; k < 4; k++) {
                Cpu cpu(3);
                cpu.set_f(0, a), cpu.set_f(1, c), cpu.set_f(6, c), cpu.set_f(7, a);
                cpu.set_x(0, 1 + k % 2 * 2);
                cpu->pending = k / 2;
                ASSERT_EQ(compare_code(r.get(), code, cpu.get()), "") << std::hex << a << " " << c << " " << k << "\n"
                                                                      << print(r.get()) << code.disassembly();
            }
        }
    }
}

} // namespace

TEST(LoptFp, DoubleCarriedByLoop)
{
    for (unsigned row : {0, 6}) {
        Region r;
        struct ir_builder *b = r.begin();
        ir_put(b, F0 + row, fp(b, IR_FSUB, ir_get(b, F0 + row), ir_get(b, F0 + row + 1)));
        loop_end(b);
        r.end({}, 1000);
        check(r);
    }
}

TEST(LoptFp, SingleCarriedByLoop)
{
    for (unsigned row : {0, 6}) {
        Region r;
        struct ir_builder *b = r.begin();
        put_single(b, row, fp(b, IR_FSUB, single(b, row), single(b, row + 1)));
        loop_end(b);
        r.end({}, 1000);
        check(r);
    }
}

TEST(LoptFp, CompareWithoutExceptions)
{
    for (unsigned rel : {IR_FEQ, IR_FLT, IR_FLE, IR_FUNO}) {
        Region r;
        struct ir_builder *b = r.begin();
        unsigned how = rel | IR_FCOND_NOEXC;
        auto note = [&](unsigned x, ir_ref cond) { ir_put(b, X0 + x, ir_conv(b, IR_ZEXT, IR_I64, cond)); };
        note(1, ir_fcmp(b, how, ir_get(b, F0), ir_get(b, F0 + 7 - rel % 2)));
        note(2, ir_fcmp(b, how, single(b, 1), single(b, 7)));
        note(3,
             ir_fcmp(b, how, fp(b, IR_FADD, ir_get(b, F0), ir_get(b, F0 + 1)), ir_get(b, F0 + 1))); /* one is quiet */
        note(4, ir_fcmp(b, how, ir_get(b, F0 + 2), ir_const(b, IR_F64, 0x7ff0000000000001)));
        ir_put(b, F0 + 2, fp(b, IR_FSUB, ir_get(b, F0 + 2), ir_get(b, F0 + 6)));
        loop_end(b);
        r.end({}, 1000);
        check(r);
    }
}

TEST(LoptFp, RowsSwapAndChangeFormats)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_ref f0 = ir_get(b, F0), f6 = ir_get(b, F0 + 6);
    ir_put(b, F0 + 6, f0); /* whatever it is now */
    ir_put(b, F0, f6);
    put_single(b, 1, fp(b, IR_FADD, single(b, 1), single(b, 7)));
    ir_put(b, F0 + 7, fp(b, IR_FMUL, ir_get(b, F0 + 7), ir_get(b, F0 + 1)));
    loop_end(b);
    r.end();
    check(r);
}

TEST(LoptFp, RawRegisterIsStoredCanonical)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_ref a = ir_const(b, IR_I64, (uint64_t)(uintptr_t)memory());
    ir_ref before = ir_get(b, F0);
    ir_st(b, IR_F64, a, 0, before);
    ir_st(b, IR_I64, a, 8, ir_conv(b, IR_BITCAST, IR_I64, before));
    ir_st(b, IR_I32, a, 16, ir_conv(b, IR_BITCAST, IR_I32, single(b, 1)));
    ir_put(b, F0, fp(b, IR_FDIV, before, ir_get(b, F0 + 7)));
    put_single(b, 1, fp(b, IR_FDIV, single(b, 1), single(b, 6)));
    loop_end(b);
    r.end();
    check(r);
}

TEST(LoptFp, LoadedSignalingNanStaysAndRaisesNothing)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_exit_if(b, ir_icmp(b, IR_EQ, ir_get(b, X0), ir_const(b, IR_I64, 2)), block_pc(1));
    ir_put(b, F0, fp(b, IR_FADD, ir_get(b, F0 + 7), ir_get(b, F0 + 6)));
    ir_jump(b, IR_HINT_NONE, block_pc(2));
    r.end();
    b = r.begin();
    ir_put(b, F0, ir_ld(b, IR_F64, IR_F64, ir_const(b, IR_I64, (uint64_t)(uintptr_t)memory()), 0));
    ir_jump(b, IR_HINT_NONE, block_pc(2));
    r.end();
    b = r.begin();
    ir_put(b, X0 + 3, ir_conv(b, IR_BITCAST, IR_I64, ir_get(b, F0)));
    loop_end(b);
    r.end();
    const uint64_t snan = 0x7ff0000000000077;
    memcpy(memory(), &snan, 8);
    Code code(r.get());
    for (uint64_t n = 1; n < 5; n++) {
        Cpu cpu(3);
        cpu.set_x(0, n);
        cpu.set_f(6, 0x3ff0000000000000), cpu.set_f(7, 0x3ff0000000000000);
        EXPECT_EQ(compare_code(r.get(), code, cpu.get()), "") << code.disassembly();
    }
}

TEST(LoptFp, EveryRoundingModeAndFlag)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_put(b, F0 + 2, fp(b, IR_FDIV, ir_get(b, F0), ir_get(b, F0 + 1)));
    put_single(b, 3, fp(b, IR_FMUL, single(b, 6), single(b, 7)));
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
    Code code(r.get());
    Random random = {99};
    for (unsigned i = 0; i < 2000; i++) {
        Cpu cpu(3);
        cpu->fp_env = 0x1f80 | (i & 3) << 13;
        for (unsigned f : {0, 1, 6, 7})
            cpu.set_f(f, random.interesting_f64());
        ASSERT_EQ(compare_code(r.get(), code, cpu.get()), "");
    }
}

TEST(LoptFp, FmaOfInfinityTimesZeroPlusNan)
{
    for (enum ir_type t : {IR_F32, IR_F64}) {
        for (unsigned n = 1; n < 4; n++) { /* checks are made in pairs */
            Region r;
            struct ir_builder *b = r.begin();
            for (unsigned i = 0; i < n; i++) {
                auto get = [&](unsigned row) { return t == IR_F64 ? ir_get(b, F0 + row) : single(b, row); };
                ir_ref v = ir_fp(b, IR_FMA, t, IR_RDYN, get(i), get((i + 1) % 3), get(6 + i));
                v = ir_fp(b, IR_FCANON, t, 0, v, IR_NO_REF, IR_NO_REF);
                ir_put(b, F0 + 9 + i, t == IR_F64 ? v : ir_conv(b, IR_FBOX, IR_F64, v));
            }
            ir_jump(b, IR_HINT_NONE, kOutside);
            r.end();
            Code code(r.get());
            for (unsigned i = 0; i < 512; i++) {
                Cpu cpu(3);
                for (unsigned k = 0; k < 3; k++) {
                    static const uint64_t doubles[] = {0, 0x7ff0000000000000, 0x7ff8000000000001, 0x3ff0000000000000};
                    static const uint64_t singles[] = {0xffffffff00000000, 0xffffffff7f800000, 0xffffffff7fc00001,
                                                       0xffffffff3f800000};
                    const uint64_t *v = t == IR_F64 ? doubles : singles;
                    cpu.set_f(k, v[i >> 2 * k & 3]);
                    cpu.set_f(6 + k, v[(i >> 6 & 1) * 2 + (i >> (6 + k) & 1)]);
                }
                ASSERT_EQ(compare_code(r.get(), code, cpu.get()), "") << i;
            }
        }
    }
}

/* The x86 rule hands on sign and payload of an operand's NaN: of the canonical one, not of the one that it was made
 * from (the host's is negative). Both widths; 0 / 0 is the NaN. */
TEST(LoptFp, ConversionsOfTheX86RuleSeeTheCanonicalNan)
{
    for (enum ir_type from : {IR_F32, IR_F64}) {
        Region r;
        struct ir_builder *b = r.begin();
        ir_ref zero = ir_const(b, from, 0), x = from == IR_F64 ? ir_get(b, F0) : single(b, 0);
        ir_ref nan = fp(b, IR_FDIV, ir_fp(b, IR_FMUL, from, IR_RDYN, x, zero, IR_NO_REF), zero);
        const enum ir_type to = from == IR_F64 ? IR_F32 : IR_F64;
        ir_ref v = ir_fp(b, IR_FCVT_FF, to, IR_RDYN | ir_fp_nan(IR_NAN_X86), nan, IR_NO_REF, IR_NO_REF);
        ir_put(b, F0 + 2, to == IR_F64 ? v : ir_conv(b, IR_FBOX, IR_F64, v));
        ir_jump(b, IR_HINT_NONE, kOutside);
        r.end();
        Code code(r.get());
        Cpu cpu(3);
        cpu.set_f(0, from == IR_F64 ? 0x3ff0000000000000 : 0xffffffff3f800000);
        EXPECT_EQ(compare_code(r.get(), code, cpu.get()), "") << code.disassembly();
    }
}

/* One branch for all that is stored next, doubles and singles apart; one of the values twice. */
TEST(LoptFp, StoresInARowAreCanonical)
{
    Region r;
    struct ir_builder *b = r.begin();
    ir_ref at = ir_const(b, IR_I64, (uintptr_t)memory()), f0 = ir_get(b, F0), f6 = ir_get(b, F0 + 6);
    ir_ref d[3] = {fp(b, IR_FSUB, f0, f6), fp(b, IR_FADD, f0, f6), fp(b, IR_FMUL, f6, ir_get(b, F0 + 7))};
    ir_ref s[2] = {fp(b, IR_FSUB, single(b, 0), single(b, 1)), fp(b, IR_FMUL, single(b, 7), single(b, 1))};
    ir_put(b, F0 + 2, d[0]);
    for (unsigned i = 0; i < 3; i++)
        ir_st(b, IR_F64, at, 8 * i, d[i]);
    for (unsigned i = 0; i < 2; i++)
        ir_st(b, IR_F32, at, 24 + 4 * i, s[i]);
    ir_st(b, IR_F64, at, 32, d[0]);
    ir_st(b, IR_F64, at, 40, fp(b, IR_FADD, d[1], f6)); /* computed after */
    loop_end(b);
    r.end({}, 1000);
    check(r);
}
