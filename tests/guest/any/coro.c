/* SPDX-License-Identifier: Apache-2.0 */
/* Coroutines on their own stacks with swapcontext: returns go to frames of another stack than the last call's. */
#include <ucontext.h>

#include "tests/guest/guest_test.h"

enum { COROUTINES = 5, STACK = 64 * 1024 };

static ucontext_t scheduler, context[COROUTINES];
static uint64_t value[COROUTINES];
static int done[COROUTINES], left = COROUTINES, switches;
static uint64_t hash;

__attribute__((noinline)) static void yield(int me, uint64_t v)
{
    value[me] = v;
    swapcontext(&context[me], &scheduler);
}

/* Yields from every level of a recursion. */
__attribute__((noinline)) static uint64_t walk(int me, int depth, uint64_t v)
{
    if (depth == 0)
        return v;
    yield(me, mix(v, (uint64_t)depth));
    uint64_t left = walk(me, depth - 1, v * 3 + 1);
    uint64_t right = depth & 1 ? walk(me, depth - 1, v + (uint64_t)me) : 0;
    return mix(left, right);
}

static void body(int me)
{
    value[me] = walk(me, 9, (uint64_t)me + 100);
    done[me] = 1;
}

int main(void)
{
    for (int i = 0; i < COROUTINES; i++) {
        getcontext(&context[i]);
        context[i].uc_stack.ss_sp = malloc(STACK);
        context[i].uc_stack.ss_size = STACK;
        context[i].uc_link = &scheduler;
        makecontext(&context[i], (void (*)(void))body, 1, i);
    }
    for (int turn = 0; left; turn = (turn + 3) % COROUTINES) {
        if (done[turn] == 2) {
            turn = (turn + 1) % COROUTINES;
            if (done[turn] == 2)
                continue;
        }
        swapcontext(&scheduler, &context[turn]);
        switches++;
        hash = mix(hash, value[turn] + (uint64_t)turn);
        if (done[turn] == 1) {
            done[turn] = 2;
            left--;
        }
    }
    printf("switches %d\n", switches);
    print_hash("coro", hash);
    return 0;
}
