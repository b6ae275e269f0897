/* SPDX-License-Identifier: Apache-2.0 */
/* /proc of this program, its threads, its parent and its children, by every way to name it.
 * arguments: one "two words"
 * reference: none (qemu knows /proc/self by its name alone)
 * emulated: none (tandem executes itself, which qemu does only where binfmt_misc is set up)
 * not in: interp cached cache1m fail3 regs precise (the same in every tier)
 * build: -D_GNU_SOURCE */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { FIELD_THREADS = 20, FIELD_START_CODE = 26, FIELD_STACK = 28, SHORT_STACK = 3 << 20 };

static char text[1 << 18], second[1 << 18], dir[PATH_MAX], program[PATH_MAX];
static int data_variable = 1;

/* ---- reading ---- */

static size_t slurp_fd(int fd, char *to)
{
    size_t n = 0;
    ssize_t r;
    while (fd >= 0 && (r = read(fd, to + n, sizeof text - 1 - n)) > 0)
        n += (size_t)r;
    to[n] = 0;
    if (fd >= 0)
        close(fd);
    return n;
}

static size_t slurp(const char *fmt, ...)
{
    char name[PATH_MAX + 64];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(name, sizeof name, fmt, ap);
    va_end(ap);
    return slurp_fd(open(name, O_RDONLY | O_CLOEXEC), text);
}

static const char *link_of(const char *fmt, int id)
{
    static char target[PATH_MAX];
    char name[64];
    snprintf(name, sizeof name, fmt, id);
    ssize_t n = readlink(name, target, sizeof target - 1);
    target[n < 0 ? 0 : n] = 0;
    return target;
}

static const char *in_dir(const char *name)
{
    static char path[PATH_MAX + 64];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

/* A field of stat, which counts from 1; the name of the process may hold anything. */
static unsigned long field(int number)
{
    char *save, *tok = strtok_r(strrchr(text, ')') + 1, " ", &save);
    for (int i = 3; i < number; i++)
        tok = strtok_r(NULL, " ", &save);
    return strtoul(tok, NULL, 10);
}

/* The value behind name in status and its like. */
static const char *line_of(const char *name)
{
    static char value[64];
    const char *at = strstr(text, name);
    snprintf(value, sizeof value, "%.*s", at ? (int)strcspn(at, "\n") : 0, at ? at : "");
    for (char *p = value; *p; p++)
        *p = *p == '\t' ? ' ' : *p;
    return value;
}

/* ---- maps ---- */

/* The maps in text: has the right lines of this program, and nothing of whoever runs it. */
static int is_own_maps(void)
{
    unsigned long a, b;
    int code = 0, data = 0, stack = 0, others = 0, local;
    char perms[8], name[PATH_MAX];
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        *name = 0;
        if (sscanf(line, "%lx-%lx %7s %*x %*s %*u %4000[^\n]", &a, &b, perms, name) < 3)
            continue;
        code |= (unsigned long)is_own_maps >= a && (unsigned long)is_own_maps < b && !strcmp(perms, "r-xp");
        data |= (unsigned long)&data_variable >= a && (unsigned long)&data_variable < b && !strcmp(perms, "rw-p");
        stack |= (unsigned long)&local >= a && (unsigned long)&local < b && !strcmp(name, "[stack]");
        others += *name == '/' && strcmp(name, program);
    }
    return code && data && stack && !others;
}

static int own_maps_at(int dirfd, const char *name)
{
    slurp_fd(openat(dirfd, name, O_RDONLY | O_CLOEXEC), text);
    return is_own_maps();
}

