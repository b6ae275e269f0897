/* SPDX-License-Identifier: Apache-2.0 */
/* Loops over arrays of floating-point numbers, which may be run several iterations at once, and in one of them a load
 * or a store faults. The handler finds just the elements before it stored, once, and just their flags raised; it leaves
 * by siglongjmp, or makes the page accessible and the loop goes on.
 * build: -fno-math-errno */
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

#include "tests/guest/guest_test.h"

enum { PAGE = 4096, COUNT = 27, ROUNDS = 60 };
enum array { IN, OUT, ARRAYS };

static char *memory[ARRAYS]; /* two pages each, of which the second may fault */
static volatile int leaves;
static void *volatile fault_address;
static volatile int faults;
static sigjmp_buf back;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    faults++;
    fault_address = info->si_addr;
    if (leaves)
        siglongjmp(back, 1);
    for (int i = 0; i < ARRAYS; i++)
        mprotect(memory[i] + PAGE, PAGE, PROT_READ | PROT_WRITE);
}

#define KERNELS(T, suffix)                                                                                             \
    __attribute__((noinline)) static void update_##suffix(T *out, const T *in, T a, long n)                            \
    {                                                                                                                  \
        for (long i = 0; i < n; i++)                                                                                   \
            out[i] -= a * in[i];                                                                                       \
    }                                                                                                                  \
    __attribute__((noinline)) static void scale_##suffix(T *out, const T *in, T a, long n)                             \
    {                                                                                                                  \
        for (long i = 0; i < n; i++)                                                                                   \
            out[i] = a / in[i];                                                                                        \
    }                                                                                                                  \
    static T at_##suffix(enum array array, int which) /* element that is so many before the second page */             \
    {                                                                                                                  \
        return ((T *)(memory[array] + PAGE))[-which];                                                                  \
    }                                                                                                                  \
    /* Elements before the fault are exact in all operations, so that a flag comes from one that was not reached. */   \
    static void fill_##suffix(int exact)                                                                               \
    {                                                                                                                  \
        for (int array = 0; array < ARRAYS; array++) {                                                                 \
            mprotect(memory[array] + PAGE, PAGE, PROT_READ | PROT_WRITE);                                              \
            for (int i = -COUNT; i < COUNT; i++)                                                                       \
                ((T *)(memory[array] + PAGE))[i] = i < 0 || exact ? (T)(1 << (i & 7)) : (T)0.1 + (T)i;                 \
        }                                                                                                              \
    }                                                                                                                  \
    /* before: elements in front of the second page; array: whose second page faults; 1: the store was reached */      \
    static void check_##suffix(void (*kernel)(T *, const T *, T, long), int before, enum array array, int writes)      \
    {                                                                                                                  \
        T want[COUNT], *out = (T *)(memory[OUT] + PAGE) - before, *in = (T *)(memory[IN] + PAGE) - before;             \
        for (leaves = 0; leaves < 2; leaves++) {                                                                       \
            fill_##suffix(0);                                                                                          \
            for (int i = 0; i < COUNT; i++)                                                                            \
                want[i] = out[i];                                                                                      \
            kernel(want, in, 2, leaves ? before : COUNT);                                                              \
            mprotect(memory[array] + PAGE, PAGE, writes ? PROT_READ : PROT_NONE);                                      \
            faults = 0;                                                                                                \
            feclearexcept(FE_ALL_EXCEPT);                                                                              \
            if (!sigsetjmp(back, 1))                                                                                   \
                kernel(out, in, 2, COUNT);                                                                             \
            int raised = fetestexcept(FE_ALL_EXCEPT);                                                                  \
            require(faults == 1 && fault_address == memory[array] + PAGE, #suffix ": address of the fault");           \
            require(!leaves || !raised || (writes && raised == FE_INEXACT), #suffix ": flags");                        \
            mprotect(memory[array] + PAGE, PAGE, PROT_READ | PROT_WRITE);                                              \
            require(!memcmp(want, out, sizeof want), #suffix ": elements");                                            \
            hash = mix(hash, (uint64_t)(int64_t)(at_##suffix(OUT, 1) * 64));                                           \
        }                                                                                                              \
    }                                                                                                                  \
    static void run_##suffix(void)                                                                                     \
    {                                                                                                                  \
        for (int i = 0; i < ROUNDS; i++) { /* hot */                                                                   \
            fill_##suffix(1);                                                                                          \
            update_##suffix((T *)memory[OUT], (T *)memory[IN], 2, PAGE / sizeof(T));                                   \
            scale_##suffix((T *)memory[OUT], (T *)(memory[IN] + PAGE) - COUNT, 2, COUNT);                              \
        }                                                                                                              \
        for (int before = 0; before < COUNT; before++) {                                                               \
            for (int array = 0; array < ARRAYS; array++) {                                                             \
                check_##suffix(update_##suffix, before, (enum array)array, 0);                                         \
                if (array == IN)                                                                                       \
                    check_##suffix(scale_##suffix, before, IN, 0);                                                     \
            }                                                                                                          \
            check_##suffix(update_##suffix, before, OUT, 1);                                                           \
            check_##suffix(scale_##suffix, before, OUT, 1);                                                            \
        }                                                                                                              \
        print_hash(#suffix, hash);                                                                                     \
    }

static uint64_t hash;
KERNELS(double, double)
KERNELS(float, float)

int main(void)
{
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, NULL);
    for (int i = 0; i < ARRAYS; i++)
        memory[i] = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    run_double();
    run_float();
    return 0;
}
