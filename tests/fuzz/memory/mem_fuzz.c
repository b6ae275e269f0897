/* SPDX-License-Identifier: Apache-2.0 */
/* Random calls about memory, and accesses that may fault, in a region of its own: prints each with its result.
 *
 *     mem_fuzz SEED STEPS [EVERY [any]]    the mappings of the region are printed after each EVERY steps (16);
 *                                          any: only what is the same in programs of 32 bits
 *
 * What is printed follows from the seed and the kernel alone: addresses are pages of the region, written as PAGE or
 * PAGE+BYTES. So the same program run by the host is the oracle (fuzz_memory.py). Numbers that differ between widths
 * are not generated.
 *
 * The region lies where neither the host's kernel nor tandem puts anything by itself. Pages are chosen from a few
 * clusters: calls meet each other's mappings, and mappings that grow have gaps to grow into. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../chance.h"

enum {
    PAGE = 4096,
    PAGES = 704,
    FILES = 2,
    FILE_PAGES = 16,
    SEGMENT_PAGES = 6,
    STACK_PAGES = 200, /* RLIMIT_STACK: a mapping grows within a cluster, and not down to the next but one */
    CODE = 8,
};

static char *const region = (char *)(uintptr_t)0x60000000;
static int any_width;
static int files[FILES], segments[FILES];
static char *break_start;
static sigjmp_buf back;
static siginfo_t fault;

static char *any_page(void)
{
    static const unsigned clusters[] = {16, 300, 320, 612};
    return region + (CHOOSE(clusters) + chance(24)) * (size_t)PAGE;
}

static char *any_address(void) { return any_page() + (one_in(24) ? 1 + chance(PAGE - 1) : 0); }

static size_t any_length(void)
{
    if (one_in(40))
        return 0;
    if (one_in(60) && !any_width)
        return ~(size_t)0 - chance(2 * PAGE);
    const unsigned pages = one_in(8) ? 1 + chance(40) : 1 + chance(6);
    return pages * (size_t)PAGE - (one_in(6) ? chance(PAGE) : 0);
}

static int any_prot(void)
{
    static const int some[] = {PROT_NONE,
                               PROT_READ,
                               PROT_READ | PROT_WRITE,
                               PROT_READ | PROT_WRITE,
                               PROT_READ | PROT_WRITE | PROT_EXEC,
                               PROT_READ | PROT_EXEC,
                               PROT_WRITE};
    return CHOOSE(some);
}

/* ---- results ---- */

static int is_inside(const char *at) { return at >= region && at < region + PAGES * (size_t)PAGE; }

static void print_address(const char *at)
{
    const size_t bytes = (size_t)(at - region);
    if (!is_inside(at))
        printf("elsewhere");
    else if (bytes % PAGE)
        printf("%zu+%zu", bytes / PAGE, bytes % PAGE);
    else
        printf("%zu", bytes / PAGE);
}

static void print_length(size_t length)
{
    if (length > ~(size_t)0 / 2)
        printf("-%zu", ~length + 1);
    else
        printf("%zu", length);
}

static void print_error(void) { printf(" = %s\n", strerrorname_np(errno)); }

/* A call that gives 0 or -1. */
static void print_result(long result)
{
    if (result == -1)
        print_error();
    else
        printf(" = %ld\n", result);
}

/* The end of the line of a call that maps. What went elsewhere is of no use. */
static void print_mapped(char *at, size_t length)
{
    if (at == MAP_FAILED) {
        print_error();
        return;
    }
    printf(" = ");
    print_address(at);
    printf("\n");
    if (!is_inside(at))
        munmap(at, length);
}

static void begin(const char *name, const char *at, size_t length)
{
    printf("%s(", name);
    print_address(at);
    printf(", ");
    print_length(length);
}

/* ---- calls ---- */

static void do_mmap(void)
{
    static const int sharing[] = {MAP_PRIVATE, MAP_PRIVATE, MAP_PRIVATE, MAP_SHARED, MAP_SHARED, MAP_SHARED_VALIDATE};
    static const int places[] = {MAP_FIXED, MAP_FIXED, MAP_FIXED, MAP_FIXED_NOREPLACE, 0};
    static const int more[] = {MAP_LOCKED, MAP_NORESERVE, MAP_POPULATE, MAP_STACK, MAP_POPULATE | MAP_NONBLOCK};
    char *at = any_address();
    const size_t length = any_length();
    const int prot = any_prot(), anonymous = chance(5) > 1, file = chance(FILES);
    int flags = CHOOSE(places) | (one_in(40) ? 0 : CHOOSE(sharing)) | (one_in(5) ? CHOOSE(more) : 0);
    off_t offset = one_in(3) ? chance(FILE_PAGES) * PAGE + (one_in(20) ? 512 : 0) : 0;
    if (anonymous)
        flags |= MAP_ANONYMOUS | (one_in(5) ? MAP_GROWSDOWN : 0);
    begin("mmap", at, length);
    printf(", %d, %x, file %d, %ld)", prot, flags, anonymous ? -1 : file, (long)offset);
    print_mapped(mmap(at, length, prot, flags, anonymous ? -1 : files[file], offset), length);
}

