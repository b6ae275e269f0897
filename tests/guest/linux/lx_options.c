/* SPDX-License-Identifier: Apache-2.0 */
/* What has flags and structures of many kinds: personality, openat2, signalfd, socket options with structures that
 * differ between widths, and calls by the addresses of x86-64's vsyscall page.
 * reference: none (qemu has no openat2 and no vsyscall page)
 * not in: interp cached cache1m fail3 regs precise (system calls are the same in every tier)
 * build: -D_GNU_SOURCE */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static char text[1 << 16];

static int closed(int fd)
{
    if (fd >= 0)
        close(fd);
    return fd >= 0 ? 0 : fd;
}

/* ---- personality ---- */

static void test_personality(void)
{
    struct utsname u;
    struct timeval tv = {0, 1000};
    uname(&u);
    const int plain = strncmp(u.release, "2.6.", 4);
    personality(0);
    SHOW(personality(UNAME26 | ADDR_NO_RANDOMIZE | STICKY_TIMEOUTS | ADDR_COMPAT_LAYOUT));
    CHECK(personality(0xffffffff) == (UNAME26 | ADDR_NO_RANDOMIZE | STICKY_TIMEOUTS | ADDR_COMPAT_LAYOUT));
    uname(&u);
    CHECK(!strncmp(u.release, "2.6.", 4) && plain);
    select(0, NULL, NULL, NULL, &tv);
    CHECK(tv.tv_usec == 1000);
    personality(PER_LINUX32);
    uname(&u);
    CHECK(personality(0xffffffff) == PER_LINUX32);
#if defined __riscv || defined __aarch64__
    printf("i686\n");
#else
    printf("%s\n", u.machine);
#endif
    personality(0);
    select(0, NULL, NULL, NULL, &tv);
    SHOW(tv.tv_usec);
    SHOW(personality(READ_IMPLIES_EXEC));
    CHECK(personality(0xffffffff) == READ_IMPLIES_EXEC);
    personality(0);
}

/* ---- openat2 ---- */

static int open2(int dirfd, const char *name, uint64_t flags, uint64_t resolve)
{
    struct open_how how = {.flags = flags, .resolve = resolve};
    return closed((int)syscall(SYS_openat2, dirfd, name, &how, sizeof how));
}

static void test_openat2(void)
{
    char dir[4096];
    struct {
        struct open_how how;
        uint64_t more;
    } large = {{.flags = O_RDONLY}, 0};
    enter_new_directory(dir);
    require(!mkdir("in", 0700) && !symlink("in", "link") && !symlink("/proc/self/exe", "magic"), "files");
    int at = open(".", O_PATH | O_DIRECTORY);
    SHOW(open2(at, "in", O_RDONLY, RESOLVE_BENEATH));
    SHOW(open2(at, "..", O_RDONLY, RESOLVE_BENEATH));
    SHOW(open2(at, "/proc", O_RDONLY, RESOLVE_BENEATH));
    SHOW(open2(at, "/in", O_RDONLY, RESOLVE_IN_ROOT));
    SHOW(open2(at, "../../in/../link", O_RDONLY, RESOLVE_IN_ROOT));
    SHOW(open2(at, "link", O_RDONLY, 0));
    SHOW(open2(at, "link", O_RDONLY, RESOLVE_NO_SYMLINKS));
    SHOW(open2(at, "link", O_RDONLY | O_NOFOLLOW, 0));
    SHOW(open2(at, "link", O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS));
    SHOW(open2(at, "magic", O_RDONLY, 0));
    SHOW(open2(at, "magic", O_RDONLY, RESOLVE_NO_MAGICLINKS));
    SHOW(open2(AT_FDCWD, "/proc/self/exe", O_RDONLY, RESOLVE_NO_MAGICLINKS));
    SHOW(open2(AT_FDCWD, "/proc/self/status", O_RDONLY, RESOLVE_NO_MAGICLINKS));

    SHOW(open2(at, "in", O_RDONLY, 1 << 20));
    SHOW(open2(at, "in", UINT64_C(1) << 40, 0));
    SHOW(closed((int)syscall(SYS_openat2, at, "in", &large, sizeof large)));
    large.more = 1;
    SHOW(closed((int)syscall(SYS_openat2, at, "in", &large, sizeof large)));
    SHOW(closed((int)syscall(SYS_openat2, at, "in", &large, 8)));
    SHOW(closed((int)syscall(SYS_openat2, at, "in", (void *)8, sizeof large.how)));
    require(!unlink("magic") && !unlink("link") && !rmdir("in") && !chdir("/") && !rmdir(dir), "clean up");
    close(at);
}

