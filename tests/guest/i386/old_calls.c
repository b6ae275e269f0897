/* SPDX-License-Identifier: Apache-2.0 */
/* System calls of i386 by number: what it alone has, offsets in two registers, structures of 32 bits and their variants
 * of 64. What the host itself says is right.
 * reference: none for i386 (qemu 7.2 lacks oldstat, preadv2 and the errors of large files)
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

#define LO(v) (uint32_t)(uint64_t)(v), (uint32_t)((uint64_t)(v) >> 32)
#define BIG   UINT64_C(0x180000000)

struct kernel_stat64 {
    uint64_t dev;
    uint8_t pad1[4];
    uint32_t ino_low, mode, nlink, uid, gid;
    uint64_t rdev;
    uint8_t pad2[4];
    int64_t size;
    uint32_t blksize;
    uint64_t blocks;
    uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
    uint64_t ino;
} __attribute__((packed));
struct kernel_stat {
    uint32_t dev, ino;
    uint16_t mode, nlink, uid, gid;
    uint32_t rdev, size, blksize, blocks, atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec, unused[2];
};
struct time64 {
    int64_t sec;
    int32_t nsec, garbage; /* the upper half that C libraries do not set */
};

static void stats(void)
{
    struct kernel_stat64 a = {0}, b = {0};
    struct kernel_stat c = {0};
    uint16_t old[16];
    int fd = open("f", O_RDWR | O_CREAT | O_TRUNC | O_LARGEFILE, 0640);
    require(fd >= 0 && write(fd, "12345", 5) == 5, "file");
    SHOW(syscall(SYS_symlink, "f", "s"));
    SHOW(syscall(SYS_stat64, "s", &a));
    SHOW(syscall(SYS_fstat64, fd, &b));
    SHOW(memcmp(&a, &b, sizeof a));
    SHOW(syscall(SYS_fstatat64, AT_FDCWD, "f", &b, 0));
    SHOW(memcmp(&a, &b, sizeof a));
    printf("%o %u %lld %u %llu %d\n", a.mode, a.nlink, (long long)a.size, a.blksize, (unsigned long long)a.blocks,
           a.ino == a.ino_low);
    SHOW(syscall(SYS_lstat64, "s", &b));
    printf("%o %lld\n", b.mode, (long long)b.size);
    SHOW(syscall(SYS_stat, "f", &c));
    printf("%o %u %u %d\n", c.mode, c.nlink, c.size, c.ino == a.ino);
    SHOW(syscall(SYS_lstat, "s", &c));
    SHOW(syscall(SYS_fstat, fd, &c));
    SHOW(syscall(SYS_oldstat, "none", old));
    SHOW(syscall(SYS_ftruncate64, fd, LO(BIG)));
    SHOW(syscall(SYS_fstat64, fd, &b));
    printf("large: %lld\n", (long long)b.size);
    SHOW(syscall(SYS_fstat, fd, &c)); /* EOVERFLOW */
    SHOW(syscall(SYS_truncate64, "f", LO(BIG + 1)));
    SHOW(syscall(SYS_truncate, "f", 100));
    close(fd);
}

