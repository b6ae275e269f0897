/* SPDX-License-Identifier: Apache-2.0 */
/* fp_watch: flags read at every turn of hot loops, while they change at few turns, at many, or not at all; in several
 * threads and in signal handlers.
 * not in: interp
 * build: -frounding-math -fno-builtin */
#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/time.h>

#include "tests/guest/guest_test.h"

enum { TURNS = 100000 };

static inline unsigned flags(void)
{
    unsigned long f;
    __asm__ volatile("frflags %0" : "=r"(f) : : "memory");
    return (unsigned)f;
}
static inline void set_flags(unsigned long f) { __asm__ volatile("fsflags %0" : : "r"(f) : "memory"); }

static inline double mul(double a, double b)
{
    __asm__ volatile("fmul.d %0, %0, %1" : "+f"(a) : "f"(b));
    return a;
}
static inline double divide(double a, double b)
{
    __asm__ volatile("fdiv.d %0, %0, %1" : "+f"(a) : "f"(b));
    return a;
}

/* Turn i computes a / b from the table; returns a hash of the flags of all turns. clear: every so many turns. */
static uint64_t history(const double (*table)[2], int count, int clear, int rare)
{
    uint64_t hash = 1;
    set_flags(0);
    for (int i = 0; i < TURNS; i++) {
        int k = rare && i % rare ? 0 : i % count;
        double q = divide(table[k][0], table[k][1]);
        hash = mix(hash, flags() | (q == q ? 0u : 64u));
        if (clear && i % clear == clear - 1)
            set_flags(0);
    }
    return hash;
}

static const double plain[][2] = {{1, 3}, {2, 7}, {5, 4}};
static const double exact[][2] = {{1, 4}, {6, 3}, {5, 8}};
static const double all[][2] = {{8, 4}, {1, 3}, {1, 0}, {0, 0}, {1e308, 1e-10}, {1e-308, 3e5}, {0x1p-1022, 2}};
static const double small[][2] = {{0x1p-1022, 2}, {0x1p-1030, 0.5}, {0x1p-1022, 4}};
static const double mixed[][2] = {{0x1p-1022, 2}, {0x1.0000000000001p-1022, 2}, {1, 3}};

static void histories(void)
{
    static const struct {
        const char *name;
        const double (*table)[2];
        int count;
    } tables[] = {{"plain", plain, 3}, {"exact", exact, 3}, {"all", all, 7}, {"small", small, 3}, {"mixed", mixed, 3}};
    static const int clears[] = {0, 1, 2, 97, 10007}, rares[] = {0, 1009, 50021};
    for (int t = 0; t < 5; t++)
        for (int c = 0; c < 5; c++)
            for (int r = 0; r < 3; r++)
                printf("%s %d %d %016lx\n", tables[t].name, clears[c], rares[r],
                       (unsigned long)history(tables[t].table, tables[t].count, clears[c], rares[r]));
}

/* Flags and modes that are saved and restored around what a library does. */
static uint64_t rounding(void)
{
    static const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
    uint64_t hash = 1;
    for (int i = 0; i < TURNS / 8; i++) {
        unsigned before = flags();
        fesetround(modes[i & 3]);
        double q = divide(i % 64 ? 1 : 4, i % 64 ? 3 : 2);
        fesetround(FE_TONEAREST);
        hash = mix(hash, flags() ^ (uint64_t)(q * 0x1p53));
        set_flags(i % 16 ? before : 0);
    }
    return hash;
}

static void *thread(void *arg)
{
    static const double(*const tables[])[2] = {plain, small, all, mixed};
    static const int counts[] = {3, 3, 7, 3};
    long k = (long)arg;
    return (void *)history(tables[k], counts[k], (int)(k * 500), 0);
}

static volatile sig_atomic_t signals, wrong;

static void handler(int sig)
{
    (void)sig;
    unsigned before = flags();
    if (before & ~1u)
        wrong++;
    divide(1, 0); /* for the handler alone */
    if (!(flags() & 8))
        wrong++;
    signals++;
}

static void in_handlers(void)
{
    struct sigaction sa = {.sa_handler = handler};
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &sa, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    set_flags(0);
    double x = 1;
    for (int i = 0; signals < 50; i++) {
        x = mul(x, i & 1 ? 1.0000001 : 0.9999999);
        if (flags() & ~1u)
            wrong++;
        if (i % 4096 == 0)
            set_flags(0);
    }
    setitimer(ITIMER_REAL, &never, NULL);
    printf("handlers: wrong %d\n", (int)wrong);
}

int main(void)
{
    histories();
    printf("rounding %016lx\n", (unsigned long)rounding());
    pthread_t t[4];
    for (long i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, thread, (void *)i);
    for (int i = 0; i < 4; i++) {
        void *hash;
        pthread_join(t[i], &hash);
        printf("thread %d %016lx\n", i, (unsigned long)hash);
    }
    in_handlers();
    return 0;
}
