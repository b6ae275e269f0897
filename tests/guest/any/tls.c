/* SPDX-License-Identifier: Apache-2.0 */
/* Thread-local storage, initialised and zero, thread-specific data with destructors, in threads that come and go.
 * not in: tier2 (what it is about is the same in mixed) */
#include <errno.h>
#include <pthread.h>

#include "tests/guest/guest_test.h"

static __thread uint64_t initialised = 0x1234;
static __thread uint64_t zero;
static __thread char text[100] = "tls";
static pthread_key_t key;
static uint64_t destroyed;

static void destroy(void *value) { __atomic_fetch_add(&destroyed, (uintptr_t)value, __ATOMIC_SEQ_CST); }

static void *work(void *argument)
{
    uint64_t me = (uintptr_t)argument;
    require(initialised == 0x1234 && zero == 0 && strcmp(text, "tls") == 0, "fresh thread-local storage");
    pthread_setspecific(key, argument);
    for (int i = 0; i < 2000; i++) {
        initialised += me;
        zero = mix(zero, initialised);
        errno = (int)me;
    }
    require(errno == (int)me, "errno is the thread's own");
    text[0] = (char)('a' + me % 26);
    uint64_t *result = malloc(sizeof(*result));
    *result = mix(zero, (uint64_t)text[0]);
    return result;
}

int main(void)
{
    uint64_t hash = 0;
    pthread_key_create(&key, destroy);
    for (int round = 0; round < 10; round++) {
        pthread_t id[4];
        for (uintptr_t i = 0; i < 4; i++)
            require(pthread_create(&id[i], NULL, work, (void *)(i + 1 + 4 * (uintptr_t)round)) == 0, "pthread_create");
        for (int i = 0; i < 4; i++) {
            void *result;
            pthread_join(id[i], &result);
            hash = mix(hash, *(uint64_t *)result);
            free(result);
        }
    }
    print_hash("tls", hash);
    printf("destroyed %" PRIu64 " main %" PRIx64 " %s\n", destroyed, initialised, text);
    return 0;
}
