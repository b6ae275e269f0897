/* SPDX-License-Identifier: Apache-2.0 */
/* Floating-point results alone, of hot loops without NaNs and without a look at the flags: what --fp=fast must give,
 * too.
 * libraries: -lm */
#include <math.h>

#include "tests/guest/guest_test.h"

enum { N = 300, ROUNDS = 200 };

static double d[N], e[N];
static float s[N], t[N];

static uint64_t hash_of(const void *p, size_t size)
{
    uint64_t h = 0, word;
    for (size_t i = 0; i + 8 <= size; i += 8) {
        memcpy(&word, (const char *)p + i, 8);
        h = mix(h, word);
    }
    return h;
}

int main(void)
{
    double sum = 0, least = 1e9;
    unsigned below = 0;
    for (int i = 0; i < N; i++) {
        d[i] = i * 0.37 - 20;
        e[i] = 1 / (i + 0.5);
        s[i] = (float)d[i];
        t[i] = (float)e[i] * 3;
    }
    for (int r = 0; r < ROUNDS; r++) {
        for (int i = 0; i < N; i++)
            d[i] = d[i] * 0.99 + e[i] * 1.25;
        for (int i = 0; i < N; i++)
            s[i] = s[i] * (t[i] * 0.1f - 0.25f) + 1;
        for (int i = 0; i < N; i++) {
            sum += sqrt(fabs(d[i])) - (double)s[i] / 3;
            least = d[i] < least ? d[i] : least;
            below += s[i] <= t[(i + r) % N];
        }
        for (int i = 1; i < N; i++)
            e[i] = fma(e[i], 0.75, e[i - 1] * (double)(r & 3) / 32);
    }
    printf("%016llx %016llx\n", (unsigned long long)hash_of(d, sizeof d), (unsigned long long)hash_of(s, sizeof s));
    printf("%016llx %a %a %u %d\n", (unsigned long long)hash_of(e, sizeof e), sum, least, below, (int)lround(sum));
    return 0;
}