static void offsets(void)
{
    char text[8] = "";
    int64_t where = 0;
    int fd = open("big", O_RDWR | O_CREAT | O_TRUNC | O_LARGEFILE, 0600);
    SHOW(syscall(SYS_pwrite64, fd, "abcdef", 6, LO(BIG)));
    SHOW(syscall(SYS_pread64, fd, text, 6, LO(BIG + 2)));
    SHOW(strcmp(text, "cdef"));
    SHOW(syscall(SYS_open, "big", O_RDONLY));
    SHOW(close((int)syscall(SYS_open, "big", O_RDONLY | O_LARGEFILE)));
    SHOW(syscall(SYS__llseek, fd, 1, 0x80000004, &where, SEEK_SET));
    SHOW(where == (int64_t)BIG + 4);
    SHOW(syscall(SYS_lseek, fd, 0, SEEK_CUR)); /* EOVERFLOW */
    SHOW(syscall(SYS_lseek, fd, 7, SEEK_SET));
    SHOW(syscall(SYS_lseek, fd, -3, SEEK_CUR));
    struct iovec v[2] = {{text, 2}, {text + 2, 3}};
    SHOW(syscall(SYS_preadv, fd, v, 2, LO(BIG + 1)));
    SHOW(memcmp(text, "bcdef", 5));
    SHOW(syscall(SYS_pwritev, fd, v, 2, LO(BIG + 10)));
    SHOW(syscall(SYS_preadv2, fd, v, 2, LO(BIG + 10), 0));
    SHOW(syscall(SYS_fallocate, fd, FALLOC_FL_KEEP_SIZE, LO(BIG), LO(4096)));
    SHOW(syscall(SYS_sync_file_range, fd, LO(BIG), LO(4096), 2));
    SHOW(syscall(SYS_fadvise64, fd, LO(BIG), 4096, POSIX_FADV_DONTNEED));
    SHOW(syscall(SYS_fadvise64_64, fd, LO(BIG), LO(BIG), POSIX_FADV_RANDOM));
    SHOW(syscall(SYS_readahead, fd, LO(BIG), 4096));
    int out = open("copy", O_RDWR | O_CREAT | O_TRUNC, 0600);
    int64_t from = (int64_t)BIG;
    SHOW(syscall(SYS_sendfile64, out, fd, &from, 6));
    SHOW(from == (int64_t)BIG + 6);
    int32_t from32 = 0;
    SHOW(syscall(SYS_sendfile, out, out, &from32, 0));
    int64_t to = 100;
    from = (int64_t)BIG;
    SHOW(syscall(SYS_copy_file_range, fd, &from, out, &to, 6, 0));
    SHOW(to);
    char *m = (char *)syscall(SYS_mmap2, NULL, 4096, PROT_READ, MAP_SHARED, fd, (uint32_t)(BIG / 4096));
    SHOW(memcmp(m, "abcdef", 6));
    const uint32_t args[6] = {0, 4096, PROT_READ, MAP_PRIVATE, (uint32_t)fd, 4096};
    m = (char *)syscall(SYS_mmap, args);
    SHOW(m != MAP_FAILED && *m == 0);
    const uint32_t bad[6] = {0, 4096, PROT_READ, MAP_PRIVATE, (uint32_t)fd, 100};
    SHOW(syscall(SYS_mmap, bad));
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20};
    struct {
        int16_t type, whence;
        int64_t start, len;
        int32_t pid;
    } __attribute__((packed)) lock64 = {F_WRLCK, SEEK_SET, (int64_t)BIG, 5, 0};
    SHOW(syscall(SYS_fcntl, fd, F_SETLK, &lock));
    SHOW(syscall(SYS_fcntl64, fd, 13, &lock64));
    fflush(stdout);
    if (fork() == 0) {
        struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 100};
        SHOW(syscall(SYS_fcntl, fd, F_GETLK, &l));
        printf("lock %d %ld %ld %d\n", l.l_type, (long)l.l_start, (long)l.l_len, l.l_pid == getppid());
        lock64.start--;
        SHOW(syscall(SYS_fcntl64, fd, 12, &lock64));
        printf("lock64 %d %d %d %d\n", lock64.type, lock64.start == (int64_t)BIG, (int)lock64.len,
               lock64.pid == getppid());
        SHOW(syscall(SYS_fcntl64, fd, 13, &lock64));
        fflush(stdout);
        _exit(0);
    }
    SHOW(syscall(SYS_waitpid, -1, NULL, 0) > 0);
}

static void directories(void)
{
    char buf[4096];
    require(mkdir("d", 0700) == 0 && close(open("d/one", O_CREAT | O_WRONLY, 0600)) == 0 &&
                close(open("d/three", O_CREAT | O_WRONLY, 0600)) == 0,
            "directory");
    int fd = open("d", O_RDONLY | O_DIRECTORY), count = 0, sum = 0;
    long n = syscall(SYS_getdents, fd, buf, sizeof buf);
    for (long at = 0; at < n; at += *(uint16_t *)(buf + at + 8), count++)
        sum += (int)strlen(buf + at + 10) * 10 + buf[at + *(uint16_t *)(buf + at + 8) - 1];
    printf("getdents %d %d\n", count, sum);
    SHOW(syscall(SYS_getdents, fd, buf, sizeof buf));
    SHOW(syscall(SYS_lseek, fd, 0, SEEK_SET));
    n = syscall(SYS_getdents64, fd, buf, sizeof buf);
    int64_t last = 0;
    for (long at = 0; at < n; at += *(uint16_t *)(buf + at + 16))
        last = *(int64_t *)(buf + at + 8) > last ? *(int64_t *)(buf + at + 8) : last;
    printf("getdents64 %d %d\n", n > 0, last <= INT32_MAX);
    uint32_t fs[32] = {0};
    SHOW(syscall(SYS_statfs, "/proc", fs));
    printf("%x %u %u\n", fs[0], fs[1], fs[9]);
    SHOW(syscall(SYS_statfs64, "/proc", 84, fs));
    printf("%x %u %u\n", fs[0], fs[1], fs[14]);
    SHOW(syscall(SYS_statfs64, "/proc", 88, fs));
    SHOW(syscall(SYS_fstatfs64, fd, 84, fs));
    SHOW(syscall(SYS_fstatfs, fd, fs));
}

