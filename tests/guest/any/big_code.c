/* SPDX-License-Identifier: Apache-2.0 */
/* More code than a small code cache holds: 1,500 distinct functions, called in waves so that old ones come back.
 * not in: tier2 precise */
#include "tests/guest/guest_test.h"

#define F(n)                                                                                                           \
    __attribute__((noinline)) static uint64_t f##n(uint64_t x, uint64_t y)                                             \
    {                                                                                                                  \
        x ^= y >> (1##n % 31 + 1);                                                                                     \
        for (unsigned i = 0; i < (x & 3); i++)                                                                         \
            y = y * (1##n | 1) + i;                                                                                    \
        if (y & 0x40)                                                                                                  \
            x += 1##n * y;                                                                                             \
        else                                                                                                           \
            x = (x << (1##n % 13 + 1)) ^ y;                                                                            \
        return x % 3 ? x + (y ^ 1##n) : x - 1##n;                                                                      \
    }
#define F10(n)  F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9)
#define F100(n) F10(n##0) F10(n##1) F10(n##2) F10(n##3) F10(n##4) F10(n##5) F10(n##6) F10(n##7) F10(n##8) F10(n##9)
#define T(n)    f##n,
#define T10(n)  T(n##0) T(n##1) T(n##2) T(n##3) T(n##4) T(n##5) T(n##6) T(n##7) T(n##8) T(n##9)
#define T100(n) T10(n##0) T10(n##1) T10(n##2) T10(n##3) T10(n##4) T10(n##5) T10(n##6) T10(n##7) T10(n##8) T10(n##9)
#define ALL(X)  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)

ALL(F100)
static uint64_t (*const table[])(uint64_t, uint64_t) = {ALL(T100)};

int main(int argc, char **argv)
{
    uint64_t h = 12345;
    unsigned waves = argc > 1 ? (unsigned)atoi(argv[1]) : 6;
    for (unsigned wave = 0; wave < waves; wave++) {
        for (unsigned i = 0; i < COUNT_OF(table); i++)
            h = mix(h, table[i](h, i + wave));
        for (unsigned i = 0; i < 3000; i++)
            h = mix(h, table[(wave * 200 + i % 40) % COUNT_OF(table)](h, i));
    }
    print_hash("big", h);
    return 0;
}
