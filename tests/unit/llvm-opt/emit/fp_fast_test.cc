/* SPDX-License-Identifier: Apache-2.0 */
/* Regions built with fp_fast: ordinary operations, the same values where no NaN is involved. */
#include <gtest/gtest.h>

#include "tests/unit/llvm-opt/emit/harness.h"

using namespace lopt_test;

namespace
{

ir_ref fp(struct ir_builder *b, enum ir_op op, ir_ref x, ir_ref y = IR_NO_REF, ir_ref z = IR_NO_REF)
{
    return ir_fp(b, op, ir_type_of(b, x), IR_RDYN, x, y, z);
}

/* One of each operation that tier 2 has in two forms, doubles in f0..f2 and f6, singles in f3 and f4. */
void build(Region &r, bool fast)
{
    struct ir_builder *b = r.begin();
    b->fp_fast = fast;
    ir_ref x = ir_get(b, F0), y = ir_get(b, F0 + 1);
    ir_ref s = ir_conv(b, IR_FUNBOX, IR_F32, ir_get(b, F0 + 3)), t = ir_conv(b, IR_FUNBOX, IR_F32, ir_get(b, F0 + 4));
    ir_ref sum = fp(b, IR_FADD, x, y), product = fp(b, IR_FMUL, x, y);
    ir_ref root = fp(b, IR_FSQRT, fp(b, IR_FDIV, fp(b, IR_FSUB, x, y), y));
    ir_put(b, F0 + 2, fp(b, IR_FCANON, fp(b, IR_FMA, sum, product, root)));
    ir_put(b, F0 + 4, ir_conv(b, IR_FBOX, IR_F64, fp(b, IR_FMUL, s, t)));
    ir_put(b, F0 + 6,
           fp(b, IR_FADD, ir_fp(b, IR_FCVT_FF, IR_F64, IR_RDYN, s, IR_NO_REF, IR_NO_REF),
              ir_fp(b, IR_FCVT_SF, IR_F64, IR_RDYN, ir_get(b, X0), IR_NO_REF, IR_NO_REF)));
    ir_put(b, X0 + 1, ir_conv(b, IR_ZEXT, IR_I64, ir_fcmp(b, IR_FLT | IR_FCOND_NOEXC, x, y)));
    ir_put(b, X0 + 2, ir_fp(b, IR_FCVT_FS, IR_I64, IR_RTZ, sum, IR_NO_REF, IR_NO_REF));
    ir_jump(b, IR_HINT_NONE, kOutside);
    r.end();
}

struct Result {
    uint8_t guest[256];
    unsigned flags;
};

Result run(bool fast, double x, double y)
{
    Region r;
    build(r, fast);
    Code code(r.get());
    EXPECT_EQ(code.status, STATUS_OK);
    Cpu cpu(7);
    uint64_t single[2] = {0xffffffff3fc00000, 0xffffffff40490fdb}; /* 1.5f, pi */
    memcpy(cpu->guest + 128, &x, 8);                               /* f0, f1; f3 and f4 */
    memcpy(cpu->guest + 136, &y, 8);
    memcpy(cpu->guest + 152, single, sizeof single);
    code.run(cpu.get());
    Result out;
    memcpy(out.guest, cpu->guest, sizeof out.guest);
    out.flags = cpu.flags();
    return out;
}

TEST(LoptFpFast, GivesTheSameValues)
{
    const double values[][2] = {{7.25, 3.1}, {1e300, 1e-300}, {5, 2}, {0.1, 0.1}};
    for (const double *v : values) {
        Result exact = run(false, v[0], v[1]), fast = run(true, v[0], v[1]);
        EXPECT_EQ(memcmp(exact.guest, fast.guest, sizeof exact.guest), 0) << v[0] << " " << v[1];
        EXPECT_NE(exact.flags & FP_NX, 0u);
    }
}

/* Whoever asks for exactness does not get what only fp_fast may give: the payload of an operand. */
TEST(LoptFpFast, KeepsWhateverNanThereIs)
{
    double nan;
    uint64_t payload = 0x7ff8000000000123, canonical = 0x7ff8000000000000, f2;
    memcpy(&nan, &payload, 8);
    memcpy(&f2, run(false, nan, 1).guest + 144, 8);
    EXPECT_EQ(f2, canonical);
    memcpy(&f2, run(true, nan, 1).guest + 144, 8);
    EXPECT_EQ(f2, payload);
}

TEST(LoptFpFast, IsOrdinaryFloatingPoint)
{
    for (bool fast : {false, true}) {
        Region r;
        build(r, fast);
        char *text = nullptr;
        size_t size = 0;
        struct lopt_options options = {};
        options.level = 2, options.polls = true;
        struct lopt *lopt;
        char why[256];
        ASSERT_EQ(lopt_open(&options, &lopt, why, sizeof why), STATUS_OK) << why;
        FILE *out = open_memstream(&text, &size);
        EXPECT_EQ(lopt_explain(lopt, r.get(), out), STATUS_OK);
        fclose(out);
        lopt_close(lopt);
        EXPECT_EQ(strstr(text, "constrained.fadd") != nullptr, !fast);
        EXPECT_EQ(strstr(text, "constrained.fma") != nullptr, !fast);
        EXPECT_EQ(strstr(text, "constrained.fcmp") != nullptr, !fast);
        free(text);
    }
}

} // namespace