static void test_maps(void)
{
    char name[64];
    int self = open("/proc/self", O_PATH | O_DIRECTORY), proc = open("/proc", O_RDONLY | O_DIRECTORY);
    int here = open(".", O_PATH | O_DIRECTORY);
    require(!symlink("/proc/self", in_dir("self")) && !symlink("/proc/self/maps", in_dir("any")), "symlink");
    CHECK(own_maps_at(AT_FDCWD, "/proc/self/maps"));
    CHECK(own_maps_at(AT_FDCWD, "/proc/../proc/./self//maps"));
    CHECK(own_maps_at(AT_FDCWD, "/proc/thread-self/maps"));
    CHECK(own_maps_at(self, "maps"));
    CHECK(own_maps_at(proc, "self/maps"));
    CHECK(own_maps_at(AT_FDCWD, in_dir("self/maps")));
    CHECK(own_maps_at(AT_FDCWD, in_dir("any")));
    snprintf(name, sizeof name, "%d/task/%d/maps", getpid(), getpid());
    CHECK(own_maps_at(proc, name));
    require(!chdir("/proc/self"), "chdir");
    CHECK(own_maps_at(AT_FDCWD, "maps"));
    require(!fchdir(here), "fchdir");
    int fd = open("/proc/self/maps", O_RDONLY), next = dup(fd);
    CHECK(next == fd + 1 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC));
    close(next);
    slurp_fd(fd, text);
    fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    close(fd);
    SHOW(open("/proc/self/maps/", O_RDONLY));
    close(self);
    close(proc);
    close(here);
}

/* smaps has the mappings of maps, and says of memory that was touched that it is there. */
static void test_smaps(void)
{
    enum { TOUCHED = 64 << 12 };
    char *p = mmap(NULL, TOUCHED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), perms[8];
    unsigned long a, b, rss = 0, sum = 0, kb, maps = 0;
    int in_p = 0, same = 1;
    memset(p, 1, TOUCHED);
    slurp("/proc/self/maps");
    strcpy(second, text);
    slurp("/proc/self/smaps");
    const char *other = second;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        if (sscanf(line, "%lx-%lx %7s", &a, &b, perms) == 3) {
            same &= !strncmp(line, other, strcspn(other, "\n"));
            other += strcspn(other, "\n") + 1;
            in_p = (unsigned long)p >= a && (unsigned long)p < b;
            maps++;
        } else if (sscanf(line, "Rss: %lu kB", &kb) == 1) {
            sum += kb;
            rss = in_p ? kb : rss;
        }
    }
    printf("smaps: same mappings %d, all %d, of touched memory enough %d, sum enough %d\n", same, !*other,
           rss >= TOUCHED >> 10, sum > rss && maps > 3);
    slurp("/proc/self/smaps_rollup");
    kb = strtoul(line_of("Rss:") + 4, NULL, 10);
    printf("rollup: %d %d\n", strstr(text, "[rollup]") != NULL, kb >= rss && kb <= 2 * sum);
    munmap(p, TOUCHED);
}

/* ---- the program's file ---- */

