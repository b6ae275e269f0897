/* SPDX-License-Identifier: Apache-2.0 */
/* LR/SC and AMOs under contention: counters of all widths, a lock, and a lock-free stack whose pop would break under
 * ABA.
 * libraries: -latomic
 * reference: none (qemu compares values only, so its pop may lose nodes) */
#include <pthread.h>
#include <sched.h>

#include "tests/guest/guest_test.h"

enum { THREADS = 4, ROUNDS = 20000, NODES = 64 };

static _Alignas(64) uint64_t counter64, lr_counter;
static _Alignas(64) uint32_t counter32[2];
static _Alignas(64) uint8_t counter8[8];
static _Alignas(64) uint32_t lock;
static _Alignas(64) uint64_t guarded;

struct node {
    struct node *next;
    uint64_t owner, uses;
};

static struct node nodes[NODES];
static _Alignas(64) struct node *top;

/* Pops with a bare LR/SC: between the two, others may pop a, b and push a again; only SC's reservation notices. */
static struct node *pop(void)
{
    struct node *n, *next;
    uint64_t fail;
    __asm__ volatile("1:\tlr.d.aq %0, (%3)\n\tbeqz %0, 2f\n\tld %1, 0(%0)\n\tsc.d.rl %2, %1, (%3)\n\tbnez %2, 1b\n2:"
                     : "=&r"(n), "=&r"(next), "=&r"(fail)
                     : "r"(&top)
                     : "memory");
    return n;
}

static void push(struct node *n)
{
    uint64_t old, fail;
    __asm__ volatile(
        "1:\tld %0, 0(%3)\n\tsd %0, 0(%2)\n\tlr.d.aq %1, (%3)\n\tbne %1, %0, 1b\n\tsc.d.rl %1, %2, (%3)\n\tbnez %1, 1b"
        : "=&r"(old), "=&r"(fail)
        : "r"(n), "r"(&top)
        : "memory");
}

static void lr_add(uint64_t *p, uint64_t v)
{
    uint64_t old, fail;
    __asm__ volatile("1:\tlr.d.aqrl %0, (%2)\n\tadd %0, %0, %3\n\tsc.d.rl %1, %0, (%2)\n\tbnez %1, 1b"
                     : "=&r"(old), "=&r"(fail)
                     : "r"(p), "r"(v)
                     : "memory");
}

static void *work(void *argument)
{
    uint64_t me = (uintptr_t)argument;
    for (uint64_t r = 0; r < ROUNDS; r++) {
        __atomic_fetch_add(&counter64, me, __ATOMIC_SEQ_CST);
        __atomic_fetch_add(&counter32[me & 1], 1, __ATOMIC_RELAXED);
        __atomic_fetch_add(&counter8[me & 7], 1, __ATOMIC_SEQ_CST);
        lr_add(&lr_counter, me);
        while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
            sched_yield();
        guarded += me;
        __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
        struct node *a = pop(), *b = pop();
        if (a) {
            require(__atomic_exchange_n(&a->owner, me, __ATOMIC_SEQ_CST) == 0, "a node had one owner");
            a->uses++;
            __atomic_store_n(&a->owner, 0, __ATOMIC_SEQ_CST);
            push(a);
        }
        if (b) {
            require(__atomic_exchange_n(&b->owner, me, __ATOMIC_SEQ_CST) == 0, "b node had one owner");
            b->uses++;
            __atomic_store_n(&b->owner, 0, __ATOMIC_SEQ_CST);
            push(b);
        }
    }
    return NULL;
}

int main(void)
{
    pthread_t id[THREADS];
    for (int i = 0; i < NODES; i++)
        push(&nodes[i]);
    for (uintptr_t i = 0; i < THREADS; i++)
        require(pthread_create(&id[i], NULL, work, (void *)(i + 1)) == 0, "pthread_create");
    for (int i = 0; i < THREADS; i++)
        pthread_join(id[i], NULL);
    printf("counters %" PRIu64 " %" PRIu64 " %u %u %u %" PRIu64 "\n", counter64, lr_counter, counter32[0], counter32[1],
           (unsigned)(counter8[1] + counter8[2] + counter8[3] + counter8[4]), guarded);
    int left = 0;
    uint64_t uses = 0;
    for (struct node *n = pop(); n; n = pop(), left++)
        uses += n->uses;
    printf("nodes %d uses %" PRIu64 "\n", left, uses);
    return 0;
}
