/* SPDX-License-Identifier: Apache-2.0 */
/* huffman: builds a Huffman code, encodes, decodes bit by bit and takes a CRC-32; shifts, tables, bit buffers.
 * class int; quick 3 */
#include "bench.h"

enum { INPUT = 1 << 20, SYMBOLS = 256, NODES = 2 * SYMBOLS };

struct node {
    uint64_t weight;
    int child[2];
};

static uint8_t input[INPUT], coded[INPUT * 3];
static struct node nodes[NODES];
static uint64_t code[SYMBOLS];
static int code_length[SYMBOLS];

static uint32_t crc_table[256];

static void make_crc_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        crc_table[i] = c;
    }
}

static uint32_t crc32(const uint8_t *p, size_t n)
{
    uint32_t c = ~0u;
    while (n--)
        c = crc_table[(c ^ *p++) & 255] ^ c >> 8;
    return ~c;
}

static int take_lightest(int *live, int *count)
{
    int best = 0;
    for (int i = 1; i < *count; i++)
        if (nodes[live[i]].weight < nodes[live[best]].weight)
            best = i;
    int node = live[best];
    live[best] = live[--*count];
    return node;
}

static int build_tree(void)
{
    int live[SYMBOLS], count = SYMBOLS, next = SYMBOLS;
    for (int i = 0; i < SYMBOLS; i++) {
        nodes[i] = (struct node){1, {-1, -1}};
        live[i] = i;
    }
    for (int i = 0; i < INPUT; i++)
        nodes[input[i]].weight++;
    while (count > 1) {
        int a = take_lightest(live, &count), b = take_lightest(live, &count);
        nodes[next] = (struct node){nodes[a].weight + nodes[b].weight, {a, b}};
        live[count++] = next++;
    }
    return live[0];
}

static void assign(int node, uint64_t bits, int length)
{
    if (node < SYMBOLS) {
        code[node] = bits;
        code_length[node] = length;
        return;
    }
    assign(nodes[node].child[0], bits, length + 1);
    assign(nodes[node].child[1], bits | UINT64_C(1) << length, length + 1);
}

static size_t encode(void)
{
    size_t out = 0;
    uint64_t buffer = 0;
    int held = 0;
    for (int i = 0; i < INPUT; i++) {
        buffer |= code[input[i]] << held;
        held += code_length[input[i]];
        for (; held >= 8; held -= 8, buffer >>= 8)
            coded[out++] = (uint8_t)buffer;
    }
    coded[out++] = (uint8_t)buffer;
    return out;
}

static int decode_and_compare(int root)
{
    size_t bit = 0;
    for (int i = 0; i < INPUT; i++) {
        int node = root;
        while (node >= SYMBOLS) {
            node = nodes[node].child[coded[bit >> 3] >> (bit & 7) & 1];
            bit++;
        }
        if (node != input[i])
            return 0;
    }
    return 1;
}

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 45);
    uint64_t seed = 20240229, sum = 0;
    make_crc_table();
    for (long r = 0; r < rounds; r++) {
        for (int i = 0; i < INPUT; i++) {
            uint64_t v = bench_random(&seed);
            input[i] = (uint8_t)((v & 15) * ((v >> 4 & 15) + (v >> 8 & 3)) + (uint64_t)r);
        }
        int root = build_tree();
        assign(root, 0, 0);
        size_t size = encode();
        if (!decode_and_compare(root))
            return 1;
        sum = bench_fold(sum, crc32(coded, size));
    }
    return bench_report("huffman", sum);
}
