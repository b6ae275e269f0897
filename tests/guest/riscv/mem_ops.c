/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of every width: sign extension, offsets, misalignment, across cache lines and pages. */
#include <sys/mman.h>

#include "tests/guest/guest_test.h"

#define LOADS(X)  X(lb) X(lbu) X(lh) X(lhu) X(lw) X(lwu) X(ld)
#define STORES(X) X(sb) X(sh) X(sw) X(sd)

static uint8_t *pages;

int main(void)
{
    uint64_t hash, seed = 42;
    pages = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(pages != MAP_FAILED, "mmap");
    for (int i = 0; i < 3 * 4096; i++)
        pages[i] = (uint8_t)next_random(&seed);
#define LOAD(op)                                                                                                       \
    hash = 0;                                                                                                          \
    for (int at = 4096 - 80; at < 4096 + 16; at++) {                                                                   \
        uint64_t a, b, c;                                                                                              \
        __asm__ volatile(#op " %0, 0(%3)\n\t" #op " %1, 2047(%3)\n\t" #op " %2, -2048(%3)"                             \
                         : "=&r"(a), "=&r"(b), "=&r"(c)                                                                \
                         : "r"(pages + at)                                                                             \
                         : "memory");                                                                                  \
        hash = mix(mix(mix(hash, a), b), c);                                                                           \
    }                                                                                                                  \
    print_hash(#op, hash);
    LOADS(LOAD)
#define STORE(op)                                                                                                      \
    for (int at = 4096 - 80; at < 4096 + 16; at++)                                                                     \
        __asm__ volatile(#op " %0, 0(%1)\n\t" #op " %0, 1023(%1)\n\t" #op " %0, -2048(%1)"                             \
                         :                                                                                             \
                         : "r"(next_random(&seed)), "r"(pages + at)                                                    \
                         : "memory");                                                                                  \
    hash = 0;                                                                                                          \
    for (int i = 0; i < 3 * 4096; i++)                                                                                 \
        hash = mix(hash, pages[i]);                                                                                    \
    print_hash(#op, hash);
    STORES(STORE)
    hash = 0;
    for (int at = 4096 - 20; at < 4096 + 8; at++) {
        uint64_t a, b;
        __asm__ volatile("flw ft0, 0(%2)\n\tfmv.x.d %0, ft0\n\tfld ft1, 3(%2)\n\tfmv.x.d %1, ft1\n\tfsd ft0, "
                         "40(%2)\n\tfsw ft1, 80(%2)"
                         : "=&r"(a), "=&r"(b)
                         : "r"(pages + at)
                         : "ft0", "ft1", "memory");
        hash = mix(mix(hash, a), b);
    }
    for (int i = 0; i < 3 * 4096; i++)
        hash = mix(hash, pages[i]);
    print_hash("fp", hash);
    return 0;
}
