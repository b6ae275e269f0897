/* SPDX-License-Identifier: Apache-2.0 */
/* Loops whose hot path moves: branches that flip after thousands of turns, nested and irreducible loops, early exits,
 * calls in loops, many live values, and loops that end in a system call. */
#include <unistd.h>

#include "tests/guest/guest_test.h"

__attribute__((noinline)) static uint64_t flip(unsigned n, unsigned period)
{
    uint64_t h = 0;
    for (unsigned i = 0; i < n; i++) {
        if (i / period & 1)
            h = h * 5 + i;
        else
            h ^= h >> 7 ^ i;
        if ((i & 0xfff) == 0xfff)
            h += 1000003;
    }
    return h;
}

__attribute__((noinline)) static uint64_t nested(unsigned n)
{
    uint64_t h = 1;
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = i; j < n; j += 1 + (h & 3)) {
            for (unsigned k = 0; k < (j & 7); k++)
                h = h * 31 + k;
            if ((h & 0x3ff) == 17)
                break;
            if ((h & 0xff) == 3)
                continue;
            h ^= j;
        }
    return h;
}

/* Two entries into one loop. */
__attribute__((noinline)) static uint64_t irreducible(unsigned n)
{
    uint64_t h = n;
    unsigned i = 0;
    if (n & 1)
        goto middle;
top:
    h = h * 3 + i;
    if ((h & 63) == 5)
        goto out;
middle:
    h ^= h >> 11;
    i++;
    if (i < n)
        goto top;
out:
    return mix(h, i);
}

__attribute__((noinline)) static uint64_t many_live(unsigned n)
{
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, k = 9, l = 10, m = 11, o = 12, p = 13, q = 14,
             r = 15, s = 16;
    uint64_t t = 17, u = 18, v = 19, w = 20, x = 21, y = 22;
    for (unsigned i = 0; i < n; i++) {
        a += b;
        b ^= c;
        c -= d;
        d += e;
        e ^= f;
        f += g;
        g -= h;
        h ^= k;
        k += l;
        l -= m;
        m ^= o;
        o += p;
        p -= q;
        q ^= r;
        r += s;
        s -= t;
        t ^= u;
        u += v;
        v -= w;
        w ^= x;
        x += y;
        y -= a >> 3;
    }
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ k ^ l ^ m ^ o ^ p ^ q ^ r ^ s ^ t ^ u ^ v ^ w ^ x ^ y;
}

__attribute__((noinline)) static uint64_t callee(uint64_t x, unsigned i) { return (i & 15) == 3 ? x / 3 : x * 7 + i; }

__attribute__((noinline)) static uint64_t calls(unsigned n)
{
    uint64_t h = 3;
    for (unsigned i = 0; i < n; i++)
        h = callee(callee(h, i), i >> 1) ^ i;
    return h;
}

__attribute__((noinline)) static uint64_t system_calls(unsigned n)
{
    uint64_t h = 0;
    pid_t first = getppid();
    for (unsigned i = 0; i < n; i++)
        h = mix(h, (uint64_t)(getppid() == first) + i);
    return h;
}

__attribute__((noinline)) static uint64_t bytes(unsigned n)
{
    static uint8_t table[4096];
    uint64_t h = 0;
    for (unsigned round = 0; round < n; round++)
        for (unsigned i = 1; i < sizeof(table); i++) {
            table[i] = (uint8_t)(table[i - 1] + (table[i] << 1) + i + round);
            h += (int8_t)table[i] < 0 ? 1 : table[i];
        }
    return h;
}

int main(void)
{
    print_hash("flip 10000", flip(100000, 10000));
    print_hash("flip 3", flip(50000, 3));
    print_hash("nested", nested(180));
    for (unsigned n = 1000; n < 1006; n++)
        print_hash("irreducible", irreducible(n));
    print_hash("many live", many_live(30000));
    print_hash("calls", calls(40000));
    print_hash("system calls", system_calls(3000));
    print_hash("bytes", bytes(30));
    return 0;
}
