/* SPDX-License-Identifier: Apache-2.0 */
/* Threads: creation and joining in numbers, cancellation, thread-local data, every kind of lock, robust mutexes, fork
 * among threads, a main thread that ends first (in a child).
 * reference: none (qemu 7.2 hangs)
 * emulated: none (qemu lacks set_robust_list)
 *
 * build: -D_GNU_SOURCE */
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { THREADS = 8, ROUNDS = 2000 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static sem_t sem;
static long by_mutex, by_spin, by_rwlock, by_atomic, serial;
static __thread long local = 5;
static __thread double local_double;
static pthread_key_t key;
static long destroyed;

static void *locks(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        by_mutex++;
        pthread_mutex_unlock(&lock);
        pthread_spin_lock(&spin);
        by_spin++;
        pthread_spin_unlock(&spin);
        pthread_rwlock_wrlock(&rwlock);
        by_rwlock++;
        pthread_rwlock_unlock(&rwlock);
        __atomic_fetch_add(&by_atomic, 1, __ATOMIC_RELAXED);
        local++;
        local_double += 0.5;
    }
    for (int i = 0; i < 20; i++) {
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            serial++;
    }
    require(local == ROUNDS + 5 && local_double == ROUNDS * 0.5, "thread-local data");
    pthread_setspecific(key, arg);
    return (void *)((long)arg * 3);
}

static void destroy(void *value) { __atomic_fetch_add(&destroyed, (long)value, __ATOMIC_RELAXED); }

static void test_locks(void)
{
    pthread_t id[THREADS];
    long sum = 0;
    pthread_spin_init(&spin, 0);
    pthread_barrier_init(&barrier, NULL, THREADS);
    pthread_key_create(&key, destroy);
    for (long i = 0; i < THREADS; i++)
        require(pthread_create(&id[i], NULL, locks, (void *)(i + 1)) == 0, "pthread_create");
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(id[i], &result);
        sum += (long)result;
    }
    printf("locks: %ld %ld %ld %ld serial %ld results %ld destroyed %ld local %ld\n", by_mutex, by_spin, by_rwlock,
           by_atomic, serial, sum, destroyed, local);
}

/* ping-pong over a condition variable and a semaphore */
static int turn;
static void *ping(void *arg)
{
    for (int i = 0; i < 500; i++) {
        pthread_mutex_lock(&lock);
        while (turn != (int)(long)arg)
            pthread_cond_wait(&cond, &lock);
        turn = !turn;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&lock);
        sem_post(&sem);
    }
    return NULL;
}

static void test_cond(void)
{
    pthread_t a, b;
    sem_init(&sem, 0, 0);
    pthread_create(&a, NULL, ping, (void *)0);
    pthread_create(&b, NULL, ping, (void *)1);
    for (int i = 0; i < 1000; i++)
        sem_wait(&sem);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    struct timespec ts = {0, 0};
    pthread_mutex_lock(&lock);
    printf("cond: turn %d, timed out %d\n", turn, pthread_cond_timedwait(&cond, &lock, &ts) == ETIMEDOUT);
    pthread_mutex_unlock(&lock);
}

static volatile int cleaned;
static void clean(void *arg) { cleaned += (int)(long)arg; }
static void *blocked(void *arg)
{
    int fds[2];
    char c;
    pthread_cleanup_push(clean, arg);
    require(pipe(fds) == 0, "pipe");
    sem_post(&sem);
    require(read(fds[0], &c, 1) == 1, "cancelled before this");
    pthread_cleanup_pop(0);
    return NULL;
}
static void *spinning(void *arg)
{
    int old;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    pthread_cleanup_push(clean, arg);
    sem_post(&sem);
    for (;;)
        __asm__ volatile("");
    pthread_cleanup_pop(0);
    return NULL;
}

static void test_cancel(void)
{
    void *(*const kinds[])(void *) = {blocked, spinning};
    for (unsigned i = 0; i < COUNT_OF(kinds); i++) {
        pthread_t id;
        void *result;
        pthread_create(&id, NULL, kinds[i], (void *)(long)(10 + i));
        sem_wait(&sem);
        pthread_cancel(id);
        pthread_join(id, &result);
        printf("cancelled: %d cleaned %d\n", result == PTHREAD_CANCELED, cleaned);
    }
}

static pthread_mutex_t *robust;
static void *nothing(void *arg) { return arg; }
static void test_many(void)
{
    for (int i = 0; i < 300; i++) {
        pthread_t id;
        void *result;
        require(pthread_create(&id, NULL, nothing, &robust) == 0, "create");
        require(pthread_join(id, &result) == 0 && result == &robust, "join");
    }
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < 100; i++) {
        pthread_t id;
        require(pthread_create(&id, &attr, nothing, NULL) == 0, "create detached");
    }
    printf("many\n");
}

static void *die_holding(void *arg)
{
    pthread_mutex_lock(robust);
    return arg;
}

static void test_robust(void)
{
    pthread_mutexattr_t attr;
    robust = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(robust, &attr);
    pthread_t id;
    pthread_create(&id, NULL, die_holding, NULL);
    pthread_join(id, NULL);
    printf("robust: thread %d\n", pthread_mutex_lock(robust) == EOWNERDEAD);
    pthread_mutex_consistent(robust);
    pthread_mutex_unlock(robust);
}

static volatile int stop;
static void *busy(void *arg)
{
    volatile long *n = arg;
    while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
        ++*n;
        free(malloc(100));
    }
    return NULL;
}

static void test_fork(void)
{
    pthread_t id;
    long n = 0;
    int good = 0;
    pthread_create(&id, NULL, busy, &n);
    for (int i = 0; i < 20; i++) {
        int status;
        pid_t pid = fork();
        if (!pid) {
            free(malloc(1000));
            pthread_t inner;
            void *result;
            pthread_create(&inner, NULL, nothing, (void *)7L);
            pthread_join(inner, &result);
            _exit((int)(long)result + (syscall(SYS_gettid) == getpid() ? 0 : 50));
        }
        waitpid(pid, &status, 0);
        good += WIFEXITED(status) && WEXITSTATUS(status) == 7;
    }
    stop = 1;
    pthread_join(id, NULL);
    printf("fork among threads: %d\n", good);
}

static void *outlive(void *arg)
{
    usleep(20000);
    (void)!write(1, "the other thread goes on\n", 25);
    return arg;
}

static void test_main_ends(void)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (!pid) {
        pthread_t id;
        pthread_create(&id, NULL, outlive, NULL);
        pthread_exit(NULL);
    }
    waitpid(pid, &status, 0);
    printf("main ended first: %x\n", status);
    fflush(stdout);
    pid = fork();
    if (!pid) {
        pthread_t id;
        pthread_create(&id, NULL, busy, (void *)&(long){0});
        exit(12);
    }
    waitpid(pid, &status, 0);
    printf("exit with threads: %x\n", status);
}

int main(void)
{
    test_locks();
    test_cond();
    test_cancel();
    test_many();
    test_robust();
    test_fork();
    test_main_ends();
    return 0;
}
