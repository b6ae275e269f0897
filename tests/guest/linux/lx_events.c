/* SPDX-License-Identifier: Apache-2.0 */
/* epoll, eventfd, inotify, poll and select, pipes between threads, sockets of every kind, messages and semaphores.
 * reference: none (qemu 7.2 lacks epoll_pwait2)
 * emulated: none (qemu 7.2 lacks epoll_pwait2)
 * build: -D_GNU_SOURCE */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

static void test_epoll(void)
{
    int ep = epoll_create1(EPOLL_CLOEXEC), ev = eventfd(3, EFD_NONBLOCK), p[2];
    require(pipe(p) == 0, "pipe");
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = 0x1122334455667788}, got[4];
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e));
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e));
    e.data.u64 = 0xdeadbeef00000001;
    SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
    memset(got, 0x55, sizeof got);
    SHOW(epoll_wait(ep, got, 4, 0));
    printf("epoll: %x %llx untouched %x\n", got[0].events, (unsigned long long)got[0].data.u64, got[1].events);
    require(write(p[1], "x", 1) == 1, "write");
    int n = epoll_wait(ep, got, 4, 100);
    uint64_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += got[i].data.u64;
    printf("both: %d %llx\n", n, (unsigned long long)sum);
    e.events = EPOLLOUT;
    SHOW(epoll_ctl(ep, EPOLL_CTL_MOD, ev, &e));
    SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
    SHOW(epoll_wait(ep, got, 4, -1));
    SHOW(epoll_ctl(ep, EPOLL_CTL_DEL, p[0], NULL));
    SHOW(epoll_wait(ep, got, 0, 0));
    uint64_t v = 0;
    SHOW(read(ev, &v, 8));
    printf("eventfd: %llu\n", (unsigned long long)v);
    SHOW(read(ev, &v, 8));
    v = 5;
    SHOW(write(ev, &v, 8));
    struct timespec ts = {0, 1000000};
    SHOW(epoll_pwait2(ep, got, 4, &ts, NULL));
    close(ep);
    close(ev);
}

static void *writer(void *arg)
{
    usleep(5000);
    require(write(*(int *)arg, "late", 4) == 4, "late write");
    return NULL;
}

static void test_poll(void)
{
    int p[2];
    require(pipe(p) == 0, "pipe");
    pthread_t id;
    pthread_create(&id, NULL, writer, &p[1]);
    struct pollfd f[2] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}};
    SHOW(poll(f, 1, 2000));
    SHOW(poll(f, 2, 0));
    printf("revents %x %x\n", f[0].revents, f[1].revents);
    fd_set r, w;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_SET(p[0], &r);
    FD_SET(p[1], &w);
    struct timeval tv = {1, 0};
    SHOW(select(p[1] + 1, &r, &w, NULL, &tv));
    printf("set %d %d\n", FD_ISSET(p[0], &r) != 0, FD_ISSET(p[1], &w) != 0);
    pthread_join(id, NULL);
    close(p[1]);
    SHOW(poll(f, 2, 0));
    printf("revents %x %x\n", f[0].revents, f[1].revents);
    signal(SIGPIPE, SIG_IGN);
    require(pipe(p) == 0, "pipe");
    close(p[0]);
    SHOW(write(p[1], "x", 1));
    tv.tv_sec = 0;
    tv.tv_usec = 2000;
    SHOW(select(0, NULL, NULL, NULL, &tv));
}

static void test_pairs(void)
{
    int s[2], p[2];
    char buf[64] = "", control[64];
    SHOW(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s));
    require(pipe(p) == 0, "pipe");
    struct iovec v = {"with a descriptor", 17};
    struct msghdr m = {
        .msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int))};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    *c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(c), &p[1], sizeof(int));
    SHOW(sendmsg(s[0], &m, 0));
    v = (struct iovec){buf, sizeof buf};
    memset(control, 0, sizeof control);
    m.msg_controllen = sizeof control;
    SHOW(recvmsg(s[1], &m, MSG_CMSG_CLOEXEC));
    int fd;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
    printf("received: %s flags %x\n", buf, (unsigned)m.msg_flags & ~(unsigned)MSG_CMSG_CLOEXEC);
    SHOW(write(fd, "by the copy", 11));
    SHOW(read(p[0], buf, sizeof buf));
    struct iovec parts[2] = {{"first", 5}, {"second!", 7}};
    struct mmsghdr mm[2] = {{.msg_hdr = {.msg_iov = &parts[0], .msg_iovlen = 1}},
                            {.msg_hdr = {.msg_iov = &parts[1], .msg_iovlen = 1}}};
    SHOW(sendmmsg(s[0], mm, 2, 0));
    printf("lengths %u %u\n", mm[0].msg_len, mm[1].msg_len);
    char in[2][16] = {"", ""};
    parts[0] = (struct iovec){in[0], 16};
    parts[1] = (struct iovec){in[1], 16};
    SHOW(recvmmsg(s[1], mm, 2, 0, NULL));
    printf("got %s %s\n", in[0], in[1]);
    SHOW(shutdown(s[0], SHUT_WR));
    SHOW(recv(s[1], buf, 1, 0));
    int type = 0;
    socklen_t len = sizeof type;
    SHOW(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &type, &len));
    printf("type %d\n", type);
    close(s[0]);
    close(s[1]);
}

