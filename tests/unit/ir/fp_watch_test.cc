// SPDX-License-Identifier: Apache-2.0
// fp_watch: the flags that a watch reports are those that MXCSR would have shown, and watches pay for themselves.
#include <gtest/gtest.h>

#include <immintrin.h>

#include <cstring>
#include <memory>

#include "tests/harness/fp_traps.h"

namespace
{

enum { WAIT = 16 };

// The guest's side: its MXCSR is live from construction to destruction.
class Guest
{
  public:
    Guest() : cpu_(new struct cpu), traps_(cpu_.get()), host_(_mm_getcsr())
    {
        memset(static_cast<void *>(cpu_.get()), 0, sizeof *cpu_);
        _mm_setcsr(0x1f80);
    }
    ~Guest() { _mm_setcsr(host_); }
    // As generated code reads.
    unsigned read()
    {
        uint32_t known = cpu_->fp_watch | cpu_->fp_flags;
        return known & FP_WATCHED ? known & FP_WATCH_FLAGS : fp_watch_read(cpu_.get());
    }
    void watch()
    {
        for (int i = 0; i < 2 * 4096 && !cpu_->fp_watch; i++)
            fp_watch_read(cpu_.get());
        ASSERT_TRUE(cpu_->fp_watch & FP_WATCHED);
    }
    struct cpu *operator->() { return cpu_.get(); }
    struct cpu *get() { return cpu_.get(); }

  private:
    std::unique_ptr<struct cpu> cpu_;
    FpTraps traps_;
    unsigned host_;
};

double divide(double a, double b)
{
    double q = a;
    __asm__ __volatile__("divsd %1, %0" : "+x"(q) : "x"(b) : "memory");
    return q;
}
double multiply(double a, double b)
{
    double q = a;
    __asm__ __volatile__("mulsd %1, %0" : "+x"(q) : "x"(b) : "memory");
    return q;
}

} // namespace

TEST(fp_watch, begins_after_some_readings)
{
    Guest g;
    for (int i = 0; i < WAIT; i++)
        EXPECT_EQ(g.read(), 0u);
    EXPECT_EQ(g->fp_watch, 0u);
    g.read();
    EXPECT_EQ(g->fp_watch, FP_WATCHED);
    EXPECT_EQ(_mm_getcsr(), 0x1f80u & ~0x1e80u) << "all but denormal are unmasked";
}

TEST(fp_watch, sees_each_flag_once)
{
    struct Case {
        double a, b;
        unsigned flags;
    };
    const Case cases[] = {
        {1, 3, FP_NX}, {1, 0, FP_DZ}, {0, 0, FP_NV}, {1e308, 1e-10, FP_OF | FP_NX}, {1e-308, 3e5, FP_UF | FP_NX}};
    unsigned seen = 0;
    Guest g;
    for (const Case &c : cases) {
        g.watch();
        unsigned traps = FpTraps::count();
        volatile double r = divide(c.a, c.b);
        (void)r;
        EXPECT_EQ(FpTraps::count() - traps, (c.flags & ~seen) != 0);
        seen |= c.flags;
        EXPECT_EQ(g.read(), seen);
        g.watch();
        EXPECT_EQ(g->fp_watch, FP_WATCHED | seen);
        traps = FpTraps::count();
        r = divide(c.a, c.b);
        EXPECT_EQ(FpTraps::count(), traps) << "a flag that is up does not trap";
        EXPECT_EQ(g.read(), seen);
    }
}

TEST(fp_watch, an_exact_subnormal_raises_nothing)
{
    Guest g;
    divide(1, 3); // inexact is up, as it is in most programs
    g.watch();
    EXPECT_EQ(multiply(0x1p-1022, 0.5), 0x1p-1023);
    EXPECT_EQ(FpTraps::count(), 1u);
    EXPECT_EQ(g->fp_watch, 0u);
    EXPECT_EQ(g.read(), static_cast<unsigned>(FP_NX));
    EXPECT_EQ(multiply(0x1.0000000000001p-1022, 0.5), 0x1p-1023);
    EXPECT_EQ(g.read(), static_cast<unsigned>(FP_NX | FP_UF));
}

TEST(fp_watch, traps_become_rare)
{
    Guest g;
    divide(1, 3);
    const int readings = 100000;
    for (int i = 0; i < readings; i++) {
        multiply(0x1p-1022, 0.5);
        EXPECT_EQ(g.read(), static_cast<unsigned>(FP_NX));
    }
    EXPECT_LT(FpTraps::count(), static_cast<unsigned>(readings / 4096 + 12));
}

TEST(fp_watch, stopping_masks_everything)
{
    Guest g;
    g.watch();
    uint32_t mxcsr = _mm_getcsr();
    fp_watch_stop(g.get(), &mxcsr);
    EXPECT_EQ(mxcsr, 0x1f80u);
    EXPECT_EQ(g->fp_watch, 0u);
    _mm_setcsr(mxcsr);
    divide(1, 3);
    EXPECT_EQ(FpTraps::count(), 0u);
}

TEST(fp_watch, adds_what_software_raised)
{
    Guest g;
    g->fp_flags = FP_DZ;
    EXPECT_EQ(g.read(), static_cast<unsigned>(FP_DZ));
    g.watch();
    EXPECT_EQ(g.read(), static_cast<unsigned>(FP_DZ));
}

TEST(fp_watch, a_trap_with_everything_masked_is_not_ours)
{
    struct cpu cpu = {};
    uint32_t mxcsr = 0x1f80;
    EXPECT_FALSE(fp_watch_trap(&cpu, &mxcsr));
    EXPECT_EQ(mxcsr, 0x1f80u);
}
