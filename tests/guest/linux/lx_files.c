/* SPDX-License-Identifier: Apache-2.0 */
/* Files and directories: what stat says, the *at calls, directories, links, attributes, locks, copies, vectors.
 * reference: none (qemu 7.2 lacks openat2)
 * emulated: none (qemu 7.2 lacks openat2)
 * build: -D_GNU_SOURCE */
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static char dir[64];

static void put_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), name);
    close(fd);
}

static void test_stat(void)
{
    struct stat st, other;
    struct timespec times[2] = {{1000, 500}, {2000, 700}};
    put_file("a", "twelve bytes");
    SHOW(chmod("a", 0604));
    SHOW(utimensat(AT_FDCWD, "a", times, 0));
    SHOW(stat("a", &st));
    printf("stat: mode %o links %d size %ld mtime %ld.%ld atime %ld.%ld uid %d blksize %d\n", st.st_mode,
           (int)st.st_nlink, (long)st.st_size, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long)st.st_atim.tv_sec,
           st.st_atim.tv_nsec, st.st_uid == getuid(), st.st_blksize > 0);
    SHOW(link("a", "b") == 0 && symlink("a", "s") == 0 ? 0 : -1);
    SHOW(lstat("s", &other));
    printf("link: %o size %ld\n", other.st_mode, (long)other.st_size);
    SHOW(stat("s", &other));
    printf("same: %d links %d\n", other.st_ino == st.st_ino && other.st_dev == st.st_dev, (int)other.st_nlink);
    char target[32] = "";
    SHOW(readlink("s", target, sizeof target));
    printf("target %s\n", target);
    SHOW(readlink("s", target, 0));
    SHOW(readlink("a", target, sizeof target));
    SHOW(stat("none", &st));
    SHOW(stat("a/b", &st));
    int fd = open("a", O_RDONLY);
    SHOW(fstat(fd, &st));
    printf("fstat: size %ld\n", (long)st.st_size);
    SHOW(fstatat(fd, "", &st, AT_EMPTY_PATH));
    struct statx sx;
    SHOW(statx(AT_FDCWD, "a", 0, STATX_BASIC_STATS, &sx));
    printf("statx: %o %ld %ld\n", sx.stx_mode, (long)sx.stx_size, (long)sx.stx_mtime.tv_sec);
    struct stat null;
    SHOW(stat("/dev/null", &null));
    printf("device: %x %o\n", (unsigned)null.st_rdev, null.st_mode & S_IFMT);
    struct statfs fs;
    SHOW(statfs("/proc", &fs));
    printf("proc: %lx %ld\n", (long)fs.f_type, (long)fs.f_namelen);
    SHOW(faccessat(AT_FDCWD, "a", R_OK | W_OK, 0));
    SHOW(access("none", F_OK));
    close(fd);
}

static int compare(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void test_directories(void)
{
    SHOW(mkdir("sub", 0755));
    SHOW(mkdir("sub", 0755));
    int at = open("sub", O_RDONLY | O_DIRECTORY);
    SHOW(open("a", O_RDONLY | O_DIRECTORY));
    SHOW(mkdirat(at, "inner", 0700));
    int fd = openat(at, "file", O_CREAT | O_EXCL | O_WRONLY, 0600);
    SHOW(write(fd, "x", 1));
    SHOW(openat(at, "file", O_CREAT | O_EXCL | O_WRONLY, 0600));
    close(fd);
    SHOW(renameat(at, "file", at, "renamed"));
    SHOW(symlinkat("renamed", at, "link"));
    SHOW(openat(at, "link", O_RDONLY | O_NOFOLLOW));
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "many%02d", i);
        close(openat(at, name, O_CREAT | O_WRONLY, 0600));
    }
    struct dirent **list;
    int n = scandir("sub", &list, NULL, compare);
    printf("entries %d: %s %s %s %s last %s types %d %d\n", n, list[0]->d_name, list[1]->d_name, list[2]->d_name,
           list[3]->d_name, list[n - 1]->d_name, list[2]->d_type == DT_DIR, list[3]->d_type == DT_LNK);
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "many%02d", i);
        unlinkat(at, name, 0);
    }
    SHOW(unlinkat(at, "inner", 0));
    SHOW(unlinkat(at, "inner", AT_REMOVEDIR));
    SHOW(rmdir("sub"));
    char cwd[4096], *cut = getcwd(cwd, sizeof cwd);
    printf("cwd: %d\n", cut && !strncmp(cut, dir, strlen(dir) + 1));
    SHOW(fchdir(at));
    SHOW(getcwd(cwd, sizeof cwd) && strstr(cwd, "/sub") ? 0 : -1);
    SHOW(chdir(".."));
    SHOW(chdir("none"));
    struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH};
    SHOW(syscall(SYS_openat2, at, "../a", &how, sizeof how));
    SHOW(syscall(SYS_openat2, at, "renamed", &how, sizeof how) >= 0 ? 0 : -1);
    SHOW(syscall(SYS_renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 1));
    close(at);
}

