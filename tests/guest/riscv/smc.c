/* SPDX-License-Identifier: Apache-2.0 */
/* A program that writes code: fresh functions, rewritten ones, a loop that patches itself, unmapped and remapped pages.
 * Every change is followed by fence.i or by riscv_flush_icache. */
#include <sys/cachectl.h>
#include <sys/mman.h>

#include "tests/guest/guest_test.h"

typedef uint64_t (*function)(uint64_t);

static void flush_fence(void) { __asm__ volatile("fence.i" : : : "memory"); }

static uint32_t addi(int rd, int rs, int imm)
{
    return (uint32_t)imm << 20 | (uint32_t)rs << 15 | (uint32_t)rd << 7 | 0x13;
}
static const uint32_t ret = 0x00008067;

static void *map_code(void)
{
    void *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(p != MAP_FAILED, "mmap");
    return p;
}

/* Rewrites one function again and again. */
static void rewrite(int use_syscall)
{
    uint32_t *code = map_code();
    uint64_t sum = 0;
    for (int i = 0; i < 300; i++) {
        code[0] = addi(10, 10, i);
        code[1] = ret;
        if (use_syscall)
            __riscv_flush_icache(code, code + 2, 0);
        else
            flush_fence();
        for (int k = 0; k < 3; k++)
            sum = mix(sum, ((function)code)((uint64_t)i));
    }
    print_hash(use_syscall ? "flush_icache" : "fence.i", sum);
    munmap(code, 8192);
}

/* Many functions on one page, written one by one while the earlier ones keep being called. */
static void grow(void)
{
    uint32_t *code = map_code();
    uint64_t sum = 0;
    for (int i = 0; i < 500; i++) {
        uint32_t *f = code + 2 * i;
        f[0] = addi(10, 10, i & 63);
        f[1] = ret;
        flush_fence();
        for (int k = i > 8 ? i - 8 : 0; k <= i; k++)
            sum = mix(sum, ((function)(code + 2 * k))(sum & 0xff));
    }
    print_hash("grow", sum);
    munmap(code, 8192);
}

/* A hot loop that is patched once it is hot: the function runs n times its one addition. */
static void hot_then_patched(void)
{
    uint32_t *code = map_code();
    uint64_t sum = 0;
    code[0] = addi(11, 0, 0);   /* li a1, 0 */
    code[1] = addi(11, 11, 1);  /* loop: addi a1, a1, 1 */
    code[2] = addi(10, 10, -1); /* addi a0, a0, -1 */
    code[3] = 0xfe051ce3;       /* bnez a0, loop (-8) */
    code[4] = addi(10, 11, 0);  /* mv a0, a1 */
    code[5] = ret;
    flush_fence();
    for (int i = 1; i <= 12; i++) {
        sum = mix(sum, ((function)code)(5000));
        code[1] = addi(11, 11, i);
        flush_fence();
        sum = mix(sum, ((function)code)(5000));
    }
    print_hash("hot", sum);
    munmap(code, 8192);
}

/* The same address holds other code after munmap and mmap, and after mprotect turns. */
static void remap(void)
{
    uint64_t sum = 0;
    uint32_t *code = map_code();
    for (int i = 0; i < 40; i++) {
        munmap(code, 8192);
        void *again = mmap(code, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        require(again == code, "mmap fixed");
        code[0] = addi(10, 10, 2 * i);
        code[1] = ret;
        require(mprotect(code, 8192, PROT_READ | PROT_EXEC) == 0, "mprotect");
        flush_fence();
        sum = mix(sum, ((function)code)(7));
        require(mprotect(code, 8192, PROT_READ | PROT_WRITE) == 0, "mprotect back");
        code[0] = addi(10, 10, 3 * i);
        require(mprotect(code, 8192, PROT_READ | PROT_EXEC) == 0, "mprotect again");
        flush_fence();
        sum = mix(sum, ((function)code)(7));
    }
    print_hash("remap", sum);
    munmap(code, 8192);
}

/* Code that straddles two pages, of which either is rewritten. */
static void straddle(void)
{
    uint32_t *code = map_code(), *f = code + 1022;
    uint64_t sum = 0;
    for (int i = 0; i < 200; i++) {
        f[0] = addi(10, 10, 1);
        f[1] = addi(10, 10, i & 1 ? 16 : 32);
        f[2] = addi(10, 10, i & 2 ? 256 : 512);
        f[3] = ret;
        flush_fence();
        sum = mix(sum, ((function)f)(0));
    }
    print_hash("straddle", sum);
    munmap(code, 8192);
}

/* Data on the page of code: writes beside code that runs all the time. */
static void data_beside_code(void)
{
    uint32_t *code = map_code();
    uint64_t sum = 0;
    volatile uint64_t *data = (volatile uint64_t *)(code + 512);
    code[0] = addi(10, 10, 5);
    code[1] = ret;
    flush_fence();
    for (int i = 0; i < 3000; i++) {
        data[i & 7] = sum;
        sum = mix(sum, ((function)code)(data[(i + 3) & 7]));
    }
    print_hash("beside", sum);
    munmap(code, 8192);
}

int main(void)
{
    rewrite(0);
    rewrite(1);
    grow();
    hot_then_patched();
    remap();
    straddle();
    data_beside_code();
    return 0;
}
