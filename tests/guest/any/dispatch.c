/* SPDX-License-Identifier: Apache-2.0 */
/* Indirect jumps: computed goto, a switch of 200 cases, function tables, and a target set that changes its mind when
 * hot. */
#include "tests/guest/guest_test.h"

#define CASE1(n)                                                                                                       \
    case n:                                                                                                            \
        h = mix(h, (n)*7 + 1);                                                                                         \
        break;
#define CASE5(n)  CASE1(n) CASE1(n + 1) CASE1(n + 2) CASE1(n + 3) CASE1(n + 4)
#define CASE25(n) CASE5(n) CASE5(n + 5) CASE5(n + 10) CASE5(n + 15) CASE5(n + 20)

static uint64_t big_switch(unsigned rounds)
{
    uint64_t h = 1, seed = 3;
    for (unsigned i = 0; i < rounds; i++) {
        switch (next_random(&seed) % 210) {
            CASE25(0)
            CASE25(25) CASE25(50) CASE25(75) CASE25(100) CASE25(125) CASE25(150) CASE25(175) default : h = mix(h, 999);
        }
    }
    return h;
}

static uint64_t computed_goto(unsigned rounds)
{
    static void *const where[] = {&&a, &&b, &&c, &&d, &&e, &&f, &&g, &&end};
    uint64_t h = 5;
    unsigned n = 0;
#define NEXT goto *where[++n >= rounds ? 7 : h % 7]
    NEXT;
a:
    h = h * 3 + 1;
    NEXT;
b:
    h = mix(h, n);
    NEXT;
c:
    h ^= h >> 3;
    h++;
    NEXT;
d:
    h += h << 5;
    NEXT;
e:
    h = mix(h, 77);
    NEXT;
f:
    h = ~h;
    NEXT;
g:
    h = (h >> 1) + 12345;
    NEXT;
end:
    return h;
}

#define FUNCTION(n)                                                                                                    \
    __attribute__((noinline)) static uint64_t f##n(uint64_t x) { return x * (2 * n + 3) + n; }
FUNCTION(0)
FUNCTION(1)
FUNCTION(2)
FUNCTION(3)
FUNCTION(4)
FUNCTION(5) FUNCTION(6) FUNCTION(7) static uint64_t (*const functions[])(uint64_t) = {f0, f1, f2, f3, f4, f5, f6, f7};

/* One call site: always the same target, then two, then all. */
static uint64_t phases(unsigned rounds)
{
    uint64_t h = 9;
    for (unsigned i = 0; i < rounds; i++) {
        unsigned which = i < rounds / 3 ? 0 : i < 2 * (rounds / 3) ? i & 1 : (unsigned)(h >> 60) & 7;
        h = functions[which](h);
        h ^= h >> 17;
    }
    return h;
}

int main(void)
{
    print_hash("switch", big_switch(60000));
    print_hash("goto", computed_goto(60000));
    print_hash("phases", phases(90000));
    return 0;
}
