/* SPDX-License-Identifier: Apache-2.0 */
/* F and D on corner values: results and accrued flags in every rounding mode; one line per instruction and mode. */
#include "tests/guest/guest_test.h"

static uint64_t hash;

static void note(uint64_t bits)
{
    uint64_t flags;
    __asm__ volatile("csrrw %0, fflags, zero" : "=r"(flags));
    hash = mix(mix(hash, bits), flags);
}

static void set_rounding(uint64_t mode) { __asm__ volatile("csrw frm, %0\n\tcsrw fflags, zero" : : "r"(mode)); }

#define IN_ALL_MODES(name, body)                                                                                       \
    for (uint64_t mode = 0; mode < 5; mode++) {                                                                        \
        char label[32];                                                                                                \
        set_rounding(mode);                                                                                            \
        hash = 0;                                                                                                      \
        body;                                                                                                          \
        set_rounding(0);                                                                                               \
        snprintf(label, sizeof(label), "%s/%d", name, (int)mode);                                                      \
        print_hash(label, hash);                                                                                       \
    }

#define FOR(i, array) for (size_t i = 0; i < COUNT_OF(array); i++)

/* The operands of an instruction on single-precision registers come boxed from fmv.w.x; its result is read whole. */
#define TWO_S(op)                                                                                                      \
    IN_ALL_MODES(                                                                                                      \
        #op, FOR(i, corner_floats) FOR(j, corner_floats) {                                                             \
            uint64_t r;                                                                                                \
            __asm__ volatile("fmv.w.x ft0, %1\n\tfmv.w.x ft1, %2\n\t" #op " ft2, ft0, ft1\n\tfmv.x.d %0, ft2"          \
                             : "=r"(r)                                                                                 \
                             : "r"(corner_floats[i]), "r"(corner_floats[j])                                            \
                             : "ft0", "ft1", "ft2");                                                                   \
            note(r);                                                                                                   \
        })
#define TWO_D(op)                                                                                                      \
    IN_ALL_MODES(                                                                                                      \
        #op, FOR(i, corner_doubles) FOR(j, corner_doubles) {                                                           \
            uint64_t r;                                                                                                \
            __asm__ volatile("fmv.d.x ft0, %1\n\tfmv.d.x ft1, %2\n\t" #op " ft2, ft0, ft1\n\tfmv.x.d %0, ft2"          \
                             : "=r"(r)                                                                                 \
                             : "r"(corner_doubles[i]), "r"(corner_doubles[j])                                          \
                             : "ft0", "ft1", "ft2");                                                                   \
            note(r);                                                                                                   \
        })
#define COMPARE(op, array, mv)                                                                                         \
    hash = 0;                                                                                                          \
    FOR(i, array) FOR(j, array)                                                                                        \
    {                                                                                                                  \
        uint64_t r;                                                                                                    \
        __asm__ volatile(mv " ft0, %1\n\t" mv " ft1, %2\n\t" #op " %0, ft0, ft1"                                       \
                         : "=r"(r)                                                                                     \
                         : "r"((uint64_t)array[i]), "r"((uint64_t)array[j])                                            \
                         : "ft0", "ft1");                                                                              \
        note(r);                                                                                                       \
    }                                                                                                                  \
    print_hash(#op, hash);
#define FMA(op, array, mv)                                                                                             \
    IN_ALL_MODES(                                                                                                      \
        #op, FOR(i, array) FOR(j, array) for (size_t k = 0; k < COUNT_OF(array); k += 3) {                             \
            uint64_t r;                                                                                                \
            __asm__ volatile(mv " ft0, %1\n\t" mv " ft1, %2\n\t" mv " ft2, %3\n\t" #op                                 \
                                " ft3, ft0, ft1, ft2\n\tfmv.x.d %0, ft3"                                               \
                             : "=r"(r)                                                                                 \
                             : "r"((uint64_t)array[i]), "r"((uint64_t)array[j]), "r"((uint64_t)array[k])               \
                             : "ft0", "ft1", "ft2", "ft3");                                                            \
            note(r);                                                                                                   \
        })
