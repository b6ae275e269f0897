/* SPDX-License-Identifier: Apache-2.0 */
/* ctzw against its definition: the word's upper half counts for nothing, not even where the lower one is 0.
 * build: -march=rv64gc_zbb
 * reference: none (qemu before 8.0 looks at the upper half) */
#include "tests/guest/guest_test.h"

int main(void)
{
    for (size_t i = 0; i < COUNT_OF(corner_integers); i++) {
        uint64_t v = corner_integers[i], got, expected = 0;
        while (expected < 32 && !(v >> expected & 1))
            expected++;
        __asm__ volatile("ctzw %0, %1" : "=r"(got) : "r"(v));
        require(got == expected, "ctzw");
    }
    puts("ctzw as defined");
    return 0;
}
