/* SPDX-License-Identifier: Apache-2.0 */
/* fib: doubly recursive Fibonacci numbers; nothing but calls and returns.
 * class call; quick 25 */
#include "bench.h"

__attribute__((noinline, noclone, optimize("no-optimize-sibling-calls"))) static uint64_t fib(uint64_t n)
{
    if (n < 2)
        return n;
    uint64_t a = fib(n - 1);
    __asm__ volatile("" : "+r"(a));
    return a + fib(n - 2);
}

int main(int argc, char **argv) { return bench_report("fib", fib((uint64_t)bench_size(argc, argv, 42))); }