#define ONE(op, array, mv)                                                                                             \
    IN_ALL_MODES(                                                                                                      \
        #op, FOR(i, array) {                                                                                           \
            uint64_t r;                                                                                                \
            __asm__ volatile(mv " ft0, %1\n\t" #op " ft1, ft0\n\tfmv.x.d %0, ft1"                                      \
                             : "=r"(r)                                                                                 \
                             : "r"((uint64_t)array[i])                                                                 \
                             : "ft0", "ft1");                                                                          \
            note(r);                                                                                                   \
        })
#define TO_INT(op, array, mv)                                                                                          \
    IN_ALL_MODES(                                                                                                      \
        #op, FOR(i, array) {                                                                                           \
            uint64_t r;                                                                                                \
            __asm__ volatile(mv " ft0, %1\n\t" #op " %0, ft0" : "=r"(r) : "r"((uint64_t)array[i]) : "ft0");            \
            note(r);                                                                                                   \
        })
#define FROM_INT(op)                                                                                                   \
    IN_ALL_MODES(                                                                                                      \
        #op, FOR(i, corner_integers) {                                                                                 \
            uint64_t r;                                                                                                \
            __asm__ volatile(#op " ft0, %1\n\tfmv.x.d %0, ft0" : "=r"(r) : "r"(corner_integers[i]) : "ft0");           \
            note(r);                                                                                                   \
        })
