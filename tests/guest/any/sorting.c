/* SPDX-License-Identifier: Apache-2.0 */
/* qsort and bsearch with callbacks, strings, bit twiddling and a hash table: ordinary library code. */
#include <ctype.h>

#include "tests/guest/guest_test.h"

struct item {
    uint32_t key;
    char name[12];
};

static int by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return x->key < y->key ? -1 : x->key > y->key;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

int main(void)
{
    static struct item items[3000];
    uint64_t seed = 77, hash = 0;
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        items[i].key = (uint32_t)(next_random(&seed) % 100000);
        for (int k = 0; k < 10; k++)
            items[i].name[k] = (char)('a' + next_random(&seed) % 26);
    }
    qsort(items, COUNT_OF(items), sizeof(items[0]), by_key);
    for (size_t i = 0; i < COUNT_OF(items); i++)
        hash = mix(hash, items[i].key);
    print_hash("by key", hash);
    int found = 0;
    for (uint32_t key = 0; key < 100000; key += 17) {
        struct item wanted = {.key = key};
        found += bsearch(&wanted, items, COUNT_OF(items), sizeof(items[0]), by_key) != NULL;
    }
    printf("found %d\n", found);
    qsort(items, COUNT_OF(items), sizeof(items[0]), by_name);
    printf("%s %s %s\n", items[0].name, items[1500].name, items[2999].name);
    char text[] = "The Quick Brown fox, jumps over 13 lazy dogs;and runs", *save = NULL;
    for (char *w = strtok_r(text, " ,;", &save); w; w = strtok_r(NULL, " ,;", &save)) {
        for (char *p = w; *p; p++)
            *p = (char)(isupper((unsigned char)*p) ? tolower((unsigned char)*p) : toupper((unsigned char)*p));
        printf("%s.", w);
    }
    printf("\n%d %d %d %d\n", __builtin_popcountll(0xf0f0), __builtin_clzll(1), __builtin_ctzll(0x8000),
           (int)__builtin_bswap32(0x12345678));
    char *big = malloc(100000), *copy = malloc(100000);
    for (int i = 0; i < 100000; i++)
        big[i] = (char)('!' + i % 90);
    big[99999] = 0;
    memmove(copy, big, 100000);
    memmove(copy + 3, copy, 90000);
    printf("%zu %d %td %td\n", strlen(copy), memcmp(big, copy, 50) < 0, strchr(big, '~') ? strchr(big, '~') - big : -1,
           strstr(big, "abc") - big);
    free(big);
    free(copy);
    return 0;
}