static void times_and_waits(void)
{
    struct time64 t = {0, 0, 0x55555555}, zero = {0, 0, -1}, pair[2] = {{1000, 5, -1}, {INT64_C(0x100000000), 7, -1}};
    struct timeval tv[2] = {{11, 12}, {13, 14}};
    int32_t old[4] = {21, 22, 23, 24}, now;
    struct kernel_stat64 st;
    SHOW(syscall(SYS_clock_gettime64, CLOCK_REALTIME, &t));
    SHOW(syscall(SYS_clock_gettime, CLOCK_REALTIME, old));
    SHOW(t.sec - old[0] == 0 || t.sec - old[0] == -1);
    SHOW(syscall(SYS_time, &now) == now && now >= old[0] - 1); /* of a coarser clock */
    SHOW(syscall(SYS_clock_getres, CLOCK_MONOTONIC, old) == 0 && old[0] == 0 && old[1] == 1);
    SHOW(syscall(SYS_clock_getres_time64, CLOCK_MONOTONIC, &t) == 0 && t.sec == 0 && t.nsec == 1);
    SHOW(syscall(SYS_utimensat_time64, AT_FDCWD, "f", pair, 0));
    SHOW(syscall(SYS_stat64, "f", &st));
    printf("%u %u %u\n", st.atime, st.atime_nsec, st.mtime_nsec);
    SHOW(syscall(SYS_utimes, "f", tv));
    SHOW((syscall(SYS_stat64, "f", &st), st.mtime));
    old[0] = 21, old[1] = 22, old[2] = 23, old[3] = 24;
    SHOW(syscall(SYS_utimensat, AT_FDCWD, "f", old, 0));
    SHOW((syscall(SYS_stat64, "f", &st), st.mtime));
    SHOW(syscall(SYS_utime, "f", old));
    SHOW((syscall(SYS_stat64, "f", &st), st.mtime));
    old[0] = 0, old[1] = 1000;
    SHOW(syscall(SYS_nanosleep, old, NULL));
    SHOW(syscall(SYS_clock_nanosleep_time64, CLOCK_MONOTONIC, 0, &zero, NULL));
    SHOW(syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, old, NULL));

    int fds[2];
    require(pipe(fds) == 0, "pipe");
    require(write(fds[1], "x", 1) == 1, "write");
    uint32_t set[2] = {1u << fds[0], 0xdeadbeef}, none[2] = {1u << fds[1], 0xdeadbeef};
    SHOW(syscall(SYS__newselect, fds[1] + 1, set, none, NULL, NULL));
    printf("%d %d %x %x\n", set[0] == 1u << fds[0], none[0] == 1u << fds[1], set[1], none[1]);
    uint32_t args[5] = {(uint32_t)fds[0] + 1, (uint32_t)(uintptr_t)set, 0, 0, (uint32_t)(uintptr_t)old};
    old[0] = 5, old[1] = 0;
    SHOW(syscall(SYS_select, args));
    SHOW(old[0] >= 4 && old[0] <= 5);
    uint64_t mask = 1 << (SIGUSR1 - 1);
    uint32_t sig[2] = {(uint32_t)(uintptr_t)&mask, 8};
    SHOW(syscall(SYS_pselect6_time64, fds[0] + 1, set, NULL, NULL, &zero, sig));
    old[0] = 0, old[1] = 0;
    SHOW(syscall(SYS_pselect6, fds[0] + 1, set, NULL, NULL, old, sig));
    struct pollfd p = {.fd = fds[0], .events = POLLIN};
    SHOW(syscall(SYS_ppoll_time64, &p, 1, &zero, &mask, 8));
    SHOW(syscall(SYS_ppoll, &p, 1, old, &mask, 8));
    SHOW(syscall(SYS_poll, &p, 1, -1));
    int ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = UINT64_C(0x123456789abcdef0)}, got[2];
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &e));
    SHOW(epoll_wait(ep, got, 2, 0));
    SHOW(got[0].data.u64 == e.data.u64 && sizeof e == 12);
    SHOW(syscall(SYS_epoll_pwait2, ep, got, 2, &zero, NULL, 8));
    uint32_t word = 1;
    old[0] = 0, old[1] = 1000000;
    SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 1, old));
    t = (struct time64){0, 1000000, -1};
    SHOW(syscall(SYS_futex_time64, &word, FUTEX_WAIT, 1, &t));
    SHOW(syscall(SYS_futex_time64, &word, FUTEX_WAIT, 2, NULL));
    int timer = (int)syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
    struct time64 its[2] = {{0, 0, -1}, {100, 5, -1}}, left[2];
    SHOW(syscall(SYS_timerfd_settime64, timer, 0, its, NULL));
    SHOW(syscall(SYS_timerfd_gettime64, timer, left) == 0 && left[1].sec >= 99 && left[1].garbage == 0);
    SHOW(syscall(SYS_timerfd_gettime, timer, old) == 0 && old[2] >= 99);
    struct itimerval it = {{0, 0}, {50, 0}}, was;
    SHOW(setitimer(ITIMER_REAL, &it, NULL));
    SHOW(getitimer(ITIMER_REAL, &was) == 0 && was.it_value.tv_sec >= 49);
    SHOW(syscall(SYS_sched_rr_get_interval, 0, old) == 0 && old[0] == 0);
}

