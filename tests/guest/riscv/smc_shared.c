/* SPDX-License-Identifier: Apache-2.0 */
/* Code written into shared mappings, through the mapping itself and through an alias that is only writable.
 * reference: none (qemu does not see writes through an alias) */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/guest/guest_test.h"

typedef uint64_t (*function)(void);

/* li a0, value; ret */
static void put(uint32_t *code, uint32_t value)
{
    code[0] = value << 20 | 0x513;
    code[1] = 0x8067;
    __asm__ volatile("fence.i" : : : "memory");
}

static int through_itself(void)
{
    int stale = 0;
    for (uint32_t page = 0; page < 20; page++) {
        uint32_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        require(code != MAP_FAILED, "mmap");
        for (uint32_t v = 0; v < 5; v++) {
            put(code, page + v * 50);
            stale += ((function)code)() != page + v * 50;
        }
        munmap(code, 4096);
    }
    return stale;
}

static int through_alias(void)
{
    int stale = 0, fd = (int)syscall(SYS_memfd_create, "code", 0);
    require(fd >= 0 && ftruncate(fd, 4096) == 0, "memfd_create");
    uint32_t *writable = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    void *executable = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    require(writable != MAP_FAILED && executable != MAP_FAILED, "mmap twice");
    for (uint32_t v = 0; v < 300; v++) {
        put(writable, v);
        stale += ((function)executable)() != v;
    }
    return stale;
}

int main(void)
{
    printf("through the mapping: %d stale\n", through_itself());
    printf("through an alias: %d stale\n", through_alias());
    return 0;
}
