/* SPDX-License-Identifier: Apache-2.0 */
/* What grows downwards, the first stack and MAP_GROWSDOWN: by which limit, how far from what lies below, what the calls
 * about memory know of it, and how it ends.
 * reference: none (qemu has a stack of fixed size)
 * emulated: none (tandem executes itself, which qemu does only where binfmt_misc is set up)
 *
 * not in: warm cached cache1m fail3 precise regs (calls, and a process for each of several limits)
 * build: -D_GNU_SOURCE */
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { PAGE = 4096, GAP = 256 * PAGE, MIB = 1 << 20 };

#define ON(page) ((page) + PAGE / 2)

static char self[4096];
static sigjmp_buf back;
static siginfo_t fault;
static char alternate[64 << 10];

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    fault = *info;
    siglongjmp(back, 1);
}

/* 0: the write succeeds. Else what kind of fault it is, 4 more if the address is another one. */
static int write_to(char *at)
{
    if (sigsetjmp(back, 1))
        return fault.si_code | (fault.si_addr == at ? 0 : 4);
    *(volatile char *)at = 1;
    return 0;
}

/* The mapping that holds at, as /proc/self/maps has it; below: the end of the one before it. */
struct mapping {
    uintptr_t start, end, below;
    char name[64];
};

static struct mapping find(const void *at)
{
    char line[512];
    struct mapping m = {0}, none = {0};
    FILE *f = fopen("/proc/self/maps", "r");
    require(f != NULL, "maps");
    while (fgets(line, sizeof line, f)) {
        unsigned long start, end;
        m.name[0] = 0;
        require(sscanf(line, "%lx-%lx %*s %*s %*s %*s %63s", &start, &end, m.name) >= 2, "line");
        m.start = start;
        m.end = end;
        if ((uintptr_t)at < m.end)
            break;
        m.below = m.end;
    }
    fclose(f);
    return (uintptr_t)at >= m.start && (uintptr_t)at < m.end ? m : none;
}

static void set_limit(uint64_t bytes)
{
    struct rlimit r;
    getrlimit(RLIMIT_STACK, &r);
    r.rlim_cur = bytes;
    require(setrlimit(RLIMIT_STACK, &r) == 0, "setrlimit");
}

static int resident(char *page)
{
    unsigned char vec;
    return mincore(page, PAGE, &vec);
}

/* The first stack. */
static void test_stack(void)
{
    char local;
    set_limit(8 * MIB);
    struct mapping m = find(&local);
    printf("stack: %s, distance to what lies below: %d\n", m.name, m.start - m.below >= GAP);
    char *end = (char *)m.end, *low = (char *)m.start - MIB;
    SHOW(resident(low));
    SHOW(mprotect(low, PAGE, PROT_READ));
    SHOW(write_to(ON(low)));
    SHOW(resident(low));
    CHECK(find(&local).start == (uintptr_t)low && strcmp(find(low).name, "[stack]") == 0);
    int fds[2];
    require(pipe(fds) == 0 && write(fds[1], "abc", 3) == 3, "pipe");
    SHOW(read(fds[0], end - 6 * MIB, 3));
    printf("read below the stack: %.3s\n", end - 6 * MIB);
    SHOW(write_to(end - 8 * MIB));
    SHOW(write_to(end - 8 * MIB - 1));
    set_limit(16 * MIB);
    SHOW(write_to(end - 8 * MIB - 1));
    SHOW(write_to(end - 16 * MIB));
    set_limit(2 * MIB);
    SHOW(write_to(end - 16 * MIB));
    SHOW(write_to(end - 16 * MIB - 1));
    SHOW(mprotect(end - 16 * MIB, PAGE, PROT_READ));
    SHOW(write_to(end - 16 * MIB));
    SHOW(munmap(end - 16 * MIB, MIB));
    SHOW(write_to(end - 15 * MIB - 1));
    set_limit(64 * MIB);
    SHOW(write_to(end - 15 * MIB - 1));
    SHOW(write_to(end - 64 * MIB));
    CHECK(find(&local).start == (uintptr_t)end - 64 * MIB);
    for (int i = 0; i < 300; i++) {
        char *other = mmap(NULL, MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (other == MAP_FAILED || (other < end && other > end - 80 * MIB))
            printf("in the way: %d\n", i);
    }
}

static void on_overflow(int signo, siginfo_t *info, void *context)
{
    char here;
    (void)signo;
    (void)context;
    const struct mapping m = find(&here);
    printf("overflow: code %d, below the limit: %d, on the alternate stack: %d\n", info->si_code,
           (uintptr_t)info->si_addr < fault.si_errno * (uintptr_t)PAGE, m.start != 0 && strcmp(m.name, "[stack]") != 0);
    fflush(stdout);
    _exit(7);
}

static __attribute__((noinline)) int deep(volatile char *above)
{
    volatile char frame[1000];
    frame[0] = above[0];
    return above[0] == 1 ? 0 : deep(frame) + frame[0];
}

static void wait_for(pid_t pid)
{
    int status;
    require(waitpid(pid, &status, 0) == pid, "waitpid");
    if (WIFSIGNALED(status))
        printf("killed by %d\n", WTERMSIG(status));
    else
        printf("ended with %d\n", WEXITSTATUS(status));
}

/* A recursion without end: with a handler, and without. */
static void test_overflow(int handled)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit none = {0, 0};
        char local;
        setrlimit(RLIMIT_CORE, &none);
        struct mapping m = find(&local);
        set_limit(m.end - m.start + 200 * PAGE);
        fault.si_errno = (int)((m.start - 200 * PAGE) / PAGE);
        signal(SIGSEGV, SIG_DFL);
        if (handled)
            handle(SIGSEGV, on_overflow, SA_ONSTACK);
        local = 0;
        _exit(deep(&local));
    }
    wait_for(pid);
}

