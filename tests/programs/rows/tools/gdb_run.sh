# SPDX-License-Identifier: Apache-2.0
# gdb runs a program: breakpoints, registers, steps by lines and by instructions, a call by hand, changed variables,
# threads, signals.
# packages: gdb gcc
# guests: riscv64 x86_64
# timeout: 240
cat >p.c <<'END'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
static volatile int caught, scale = 2;
static void on_signal(int signo) { caught = signo; }
static int sum(const int *n, int count)
{
    int total = 0;
    for (int i = 0; i < count; i++)
        total += n[i] * scale;
    return total;
}
static void *work(void *arg) { return arg; }
int main(void)
{
    static const int numbers[] = {1, 2, 3, 4};
    pthread_t id;
    signal(SIGUSR1, on_signal);
    int first = sum(numbers, 4);
    raise(SIGUSR1);
    pthread_create(&id, NULL, work, NULL);
    pthread_join(id, NULL);
    printf("sum %d, caught %d\n", first, caught);
    return 7;
}
END
gcc -g -O0 -pthread p.c -o p || exit 1
gdb -q -nx -batch -ex 'break sum' -ex run -ex bt -ex 'print *n@count' -ex 'next' -ex 'next' -ex 'print i' \
    -ex 'set var scale = 3' -ex 'print sum(n, 2)' -ex 'stepi' -ex 'stepi' -ex 'info line' -ex 'delete' \
    -ex finish -ex 'handle SIGUSR1 stop print pass' -ex continue -ex 'break work' -ex continue -ex 'bt 1' -ex continue \
    p 2>&1 | grep -v 'hread debugging\|libthread_db\|New Thread\|Switching\|exited]$\|warning\|pthread_kill' |
    sed 's/0x[0-9a-f]*/0x/g; s/<[a-z_]*+[0-9]*>/<>/g; s/process [0-9]*/process/'
