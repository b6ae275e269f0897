/* SPDX-License-Identifier: Apache-2.0 */
/* Zicond: czero.eqz and czero.nez against their definition (encoded by hand: the assembler may not know them).
 * reference: none */
#include "tests/guest/guest_test.h"

static uint64_t eqz(uint64_t a, uint64_t b)
{
    uint64_t r;
    __asm__ volatile(".insn r 0x33, 5, 7, %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

static uint64_t nez(uint64_t a, uint64_t b)
{
    uint64_t r;
    __asm__ volatile(".insn r 0x33, 7, 7, %0, %1, %2" : "=r"(r) : "r"(a), "r"(b));
    return r;
}

int main(void)
{
    for (size_t i = 0; i < COUNT_OF(corner_integers); i++)
        for (size_t j = 0; j < COUNT_OF(corner_integers); j++) {
            uint64_t a = corner_integers[i], b = corner_integers[j];
            require(eqz(a, b) == (b ? a : 0), "czero.eqz");
            require(nez(a, b) == (b ? 0 : a), "czero.nez");
        }
    puts("czero.eqz and czero.nez as defined");
    return 0;
}
