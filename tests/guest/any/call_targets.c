/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that a region follows, and those it cannot: methods whose sets are exchanged once they are hot, functions that
 * end in another one, mutual recursion, recursion through a pointer, and longjmp out of all of it. */
#include <setjmp.h>

#include "tests/guest/guest_test.h"

#define NOINLINE __attribute__((noinline, noclone))

enum { KINDS = 7, OBJECTS = 61 };

struct object;
typedef uint64_t (*method)(struct object *, uint64_t);
struct object {
    const method *methods;
    uint64_t a;
    struct object *next;
};

static jmp_buf out;
static uint64_t jumps;

static NOINLINE uint64_t shared_end(struct object *o, uint64_t x) { return o->a = mix(o->a, x); }

#define METHODS(n)                                                                                                     \
    static NOINLINE uint64_t plain##n(struct object *o, uint64_t x) { return (o->a += n + x) ^ x >> n; }               \
    static NOINLINE uint64_t tail##n(struct object *o, uint64_t x) { return shared_end(o, x * (2 * n + 1)); }          \
    static NOINLINE uint64_t calls##n(struct object *o, uint64_t x)                                                    \
    {                                                                                                                  \
        return plain##n(o, x + 1) + (x % (50 + n) ? n : o->next->methods[1](o->next, x / 3));                          \
    }                                                                                                                  \
    static NOINLINE uint64_t leaves##n(struct object *o, uint64_t x)                                                   \
    {                                                                                                                  \
        o->a ^= x << n;                                                                                                \
        if (x % 97 == n)                                                                                               \
            longjmp(out, n + 1);                                                                                       \
        return o->a >> 3;                                                                                              \
    }
METHODS(0)
METHODS(1)
METHODS(2)
METHODS(3)
METHODS(4)
METHODS(5)
METHODS(6)

#define ROW(f)                                                                                                         \
    {                                                                                                                  \
        {f##0, plain0}, {f##1, tail1}, {f##2, plain2}, {f##3, tail3}, {f##4, plain4}, {f##5, tail5}, { f##6, plain6 }  \
    }
static const method sets[4][KINDS][2] = {ROW(plain), ROW(tail), ROW(calls), ROW(leaves)};

static struct object objects[OBJECTS];

static NOINLINE uint64_t visit_all(uint64_t sum)
{
    volatile int at = 0; /* setjmp comes back here */
    volatile uint64_t total = sum;
    int code = setjmp(out);
    if (code) {
        jumps++;
        total += (uint64_t)code;
    }
    while (at < OBJECTS) {
        struct object *o = &objects[at];
        at++;
        total += o->methods[0](o, total);
    }
    return total;
}

static void methods(void)
{
    uint64_t sum = 1;
    for (int set = 0; set < 8; set++) {
        for (int i = 0; i < OBJECTS; i++)
            objects[i] =
                (struct object){sets[set % 4][(i * 5 + set) % KINDS], (uint64_t)i, &objects[(i + 1) % OBJECTS]};
        for (int round = 0; round < 1500; round++)
            sum = visit_all(sum);
        print_hash("methods", sum);
    }
    print_hash("jumps", jumps);
}

static int depth_left;

static NOINLINE int male(int n);
static NOINLINE int female(int n) { return n ? n - male(female(n - 1)) : 1; }
static NOINLINE int male(int n)
{
    if (--depth_left == 0)
        longjmp(out, 1);
    return n ? n - female(male(n - 1)) : 0;
}

typedef int (*fold)(const void *self, int n, int m);
static NOINLINE int by_pointer(const void *self, int n, int m)
{
    fold f = *(const fold *)self;
    if (n == 0)
        return m + 1;
    return m == 0 ? f(self, n - 1, 1) : f(self, n - 1, f(self, n, m - 1));
}
static NOINLINE int other(const void *self, int n, int m) { return by_pointer(self, n, m) + 1; }

static void recursion(void)
{
    volatile uint64_t sum = 0;
    volatile int i;
    for (i = 0; i < 240; i++) {
        depth_left = i % 3 ? 0 : 1 + i * i / 16;
        if (setjmp(out) == 0)
            sum = mix(sum, (uint64_t)male(20 + i % 7));
        else
            sum = mix(sum, 12345);
    }
    print_hash("mutual", sum);
    fold targets[] = {by_pointer, other};
    for (i = 0; i < 20; i++)
        sum = mix(sum, (uint64_t)by_pointer(&targets[i == 13], 2, i == 13 ? 2 : 20 + i));
    print_hash("by pointer", sum);
}

int main(void)
{
    methods();
    recursion();
    return 0;
}