static int is_program(int fd)
{
    struct stat a, b;
    if (fd < 0)
        return 0;
    int same = !fstat(fd, &a) && !stat(program, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
    close(fd);
    return same;
}

static int links_at(int dirfd, const char *name)
{
    char target[PATH_MAX] = "";
    return readlinkat(dirfd, name, target, sizeof target - 1) > 0 && !strcmp(target, program);
}

static void test_exe(void)
{
    struct stat st, real;
    int self = open("/proc/self", O_PATH | O_DIRECTORY);
    require(!symlink("/proc/self/exe", in_dir("exe_link")), "symlink");
    CHECK(links_at(AT_FDCWD, "/proc/self/exe"));
    CHECK(links_at(AT_FDCWD, "/proc/thread-self/exe"));
    CHECK(links_at(self, "exe"));
    CHECK(links_at(AT_FDCWD, in_dir("self/exe")));
    CHECK(!strcmp(link_of("/proc/%d/exe", getpid()), program));
    CHECK(!strcmp(link_of("/proc/self/task/%d/exe", getpid()), program));
    CHECK(is_program(open("/proc/self/exe", O_RDONLY)));
    CHECK(is_program(open("/proc/self/exe", O_PATH)));
    CHECK(is_program(openat(self, "exe", O_RDONLY)));
    CHECK(is_program(open(in_dir("self/exe"), O_RDONLY)));
    CHECK(is_program(open(in_dir("exe_link"), O_RDONLY)));
    SHOW(open("/proc/self/exe", O_RDONLY | O_NOFOLLOW));
    SHOW(stat(program, &real));
    SHOW(lstat("/proc/self/exe", &st));
    CHECK(S_ISLNK(st.st_mode));
    SHOW(fstatat(self, "exe", &st, AT_SYMLINK_NOFOLLOW));
    CHECK(S_ISLNK(st.st_mode));
    SHOW(stat("/proc/self/exe", &st));
    CHECK(S_ISREG(st.st_mode) && st.st_ino == real.st_ino);
    SHOW(fstatat(self, "exe", &st, 0));
    CHECK(S_ISREG(st.st_mode) && st.st_ino == real.st_ino);
    SHOW(stat(in_dir("self/exe"), &st));
    CHECK(S_ISREG(st.st_mode) && st.st_ino == real.st_ino);
    struct statx sx;
    SHOW(statx(self, "exe", 0, STATX_INO, &sx));
    CHECK(sx.stx_ino == real.st_ino);
    close(self);
}

/* ---- threads ---- */

static int ready[2], go[2];
static pid_t thread_tid;

static void *other_thread(void *arg)
{
    char c = 0;
    prctl(PR_SET_NAME, "other");
    thread_tid = gettid();
    require(write(ready[1], &c, 1) == 1 && read(go[0], &c, 1) == 1, "pipe");
    return arg;
}

static void show_thread(const char *what, const char *fmt, int a, int b)
{
    char name[64];
    snprintf(name, sizeof name, fmt, a, b);
    slurp(name);
    if (strstr(fmt, "status")) {
        printf("%s: %s,", what, line_of("Name:"));
        printf(" %s, right thread %d\n", line_of("Threads:"), atoi(strstr(text, "\nPid:") + 5) == b);
    } else {
        const int comm = strstr(text, "(other)") != NULL;
        printf("%s: other %d, right thread %d, threads %lu\n", what, comm, atoi(text) == b, field(FIELD_THREADS));
    }
}

static void test_threads(void)
{
    pthread_t other;
    char c;
    require(!pipe(ready) && !pipe(go), "pipe");
    require(!pthread_create(&other, NULL, other_thread, NULL) && read(ready[0], &c, 1) == 1, "thread");
    show_thread("own stat", "/proc/%d/stat", getpid(), getpid());
    show_thread("thread's stat", "/proc/self/task/%2$d/stat", 0, thread_tid);
    show_thread("thread's stat of its own", "/proc/%2$d/stat", 0, thread_tid);
    show_thread("thread's status", "/proc/%d/task/%d/status", getpid(), thread_tid);
    show_thread("own status", "/proc/%d/status", getpid(), getpid());
    slurp("/proc/%d/maps", thread_tid);
    CHECK(is_own_maps());
    CHECK(!strcmp(link_of("/proc/%d/exe", thread_tid), program));
    require(write(go[1], "", 1) == 1, "pipe");
    pthread_join(other, NULL);
}

/* ---- other processes ---- */

/* Kernels without checkpoint and restore cannot be told whose arguments a process has: then only the own are right. */
static int others_are_known(void) { return access("/proc/sys/kernel/ns_last_pid", F_OK) == 0; }

/* What is there to see of process pid, which runs this program with the arguments of want and the variable mark. */
static void show_process(int pid, const char *want, size_t size, const char *mark)
{
    const int guess = pid != getpid() && !others_are_known();
    const unsigned long here = (unsigned long)show_process;
    char name[64];
    size_t n = slurp("/proc/%d/cmdline", pid);
    printf("  cmdline %d,", guess || (n == size && !memcmp(text, want, n)));
    n = slurp("/proc/%d/comm", pid);
    printf(" comm %.*s,", (int)strcspn(text, "\n"), text);
    printf(" exe %d,", guess || !strcmp(link_of("/proc/%d/exe", pid), program));
    n = slurp("/proc/%d/environ", pid);
    printf(" environ %d,", guess || (strstr(text, "MARK=") ? !strcmp(strstr(text, "MARK="), mark) : !*mark));
    slurp("/proc/%d/stat", pid);
    strcpy(second, text);
    printf(" threads %lu,", field(FIELD_THREADS));
    strcpy(text, second);
    const unsigned long code = field(FIELD_START_CODE);
    strcpy(text, second);
    printf(" code %d stack %d,", guess || (here >= code && here - code < 1 << 24), field(FIELD_STACK) != 0);
    slurp("/proc/%d/status", pid);
    printf(" %s\n", line_of("Threads:"));
    snprintf(name, sizeof name, "/proc/%d/exe", pid);
    printf("  opened %d\n", guess || is_program(open(name, O_RDONLY)));
}

static void join_arguments(char **argv, char *to, size_t *size)
{
    *size = 0;
    for (; *argv; argv++) {
        strcpy(to + *size, *argv);
        *size += strlen(*argv) + 1;
    }
}

static void test_processes(int argc, char **argv)
{
    char *args[] = {"first", "child", "two words", "", NULL}, *env[] = {"MARK=child", NULL}, joined[PATH_MAX + 64];
    size_t size;
    char c;
    join_arguments(argv, joined, &size);
    printf("self of %d\n", argc);
    show_process(getpid(), joined, size, "");
    require(!pipe(ready) && !pipe(go), "pipe");
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        printf("parent\n");
        show_process(getppid(), joined, size, "");
        printf("forked self\n");
        show_process(getpid(), joined, size, "");
        fflush(stdout);
        dup2(ready[1], 100);
        dup2(go[0], 101);
        execve(program, args, env);
        _exit(1);
    }
    require(read(ready[0], &c, 1) == 1, "ready");
    printf("child\n");
    join_arguments(args, joined, &size);
    show_process(pid, joined, size, "MARK=child");
    require(write(go[1], "", 1) == 1, "go");
    SHOW(waitpid(pid, NULL, 0) == pid);
}