/* A mapping that grows, between neighbours: room pages below it and 16 above the lowest, which is fixed. Far from where
 * the kernel puts what it chooses the place of: an emulator's own memory, for instance. */
static char *make(size_t room, int neighbour)
{
    static uint64_t next = UINT64_C(0x600000000000);
    void *hint = sizeof hint == sizeof next ? (void *)(uintptr_t)(next += 64 * MIB) : NULL;
    char *all = mmap(hint, (room + 32) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    require(all != MAP_FAILED, "mmap");
    munmap(all + PAGE, (room + 31) * PAGE);
    mprotect(all, PAGE, neighbour);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN;
    char *grows = all + (room + 1) * PAGE;
    require(mmap(grows, 4 * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0) == grows, "growing");
    return grows;
}

static void test_gap(void)
{
    char *p = make(300, PROT_READ);
    SHOW(write_to(p - 44 * PAGE));
    SHOW(write_to(p - 44 * PAGE - 1));
    CHECK(find(p).start == (uintptr_t)p - 44 * PAGE);
    p = make(300, PROT_NONE);
    SHOW(write_to(p - 300 * PAGE));
    SHOW(write_to(p - 300 * PAGE - 1));
    p = make(300, PROT_NONE);
    set_limit(100 * PAGE);
    SHOW(write_to(p - 96 * PAGE));
    SHOW(write_to(p - 96 * PAGE - 1));
    set_limit(8 * MIB);
    SHOW(write_to(p - 96 * PAGE - 1));
}

/* Each call about memory below what has grown. */
static void test_calls(void)
{
    char *p = make(400, PROT_NONE);
    SHOW(mprotect(p - PAGE, PAGE, PROT_READ));
    SHOW(write_to(p - 1));
    SHOW(mprotect(p - PAGE, PAGE, PROT_READ));
    SHOW(write_to(p - 1));
    SHOW(write_to(p - PAGE - 1)); /* the lowest page's rights are those of what grows */
    p = make(400, PROT_NONE);
    write_to(p - 2 * PAGE);
    SHOW(munmap(p - PAGE, PAGE));
    SHOW(write_to(p - PAGE));
    SHOW(resident(p - 2 * PAGE));
    SHOW(munmap(p - 2 * PAGE, 3 * PAGE));
    SHOW(resident(p - 2 * PAGE));
    SHOW(resident(p));
    SHOW(resident(p + PAGE));
    p = make(400, PROT_NONE);
    write_to(p - 4 * PAGE);
    CHECK(mmap(p - 3 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p - 3 * PAGE);
    CHECK(mmap(p - 9 * PAGE, 6 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) ==
          MAP_FAILED);
    SHOW(madvise(p - 4 * PAGE, 4 * PAGE, MADV_DONTNEED));
    SHOW(madvise(p - 5 * PAGE, 5 * PAGE, MADV_DONTNEED));
    SHOW(msync(p - 4 * PAGE, 4 * PAGE, MS_ASYNC));
    SHOW(msync(p - 5 * PAGE, 4 * PAGE, MS_ASYNC));
    p = make(400, PROT_NONE);
    write_to(p - 4 * PAGE);
    p[-4 * PAGE] = 5;
    char *q = mremap(p - 4 * PAGE, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
    printf("moved: %d, left %d\n", q != MAP_FAILED ? q[0] : -1, resident(p - 4 * PAGE));
    SHOW(resident(p - 2 * PAGE));
    p = make(400, PROT_NONE);
    write_to(p - 1);
    SHOW(munmap(p, 4 * PAGE)); /* what has grown stays */
    SHOW(resident(p - PAGE));
    SHOW(munmap(p - PAGE, PAGE));
    SHOW(resident(p - PAGE));
    p = make(400, PROT_NONE);
    SHOW(mprotect(p + PAGE, PAGE, PROT_READ | PROT_GROWSDOWN));
    SHOW(write_to(p));
    SHOW(write_to(p + 2 * PAGE));
    SHOW(mprotect(p + PAGE, PAGE, PROT_READ | PROT_GROWSUP));
    SHOW(mprotect(alternate, 1, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP));
}

/* What the program that is run again says about its stack. */
static int run_again(void)
{
    char local;
    struct rlimit r;
    getrlimit(RLIMIT_STACK, &r);
    struct mapping m = find(&local);
    const uint64_t limit = r.rlim_cur > 32 * MIB ? 32 * MIB : r.rlim_cur;
    printf("limit: %llx\n", (unsigned long long)r.rlim_cur & 0xffffffffu);
    SHOW(write_to((char *)m.end - limit + PAGE));
    SHOW(write_to((char *)m.end - limit - PAGE) != 0);
    return 0;
}

static void test_exec(uint64_t soft, uint64_t hard)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        const struct rlimit r = {(rlim_t)soft, (rlim_t)hard};
        setrlimit(RLIMIT_STACK, &r);
        execl(self, self, "again", (char *)NULL);
        _exit(126);
    }
    wait_for(pid);
}

int main(int argc, char **argv)
{
    (void)argv;
    const stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
    setvbuf(stdout, NULL, _IOLBF, 4096);
    sigaltstack(&stack, NULL);
    handle(SIGSEGV, on_fault, SA_ONSTACK);
    if (argc > 1)
        return run_again();
    require(readlink("/proc/self/exe", self, sizeof self - 1) > 0, "readlink");
    test_exec(256 << 10, ~0ull);
    test_exec(~0ull, ~0ull);
    test_exec(192 << 10, 192 << 10);
    test_gap();
    test_calls();
    test_overflow(1);
    test_overflow(0);
    test_stack();
    return 0;
}
