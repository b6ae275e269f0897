/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that x86-64 has and Linux's generic table has not any more, made by number; and those whose structures
 * or argument order differ from it.
 * build: -D_GNU_SOURCE
 * not in: tier2 */
#include <asm/prctl.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "tests/guest/linux/linux_test.h"

static void files(void)
{
    char buf[4096], link[16] = "";
    struct stat st = {0}, at = {0};
    struct utimbuf times = {1000, 2000};
    struct timeval tv[2] = {{3000, 0}, {4000, 0}};
    int fd = (int)syscall(SYS_creat, "a", 0644);
    require(fd >= 0 && write(fd, "12345", 5) == 5, "creat");
    SHOW(syscall(SYS_link, "a", "b"));
    SHOW(syscall(SYS_symlink, "a", "s"));
    SHOW(syscall(SYS_readlink, "s", link, sizeof link));
    SHOW(strcmp(link, "a"));
    SHOW(syscall(SYS_stat, "s", &st));
    SHOW(st.st_size);
    SHOW(st.st_nlink);
    SHOW(st.st_mode);
    SHOW(syscall(SYS_newfstatat, AT_FDCWD, "s", &at, 0));
    SHOW(memcmp(&st, &at, sizeof st));
    SHOW(fstat(fd, &at));
    SHOW(memcmp(&st, &at, sizeof st));
    SHOW(syscall(SYS_lstat, "s", &st));
    SHOW(S_ISLNK(st.st_mode));
    SHOW(syscall(SYS_lstat, "nothing", &st));
    SHOW(syscall(SYS_utime, "a", &times));
    SHOW((syscall(SYS_stat, "a", &st), st.st_mtime));
    SHOW(syscall(SYS_utimes, "a", tv));
    SHOW((syscall(SYS_stat, "a", &st), st.st_mtime));
    SHOW(syscall(SYS_chmod, "a", 0600));
    SHOW(syscall(SYS_access, "nothing", R_OK));
    SHOW(syscall(SYS_rename, "b", "c"));
    SHOW(syscall(SYS_mkdir, "d", 0755));
    SHOW(syscall(SYS_mkdir, "d", 0755));
    int dir = (int)syscall(SYS_open, ".", O_RDONLY | O_DIRECTORY, 0);
    SHOW(syscall(SYS_getdents, dir, buf, sizeof buf) > 0);
    SHOW(syscall(SYS_getdents, dir, buf, sizeof buf));
    SHOW(syscall(SYS_open, "a", O_RDONLY | O_DIRECTORY, 0));
    SHOW(syscall(SYS_open, "s", O_RDONLY | O_NOFOLLOW, 0));
    SHOW(syscall(SYS_rmdir, "d"));
    SHOW(syscall(SYS_unlink, "a") | syscall(SYS_unlink, "c") | syscall(SYS_unlink, "s"));
    SHOW(syscall(SYS_chown, "a", -1, -1));
}

static void descriptors(void)
{
    int p[2], ep = (int)syscall(SYS_epoll_create, 1);
    struct epoll_event out[2], in = {.events = EPOLLIN, .data.u64 = 0x123456789abcdef0};
    SHOW(syscall(SYS_pipe, p));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &in));
    in.data.u64 = 7;
    in.events = EPOLLOUT;
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[1], &in));
    SHOW(write(p[1], "x", 1));
    SHOW(syscall(SYS_epoll_wait, ep, out, 2, 0));
    SHOW(out[0].data.u64 + out[1].data.u64 == 0x123456789abcdef0 + 7);
    struct pollfd fds[2] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}};
    SHOW(syscall(SYS_poll, fds, 2, 0));
    SHOW(fds[0].revents == POLLIN && fds[1].revents == POLLOUT);
    fd_set set;
    struct timeval zero = {0, 0};
    FD_ZERO(&set);
    FD_SET(p[0], &set);
    SHOW(syscall(SYS_select, p[1] + 1, &set, NULL, NULL, &zero));
    SHOW(syscall(SYS_dup2, p[0], 100));
    SHOW(syscall(SYS_dup2, 99, 100));
    uint64_t count = 0, mask = UINT64_C(1) << (SIGUSR1 - 1);
    int event = (int)syscall(SYS_eventfd, 5);
    SHOW(read(event, &count, 8));
    SHOW(count);
    SHOW(syscall(SYS_inotify_init) >= 0);
    SHOW(syscall(SYS_signalfd, -1, &mask, 8) >= 0);
}

static int child_main(void *arg)
{
    *(int *)arg = 5;
    return 3;
}

static void processes(void)
{
    static char stack[65536] __attribute__((aligned(16)));
    int status = 0, tid = 0, value = 0;
    long pid = syscall(SYS_fork);
    if (!pid)
        _exit(21);
    SHOW(waitpid((pid_t)pid, &status, 0) == pid);
    SHOW(WEXITSTATUS(status));
    SHOW(syscall(SYS_getpgrp) == getpgid(0));
    int made = clone(child_main, stack + sizeof stack, CLONE_PARENT_SETTID | SIGCHLD, &value, &tid, NULL, NULL);
    SHOW(made == tid);
    SHOW(waitpid(made, &status, 0) == made);
    SHOW(WEXITSTATUS(status));
}

static volatile int alarms;
static void on_alarm(int signo)
{
    (void)signo;
    alarms++;
}

static void times(void)
{
    time_t now = 0;
    long told = syscall(SYS_time, &now);
    SHOW(told == now && now > 1000000000);
    signal(SIGALRM, on_alarm);
    struct itimerval soon = {.it_value = {0, 200000},
                             .it_interval = {0, 200000}}; /* again, should one come before pause */
    SHOW(setitimer(ITIMER_REAL, &soon, NULL));
    SHOW(syscall(SYS_pause));
    SHOW(alarms > 0);
    memset(&soon, 0, sizeof soon);
    SHOW(setitimer(ITIMER_REAL, &soon, NULL));
    SHOW(syscall(SYS_alarm, 100));
    SHOW(syscall(SYS_alarm, 0) >= 99);
}

static void segments(void)
{
    static uint64_t words[4] = {11, 22, 33, 44};
    uint64_t base = 0, value;
    SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, words));
    SHOW(syscall(SYS_arch_prctl, ARCH_GET_GS, &base));
    SHOW(base == (uint64_t)(uintptr_t)words);
    __asm__ volatile("mov %%gs:16, %0" : "=r"(value));
    SHOW(value);
    SHOW(syscall(SYS_arch_prctl, ARCH_SET_GS, UINT64_C(1) << 63));
    SHOW(syscall(SYS_arch_prctl, ARCH_GET_FS, &base));
    __asm__ volatile("mov %%fs:0, %0" : "=r"(value));
    SHOW(base == value);
}

static void memory(void)
{
    char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    SHOW((uintptr_t)low >> 31);
    *low = 1;
    SHOW(munmap(low, 4096));
    struct semid_ds ds = {0};
    int sem = semget(IPC_PRIVATE, 3, 0600);
    SHOW(semctl(sem, 0, IPC_STAT, &ds));
    SHOW(ds.sem_nsems);
    SHOW(semctl(sem, 0, IPC_RMID));
}

int main(void)
{
    char dir[] = "/tmp/old_callsXXXXXX";
    require(mkdtemp(dir) && chdir(dir) == 0, "a directory to work in");
    setvbuf(stdout, NULL, _IOLBF, 0);
    files();
    descriptors();
    processes();
    times();
    segments();
    memory();
    SHOW(chdir("/") | rmdir(dir));
    return 0;
}
