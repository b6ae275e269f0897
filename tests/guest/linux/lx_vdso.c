/* SPDX-License-Identifier: Apache-2.0 */
/* The vDSO's functions, found as C libraries find them: by symbols with versions.
 * reference: none (qemu has no vDSO, or another one)
 * not in: cached cache1m fail3
 * build: -D_GNU_SOURCE */
#include <elf.h>
#include <link.h>
#include <sched.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

#ifdef __riscv
#define VERSION "LINUX_4.15"
#elif defined __aarch64__
#define VERSION    "LINUX_2.6.39"
#define NAME(name) "__kernel_" name
#else
#define VERSION "LINUX_2.6"
#endif
#ifndef NAME
#define NAME(name) "__vdso_" name
#endif
enum { NONE = 99, ROUNDS = 1000, GUARD = 0x5a5a5a5a };

/* ---- the file ---- */

static const char *base;

static const void *dynamic(long tag)
{
    const ElfW(Ehdr) *h = (const void *)base;
    const ElfW(Phdr) *ph = (const void *)(base + h->e_phoff);
    for (int i = 0; i < h->e_phnum; i++) {
        if (ph[i].p_type != PT_DYNAMIC)
            continue;
        for (const ElfW(Dyn) *d = (const void *)(base + ph[i].p_vaddr); d->d_tag; d++) {
            if (d->d_tag == tag)
                return base + d->d_un.d_ptr;
        }
    }
    return NULL;
}

/* Has the definition number ndx that name, and its hash? */
static int is_version(unsigned ndx, const char *name)
{
    const char *strings = dynamic(DT_STRTAB);
    uint32_t hash = 0;
    for (const char *p = name; *p; p++) {
        hash = (hash << 4) + (unsigned char)*p;
        hash = (hash ^ (hash & 0xf0000000) >> 24) & 0x0fffffff;
    }
    for (const ElfW(Verdef) *d = dynamic(DT_VERDEF);; d = (const void *)((const char *)d + d->vd_next)) {
        const ElfW(Verdaux) *aux = (const void *)((const char *)d + d->vd_aux);
        if (d->vd_ndx == (ndx & 0x7fff) && !(d->vd_flags & VER_FLG_BASE))
            return d->vd_hash == hash && !strcmp(strings + aux->vda_name, name);
        if (!d->vd_next)
            return 0;
    }
}

static const void *find(const char *name)
{
    const ElfW(Sym) *symbols = dynamic(DT_SYMTAB);
    const ElfW(Half) *versions = dynamic(DT_VERSYM);
    const char *strings = dynamic(DT_STRTAB);
    const uint32_t *hash = dynamic(DT_HASH);
    for (uint32_t i = 0; hash && i < hash[1]; i++) {
        if (symbols[i].st_shndx && !strcmp(strings + symbols[i].st_name, name))
            return is_version(versions[i], VERSION) ? base + symbols[i].st_value : NULL;
    }
    return NULL;
}

/* ---- the functions ---- */

struct spec {
    long sec, nsec;
};

static int (*clock_gettime_)(int, struct spec *), (*clock_getres_)(int, struct spec *);
static int (*gettimeofday_)(struct spec *, struct timezone *), (*getcpu_)(unsigned *, unsigned *, void *);
static long (*time_)(long *);

static long kernel_gettime(int clock, struct spec *t) { return syscall(SYS_clock_gettime, clock, t); }
static int ordered(struct spec a, struct spec b) { return a.sec < b.sec || (a.sec == b.sec && a.nsec <= b.nsec); }
static int normal(struct spec t) { return t.nsec >= 0 && t.nsec < 1000000000; }

static int agrees(int clock)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct {
            struct spec t;
            unsigned guard;
        } a = {.guard = GUARD}, b = a, c = a;
        if (kernel_gettime(clock, &a.t) || clock_gettime_(clock, &b.t) || kernel_gettime(clock, &c.t))
            return 0;
        if (!ordered(a.t, b.t) || !ordered(b.t, c.t) || !normal(b.t) || b.guard != GUARD)
            return 0;
    }
    return 1;
}