static void do_munmap(void)
{
    char *at = any_address();
    const size_t length = any_length();
    begin("munmap", at, length);
    printf(")");
    print_result(munmap(at, length));
}

static void do_mprotect(void)
{
    static const int more[] = {PROT_GROWSDOWN, PROT_GROWSUP, PROT_GROWSDOWN | PROT_GROWSUP, 8, 16};
    char *at = any_address();
    const size_t length = any_length();
    const int prot = any_prot() | (one_in(12) ? CHOOSE(more) : 0);
    begin("mprotect", at, length);
    printf(", %x)", prot);
    print_result(mprotect(at, length, prot));
}

/* A private or shared mapping of no file, whatever was there. */
static void do_mmap_at(char *at, size_t length)
{
    const int flags = MAP_ANONYMOUS | MAP_FIXED | (one_in(2) ? MAP_PRIVATE : MAP_SHARED), prot = any_prot();
    if (mmap(at, length, prot, flags, -1, 0) == MAP_FAILED)
        printf("(no mapping) ");
}

/* Of ranges in which the kernel may have joined mappings or not, which follows from their whole history, only those
 * calls are made that take both. */
static void do_mremap(void)
{
    static const int some[] = {0,
                               MREMAP_MAYMOVE,
                               MREMAP_MAYMOVE,
                               MREMAP_MAYMOVE | MREMAP_FIXED,
                               MREMAP_MAYMOVE | MREMAP_FIXED,
                               MREMAP_MAYMOVE | MREMAP_FIXED,
                               MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
                               MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
                               MREMAP_FIXED,
                               16};
    char *at = any_address(), *to = any_address();
    size_t from_length = any_length(), to_length = any_length();
    const unsigned kind = chance(4);
    if (kind == 0) { /* part of a new mapping */
        at = any_page();
        from_length = (1 + chance(5)) * (size_t)PAGE;
        do_mmap_at(at, from_length + chance(2) * PAGE);
    } else if (kind == 1) { /* in place, and not longer: anything */
        to_length = from_length - (from_length > PAGE ? chance(2) * PAGE : 0);
    } else if (from_length > PAGE) {
        from_length = PAGE;
    }
    const int flags = kind == 1 ? (int)chance(2) * MREMAP_MAYMOVE : CHOOSE(some);
    begin("mremap", at, from_length);
    printf(", ");
    print_length(to_length);
    printf(", %d, ", flags);
    print_address(to);
    printf(")");
    /* the C library's own function may leave the last argument out */
    print_mapped((char *)syscall(SYS_mremap, at, from_length, to_length, flags, to), to_length);
}

static void do_madvise(void)
{
    /* Not those whose effect is a matter of time, or of the whole machine. */
    static const int some[] = {MADV_DONTNEED,
                               MADV_DONTNEED,
                               MADV_DONTNEED,
                               MADV_REMOVE,
                               MADV_NORMAL,
                               MADV_RANDOM,
                               MADV_SEQUENTIAL,
                               MADV_WILLNEED,
                               MADV_DONTFORK,
                               MADV_DOFORK,
                               MADV_HUGEPAGE,
                               MADV_NOHUGEPAGE,
                               MADV_DONTDUMP,
                               MADV_WIPEONFORK,
                               22 /* POPULATE_READ */,
                               23 /* POPULATE_WRITE */,
                               24 /* DONTNEED_LOCKED */,
                               102 /* GUARD_INSTALL */,
                               103 /* GUARD_REMOVE */,
                               77};
    char *at = any_address();
    const size_t length = any_length();
    const int advice = CHOOSE(some);
    begin("madvise", at, length);
    printf(", %d)", advice);
    print_result(madvise(at, length, advice));
}

static void do_msync(void)
{
    static const int some[] = {MS_ASYNC, MS_SYNC, MS_INVALIDATE | MS_SYNC, MS_ASYNC | MS_SYNC, 0, 8};
    char *at = any_address();
    const size_t length = any_length();
    const int flags = CHOOSE(some);
    begin("msync", at, length);
    printf(", %d)", flags);
    print_result(msync(at, length, flags));
}

