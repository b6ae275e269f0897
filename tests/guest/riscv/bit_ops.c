/* SPDX-License-Identifier: Apache-2.0 */
/* Zba, Zbb and Zbs on all pairs of corner values; one line per instruction; ctzw is in ctzw.c.
 * build: -march=rv64gc_zba_zbb_zbs */
#include "tests/guest/guest_test.h"

#define TWO(X)                                                                                                         \
    X(sh1add)                                                                                                          \
    X(sh2add)                                                                                                          \
    X(sh3add)                                                                                                          \
    X(add.uw)                                                                                                          \
    X(sh1add.uw)                                                                                                       \
    X(sh2add.uw)                                                                                                       \
    X(sh3add.uw)                                                                                                       \
    X(andn) X(orn) X(xnor) X(max) X(maxu) X(min) X(minu) X(rol) X(ror) X(rolw) X(rorw) X(bclr) X(bext) X(binv) X(bset)
#define ONE(X) X(clz) X(ctz) X(cpop) X(clzw) X(cpopw) X(sext.b) X(sext.h) X(zext.h) X(orc.b) X(rev8)
#define IMMEDIATE(X)                                                                                                   \
    X(rori, 0)                                                                                                         \
    X(rori, 1)                                                                                                         \
    X(rori, 33)                                                                                                        \
    X(rori, 63)                                                                                                        \
    X(roriw, 0)                                                                                                        \
    X(roriw, 1)                                                                                                        \
    X(roriw, 31)                                                                                                       \
    X(slli.uw, 0)                                                                                                      \
    X(slli.uw, 31)                                                                                                     \
    X(slli.uw, 63)                                                                                                     \
    X(bclri, 0) X(bclri, 63) X(bexti, 0) X(bexti, 31) X(bexti, 63) X(binvi, 32) X(binvi, 63) X(bseti, 0) X(bseti, 63)

static uint64_t hash, result;

int main(void)
{
#define RUN_TWO(op)                                                                                                    \
    hash = 0;                                                                                                          \
    for (size_t i = 0; i < COUNT_OF(corner_integers); i++)                                                             \
        for (size_t j = 0; j < COUNT_OF(corner_integers); j++) {                                                       \
            __asm__ volatile(#op " %0, %1, %2" : "=r"(result) : "r"(corner_integers[i]), "r"(corner_integers[j]));     \
            hash = mix(hash, result);                                                                                  \
        }                                                                                                              \
    print_hash(#op, hash);
    TWO(RUN_TWO)
#define RUN_ONE(op)                                                                                                    \
    hash = 0;                                                                                                          \
    for (size_t i = 0; i < COUNT_OF(corner_integers); i++) {                                                           \
        __asm__ volatile(#op " %0, %1" : "=r"(result) : "r"(corner_integers[i]));                                      \
        hash = mix(hash, result);                                                                                      \
    }                                                                                                                  \
    print_hash(#op, hash);
    ONE(RUN_ONE)
#define RUN_IMM(op, imm)                                                                                               \
    hash = 0;                                                                                                          \
    for (size_t i = 0; i < COUNT_OF(corner_integers); i++) {                                                           \
        __asm__ volatile(#op " %0, %1, " #imm : "=r"(result) : "r"(corner_integers[i]));                               \
        hash = mix(hash, result);                                                                                      \
    }                                                                                                                  \
    print_hash(#op " " #imm, hash);
    IMMEDIATE(RUN_IMM)
    return 0;
}