static int tcp_port;
static void *client(void *arg)
{
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)tcp_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int s = socket(AF_INET, SOCK_STREAM, 0);
    require(connect(s, (struct sockaddr *)&a, sizeof a) == 0, "connect");
    uint64_t sum = 0;
    static unsigned char buf[65536];
    ssize_t n;
    while ((n = recv(s, buf, sizeof buf, 0)) > 0) {
        for (ssize_t i = 0; i < n; i++)
            sum += buf[i];
    }
    require(send(s, &sum, sizeof sum, 0) == sizeof sum, "send");
    close(s);
    return arg;
}

static void test_tcp(void)
{
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, peer;
    socklen_t len = sizeof a;
    SHOW(setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
    SHOW(bind(listener, (struct sockaddr *)&a, sizeof a));
    SHOW(listen(listener, 5));
    SHOW(getsockname(listener, (struct sockaddr *)&a, &len));
    tcp_port = ntohs(a.sin_port);
    pthread_t id;
    pthread_create(&id, NULL, client, NULL);
    len = sizeof peer;
    int s = accept4(listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC);
    printf("accepted: family %d length %d local %d\n", peer.sin_family, (int)len,
           peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
    SHOW(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
    static unsigned char data[300000];
    uint64_t sum = 0, theirs = 0;
    for (size_t i = 0; i < sizeof data; i++)
        sum += data[i] = (unsigned char)(i * 7);
    size_t sent = 0;
    while (sent < sizeof data) {
        ssize_t n = send(s, data + sent, sizeof data - sent, MSG_NOSIGNAL);
        require(n > 0, "send");
        sent += (size_t)n;
    }
    shutdown(s, SHUT_WR);
    SHOW(recv(s, &theirs, sizeof theirs, MSG_WAITALL));
    printf("sums agree: %d\n", sum == theirs);
    pthread_join(id, NULL);
    close(s);
    close(listener);
    struct sockaddr_in refused = a;
    s = socket(AF_INET, SOCK_STREAM, 0);
    SHOW(connect(s, (struct sockaddr *)&refused, sizeof refused));
    close(s);
    int u = socket(AF_INET, SOCK_DGRAM, 0);
    a.sin_port = 0;
    SHOW(bind(u, (struct sockaddr *)&a, sizeof a));
    len = sizeof a;
    getsockname(u, (struct sockaddr *)&a, &len);
    SHOW(sendto(u, "datagram", 8, 0, (struct sockaddr *)&a, sizeof a));
    char buf[32] = "";
    len = sizeof peer;
    SHOW(recvfrom(u, buf, sizeof buf, 0, (struct sockaddr *)&peer, &len));
    printf("%s from itself: %d\n", buf, peer.sin_port == a.sin_port);
    close(u);
}

static void test_inotify(void)
{
    char dir[] = "/tmp/lx_events_XXXXXX", name[100], buf[1024] __attribute__((aligned(8)));
    require(mkdtemp(dir) != NULL, "mkdtemp");
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    SHOW(inotify_add_watch(fd, dir, IN_CREATE | IN_DELETE));
    snprintf(name, sizeof name, "%s/made", dir);
    close(open(name, O_CREAT | O_WRONLY, 0600));
    unlink(name);
    ssize_t n = read(fd, buf, sizeof buf);
    for (ssize_t at = 0; at < n;) {
        struct inotify_event *e = (struct inotify_event *)(buf + at);
        printf("event %x %s\n", e->mask, e->name);
        at += (ssize_t)(sizeof *e + e->len);
    }
    rmdir(dir);
    close(fd);
}

static void test_sysv(void)
{
    struct {
        long type;
        char text[16];
    } m = {5, "queued"};
    int q = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    SHOW(msgsnd(q, &m, sizeof m.text, 0));
    memset(&m, 0, sizeof m);
    SHOW(msgrcv(q, &m, sizeof m.text, 0, 0));
    printf("message %ld %s\n", m.type, m.text);
    struct msqid_ds mds;
    SHOW(msgctl(q, IPC_STAT, &mds));
    printf("left %d\n", (int)mds.msg_qnum);
    SHOW(msgctl(q, IPC_RMID, NULL));
    int s = semget(IPC_PRIVATE, 3, IPC_CREAT | 0640);
    union {
        int val;
        struct semid_ds *buf;
        unsigned short *array;
    } arg = {.val = 2};
    struct semid_ds ds;
    SHOW(semctl(s, 1, SETVAL, arg));
    SHOW(semctl(s, 1, GETVAL));
    struct sembuf op = {1, -2, 0};
    SHOW(semop(s, &op, 1));
    op.sem_flg = IPC_NOWAIT;
    SHOW(semop(s, &op, 1));
    unsigned short all[3] = {7, 8, 9};
    arg.array = all;
    SHOW(semctl(s, 0, SETALL, arg));
    memset(all, 0, sizeof all);
    SHOW(semctl(s, 0, GETALL, arg));
    arg.buf = &ds;
    SHOW(semctl(s, 0, IPC_STAT, arg));
    printf("semaphores %d %d %d of %ld mode %o time %d\n", all[0], all[1], all[2], (long)ds.sem_nsems, ds.sem_perm.mode,
           ds.sem_otime > 0);
    SHOW(semctl(s, 0, IPC_RMID));
}

int main(void)
{
    test_epoll();
    test_poll();
    test_pairs();
    test_tcp();
    test_inotify();
    test_sysv();
    return 0;
}