static void do_mincore(void)
{
    static unsigned char pages[64];
    char *at = any_address();
    size_t length = any_length();
    if (length < ~(size_t)0 / 2 && length > sizeof pages * PAGE)
        length = sizeof pages * PAGE;
    memset(pages, 0x55, sizeof pages);
    begin("mincore", at, length);
    printf(")");
    const int result = mincore(at, length, pages);
    for (size_t i = 0; i < sizeof pages && i * PAGE < length; i++)
        printf(" %x", pages[i]);
    print_result(result);
}

static void do_lock(void)
{
    char *at = any_address();
    const size_t length = any_length();
    const unsigned what = chance(5);
    begin(what < 2 ? "munlock" : what == 2 ? "mlock2" : "mlock", at, length);
    printf(")");
    print_result(what < 2 ? munlock(at, length) : what == 2 ? mlock2(at, length, MLOCK_ONFAULT) : mlock(at, length));
}

static void do_shmat(void)
{
    static const int some[] = {
        0, 0, SHM_RND, SHM_REMAP, SHM_REMAP, SHM_RDONLY, SHM_REMAP | SHM_EXEC, SHM_EXEC | SHM_RDONLY};
    char *at = any_address();
    const int segment = chance(FILES), flags = CHOOSE(some);
    begin("shmat", at, segment);
    printf(", %o)", flags);
    char *result = shmat(segments[segment], at, flags);
    if (result == (char *)-1)
        print_error();
    else
        print_mapped(result, SEGMENT_PAGES * PAGE);
}

static void do_shmdt(void)
{
    char *at = any_address();
    begin("shmdt", at, 0);
    printf(")");
    print_result(shmdt(at));
}

static void do_brk(void)
{
    const size_t length = chance(40) * (size_t)PAGE + chance(3) * 100;
    printf("brk(%zu)", length);
    char *result = (char *)syscall(SYS_brk, break_start + length);
    printf(" = %zu\n", (size_t)(result - break_start));
}

static void do_file(void)
{
    const unsigned file = chance(FILES), what = chance(5), page = chance(FILE_PAGES);
    const unsigned char byte = (unsigned char)chance_bits();
    printf("file %u, %u, page %u", file, what, page);
    if (what == 0)
        print_result(ftruncate(files[file], (off_t)page * PAGE + (one_in(3) ? 100 : 0)));
    else if (what == 1)
        print_result(fallocate(files[file], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)page * PAGE, 2 * PAGE));
    else
        print_result(pwrite(files[file], &byte, 1, (off_t)page * PAGE + 8));
}

/* ---- accesses ---- */

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    fault = *info;
    siglongjmp(back, 1);
}

static void print_fault(void)
{
    printf(" = signal %d, code %d, at ", fault.si_signo, fault.si_code);
    print_address(fault.si_addr);
    printf("\n");
}

static void do_read(void)
{
    volatile unsigned char *at = (unsigned char *)any_page() + 8 + chance(2) * 8;
    printf("read ");
    print_address((char *)at);
    if (sigsetjmp(back, 1))
        print_fault();
    else
        printf(" = %u\n", *at);
}

static void do_write(void)
{
    const unsigned char byte = (unsigned char)chance_bits();
    volatile unsigned char *at = (unsigned char *)any_page() + 8 + chance(2) * 8;
    printf("write ");
    print_address((char *)at);
    if (sigsetjmp(back, 1))
        print_fault();
    else
        printf(" = %u\n", *at = byte);
}

/* The kernel's accesses: it reads or writes what lies across two pages. */
static void do_call(void)
{
    char *at = any_page() + PAGE - 4;
    const int out = chance(2);
    printf("%s ", out ? "pread" : "pwrite");
    print_address(at);
    print_result(out ? pread(files[0], at, 8, 0) : pwrite(files[1], at, 8, PAGE));
}

/* At the begin of a page: a function that returns a number. */
static void do_emit(void)
{
    const uint32_t number = chance(100);
#if defined(__riscv)
    const uint32_t code[2] = {0x513u | number << 20, 0x8067};
#else
    const uint32_t code[2] = {0xb8u | number << 8, 0xc300};
#endif
    char *at = any_page();
    printf("emit %u ", number);
    print_address(at);
    if (sigsetjmp(back, 1)) {
        print_fault();
    } else {
        memcpy(at, code, CODE);
        printf(" = 0\n");
    }
}

static void do_run(void)
{
    uint32_t code[2];
    char *at = any_page();
    printf("run ");
    print_address(at);
    if (sigsetjmp(back, 1)) {
        print_fault();
        return;
    }
    memcpy(code, at, CODE);
#if defined(__riscv)
    const int is_code = (code[0] & 0xfffff) == 0x513 && code[1] == 0x8067;
    __asm__ volatile("fence.i" ::: "memory");
#else
    const int is_code = (code[0] & 0xff) == 0xb8 && code[1] == 0xc300;
#endif
    if (is_code)
        printf(" = %d\n", ((int (*)(void))(void *)at)());
    else
        printf(" = no code\n");
}

