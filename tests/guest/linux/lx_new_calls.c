/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that not every kernel has, or allows: where they are, they do what they say.
 * reference: none (qemu lacks many)
 * emulated: none (tandem executes itself, which qemu does only where binfmt_misc is set up)
 * not in: interp cached cache1m fail3 regs precise (system calls are the same in every tier)
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/keyctl.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/fanotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { NR_CACHESTAT = 451, NR_FCHMODAT2 = 452, NR_FUTEX_WAKE = 454, NR_FUTEX_WAIT = 455, NR_GETXATTRAT = 464 };
enum { PAGE = 4096, PIDFD = 3 /* P_PIDFD */ };

static char dir[4096];

/* Is the call not there, or not allowed here? */
static int absent(void)
{
    return errno == ENOSYS || errno == EPERM || errno == EACCES || errno == EOPNOTSUPP || errno == EDQUOT;
}

static const char *in_dir(const char *name)
{
    static char path[4200];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static int make(const char *name)
{
    int fd = open(in_dir(name), O_RDWR | O_CREAT | O_TRUNC, 0600);
    require(fd >= 0, name);
    return fd;
}

/* ---- files ---- */

static void test_files(void)
{
    struct stat st;
    uint64_t range[2] = {0, PAGE}, cache[5] = {77, 77, 77, 77, 77};
    char page[PAGE] = "x", value[8];
    int fd = make("file");
    require(write(fd, page, PAGE) == PAGE, "write");
    if (!syscall(NR_FCHMODAT2, AT_FDCWD, in_dir("file"), 0640, AT_SYMLINK_NOFOLLOW))
        require(!fstat(fd, &st) && (st.st_mode & 0777) == 0640, "fchmodat2");
    else
        require(absent(), "fchmodat2's error");
    if (!syscall(NR_CACHESTAT, fd, range, cache, 0))
        require(cache[0] <= 1 && cache[1] <= 1 && cache[4] <= 1, "cachestat");
    else
        require(absent(), "cachestat's error");
    struct {
        uint64_t value;
        uint32_t size, flags;
    } args = {(uintptr_t)value, sizeof value, 0};
    require(syscall(NR_GETXATTRAT, AT_FDCWD, in_dir("file"), 0, "user.none", &args, sizeof args) == -1 &&
                (errno == ENODATA || absent()),
            "getxattrat");
    close(fd);
    printf("files\n");
}

static void test_statx(void)
{
    struct statx a, b;
    int fd = open(in_dir("file"), O_RDONLY);
    require(!symlink("file", in_dir("link")), "symlink");
    require(!statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &a) && a.stx_size == PAGE && S_ISREG(a.stx_mode), "statx");
    require(!statx(AT_FDCWD, in_dir("link"), 0, STATX_INO, &b) && a.stx_ino == b.stx_ino, "statx of a link's file");
    require(!statx(AT_FDCWD, in_dir("link"), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &b) && S_ISLNK(b.stx_mode), "of a link");
    require(statx(AT_FDCWD, in_dir("none"), 0, STATX_INO, &b) == -1 && errno == ENOENT, "statx of nothing");
    require(statx(AT_FDCWD, in_dir("file"), 1 << 30, STATX_INO, &b) == -1 && errno == EINVAL, "statx's flags");
    close(fd);
    printf("statx\n");
}

static void test_close_range(void)
{
    int a = dup(0), b = dup2(a, 200), c = dup2(a, 201);
    require(!close_range(200, 200, 4 /* CLOSE_RANGE_CLOEXEC */) && fcntl(b, F_GETFD) == FD_CLOEXEC, "close on exec");
    require(!fcntl(c, F_GETFD) && !close_range(200, 300, 0), "close_range");
    require(fcntl(b, F_GETFD) == -1 && fcntl(c, F_GETFD) == -1 && !fcntl(a, F_GETFD), "closed");
    require(close_range(5, 4, 0) == -1 && errno == EINVAL, "close_range backwards");
    require(close_range(900, 901, 1 << 30) == -1 && errno == EINVAL, "close_range's flags");
    close(a);
    printf("close_range\n");
}

static void test_fanotify(void)
{
    int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY);
    struct fanotify_event_metadata m;
    if (fd < 0) {
        require(absent(), "fanotify's error");
    } else {
        require(!fanotify_mark(fd, FAN_MARK_ADD, FAN_CLOSE_WRITE | FAN_EVENT_ON_CHILD, AT_FDCWD, dir), "fanotify_mark");
        close(make("noticed"));
        require(read(fd, &m, sizeof m) == sizeof m && m.mask == FAN_CLOSE_WRITE && m.pid == getpid(), "event");
        close(m.fd);
        close(fd);
        unlink(in_dir("noticed"));
    }
    printf("fanotify\n");
}

/* ---- asynchronous I/O ---- */

static long submit(aio_context_t ctx, struct iocb *request)
{
    struct iocb *list[] = {request};
    return syscall(SYS_io_submit, ctx, 1L, list);
}

static void complete(aio_context_t ctx, uint64_t data, long bytes)
{
    struct io_event e = {0};
    struct timespec limit = {20, 0};
    require(syscall(SYS_io_getevents, ctx, 1L, 1L, &e, &limit) == 1, "io_getevents");
    require(e.data == data && e.res == bytes, "event");
}

