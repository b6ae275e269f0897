/* SPDX-License-Identifier: Apache-2.0 */
/* lzpack: packs and unpacks text with an LZ77 hash-chain coder; byte loads, unpredictable branches, short copies.
 * class int; quick 3 */
#include "bench.h"

enum { TEXT = 1 << 20, HASH = 1 << 14, CHAIN = 24, MIN_MATCH = 4, MAX_MATCH = 130 };

static uint8_t text[TEXT], packed[TEXT * 2], unpacked[TEXT];
static int32_t head[HASH], previous[TEXT];

static void make_text(uint64_t seed)
{
    static const char *words[] = {"the ",   "quick ", "register ", "loop ",  "branch ", "value\n", "of ",   "a ",
                                  "memory", "page, ", "thread; ",  "signal", "cache ",  "block ",  "0x%x ", "and "};
    size_t at = 0;
    while (at < TEXT) {
        uint64_t r = bench_random(&seed);
        const char *word = words[r >> 60];
        size_t length = strlen(word);
        for (size_t i = 0; i < length && at < TEXT; i++)
            text[at++] = (uint8_t)word[i];
        if ((r & 15) == 0 && at < TEXT)
            text[at++] = (uint8_t)('a' + (r >> 8) % 26);
    }
}

static unsigned hash4(const uint8_t *p)
{
    uint32_t v = p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
    return v * 2654435761u >> 18;
}

static int match_length(const uint8_t *a, const uint8_t *b, int limit)
{
    int n = 0;
    while (n < limit && a[n] == b[n])
        n++;
    return n;
}

static int find_match(int at, int limit, int *distance)
{
    int best = 0, tries = CHAIN;
    for (int from = head[hash4(text + at)]; from >= 0 && at - from < 65536 && tries--; from = previous[from]) {
        int n = match_length(text + from, text + at, limit);
        if (n > best) {
            best = n;
            *distance = at - from;
        }
    }
    return best;
}

static size_t pack(void)
{
    size_t out = 0;
    memset(head, -1, sizeof(head));
    for (int at = 0; at < TEXT;) {
        int limit = TEXT - at < MAX_MATCH ? TEXT - at : MAX_MATCH, distance = 0;
        int length = limit >= MIN_MATCH ? find_match(at, limit, &distance) : 0;
        if (length >= MIN_MATCH) {
            packed[out++] = (uint8_t)(0x80 | (length - MIN_MATCH));
            packed[out++] = (uint8_t)distance;
            packed[out++] = (uint8_t)(distance >> 8);
        } else {
            length = 1;
            packed[out++] = text[at] & 0x7f;
        }
        for (; length--; at++) {
            if (at + MIN_MATCH <= TEXT) {
                unsigned h = hash4(text + at);
                previous[at] = head[h];
                head[h] = at;
            }
        }
    }
    return out;
}

static size_t unpack(size_t size)
{
    size_t out = 0;
    for (size_t at = 0; at < size;) {
        uint8_t c = packed[at++];
        if (c < 0x80) {
            unpacked[out++] = c;
            continue;
        }
        size_t distance = packed[at] | packed[at + 1] << 8;
        at += 2;
        for (int n = (c & 0x7f) + MIN_MATCH; n--; out++)
            unpacked[out] = unpacked[out - distance];
    }
    return out;
}

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 70);
    uint64_t sum = 0;
    for (long r = 0; r < rounds; r++) {
        make_text(0x1234567 + (uint64_t)r);
        size_t size = pack();
        if (unpack(size) != TEXT || memcmp(text, unpacked, TEXT))
            return 1;
        for (size_t i = 0; i < size; i++)
            sum = bench_fold(sum, packed[i]);
        sum = bench_fold(sum, size);
    }
    return bench_report("lzpack", sum);
}
