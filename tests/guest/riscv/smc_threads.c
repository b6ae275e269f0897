/* SPDX-License-Identifier: Apache-2.0 */
/* One thread patches an instruction that others execute all the time; each sees the old or the new one, and the new one
 * after it was told about it. */
#include <pthread.h>
#include <sched.h>
#include <sys/cachectl.h>
#include <sys/mman.h>

#include "tests/guest/guest_test.h"

enum { RUNNERS = 3, PATCHES = 200 };

typedef uint64_t (*function)(uint64_t);

static uint32_t *code;
static uint32_t version; /* the newest version that is certainly in place */
static uint32_t acknowledged[RUNNERS];
static uint64_t calls[RUNNERS];

static uint32_t addi_a0(uint32_t imm) { return imm << 20 | 10 << 15 | 10 << 7 | 0x13; }

static void *execute(void *argument)
{
    uintptr_t me = (uintptr_t)argument;
    uint64_t last = 0;
    while (last < PATCHES) {
        uint32_t before = __atomic_load_n(&version, __ATOMIC_ACQUIRE);
        __asm__ volatile("fence.i" : : : "memory");
        uint64_t got = ((function)code)(0);
        require(got >= before, "a version not older than the published one");
        require(got <= PATCHES && got >= last, "versions come in order");
        last = got;
        calls[me]++;
        __atomic_store_n(&acknowledged[me], before, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void wait_for_all(uint32_t v)
{
    for (int i = 0; i < RUNNERS; i++)
        while (__atomic_load_n(&acknowledged[i], __ATOMIC_ACQUIRE) < v)
            sched_yield();
}

int main(void)
{
    pthread_t id[RUNNERS];
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(code != MAP_FAILED, "mmap");
    code[0] = addi_a0(0);
    code[1] = 0x00008067;
    __riscv_flush_icache(code, code + 2, 0);
    for (uintptr_t i = 0; i < RUNNERS; i++)
        require(pthread_create(&id[i], NULL, execute, (void *)i) == 0, "pthread_create");
    for (uint32_t v = 1; v <= PATCHES; v++) {
        __atomic_store_n(code, addi_a0(v), __ATOMIC_SEQ_CST);
        __riscv_flush_icache(code, code + 1, 0);
        __atomic_store_n(&version, v, __ATOMIC_RELEASE);
        if (v % 20 == 0 && v < PATCHES)
            wait_for_all(v);
    }
    for (int i = 0; i < RUNNERS; i++)
        pthread_join(id[i], NULL);
    puts("every version seen in order");
    return 0;
}
