/* SPDX-License-Identifier: Apache-2.0 */
/* Two lanes, each a chain of 64 by 64 bit multiplications whose halves are folded together. Every word of the input
 * goes into both, in different company. */
#include "src/base/hash.h"

#include <stdio.h>
#include <string.h>

static const uint64_t odd[4] = {UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xc2b2ae3d27d4eb4f),
                                UINT64_C(0xd6e8feb86659fd93), UINT64_C(0xa0761d6478bd642f)};

static uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* A factor must not be 0: it would forget everything before it. */
static struct hash128 mix(struct hash128 h, uint64_t a, uint64_t b)
{
    struct hash128 next = {{fold((h.lane[0] ^ a) + odd[0], (b ^ odd[1]) | 1) + h.lane[1],
                            fold((h.lane[1] ^ b) + odd[2], (a ^ odd[3]) | 1) + (h.lane[0] << 23 | h.lane[0] >> 41)}};
    next.lane[0] ^= a + (b << 32 | b >> 32);
    next.lane[1] ^= b + (a << 17 | a >> 47);
    return next;
}

struct hash128 hash128_of(struct hash128 seed, const void *data, size_t size)
{
    const uint8_t *p = data;
    struct hash128 h = mix(seed, size, odd[0]);
    uint64_t words[2];
    for (; size >= sizeof words; p += sizeof words, size -= sizeof words) {
        memcpy(words, p, sizeof words);
        h = mix(h, words[0], words[1]);
    }
    memset(words, 0, sizeof words);
    memcpy(words, p, size);
    h = mix(h, words[0], words[1]);
    return mix(h, h.lane[1] ^ odd[2], h.lane[0] ^ odd[3]);
}

void hash128_text(struct hash128 h, char text[HASH128_TEXT])
{
    snprintf(text, HASH128_TEXT, "%016llx%016llx", (unsigned long long)h.lane[0], (unsigned long long)h.lane[1]);
}