static void limits(void)
{
    uint32_t pair[2], usage[18] = {0}, info[16], set[32] = {0};
    uint64_t wide[2];
    SHOW(syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, wide));
    SHOW(syscall(SYS_ugetrlimit, RLIMIT_NOFILE, pair));
    SHOW(pair[0] == wide[0]);
    SHOW(syscall(SYS_ugetrlimit, RLIMIT_CPU, pair));
    printf("%x %x\n", pair[0], pair[1]);
    SHOW(syscall(SYS_getrlimit, RLIMIT_CPU, pair));
    printf("%x %x\n", pair[0], pair[1]);
    pair[0] = 1000, pair[1] = 0xffffffff;
    SHOW(syscall(SYS_setrlimit, RLIMIT_CPU, pair));
    SHOW(syscall(SYS_prlimit64, 0, RLIMIT_CPU, NULL, wide));
    SHOW(wide[0] == 1000 && wide[1] == ~UINT64_C(0));
    SHOW(syscall(SYS_getrusage, RUSAGE_SELF, usage) == 0 && usage[4] > 0);
    SHOW(syscall(SYS_sysinfo, info) == 0 && info[4] > info[5] && info[13] >= 1);
    SHOW(syscall(SYS_times, usage) >= 0);
    SHOW(syscall(SYS_sched_getaffinity, 0, sizeof set, set) >= 4 && set[0]);
    SHOW(syscall(SYS_sched_getaffinity, 0, 3, set));
    const long before = syscall(SYS_getpriority, PRIO_PROCESS, 0); /* 20 less what nice(1) says; 1 is the least */
    SHOW(before >= 1 && before <= 40);
    SHOW(syscall(SYS_nice, 1));
    SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0) == (before > 1 ? before - 1 : 1));
    SHOW((uid_t)syscall(SYS_getuid) == (getuid() > 65535 ? 65534 : getuid()));
    uint16_t id[3] = {1, 2, 3}, groups[64];
    SHOW(syscall(SYS_getresuid, &id[0], &id[1], &id[2]) == 0 && id[0] == id[1] && id[1] == id[2]);
    SHOW(syscall(SYS_getgroups, 64, groups) == syscall(SYS_getgroups32, 0, NULL));
    SHOW(syscall(SYS_chown, "f", -1, -1));
    SHOW(syscall(SYS_setreuid, -1, -1));
    struct {
        char sysname[65], rest[4][65];
    } old = {"", {""}};
    SHOW(syscall(SYS_olduname, &old));
    printf("%s\n", old.sysname);
}

int main(void)
{
    char dir[] = "/tmp/i386_calls_XXXXXX";
    require(mkdtemp(dir) && chdir(dir) == 0, "directory");
    stats();
    offsets();
    directories();
    times_and_waits();
    limits();
    require(chdir("/") == 0, "leave");
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", dir);
    return system(command);
}
