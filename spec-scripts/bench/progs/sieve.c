/* SPDX-License-Identifier: Apache-2.0 */
/* sieve: counts primes with a segmented sieve of bytes; strided stores and short loops.
 * class int; quick 4000000 */
#include "bench.h"

enum { SEGMENT = 1 << 17, MAX_PRIMES = 8192 };

int main(int argc, char **argv)
{
    uint64_t limit = (uint64_t)bench_size(argc, argv, 600000000);
    static uint8_t composite[SEGMENT];
    static uint32_t primes[MAX_PRIMES];
    static uint64_t next[MAX_PRIMES];
    unsigned used = 0;
    uint64_t count = 0, sum = 0, candidate = 2;
    for (uint64_t base = 0; base < limit; base += SEGMENT) {
        uint64_t end = base + SEGMENT < limit ? base + SEGMENT : limit;
        memset(composite, 0, sizeof(composite));
        for (; candidate * candidate < end; candidate++) {
            int prime = 1;
            for (uint64_t d = 2; d * d <= candidate && prime; d++)
                prime = candidate % d != 0;
            if (prime && used < MAX_PRIMES) {
                primes[used] = (uint32_t)candidate;
                next[used++] = candidate * candidate;
            }
        }
        for (unsigned i = 0; i < used; i++) {
            uint64_t at = next[i];
            for (; at < end; at += primes[i])
                composite[at - base] = 1;
            next[i] = at;
        }
        for (uint64_t n = base < 2 ? 2 : base; n < end; n++) {
            if (!composite[n - base]) {
                count++;
                sum += n * count;
            }
        }
    }
    return bench_report("sieve", bench_fold(sum, count));
}
