/* SPDX-License-Identifier: Apache-2.0 */
/* The robust mutex of a process that ends or is killed while it holds it: the kernel alone can tell who waits.
 * reference: none (qemu 7.2 hangs)
 * emulated: none (qemu lacks set_robust_list)
 * needs: 32-bit kernel for i386 (a process's list of 32 bits is known to the kernel's 32-bit entry alone)
 *
 * build: -D_GNU_SOURCE */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static void test_end(pthread_mutex_t *robust, const char *how, int kills)
{
    pid_t pid = fork();
    if (!pid) {
        pthread_mutex_lock(robust);
        if (kills)
            kill(getpid(), SIGKILL);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    printf("%s %d\n", how, pthread_mutex_lock(robust) == EOWNERDEAD);
    pthread_mutex_consistent(robust);
    pthread_mutex_unlock(robust);
}

int main(void)
{
    pthread_mutexattr_t attr;
    pthread_mutex_t *robust = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(robust, &attr);
    test_end(robust, "ended", 0);
    test_end(robust, "killed", 1);
    return 0;
}
