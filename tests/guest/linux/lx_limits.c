/* SPDX-License-Identifier: Apache-2.0 */
/* RLIMIT_AS and RLIMIT_DATA: which calls count, and for what.
 * reference: none (qemu does not count)
 * emulated: none (tandem needs more memory than it may have)
 *
 * not in: cached cache1m fail3 precise regs (what differs is not in the translators)
 * build: -D_GNU_SOURCE */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { MIB = 1 << 20, ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };

/* All that is mapped; data: only what RLIMIT_DATA counts. Bytes. */
static uint64_t mapped(int data)
{
    static char line[512];
    uint64_t sum = 0;
    FILE *f = fopen("/proc/self/maps", "r");
    require(f != NULL, "maps");
    while (fgets(line, sizeof line, f)) {
        unsigned long start, end;
        char rights[5];
        require(sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3, "line");
        if (strstr(line, "[vsyscall]") || (data && (rights[1] != 'w' || rights[3] != 'p' || strstr(line, "[stack]"))))
            continue;
        sum += end - start;
    }
    fclose(f);
    return sum;
}

static void set_limit(int which, uint64_t bytes)
{
    struct rlimit r;
    getrlimit(which, &r);
    r.rlim_cur = (rlim_t)bytes;
    require(setrlimit(which, &r) == 0, "setrlimit");
}

static long map(size_t bytes, int prot, int flags)
{
    void *at = mmap(NULL, bytes, prot, flags, -1, 0);
    if (at == MAP_FAILED)
        return -1;
    munmap(at, bytes);
    return 0;
}

static long grow(void *at, size_t from, size_t to)
{
    void *now = mremap(at, from, to, MREMAP_MAYMOVE);
    if (now == MAP_FAILED)
        return -1;
    munmap(now, to);
    return 0;
}

int main(void)
{
    const int rw = PROT_READ | PROT_WRITE;
    char *some = mmap(NULL, 16 * MIB, rw, ANONYMOUS, -1, 0), *more = mmap(NULL, 4 * MIB, PROT_READ, ANONYMOUS, -1, 0);
    require(some != MAP_FAILED && more != MAP_FAILED, "mmap");
    setvbuf(stdout, NULL, _IOLBF, 1024);
    mapped(0);
    set_limit(RLIMIT_AS, mapped(0) + 8 * MIB);
    SHOW(map(6 * MIB, PROT_NONE, ANONYMOUS));
    SHOW(map(10 * MIB, PROT_NONE, ANONYMOUS));
    SHOW(map(10 * MIB, rw, MAP_SHARED | MAP_ANONYMOUS));
    CHECK(mmap(some, 16 * MIB, rw, ANONYMOUS | MAP_FIXED, -1, 0) == some);
    SHOW(grow(more, 4 * MIB, 14 * MIB));
    CHECK(sbrk(10 * MIB) == (void *)-1);
    CHECK(sbrk(MIB) != (void *)-1);
    SHOW(munmap(some + 8 * MIB, 8 * MIB));
    SHOW(map(10 * MIB, rw, ANONYMOUS));
    SHOW(grow(more, 4 * MIB, 14 * MIB));
    set_limit(RLIMIT_AS, mapped(0) + 200 * MIB);
    SHOW(map(100 * MIB, rw, ANONYMOUS));
    more = mmap(NULL, 10 * MIB, PROT_READ, ANONYMOUS, -1, 0);
    set_limit(RLIMIT_DATA, mapped(1) + 8 * MIB);
    SHOW(map(6 * MIB, rw, ANONYMOUS));
    SHOW(map(10 * MIB, rw, ANONYMOUS));
    SHOW(map(10 * MIB, PROT_READ, ANONYMOUS));
    SHOW(map(10 * MIB, rw, MAP_SHARED | MAP_ANONYMOUS));
    SHOW(mprotect(more, 10 * MIB, rw));
    SHOW(mprotect(more, 6 * MIB, rw));
    SHOW(mprotect(more, 6 * MIB, PROT_READ));
    SHOW(map(6 * MIB, rw, ANONYMOUS));
    return 0;
}
