/* SPDX-License-Identifier: Apache-2.0 */
/* FPCR.FZ: subnormal operands and results are zero, before the program has looked at FPSR and afterwards; and it can be
 * switched. What rounding makes the smallest normal number was tiny before, so it is flushed.
 * reference: qemu */

#include "tests/guest/guest_test.h"

enum { FZ = 1 << 24, UP = 1 << 22, ROUNDS = 3000 };

static void set_fpcr(uint64_t fpcr) { __asm__ volatile("msr fpcr, %0" ::"r"(fpcr)); }
static uint64_t get_fpsr(void)
{
    uint64_t fpsr;
    __asm__ volatile("mrs %0, fpsr" : "=r"(fpsr));
    return fpsr;
}

static double d(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}
static uint64_t bits(double v)
{
    uint64_t b;
    memcpy(&b, &v, sizeof b);
    return b;
}

#define TWO(name, insn)                                                                                                \
    static uint64_t name(double a, double b)                                                                           \
    {                                                                                                                  \
        double r;                                                                                                      \
        __asm__ volatile(insn : "=w"(r) : "w"(a), "w"(b));                                                             \
        return bits(r);                                                                                                \
    }
TWO(add, "fadd %d0, %d1, %d2")
TWO(sub, "fsub %d0, %d1, %d2")
TWO(mul, "fmul %d0, %d1, %d2")
TWO(div_, "fdiv %d0, %d1, %d2")
TWO(mul2, "fmul %0.2d, %1.2d, %2.2d")
TWO(max, "fmax %d0, %d1, %d2")
TWO(root, "fsqrt %d0, %d1")
TWO(narrow, "fcvt %s0, %d1")
TWO(widen, "fcvt %d0, %s1")
TWO(round_up, "frintp %d0, %d1")
TWO(to_int, "fcvtps %d0, %d1")
TWO(greater, "fcmgt %d0, %d1, %d2")
TWO(equal, "fcmeq %0.2d, %1.2d, %2.2d")
TWO(negated, "fneg %d0, %d1")

static uint64_t fused(double a, double b)
{
    double r;
    __asm__ volatile("fmadd %d0, %d1, %d2, %d3" : "=w"(r) : "w"(a), "w"(b), "w"(d(0)));
    return bits(r);
}

/* A constant that the translator knows. */
static uint64_t constant(double a, double b)
{
    (void)a, (void)b;
    uint64_t r;
    __asm__ volatile("movi v7.4s, #0x28, msl #16\n\tfcmgt v7.4s, v7.4s, #0.0\n\tfmov %0, d7" : "=r"(r)::"v7");
    return r;
}

static uint64_t less_flags(double a, double b)
{
    uint64_t nzcv;
    __asm__ volatile("fcmp %d1, %d2\n\tmrs %0, nzcv" : "=r"(nzcv) : "w"(a), "w"(b) : "cc");
    return nzcv;
}

static const struct {
    const char *name;
    uint64_t (*f)(double, double);
} ops[] = {{"add", add},
           {"sub", sub},
           {"mul", mul},
           {"div", div_},
           {"mul2", mul2},
           {"max", max},
           {"root", root},
           {"narrow", narrow},
           {"widen", widen},
           {"round_up", round_up},
           {"to_int", to_int},
           {"greater", greater},
           {"equal", equal},
           {"negated", negated},
           {"fused", fused},
           {"constant", constant},
           {"less_flags", less_flags}};

/* subnormal, smallest normal, what times a half or a little less becomes that or not, ordinary; as singles, too */
static const uint64_t values[][2] = {{1, 0x3ff << 20},
                                     {0x000fffffffffffff, 0x8000000000000001},
                                     {0x0010000000000000, 0x3fefffffffffffff},
                                     {0x001fffffffffffff, 0x3fe0000000000000},
                                     {0x8010000000000000, 0x000fffffffffffff},
                                     {0x3ff0000000000000, 0x4000000000000000},
                                     {0x380fffffffffffff, 0x0000000000000000},
                                     {0x36a0000000000000, 0x7ff0000000000000},
                                     {0x7ff8000000000001, 0x0000000000000001}};

static void run(const char *when, uint64_t fpcr)
{
    static uint64_t results[COUNT_OF(values)];
    for (unsigned op = 0; op < COUNT_OF(ops); op++) {
        set_fpcr(fpcr);
        for (unsigned n = 0; n < ROUNDS; n++)
            results[n % COUNT_OF(values)] =
                ops[op].f(d(values[n % COUNT_OF(values)][0]), d(values[n % COUNT_OF(values)][1]));
        set_fpcr(0);
        printf("%s %s:", when, ops[op].name);
        for (unsigned n = 0; n < COUNT_OF(values); n++)
            printf(" %llx", (unsigned long long)results[n]);
        printf("\n");
    }
}

int main(void)
{
    run("FZ", FZ);
    run("FZ, up", FZ | UP);
    run("none", 0);
    printf("flags were looked at: %d\n", get_fpsr() != 1);
    run("FZ", FZ);
    run("FZ, up", FZ | UP);
    run("none", 0);
    return 0;
}