/* ---- the machine, limits ---- */

static void test_machine(void)
{
    int processors = 0;
    slurp("/proc/cpuinfo");
    for (const char *p = text; (p = strstr(p, "processor\t")); p++)
        processors++;
    printf("processors: %d\n", processors == sysconf(_SC_NPROCESSORS_ONLN));
#ifdef __riscv
    printf("%d %d\n", !strncmp(line_of("isa"), "isa  : rv64imafdc", 17), strstr(text, "flags\t") == NULL);
#elif defined __aarch64__
    printf("%d %d\n", !strncmp(line_of("Features"), "Features : fp asimd", 19), strstr(text, "flags\t") == NULL);
#else
    slurp_fd(open("/proc/cpuinfo", O_RDONLY), text);
    char *flags = strstr(text, "\nflags\t");
    require(flags != NULL, "flags");
    flags[1 + strcspn(flags + 1, "\n")] = 0;
    strcat(flags, " ");
#define AGREES(builtin, flag) (!__builtin_cpu_supports(builtin) == !strstr(flags, " " flag " "))
    printf("%d %d\n",
           AGREES("sse2", "sse2") && AGREES("avx2", "avx2") && AGREES("bmi2", "bmi2") && AGREES("avx512f", "avx512f"),
           AGREES("fma", "fma") && AGREES("sse4.2", "sse4_2") && AGREES("ssse3", "ssse3") && AGREES("aes", "aes"));
#endif
    const struct rlimit stack = {SHORT_STACK, RLIM_INFINITY};
    struct rlimit old;
    getrlimit(RLIMIT_STACK, &old);
    setrlimit(RLIMIT_STACK, &(struct rlimit){SHORT_STACK, old.rlim_max});
    slurp("/proc/self/limits");
    printf("limit: %d\n", strtoul(line_of("Max stack size") + 14, NULL, 10) == stack.rlim_cur);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "child")) {
        char c;
        return write(100, "", 1) == 1 && read(101, &c, 1) == 1 ? 0 : 1;
    }
    require(realpath(argv[0], program) != NULL, "realpath");
    make_new_directory(dir);
    unsetenv("MARK");
    test_maps();
    test_smaps();
    test_exe();
    test_processes(argc, argv);
    test_threads(); /* a thread that has been joined may be there for a moment */
    test_machine();
    unlink(in_dir("self"));
    unlink(in_dir("any"));
    unlink(in_dir("exe_link"));
    SHOW(rmdir(dir));
    return 0;
}
