/* SPDX-License-Identifier: Apache-2.0 */
/* Executes each instruction form of vec_forms.h (made from vec_forms.txt) on many operands and prints a line for it:
 * its text and a digest of the vector registers, memory, rax, rdx, the status flags and MXCSR afterwards. What the host
 * prints is right.
 *
 * vec_digests SETS [FORM [flush]]: number of sets of operands; only that form (-1: all), with every result if it is
 * one; flush: with FTZ and DAZ in MXCSR. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct state {
    uint64_t v[4][4]; /* ymm0..ymm3 */
    uint64_t mem[8];
    uint64_t rax, rdx, flags;
    uint32_t mxcsr;
} __attribute__((aligned(32)));
enum { RANDOM_WORDS = 24, STATUS_FLAGS = 0x8d5 };

#define RUN(n, text)                                                                                                   \
    static void run_##n(struct state *s)                                                                               \
    {                                                                                                                  \
        __asm__ volatile("vmovdqu (%0), %%ymm0\n vmovdqu 32(%0), %%ymm1\n vmovdqu 64(%0), %%ymm2\n"                    \
                         "vmovdqu 96(%0), %%ymm3\n mov 192(%0), %%rax\n mov 200(%0), %%rdx\n lea 128(%0), %%rsi\n"     \
                         "ldmxcsr 216(%0)\n xor %%ecx, %%ecx\n" text "\n pushfq\n pop %%rcx\n stmxcsr 216(%0)\n"       \
                         "vmovdqu %%ymm0, (%0)\n vmovdqu %%ymm1, 32(%0)\n vmovdqu %%ymm2, 64(%0)\n"                    \
                         "vmovdqu %%ymm3, 96(%0)\n mov %%rax, 192(%0)\n mov %%rdx, 200(%0)\n mov %%rcx, 208(%0)\n"     \
                         "vzeroupper"                                                                                  \
                         :                                                                                             \
                         : "r"(s)                                                                                      \
                         : "rax", "rcx", "rdx", "rsi", "rdi", "cc", "memory", "xmm0", "xmm1", "xmm2", "xmm3");         \
    }
#include "vec_forms.h"
#undef RUN

static const struct {
    const char *text;
    void (*run)(struct state *s);
} forms[] = {
#define RUN(n, text) {text, run_##n},
#include "vec_forms.h"
};

static uint64_t seed;
static uint64_t rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

#define PICK(list) list[rnd() % (sizeof list / sizeof *list)]

static uint32_t single(void)
{
    static const uint32_t liked[] = {0,          0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
                                     0x7fc00001, 0xffc12345, 0x7f812345, 0xff800001, 1,          0x80000003,
                                     0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0xcf000000, 0x4effffff,
                                     0x3f000000, 0x40200000, 0x3fc00000};
    if (rnd() % 2)
        return PICK(liked);
    return rnd() % 4 ? (uint32_t)(rnd() & 0x807fffff) | (uint32_t)(100 + rnd() % 60) << 23 : (uint32_t)rnd();
}

static uint64_t twice(void)
{
    static const uint64_t liked[] = {0,
                                     1ull << 63,
                                     0x3ff0000000000000,
                                     0xbff0000000000000,
                                     0x7ff0000000000000,
                                     0xfff0000000000000,
                                     0x7ff8000000000001,
                                     0xfff8123400000001,
                                     0x7ff0123400000001,
                                     0xfff0000000000001,
                                     1,
                                     0x8000000000000003,
                                     0x000fffffffffffff,
                                     0x0010000000000000,
                                     0x7fefffffffffffff,
                                     0x43e0000000000000,
                                     0xc3e0000000000000,
                                     0x41dfffffffc00000,
                                     0x41e0000000000000,
                                     0x3fe0000000000000,
                                     0x4004000000000000,
                                     0x36a0000000000000,
                                     0x380fffffffffffff,
                                     0x47efffffffffffff};
    if (rnd() % 2)
        return PICK(liked);
    return rnd() % 4 ? (rnd() & 0x800fffffffffffffull) | (1023 - 40 + rnd() % 100) << 52 : rnd();
}

static uint64_t integer(void)
{
    switch (rnd() % 6) {
    case 0:
        return rnd() & 0x00ff00ff00ff00ffull;
    case 1:
        return rnd() % 70;
    case 2:
        return rnd() | 0x8080808080808080ull;
    case 3:
        return rnd() & 0x7fff80007fff8000ull;
    case 4:
        return rnd() % 2 ? ~0ull : 0;
    default:
        return rnd();
    }
}

static void fill(struct state *s, unsigned set, int flush)
{
    static const uint32_t rounding[] = {0x1f80, 0x3f80, 0x5f80, 0x7f80, 0x1f80, 0x1f80},
                          flushing[] = {0x8040, 0x8000, 0x40};
    uint64_t *w = (uint64_t *)s;
    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < RANDOM_WORDS; i++) {
        w[i] = set % 3 == 0 ? single() | (uint64_t)single() << 32 : set % 3 == 1 ? twice() : integer();
        if (i >= 4 && i < 16 && rnd() % 5 == 0)
            w[i] = w[i - 4];
    }
    s->rax = integer();
    s->rdx = integer();
    s->mxcsr = PICK(rounding) | (flush ? PICK(flushing) : 0);
}

static void show(const char *title, const struct state *s)
{
    const uint64_t *w = (const uint64_t *)s;
    printf("%s\n", title);
    for (unsigned i = 0; i < sizeof *s / sizeof *w; i++)
        printf(" %016llx%s", (unsigned long long)w[i], i % 4 == 3 ? "\n" : "");
}

static void try_form(unsigned n, unsigned sets, int verbose, int flush)
{
    uint64_t digest = 14695981039346656037ull;
    seed = 88172645463325252ull + n;
    for (unsigned set = 0; set < sets; set++) {
        struct state s;
        fill(&s, set, flush);
        if (verbose)
            show("before", &s);
        forms[n].run(&s);
        s.flags &= STATUS_FLAGS;
        if (verbose)
            show("after", &s);
        for (const uint8_t *p = (const uint8_t *)&s; p < (const uint8_t *)(&s + 1); p++)
            digest = (digest ^ *p) * 1099511628211ull;
    }
    printf("%4u %-48s %016llx\n", n, forms[n].text, (unsigned long long)digest);
}

int main(int argc, char **argv)
{
    unsigned sets = argc > 1 ? (unsigned)atoi(argv[1]) : 60;
    int only = argc > 2 ? atoi(argv[2]) : -1, flush = argc > 3;
    for (unsigned n = 0; n < sizeof forms / sizeof *forms; n++) {
        if (only < 0 ? n % (unsigned)-only == 0 : (unsigned)only == n) // -N: every Nth
            try_form(n, sets, only >= 0, flush);
    }
    return 0;
}
