/* SPDX-License-Identifier: Apache-2.0 */
/* Dies of a fault that it does not handle, out of a hot loop: the parent must see SIGSEGV.
 * status: -11 */
#include "tests/guest/guest_test.h"

int main(void)
{
    static uint64_t data[1024];
    volatile uint64_t *p = data;
    puts("before");
    fflush(stdout);
    for (uint64_t i = 0;; i++) {
        p[i & 1023] = i;
        if (i == 50000)
            p = (uint64_t *)0x10000000000;
    }
}
