/* SPDX-License-Identifier: Apache-2.0 */
/* Recursion that is left and comes back: a region is entered again where its calls return to. Signals interrupt it at
 * any depth, longjmp drops levels, threads run it at once, and the code at the return address, on a page of its own, is
 * rewritten. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "tests/guest/guest_test.h"

static uint32_t addi(int rd, int rs, int imm)
{
    return (uint32_t)imm << 20 | (uint32_t)rs << 15 | (uint32_t)rd << 7 | 0x13;
}

typedef uint64_t (*function)(uint64_t);

static volatile sig_atomic_t ticks;

static void on_tick(int signo)
{
    (void)signo;
    ticks++;
}

/* f(n) = n ? f(n - 1) + step : 0. The call is the last instruction of the first page. */
static function make_recursion(uint32_t *code, uint32_t **step)
{
    static const uint32_t words[] = {
        0xff010113, /* addi sp, sp, -16 */
        0x00113423, /* sd ra, 8(sp) */
        0x00050863, /* beqz a0, 1f */
        0xfff50513, /* addi a0, a0, -1 */
        0xff1ff0ef, /* jal f */
        0x00150513, /* addi a0, a0, 1 */
        0x00813083, /* 1: ld ra, 8(sp) */
        0x01010113, /* addi sp, sp, 16 */
        0x00008067, /* ret */
    };
    uint32_t *at = code + 1024 - 5;
    memcpy(at, words, sizeof words);
    *step = at + 5;
    __asm__ volatile("fence.i" : : : "memory");
    return (function)at;
}

static void rewritten(void)
{
    uint32_t *code = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *step;
    uint64_t sum = 0;
    require(code != MAP_FAILED, "mmap");
    function f = make_recursion(code, &step);
    for (int i = 1; i <= 20; i++) {
        *step = addi(10, 10, i);
        __asm__ volatile("fence.i" : : : "memory");
        for (uint64_t n = 0; n < 300; n++) {
            require(f(n) == n * (uint64_t)i, "the new step is taken");
            sum = mix(sum, f(n));
        }
    }
    print_hash("rewritten", sum);
    munmap(code, 8192);
}

static jmp_buf out;

/* Tree recursion with a rare way through and a rare way out. */
__attribute__((noinline)) static uint64_t walk(unsigned depth, uint64_t seed)
{
    if (depth == 0)
        return seed | 1;
    if (seed % 97 == 3)
        return walk(depth - 1, seed + 1) ^ depth;
    if (seed % 5003 == 7)
        longjmp(out, (int)depth);
    return walk(depth - 1, seed * 3 + 1) * 5 + walk(depth - 1, seed * 7 + 2);
}

static void jumped_out_of(void)
{
    volatile uint64_t sum = 0;
    for (volatile unsigned i = 0; i < 400; i++) {
        int depth = setjmp(out);
        sum = mix(sum, depth ? (uint64_t)depth : walk(10, i));
    }
    print_hash("longjmp", sum);
}

__attribute__((noinline)) static uint64_t plain(unsigned n, uint64_t seed)
{
    return n ? plain(n - 1, seed * 3 + n) * 7 + plain(n / 2, seed ^ n) : seed;
}

static void *thread(void *arg)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < 200; i++)
        sum = mix(sum, plain(12 + i % 7, i));
    *(uint64_t *)arg = sum;
    return NULL;
}

static void by_threads(void)
{
    pthread_t threads[4];
    uint64_t sums[4];
    for (int i = 0; i < 4; i++)
        require(pthread_create(&threads[i], NULL, thread, &sums[i]) == 0, "pthread_create");
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        require(sums[i] == sums[0], "threads agree");
    }
    print_hash("threads", sums[0]);
}

int main(void)
{
    struct itimerval timer = {.it_interval = {.tv_usec = 500}, .it_value = {.tv_usec = 500}};
    struct sigaction action = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
    rewritten();
    jumped_out_of();
    by_threads();
    while (!ticks)
        ;
    printf("interrupted\n");
    return 0;
}
