/* SPDX-License-Identifier: Apache-2.0 */
/* A: every AMO on corner values, and what makes SC succeed and fail on one thread. */
#include "tests/guest/guest_test.h"

#define AMOS(X)                                                                                                        \
    X(amoswap.w)                                                                                                       \
    X(amoadd.w)                                                                                                        \
    X(amoxor.w)                                                                                                        \
    X(amoand.w)                                                                                                        \
    X(amoor.w)                                                                                                         \
    X(amomin.w)                                                                                                        \
    X(amomax.w)                                                                                                        \
    X(amominu.w)                                                                                                       \
    X(amomaxu.w)                                                                                                       \
    X(amoswap.d) X(amoadd.d) X(amoxor.d) X(amoand.d) X(amoor.d) X(amomin.d) X(amomax.d) X(amominu.d) X(amomaxu.d)

static void every_amo(void)
{
#define RUN(op)                                                                                                        \
    {                                                                                                                  \
        uint64_t hash = 0;                                                                                             \
        for (size_t i = 0; i < COUNT_OF(corner_integers); i++)                                                         \
            for (size_t j = 0; j < COUNT_OF(corner_integers); j++) {                                                   \
                uint64_t word[2] = {corner_integers[i], 0x5555}, old, old2;                                            \
                __asm__ volatile(#op " %0, %2, (%3)\n\t" #op ".aqrl %1, %2, (%3)"                                      \
                                 : "=&r"(old), "=&r"(old2)                                                             \
                                 : "r"(corner_integers[j]), "r"(word)                                                  \
                                 : "memory");                                                                          \
                hash = mix(mix(mix(hash, old), old2), word[0] ^ word[1]);                                              \
            }                                                                                                          \
        print_hash(#op, hash);                                                                                         \
    }
    AMOS(RUN)
}

/* Same register for source, address and result. */
static void overlapping(void)
{
    uint64_t cell = 40, *address = &cell, value = 2;
    __asm__ volatile("amoadd.d %0, %0, (%1)" : "+r"(value) : "r"(address) : "memory");
    printf("overlap %" PRIu64 " %" PRIu64 "\n", value, cell);
    __asm__ volatile("amoadd.d zero, %0, (%1)" : : "r"(value), "r"(address) : "memory");
    printf("to zero %" PRIu64 "\n", cell);
    uint64_t p = (uint64_t)&cell;
    cell = 77;
    __asm__ volatile("amoswap.d %0, %1, (%0)" : "+r"(p) : "r"(5ul) : "memory");
    printf("address %" PRIu64 " %" PRIu64 "\n", p, cell);
}

static void reservations(void)
{
    uint64_t cell[2] = {10, 20}, old, fail, again;
    __asm__ volatile("1: lr.d %0, (%3)\n\taddi %0, %0, 1\n\tsc.d %1, %0, (%3)\n\tbnez %1, 1b\n\tsc.d %2, zero, (%3)"
                     : "=&r"(old), "=&r"(fail), "=&r"(again)
                     : "r"(cell)
                     : "memory");
    printf("pair %" PRIu64 " %" PRIu64 " second sc %d cell %" PRIu64 "\n", old, fail, again != 0, cell[0]);
    __asm__ volatile("lr.d %0, (%3)\n\tsc.d %1, zero, (%4)\n\tsc.d %2, zero, (%3)"
                     : "=&r"(old), "=&r"(fail), "=&r"(again)
                     : "r"(cell), "r"(cell + 1)
                     : "memory");
    printf("other address %d %d cells %" PRIu64 " %" PRIu64 "\n", fail != 0, again != 0, cell[0], cell[1]);
    int32_t word[2] = {-5, 9};
    __asm__ volatile("1: lr.w %0, (%2)\n\taddi %0, %0, -1\n\tsc.w %1, %0, (%2)\n\tbnez %1, 1b"
                     : "=&r"(old), "=&r"(fail)
                     : "r"(word)
                     : "memory");
    printf("word %" PRId64 " %d %d\n", (int64_t)old, word[0], word[1]);
}

int main(void)
{
    every_amo();
    overlapping();
    reservations();
    return 0;
}