/* ---- signalfd ---- */

static void test_signalfd(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    for (long size = 0; size <= 16; size += 4)
        printf("size %ld: %d\n", size, closed((int)syscall(SYS_signalfd4, -1, &set, size, 0)));
    SHOW(syscall(SYS_signalfd4, -1, &set, 8L, 1));
    SHOW(syscall(SYS_signalfd4, -1, (void *)8, 8L, 0));
    SHOW(syscall(SYS_signalfd4, 0, &set, 8L, 0));
    SHOW(syscall(SYS_signalfd4, 999, &set, 8L, 0));
#ifdef SYS_signalfd
    require(!closed((int)syscall(SYS_signalfd, -1, &set, 8L)), "signalfd");
    require(syscall(SYS_signalfd, -1, &set, 4L) == -1 && errno == EINVAL, "size of signalfd");
#endif
}

/* ---- sockets ---- */

static void test_times(int fd)
{
    struct timeval set = {3, 250000}, get = {0, 0};
    socklen_t len = sizeof get;
    SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &set, sizeof set));
    SHOW(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &get, &len));
    CHECK(len == sizeof get && get.tv_sec == 3 && get.tv_usec / 10000 == 25);
    int64_t wide[2] = {2, 500000}, back[2] = {0, 0};
    len = sizeof back;
    SHOW(setsockopt(fd, SOL_SOCKET, 67 /* SO_SNDTIMEO_NEW */, wide, sizeof wide));
    SHOW(getsockopt(fd, SOL_SOCKET, 67, back, &len));
    CHECK(len == sizeof back && back[0] == 2 && back[1] == 500000);
    SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &set, 4));
    set.tv_usec = 1000000;
    SHOW(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &set, sizeof set));
}

static struct sockaddr_storage address(const char *text_)
{
    union {
        struct sockaddr_storage s;
        struct sockaddr_in in;
    } u = {.in = {.sin_family = AF_INET}};
    inet_pton(AF_INET, text_, &u.in.sin_addr);
    return u.s;
}

static void test_multicast(int fd)
{
    const uint32_t lo = if_nametoindex("lo");
    struct group_req join = {.gr_interface = lo, .gr_group = address("239.1.2.3")};
    struct group_source_req source = {
        .gsr_interface = lo, .gsr_group = address("239.1.2.4"), .gsr_source = address("127.0.0.9")};
    union {
        struct group_filter f;
        char room[GROUP_FILTER_SIZE(3)];
    } set = {.f = {.gf_interface = lo, .gf_group = address("239.1.2.3"), .gf_fmode = MCAST_EXCLUDE, .gf_numsrc = 2}},
      get = set;
    if (!lo) { /* a network without any interface */
        setsockopt(-1, 0, 0, NULL, 0);
        return;
    }
    require(!setsockopt(fd, IPPROTO_IP, MCAST_JOIN_GROUP, &join, sizeof join), "join");
    require(setsockopt(fd, IPPROTO_IP, MCAST_JOIN_GROUP, &join, sizeof join) && errno == EADDRINUSE, "join twice");
    set.f.gf_slist[0] = address("127.0.0.7");
    set.f.gf_slist[1] = address("127.0.0.8");
    require(!setsockopt(fd, IPPROTO_IP, MCAST_MSFILTER, &set, GROUP_FILTER_SIZE(2)), "filter");
    socklen_t len = sizeof get;
    require(!getsockopt(fd, IPPROTO_IP, MCAST_MSFILTER, &get, &len), "filter read");
    require(get.f.gf_fmode == MCAST_EXCLUDE && get.f.gf_numsrc == 2 &&
                !memcmp(get.f.gf_slist, set.f.gf_slist, sizeof(struct sockaddr_in)) && len == GROUP_FILTER_SIZE(2),
            "filter's sources");
    require(!setsockopt(fd, IPPROTO_IP, MCAST_LEAVE_GROUP, &join, sizeof join), "leave");
    require(setsockopt(fd, IPPROTO_IP, MCAST_LEAVE_GROUP, &join, sizeof join) && errno == EADDRNOTAVAIL, "left");
    require(!setsockopt(fd, IPPROTO_IP, MCAST_JOIN_SOURCE_GROUP, &source, sizeof source), "join source");
    require(!setsockopt(fd, IPPROTO_IP, MCAST_LEAVE_SOURCE_GROUP, &source, sizeof source), "leave source");
    require(setsockopt(fd, IPPROTO_IP, MCAST_JOIN_GROUP, &join, sizeof join - 1) && errno == EINVAL, "short");
}