static void test_clocks(void)
{
    static const int clocks[] = {CLOCK_REALTIME,         CLOCK_MONOTONIC,       CLOCK_PROCESS_CPUTIME_ID,
                                 CLOCK_MONOTONIC_RAW,    CLOCK_REALTIME_COARSE, CLOCK_THREAD_CPUTIME_ID,
                                 CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME,        CLOCK_TAI};
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        struct spec a = {-1, -1}, b = {-2, -2};
        printf("clock %d: agrees %d,", clocks[i], agrees(clocks[i]));
        printf(" resolution %d", clock_getres_(clocks[i], &a));
        printf(" %d\n", !syscall(SYS_clock_getres, clocks[i], &b) && a.sec == b.sec && a.nsec == b.nsec);
    }
    struct spec t;
    SHOW(clock_getres_(CLOCK_MONOTONIC, NULL));
    CHECK(clock_gettime_(NONE, &t) == -EINVAL);
    CHECK(clock_gettime_(-1, &t) == -EINVAL || clock_gettime_(-1, &t) == 0); /* a clock of CPU time */
    CHECK(clock_getres_(NONE, &t) == -EINVAL);
#if !__LP64__
    int (*wide)(int, int64_t *) = find(NAME("clock_gettime64"));
    int64_t a[2] = {-1, -1}, b[2] = {-1, -1};
    require(wide && !wide(CLOCK_MONOTONIC, a) && !wide(CLOCK_MONOTONIC, b), "clock_gettime64");
    require(a[0] >= 0 && (a[0] < b[0] || (a[0] == b[0] && a[1] <= b[1])) && a[1] >= 0 && a[1] < 1000000000, "wide");
    require(wide(NONE, a) == -EINVAL, "clock_gettime64");
#endif
}

static void test_day(void)
{
    struct spec a, b, c;
    struct timezone zone = {77, 77};
    int bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        kernel_gettime(CLOCK_REALTIME, &a);
        bad += gettimeofday_(&b, NULL) != 0;
        kernel_gettime(CLOCK_REALTIME, &c);
        a.nsec /= 1000;
        c.nsec /= 1000;
        bad += !ordered(a, b) || !ordered(b, c) || b.nsec >= 1000000;
    }
    printf("gettimeofday: %d\n", bad);
    SHOW(gettimeofday_(NULL, NULL));
    SHOW(gettimeofday_(&b, &zone));
    CHECK(zone.tz_minuteswest != 77);
#if !defined __riscv && !defined __aarch64__
    long now = 0;
    kernel_gettime(CLOCK_REALTIME_COARSE, &a);
    const long result = time_(&now);
    kernel_gettime(CLOCK_REALTIME, &c);
    require(result == now && a.sec <= now && now <= c.sec && time_(NULL) >= now, "time");
#endif
}

static void test_cpu(void)
{
    unsigned cpu = GUARD, node = GUARD;
    cpu_set_t set;
    if (!getcpu_) { /* aarch64's, and i386's of old, have none */
        printf("getcpu: 0 1 1\n");
        return;
    }
    printf("getcpu: %d", getcpu_(&cpu, &node, NULL));
    sched_getaffinity(0, sizeof set, &set);
    printf(" %d %d\n", CPU_ISSET(cpu, &set) != 0, node != GUARD && !getcpu_(NULL, NULL, NULL));
}

static sigjmp_buf back;
static void on_signal(int signo, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    siglongjmp(back, signo);
}

/* What reads the clock there reads none elsewhere. */
static void test_elsewhere(void)
{
    handle(SIGSEGV, on_signal, 0);
    handle(SIGILL, on_signal, 0);
    int signo = sigsetjmp(back, 1);
    if (!signo)
        clock_gettime_(CLOCK_MONOTONIC, (struct spec *)8);
    printf("bad pointer: %d\n", signo == SIGSEGV);
#ifdef __riscv
    signo = sigsetjmp(back, 1);
    if (!signo)
        __asm__ volatile("li a0, 1\n csrr a1, 0xc1f" ::: "a0", "a1");
    require(signo == SIGILL, "counter");
#elif defined __aarch64__
    signo = sigsetjmp(back, 1);
    if (!signo)
        __asm__ volatile("mov x0, #1\n mrs x1, pmccntr_el0" ::: "x0", "x1");
    require(signo == SIGILL, "counter");
#endif
}

int main(void)
{
    base = (const char *)getauxval(AT_SYSINFO_EHDR);
    require(base != NULL, "vDSO");
    clock_gettime_ = find(NAME("clock_gettime"));
    clock_getres_ = find(NAME("clock_getres"));
    gettimeofday_ = find(NAME("gettimeofday"));
    getcpu_ = find(NAME("getcpu"));
    time_ = find(NAME("time"));
    require(clock_gettime_ && clock_getres_ && gettimeofday_, "functions");
    test_clocks();
    test_day();
    test_cpu();
    test_elsewhere();
    return 0;
}