static void test_io(void)
{
    int fd = open("io", O_RDWR | O_CREAT | O_TRUNC, 0600);
    struct iovec out[3] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
    SHOW(writev(fd, out, 3));
    SHOW(lseek(fd, -5, SEEK_END));
    char a[8] = "", b[8] = "";
    struct iovec in[2] = {{a, 2}, {b, 7}};
    SHOW(readv(fd, in, 2));
    printf("readv: %s|%s\n", a, b);
    SHOW(pwritev(fd, out, 1, 20));
    SHOW(preadv(fd, in, 1, 4));
    printf("preadv: %s\n", a);
    SHOW(lseek(fd, 0, SEEK_HOLE));
    SHOW(lseek(fd, -1, SEEK_SET));
    SHOW(ftruncate(fd, 10));
    SHOW(lseek(fd, 0, SEEK_END));
    SHOW(fallocate(fd, 0, 0, 100));
    SHOW(posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM));
    SHOW(fsync(fd));
    SHOW(fdatasync(fd));
    int copy = open("copy", O_RDWR | O_CREAT, 0600);
    off_t from = 4;
    SHOW(sendfile(copy, fd, &from, 4));
    printf("offset %ld\n", (long)from);
    loff_t zero = 0;
    SHOW(copy_file_range(fd, &zero, copy, NULL, 4, 0));
    char all[32] = "";
    SHOW(pread(copy, all, sizeof all, 0));
    printf("copied: %s\n", all);
    int p[2];
    require(pipe2(p, O_NONBLOCK | O_CLOEXEC) == 0, "pipe2");
    SHOW(read(p[0], all, 1));
    zero = 0;
    SHOW(splice(copy, &zero, p[1], NULL, 8, 0));
    SHOW(read(p[0], all, sizeof all));
    SHOW(fcntl(p[0], F_GETFL) & O_NONBLOCK);
    SHOW(fcntl(p[0], F_GETFD));
    SHOW(fcntl(p[0], F_DUPFD, 200));
    SHOW(dup3(p[0], p[0], 0));
    SHOW(fcntl(p[1], F_SETPIPE_SZ, 8192));
    int bytes = -1;
    SHOW(write(p[1], "abc", 3));
    SHOW(ioctl(p[0], FIONREAD, &bytes));
    printf("in the pipe: %d\n", bytes);
    SHOW(ioctl(fd, TCGETS, all));
    SHOW(isatty(fd));
    close(fd);
    SHOW(close(fd));
    SHOW(read(fd, all, 1));
    SHOW(write(-1, all, 1));
}

static void test_locks(void)
{
    int fd = open("io", O_RDWR), other = open("io", O_RDWR);
    struct flock l = {.l_type = F_WRLCK, .l_start = 5, .l_len = 10};
    SHOW(fcntl(fd, F_SETLK, &l));
    SHOW(fcntl(fd, F_OFD_SETLK, &l));
    l.l_type = F_WRLCK;
    l.l_pid = 0;
    SHOW(fcntl(other, F_OFD_GETLK, &l));
    printf("lock: type %d start %ld len %ld\n", l.l_type == F_WRLCK, (long)l.l_start, (long)l.l_len);
    SHOW(flock(fd, LOCK_EX));
    SHOW(flock(other, LOCK_EX | LOCK_NB));
    SHOW(flock(fd, LOCK_UN));
    SHOW(setxattr("io", "user.test", "value", 5, 0) == 0 || errno == EOPNOTSUPP ? 0 : -1);
    umask(027);
    SHOW(umask(022));
    close(fd);
    close(other);
}

int main(void)
{
    enter_new_directory(dir);
    test_stat();
    test_directories();
    test_io();
    test_locks();
    fflush(stdout);
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return system(command);
}