/* A time of the old and of the new kind with a message. */
static void test_stamps(void)
{
    static const struct {
        int option;
        size_t size;
    } kinds[] = {{29, 2 * sizeof(long)}, {35, 2 * sizeof(long)}, {63, 16}, {64, 16}};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int pair[2], on = 1;
        char data, control[128];
        struct iovec v = {&data, 1};
        struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        require(!socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), "socketpair");
        require(!setsockopt(pair[0], SOL_SOCKET, kinds[i].option, &on, sizeof on), "timestamp");
        require(write(pair[1], "x", 1) == 1 && recvmsg(pair[0], &m, 0) == 1, "message");
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        long old;
        int64_t new;
        memcpy(&old, CMSG_DATA(c), sizeof old);
        memcpy(&new, CMSG_DATA(c), sizeof new);
        const int64_t then = kinds[i].size == 16 ? new : old, now = time(NULL);
        printf("stamp %d: type %d, size %d, time %d\n", kinds[i].option, c->cmsg_type,
               c->cmsg_len == CMSG_LEN(kinds[i].size), then >= now - 100 && then <= now + 100);
        close(pair[0]);
        close(pair[1]);
    }
}

static void test_sockets(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    test_times(fd);
    test_multicast(fd);
    close(fd);
    test_stamps();
}

/* ---- the vsyscall page ---- */

#ifdef __x86_64__
static sigjmp_buf back;
static siginfo_t last;

static void on_signal(int signo, siginfo_t *info, void *context)
{
    (void)context;
    last = *info;
    siglongjmp(back, signo);
}

typedef long call_fn(void *, void *);
static long result;

/* The signal of a call at an offset of the page, or 0. */
static int call_at(unsigned long offset, void *a, void *b)
{
    const int signo = sigsetjmp(back, 1);
    if (!signo)
        result = ((call_fn *)(0xffffffffff600000 + offset))(a, b);
    return signo;
}

static int is_fault(int signo, int code, unsigned long address)
{
    return signo == SIGSEGV && last.si_code == code && (unsigned long)last.si_addr == address;
}

static void test_page(void)
{
    struct timeval tv = {0, 0};
    time_t now = 0;
    unsigned cpu = 12345;
    handle(SIGSEGV, on_signal, 0);
    require(!call_at(0, &tv, NULL) && !result && tv.tv_sec >= time(NULL) - 10, "gettimeofday");
    require(!call_at(0x400, &now, NULL) && result == now && now >= tv.tv_sec - 10, "time");
    require(!call_at(0x400, NULL, NULL) && result >= now, "time without a place");
    require(!call_at(0x800, &cpu, NULL) && !result && cpu != 12345, "getcpu");
    require(is_fault(call_at(0xc00, NULL, NULL), SI_KERNEL, 0), "no call");
    require(is_fault(call_at(1, NULL, NULL), SI_KERNEL, 0), "in the middle");
    require(is_fault(call_at(0, (void *)8, NULL), SI_KERNEL, 0), "bad pointer");
    require(is_fault(call_at(0x400, (void *)0xffff800000000000, NULL), SEGV_MAPERR, 0xffff800000000000), "not ours");
}
#endif

static int has_page(void)
{
    size_t n = 0;
    ssize_t r;
    int fd = open("/proc/self/maps", O_RDONLY);
    while ((r = read(fd, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)r;
    text[n] = 0;
    close(fd);
    return strstr(text, "ffffffffff600000-ffffffffff601000 ") != NULL && strstr(text, "[vsyscall]\n") != NULL;
}

int main(void)
{
    test_personality();
    test_openat2();
    test_signalfd();
    test_sockets();
#ifdef __x86_64__
    if (has_page()) /* the host's kernel may be told to have none */
        test_page();
#else
    require(!has_page(), "vsyscall page");
#endif
    return 0;
}