/* ---- the list of mappings ---- */

struct line {
    unsigned long start, end, offset;
    char rights[5];
    char name[128];
};

static int continues(const struct line *a, const struct line *b)
{
    const int is_file = b->name[0] != 0;
    return a->end == b->start && !strcmp(a->rights, b->rights) && !strcmp(a->name, b->name) &&
           (!is_file || a->offset + (a->end - a->start) == b->offset);
}

static void print_line(const struct line *l)
{
    if (l->start == l->end)
        return;
    printf("  ");
    print_address((char *)(uintptr_t)l->start);
    printf(" + %lu %s %lx %s\n", (l->end - l->start) / PAGE, l->rights, l->offset / PAGE, l->name);
}

/* Neighbours that are alike are one: whether the kernel has joined them is a matter of their history. */
static void print_maps(void)
{
    static char text[1 << 16];
    struct line last = {0};
    size_t size = 0;
    const int fd = open("/proc/self/maps", O_RDONLY);
    for (ssize_t n; (n = read(fd, text + size, sizeof text - 1 - size)) > 0;)
        size += (size_t)n;
    close(fd);
    text[size] = 0;
    printf("mappings:\n");
    for (char *at = text; *at; at = strchr(at, '\n') + 1) {
        struct line l = {0};
        if (sscanf(at, "%lx-%lx %4s %lx %*s %*s%127[^\n]", &l.start, &l.end, l.rights, &l.offset, l.name) < 4)
            break;
        if (!is_inside((char *)(uintptr_t)l.start) && !is_inside((char *)(uintptr_t)l.end - 1))
            continue;
        memmove(l.name, l.name + strspn(l.name, " "), strlen(l.name + strspn(l.name, " ")) + 1);
        if (!l.name[0])
            l.offset = 0;
        if (continues(&last, &l)) {
            last.end = l.end;
            continue;
        }
        print_line(&last);
        last = l;
    }
    print_line(&last);
}

/* ---- all of it ---- */

static void make_files(void)
{
    for (int i = 0; i < FILES; i++) {
        files[i] = (int)syscall(SYS_memfd_create, i ? "b" : "a", 0);
        segments[i] = shmget(IPC_PRIVATE, SEGMENT_PAGES * PAGE, IPC_CREAT | 0600);
        if (files[i] < 0 || segments[i] < 0 || shmat(segments[i], NULL, 0) == (void *)-1) {
            printf("cannot begin: %s\n", strerror(errno));
            exit(2);
        }
        ftruncate(files[i], FILE_PAGES * PAGE);
        shmctl(segments[i], IPC_RMID, NULL);
    }
}

static const struct {
    void (*make)(void);
    unsigned weight;
} steps[] = {{do_mmap, 20},   {do_munmap, 5}, {do_mprotect, 9}, {do_mremap, 9}, {do_madvise, 6}, {do_msync, 2},
             {do_mincore, 3}, {do_lock, 2},   {do_shmat, 3},    {do_shmdt, 3},  {do_brk, 1},     {do_file, 3},
             {do_read, 8},    {do_write, 14}, {do_call, 3},     {do_emit, 5},   {do_run, 8}};

static void make_step(void)
{
    unsigned all = 0, i = 0;
    for (unsigned k = 0; k < sizeof steps / sizeof steps[0]; k++)
        all += steps[k].weight;
    unsigned chosen = chance(all);
    while (chosen >= steps[i].weight)
        chosen -= steps[i++].weight;
    steps[i].make();
}

int main(int argc, char **argv)
{
    static char buffer[1 << 16], stack[1 << 16];
    const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    const struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    const unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 1000, every = argc > 3 ? (unsigned)atoi(argv[3]) : 16;
    any_width = argc > 4;
    struct rlimit limit;
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    chance_state = (argc > 1 ? strtoull(argv[1], NULL, 0) : 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    for (int i = 0; i < 20; i++)
        chance_bits();
    getrlimit(RLIMIT_STACK, &limit);
    limit.rlim_cur = STACK_PAGES * PAGE;
    setrlimit(RLIMIT_STACK, &limit);
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    make_files();
    break_start = (char *)(((uintptr_t)sbrk(0) + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
    for (unsigned i = 1; i <= count; i++) {
        printf("%u ", i);
        make_step();
        if (i % every == 0)
            print_maps();
    }
    return 0;
}