static void test_aio(void)
{
    aio_context_t ctx = 0;
    static char out[PAGE] = "written beside", in[PAGE];
    int fd = make("aio");
    if (syscall(SYS_io_setup, 8L, &ctx)) {
        require(absent() || errno == EAGAIN, "io_setup's error");
    } else {
        struct iocb w = {.aio_data = 5,
                         .aio_lio_opcode = IOCB_CMD_PWRITE,
                         .aio_fildes = (uint32_t)fd,
                         .aio_buf = (uintptr_t)out,
                         .aio_nbytes = PAGE};
        struct iocb r = w;
        require(ctx && submit(ctx, &w) == 1, "io_submit");
        complete(ctx, 5, PAGE);
        r.aio_lio_opcode = IOCB_CMD_PREAD;
        r.aio_buf = (uintptr_t)in;
        r.aio_data = 6;
        require(submit(ctx, &r) == 1, "io_submit");
        complete(ctx, 6, PAGE);
        require(!memcmp(in, out, PAGE), "data");
        r.aio_lio_opcode = 99;
        require(submit(ctx, &r) == -1 && errno == EINVAL, "bad request");
        require(!syscall(SYS_io_destroy, ctx), "io_destroy");
        require(syscall(SYS_io_destroy, ctx) == -1 && errno == EINVAL, "destroyed");
    }
    close(fd);
    printf("asynchronous I/O\n");
}

/* ---- futexes, barriers, keys ---- */

static void test_futex(void)
{
    enum { U32_PRIVATE = 2 | 128, ALL = -1 };
    uint32_t word = 1;
    int64_t past[2] = {1, 0};
    if (syscall(NR_FUTEX_WAKE, &word, (unsigned long)(uint32_t)ALL, 1, U32_PRIVATE) == -1) {
        require(absent(), "futex_wake's error");
    } else {
        require(syscall(NR_FUTEX_WAIT, &word, 2L, 0xffffffffL, U32_PRIVATE, NULL, CLOCK_MONOTONIC) == -1 &&
                    errno == EAGAIN,
                "futex_wait");
        require(syscall(NR_FUTEX_WAIT, &word, 1L, 0xffffffffL, U32_PRIVATE, past, CLOCK_MONOTONIC) == -1 &&
                    errno == ETIMEDOUT,
                "futex_wait with a time");
    }
    const long known = syscall(SYS_membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
    if (known > 0 && known & MEMBARRIER_CMD_PRIVATE_EXPEDITED) {
        require(!syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0), "membarrier registers");
        require(!syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0), "membarrier");
    }
    require(syscall(SYS_membarrier, 1 << 30, 0, 0) == -1 && (errno == EINVAL || absent()), "membarrier's error");
    printf("futexes\n");
}

static void test_keys(void)
{
    char text[64] = "";
    const long key = syscall(SYS_add_key, "user", "lx_new_calls", "secret", 6L, (long)KEY_SPEC_PROCESS_KEYRING);
    if (key == -1) {
        require(absent(), "add_key's error");
    } else {
        require(syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof text) == 6 && !strcmp(text, "secret"), "read a key");
        require(syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, text, sizeof text) > 0 && strstr(text, "lx_new"), "describe");
        require(!syscall(SYS_keyctl, KEYCTL_REVOKE, key), "revoke");
    }
    printf("keys\n");
}

/* ---- processes ---- */

static volatile int got;
static void on_signal(int signo, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    got = signo;
}

static void test_pidfd(void)
{
    siginfo_t info = {0};
    handle(SIGUSR1, on_signal, 0);
    int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
    require(self >= 0 && !syscall(SYS_pidfd_send_signal, self, SIGUSR1, NULL, 0) && got == SIGUSR1, "signal by pidfd");
    require(syscall(SYS_pidfd_open, getpid(), 1 << 30) == -1 && errno == EINVAL, "pidfd's flags");
    int copy = (int)syscall(SYS_pidfd_getfd, self, 1, 0);
    struct stat a, b;
    require(copy >= 0 ? !fstat(copy, &a) && !fstat(1, &b) && a.st_ino == b.st_ino : absent(), "pidfd_getfd");
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    int child = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = {.fd = child, .events = POLLIN};
    require(poll(&p, 1, 20000) == 1 && p.revents & POLLIN, "end of a process");
    require(!waitid((idtype_t)PIDFD, (id_t)child, &info, WEXITED) && info.si_status == 7, "waitid");
    close(self);
    close(copy);
    close(child);
    printf("pidfd\n");
}

/* A program that has no name in any directory. */
static void test_memfd(char **argv)
{
    char *args[] = {"unnamed", "in memory", NULL}, *env[] = {NULL}, buf[65536];
    int status, in = open(argv[0], O_RDONLY), fd = memfd_create("lx program", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    ssize_t n;
    while ((n = read(in, buf, sizeof buf)) > 0)
        require(write(fd, buf, (size_t)n) == n, "copy");
    close(in);
    SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW));
    SHOW(write(fd, "x", 1));
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        execveat(fd, "", args, env, AT_EMPTY_PATH);
        _exit(1);
    }
    require(waitpid(pid, &status, 0) == pid, "waitpid");
    printf("in memory: %d\n", WEXITSTATUS(status));
    close(fd);
}

static int in_memory(char **argv)
{
    char exe[4096] = "";
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    printf("%s runs as %.*s, %s\n", argv[0], 8, (const char *)getauxval(AT_EXECFN), n > 0 ? exe : "none");
    return 3;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return in_memory(argv);
    make_new_directory(dir);
    test_files();
    test_statx();
    test_close_range();
    test_fanotify();
    test_aio();
    test_futex();
    test_keys();
    test_pidfd();
    test_memfd(argv);
    unlink(in_dir("file"));
    unlink(in_dir("link"));
    unlink(in_dir("aio"));
    SHOW(rmdir(dir));
    return 0;
}
