/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that were rare enough to be C functions once, and that programs use in loops: compares of strings,
 * permutations, sums of differences, divisions of 8, 16 and 128 bits, atomic operations on bytes and words. Prints a
 * digest of what each gave. check_inline.py says that none of them leaves generated code. */
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>

enum { ROUNDS = 3000 };

static uint64_t digest, seed = 88172645463325252;

static void note(uint64_t v) { digest = (digest ^ v) * 0x9e3779b97f4a7c15 + (digest >> 29); }

static void note128(__m128i v)
{
    note((uint64_t)_mm_cvtsi128_si64(v));
    note((uint64_t)_mm_extract_epi64(v, 1));
}

static uint64_t rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static __m128i text(void) { return _mm_set_epi64x((int64_t)(rnd() & 0x0303030303030303), (int64_t)rnd()); }

static void strings(void)
{
    const __m128i a = text(), b = text();
    const int la = (int)(rnd() % 40) - 20, lb = (int)(rnd() % 40) - 20;
    note((unsigned)_mm_cmpistri(a, b, 0x02) << 4 | (unsigned)_mm_cmpistrc(a, b, 0x02));
    note((unsigned)_mm_cmpistri(b, a, 0x58) << 4 | (unsigned)_mm_cmpistra(b, a, 0x58));
    note((unsigned)_mm_cmpistrz(a, b, 0x3a) << 4 | (unsigned)_mm_cmpistrs(a, b, 0x3a));
    note((unsigned)_mm_cmpestri(a, la, b, lb, 0x0d) << 4 | (unsigned)_mm_cmpestro(a, la, b, lb, 0x0d));
    note128(_mm_cmpistrm(a, b, 0x44));
    note128(_mm_cmpestrm(a, la, b, lb, 0x10));
}

static void permutations(void)
{
    const __m256i v = _mm256_set_epi64x((int64_t)rnd(), (int64_t)rnd(), (int64_t)rnd(), (int64_t)rnd());
    const __m256i i = _mm256_set_epi64x((int64_t)rnd(), (int64_t)rnd(), (int64_t)rnd(), (int64_t)rnd());
    const __m256i p = _mm256_permutevar8x32_epi32(v, i), q = _mm256_permute4x64_epi64(v, 0x1b);
    note128(_mm256_castsi256_si128(p));
    note128(_mm256_extracti128_si256(p, 1));
    note128(_mm256_extracti128_si256(q, 0));
    note128(_mm_castps_si128(_mm_permutevar_ps(_mm_castsi128_ps(text()), _mm256_castsi256_si128(i))));
    note128(_mm_castpd_si128(_mm_permutevar_pd(_mm_castsi128_pd(text()), _mm256_castsi256_si128(i))));
}

static void sums(void)
{
    const __m128i a = text(), b = text();
    note128(_mm_maddubs_epi16(a, b));
    note128(_mm_mpsadbw_epu8(a, b, 5));
    note128(_mm_minpos_epu16(a));
    note(_pdep_u64(rnd(), rnd()) ^ _pext_u64(rnd(), rnd()) ^ _pdep_u32((uint32_t)rnd(), (uint32_t)rnd()));
}

#define DIVIDE(insn, size, high, low, by, quotient, remainder)                                                         \
    __asm__ volatile(insn " %" size "4" : "=a"(quotient), "=d"(remainder) : "0"(low), "1"(high), "r"(by) : "cc")

static void divisions(void)
{
    const uint64_t d = rnd() | 1, high = rnd() % d, low = rnd();
    const int64_t by = (int64_t)(rnd() | 1), top = (int64_t)(rnd() >> 3) % (by < 0 ? -(by / 4) | 1 : by / 4 | 1);
    const uint16_t d16 = (uint16_t)rnd() | 1, n16 = (uint16_t)rnd();
    const int16_t s16 = (int16_t)(rnd() | 2), n = (int16_t)rnd();
    const uint8_t d8 = (uint8_t)rnd() | 1;
    uint64_t q, r;
    DIVIDE("divq", "", high, low, d, q, r);
    note(q ^ r << 1);
    DIVIDE("idivq", "", (rnd() & 1 ? top : -top) / 2, low, by, q, r);
    note(q ^ r << 1);
    DIVIDE("divl", "k", high % (uint32_t)d, (uint32_t)low, (uint32_t)d, q, r);
    note(q ^ r << 1);
    __asm__ volatile("xor %%edx, %%edx\n divw %w3" : "=a"(q), "=&d"(r) : "0"((uint64_t)n16), "r"(d16) : "cc");
    note(q << 16 ^ r);
    __asm__ volatile("cwtd\n idivw %w3" : "=a"(q), "=&d"(r) : "0"((int64_t)n), "r"(s16) : "cc");
    note(q << 16 ^ r);
    __asm__ volatile("movzbl %%al, %%eax\n divb %b2" : "=a"(q) : "0"(low), "q"(d8) : "cc");
    note(q);
}

static uint8_t byte;
static uint16_t word;

static void atomics(void)
{
    uint8_t b = (uint8_t)rnd(), old = byte & 0x7f;
    uint16_t w = (uint16_t)rnd(), was = word & 0x7fff;
    note(__atomic_exchange_n(&byte, b, __ATOMIC_SEQ_CST));
    note(__atomic_fetch_add(&byte, b, __ATOMIC_SEQ_CST));
    note(__atomic_fetch_and(&byte, b, __ATOMIC_SEQ_CST));
    note(__atomic_fetch_or(&byte, b, __ATOMIC_SEQ_CST));
    note(__atomic_fetch_xor(&byte, 5, __ATOMIC_SEQ_CST));
    note(__atomic_compare_exchange_n(&byte, &old, b, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    note(__atomic_exchange_n(&word, w, __ATOMIC_SEQ_CST));
    note(__atomic_fetch_add(&word, w, __ATOMIC_SEQ_CST));
    note(__atomic_fetch_and(&word, w, __ATOMIC_SEQ_CST));
    note(__atomic_fetch_or(&word, w, __ATOMIC_SEQ_CST));
    note(__atomic_fetch_xor(&word, 5, __ATOMIC_SEQ_CST));
    note(__atomic_compare_exchange_n(&word, &was, w, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
}

static void run(const char *name, void (*part)(void))
{
    for (int i = 0; i < ROUNDS; i++)
        part();
    printf("%s %016lx\n", name, digest);
}

int main(void)
{
    run("strings", strings);
    run("permutations", permutations);
    run("sums", sums);
    run("divisions", divisions);
    run("atomics", atomics);
    return 0;
}
