/* SPDX-License-Identifier: Apache-2.0 */
/* sort: quick, merge, heap and radix sort of the same numbers; compares, swaps and mispredicted branches.
 * class int; quick 1 */
#include "bench.h"

enum { COUNT = 1 << 19 };

static uint32_t source[COUNT], data[COUNT], scratch[COUNT];

static void quick_sort(uint32_t *a, long low, long high)
{
    while (high - low > 12) {
        uint32_t pivot = a[(low + high) / 2];
        long i = low, j = high;
        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                uint32_t t = a[i];
                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - low < high - i) {
            quick_sort(a, low, j);
            low = i;
        } else {
            quick_sort(a, i, high);
            high = j;
        }
    }
    for (long i = low + 1; i <= high; i++) {
        uint32_t v = a[i];
        long j = i;
        for (; j > low && a[j - 1] > v; j--)
            a[j] = a[j - 1];
        a[j] = v;
    }
}

static void merge_sort(uint32_t *a, uint32_t *tmp, long n)
{
    if (n < 2)
        return;
    long half = n / 2, i = 0, j = half, k = 0;
    merge_sort(a, tmp, half);
    merge_sort(a + half, tmp, n - half);
    while (i < half && j < n)
        tmp[k++] = a[i] <= a[j] ? a[i++] : a[j++];
    while (i < half)
        tmp[k++] = a[i++];
    memcpy(a, tmp, (size_t)k * sizeof(*a));
}

static void sift(uint32_t *a, long root, long n)
{
    for (long child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && a[child] < a[child + 1])
            child++;
        if (a[root] >= a[child])
            return;
        uint32_t t = a[root];
        a[root] = a[child];
        a[child] = t;
    }
}

static void heap_sort(uint32_t *a, long n)
{
    for (long i = n / 2; i-- > 0;)
        sift(a, i, n);
    for (long i = n; i-- > 1;) {
        uint32_t t = a[0];
        a[0] = a[i];
        a[i] = t;
        sift(a, 0, i);
    }
}

static void radix_sort(uint32_t *a, uint32_t *tmp, long n)
{
    for (int shift = 0; shift < 32; shift += 8) {
        long start[257] = {0};
        for (long i = 0; i < n; i++)
            start[(a[i] >> shift & 255) + 1]++;
        for (int i = 0; i < 256; i++)
            start[i + 1] += start[i];
        for (long i = 0; i < n; i++)
            tmp[start[a[i] >> shift & 255]++] = a[i];
        memcpy(a, tmp, (size_t)n * sizeof(*a));
    }
}

static uint64_t check(uint64_t sum)
{
    for (long i = 1; i < COUNT; i++) {
        if (data[i - 1] > data[i])
            exit(1);
        sum += data[i] * (uint64_t)i;
    }
    return sum * 31;
}

int main(int argc, char **argv)
{
    long rounds = bench_size(argc, argv, 8);
    uint64_t seed = 88172645463325252u, sum = 0;
    for (long r = 0; r < rounds; r++) {
        for (long i = 0; i < COUNT; i++)
            source[i] = (uint32_t)(bench_random(&seed) >> 24);
        for (int method = 0; method < 4; method++) {
            memcpy(data, source, sizeof(data));
            if (method == 0)
                quick_sort(data, 0, COUNT - 1);
            else if (method == 1)
                merge_sort(data, scratch, COUNT);
            else if (method == 2)
                heap_sort(data, COUNT);
            else
                radix_sort(data, scratch, COUNT);
            sum = check(sum);
        }
    }
    return bench_report("sort", sum);
}