#define CLASSIFY(op, array, mv)                                                                                        \
    FOR(i, array)                                                                                                      \
    {                                                                                                                  \
        uint64_t r;                                                                                                    \
        __asm__ volatile(mv " ft0, %1\n\t" #op " %0, ft0" : "=r"(r) : "r"((uint64_t)array[i]) : "ft0");                \
        note(r);                                                                                                       \
    }                                                                                                                  \
    print_hash(#op, hash);

static void arithmetic(void)
{
    TWO_S(fadd.s)
    TWO_S(fsub.s)
    TWO_S(fmul.s)
    TWO_S(fdiv.s)
    TWO_S(fmin.s)
    TWO_S(fmax.s)
    TWO_S(fsgnj.s)
    TWO_S(fsgnjn.s)
    TWO_S(fsgnjx.s)
    TWO_D(fadd.d)
    TWO_D(fsub.d)
    TWO_D(fmul.d)
    TWO_D(fdiv.d)
    TWO_D(fmin.d)
    TWO_D(fmax.d)
    TWO_D(fsgnj.d)
    TWO_D(fsgnjn.d) TWO_D(fsgnjx.d) ONE(fsqrt.s, corner_floats, "fmv.w.x") ONE(fsqrt.d, corner_doubles, "fmv.d.x")
}

static void fused(void)
{
    FMA(fmadd.s, corner_floats, "fmv.w.x")
    FMA(fmsub.s, corner_floats, "fmv.w.x")
    FMA(fnmadd.s, corner_floats, "fmv.w.x")
    FMA(fnmsub.s, corner_floats, "fmv.w.x")
    FMA(fmadd.d, corner_doubles, "fmv.d.x")
    FMA(fmsub.d, corner_doubles, "fmv.d.x")
    FMA(fnmadd.d, corner_doubles, "fmv.d.x") FMA(fnmsub.d, corner_doubles, "fmv.d.x")
}

static void compares(void)
{
    COMPARE(feq.s, corner_floats, "fmv.w.x")
    COMPARE(flt.s, corner_floats, "fmv.w.x")
    COMPARE(fle.s, corner_floats, "fmv.w.x")
    COMPARE(feq.d, corner_doubles, "fmv.d.x")
    COMPARE(flt.d, corner_doubles, "fmv.d.x") COMPARE(fle.d, corner_doubles, "fmv.d.x") hash = 0;
    CLASSIFY(fclass.s, corner_floats, "fmv.w.x")
    CLASSIFY(fclass.d, corner_doubles, "fmv.d.x") CLASSIFY(fmv.x.w, corner_doubles, "fmv.d.x")
}

static void conversions(void)
{
    TO_INT(fcvt.w.s, corner_floats, "fmv.w.x")
    TO_INT(fcvt.wu.s, corner_floats, "fmv.w.x")
    TO_INT(fcvt.l.s, corner_floats, "fmv.w.x")
    TO_INT(fcvt.lu.s, corner_floats, "fmv.w.x")
    TO_INT(fcvt.w.d, corner_doubles, "fmv.d.x")
    TO_INT(fcvt.wu.d, corner_doubles, "fmv.d.x")
    TO_INT(fcvt.l.d, corner_doubles, "fmv.d.x")
    TO_INT(fcvt.lu.d, corner_doubles, "fmv.d.x")
    FROM_INT(fcvt.s.w)
    FROM_INT(fcvt.s.wu)
    FROM_INT(fcvt.s.l)
    FROM_INT(fcvt.s.lu)
    FROM_INT(fcvt.d.w)
    FROM_INT(fcvt.d.wu)
    FROM_INT(fcvt.d.l)
    FROM_INT(fcvt.d.lu) ONE(fcvt.s.d, corner_doubles, "fmv.d.x") ONE(fcvt.d.s, corner_floats, "fmv.w.x")
}

/* A single-precision operand whose upper half is not all ones counts as the canonical NaN. */
static void boxing(void)
{
    static const uint64_t boxes[] = {0x000000003f800000, 0xfffffffe3f800000, 0xffffffff3f800000, 0x7fffffff40000000};
    hash = 0;
    FOR(i, boxes) FOR(j, boxes)
    {
        uint64_t sum, order, sign, class, narrow;
        __asm__ volatile(
            "fmv.d.x ft0, %5\n\tfmv.d.x ft1, %6\n\tfadd.s ft2, ft0, ft1\n\tfmv.x.d %0, ft2\n\tflt.s %1, ft0, ft1\n\t"
            "fsgnjx.s ft3, ft0, ft1\n\tfmv.x.d %2, ft3\n\tfclass.s %3, ft0\n\tfcvt.w.s %4, ft0"
            : "=&r"(sum), "=&r"(order), "=&r"(sign), "=&r"(class), "=&r"(narrow)
            : "r"(boxes[i]), "r"(boxes[j])
            : "ft0", "ft1", "ft2", "ft3");
        note(sum);
        note(order);
        note(sign);
        note(class);
        note(narrow);
    }
    print_hash("boxing", hash);
}

/* Rounding modes in the instruction itself. */
static void static_rounding(void)
{
    hash = 0;
    FOR(i, corner_doubles)
    {
        uint64_t n, z, d, u, m;
        __asm__ volatile(
            "fmv.d.x ft0, %5\n\tfcvt.l.d %0, ft0, rne\n\tfcvt.l.d %1, ft0, rtz\n\tfcvt.l.d %2, ft0, rdn\n\t"
            "fcvt.l.d %3, ft0, rup\n\tfcvt.l.d %4, ft0, rmm"
            : "=&r"(n), "=&r"(z), "=&r"(d), "=&r"(u), "=&r"(m)
            : "r"(corner_doubles[i])
            : "ft0");
        note(n ^ z << 1 ^ d << 2 ^ u << 3 ^ m << 4);
        __asm__ volatile(
            "fmv.d.x ft0, %5\n\tfmv.d.x ft1, %6\n\tfadd.d ft2, ft0, ft1, rtz\n\tfmv.x.d %0, ft2\n\t"
            "fmul.d ft2, ft0, ft1, rup\n\tfmv.x.d %1, ft2\n\tfdiv.d ft2, ft0, ft1, rdn\n\tfmv.x.d %2, ft2\n\t"
            "fsub.d ft2, ft0, ft1, rmm\n\tfmv.x.d %3, ft2\n\tfcvt.s.d ft2, ft0, rup\n\tfmv.x.d %4, ft2"
            : "=&r"(n), "=&r"(z), "=&r"(d), "=&r"(u), "=&r"(m)
            : "r"(corner_doubles[i]), "r"(0x3fd5555555555555)
            : "ft0", "ft1", "ft2");
        note(n ^ z << 1 ^ d << 2 ^ u << 3 ^ m << 4);
    }
    print_hash("rounding", hash);
}

int main(void)
{
    arithmetic();
    fused();
    compares();
    conversions();
    boxing();
    static_rounding();
    return 0;
}
