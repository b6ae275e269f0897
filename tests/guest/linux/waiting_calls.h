/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that wait, for lx_restart: how each comes to wait, the call, and what lets it go on. */
#ifndef GUEST_WAITING_CALLS_H
#define GUEST_WAITING_CALLS_H

#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

enum { LONG_WAIT = 100, BULK = 1 << 20, ENDS_IT = SIGUSR2 }; /* seconds; bytes; what nothing else ends */

struct waiting {
    int fd[4], n;
    uint32_t word;
    pid_t child;
    long number; /* of a context */
    pthread_t thread;
    volatile pid_t tid;
    volatile long result;
    volatile int error, hits;
    volatile enum { BEFORE, WAITS, ENDED } state;
    int lacks, outlasted;
};

struct waiting_call {
    const char *name;
    int (*prepare)(struct waiting *w); /* 0, or it cannot be */
    long (*call)(struct waiting *w);
    void (*finish)(struct waiting *w); /* the call comes to its end; NULL: nothing but a signal ends it */
    const char *lacking;               /* what to say where the machine lacks what it takes; NULL: none does */
};

static const struct timespec long_wait = {LONG_WAIT, 0};
static char bulk[BULK];
static __thread char small[256];
static __thread uint64_t word64;

static inline void put(int fd) { require(write(fd, "x\n", 2) == 2, "write"); }

/* ---- pipes, terminals, other descriptors ---- */

static int with_pipe(struct waiting *w) { return pipe(w->fd); }

static void fill(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    while (write(fd, bulk, 4096) > 0 || write(fd, bulk, 1) > 0)
        ;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

/* Reads all, until the call has its way. */
static void drain(struct waiting *w)
{
    static char into[1 << 16];
    fcntl(w->fd[0], F_SETFL, O_NONBLOCK);
    while (w->state != ENDED) {
        if (read(w->fd[0], into, sizeof into) < 0)
            sched_yield();
    }
}

static int with_full_pipe(struct waiting *w)
{
    const int r = pipe(w->fd);
    fill(w->fd[1]);
    return r;
}

static int with_terminal(struct waiting *w)
{
    w->fd[1] = posix_openpt(O_RDWR | O_NOCTTY);
    if (w->fd[1] < 0 || grantpt(w->fd[1]) || unlockpt(w->fd[1]))
        return -1;
    w->fd[0] = open(ptsname(w->fd[1]), O_RDWR | O_NOCTTY);
    return w->fd[0] < 0;
}

static long do_read(struct waiting *w) { return read(w->fd[0], small, sizeof small); }
static long do_readv(struct waiting *w)
{
    struct iovec v[2] = {{small, 1}, {small + 1, 100}};
    return readv(w->fd[0], v, 2);
}
static long do_write(struct waiting *w) { return write(w->fd[1], "abc", 3); }
static long do_write_much(struct waiting *w) { return write(w->fd[1], bulk, BULK); }
static long do_writev(struct waiting *w)
{
    struct iovec v[2] = {{small, 1}, {small + 1, 100}};
    return writev(w->fd[1], v, 2);
}
static long do_splice(struct waiting *w) { return splice(w->fd[0], NULL, w->fd[3], NULL, 100, 0); }
static long do_tee(struct waiting *w) { return tee(w->fd[0], w->fd[3], 100, 0); }
static long do_vmsplice(struct waiting *w)
{
    struct iovec v = {bulk, 4096};
    return vmsplice(w->fd[1], &v, 1, 0);
}
static void finish_write(struct waiting *w) { put(w->fd[1]); }

static int with_two_pipes(struct waiting *w) { return pipe(w->fd) || pipe(w->fd + 2); }

static int with_eventfd(struct waiting *w) { return (w->fd[0] = eventfd(0, 0)) < 0; }
static void finish_eventfd(struct waiting *w)
{
    const uint64_t one = 1;
    require(write(w->fd[0], &one, 8) == 8, "eventfd");
}
static int with_full_eventfd(struct waiting *w)
{
    const uint64_t most = UINT64_MAX - 1;
    return (w->fd[1] = eventfd(0, 0)) < 0 || write(w->fd[1], &most, 8) != 8;
}
static long do_write_eventfd(struct waiting *w)
{
    word64 = 7;
    return write(w->fd[1], &word64, 8);
}
static void finish_full_eventfd(struct waiting *w)
{
    uint64_t n;
    require(read(w->fd[1], &n, 8) == 8, "eventfd");
}

static int with_timerfd(struct waiting *w)
{
    const struct itimerspec t = {{0, 0}, long_wait};
    w->fd[0] = timerfd_create(CLOCK_MONOTONIC, 0);
    return w->fd[0] < 0 || timerfd_settime(w->fd[0], 0, &t, NULL);
}
static void finish_timerfd(struct waiting *w)
{
    const struct itimerspec t = {{0, 0}, {0, 1}};
    timerfd_settime(w->fd[0], 0, &t, NULL);
}

static int with_signalfd(struct waiting *w)
{
    sigset_t s;
    sigemptyset(&s);
    sigaddset(&s, SIGHUP);
    return (w->fd[0] = signalfd(-1, &s, 0)) < 0;
}
static void finish_hangup(struct waiting *w) { pthread_kill(w->thread, SIGHUP); }

static int with_inotify(struct waiting *w)
{
    mkdir("watched", 0700);
    return (w->fd[0] = inotify_init1(0)) < 0 || inotify_add_watch(w->fd[0], "watched", IN_OPEN) < 0;
}
static void finish_inotify(struct waiting *w)
{
    (void)w;
    close(open("watched", O_RDONLY));
}

static void fifo_name(const struct waiting *w, char name[32]) { snprintf(name, 32, "fifo%d", w->n); }
static int with_fifo(struct waiting *w)
{
    char name[32];
    fifo_name(w, name);
    unlink(name);
    return mkfifo(name, 0600);
}
static long do_open_fifo(struct waiting *w)
{
    char name[32];
    fifo_name(w, name);
    return (w->fd[0] = open(name, O_RDONLY)) >= 0 ? 0 : -1;
}
static void finish_fifo(struct waiting *w)
{
    char name[32];
    fifo_name(w, name);
    w->fd[1] = open(name, O_RDWR);
}

/* ---- sockets ---- */

static int with_pair(struct waiting *w) { return socketpair(AF_UNIX, SOCK_STREAM, 0, w->fd); }
static int with_full_pair(struct waiting *w)
{
    const int r = with_pair(w);
    fill(w->fd[1]);
    return r;
}
static int timeouts(int fd)
{
    const struct timeval t = {LONG_WAIT, 0};
    return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) |
           setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}
static int with_timed_pair(struct waiting *w) { return with_pair(w) | timeouts(w->fd[0]); }
static int with_timed_full_pair(struct waiting *w) { return with_full_pair(w) | timeouts(w->fd[1]); }

/* A listener without a backlog, in fd[2]. */
static int with_listener(struct waiting *w)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    socklen_t n = sizeof a;
    w->fd[2] = socket(AF_UNIX, SOCK_STREAM, 0);
    w->fd[0] = socket(AF_UNIX, SOCK_STREAM, 0);
    w->fd[1] = socket(AF_UNIX, SOCK_STREAM, 0);
    return bind(w->fd[2], (struct sockaddr *)&a, sizeof a.sun_family) || listen(w->fd[2], 0) ||
           getsockname(w->fd[2], (struct sockaddr *)&a, &n);
}
static int with_timed_listener(struct waiting *w) { return with_listener(w) | timeouts(w->fd[2]); }
static long connect_to_listener(const struct waiting *w, int fd)
{
    struct sockaddr_un a;
    socklen_t n = sizeof a;
    getsockname(w->fd[2], (struct sockaddr *)&a, &n);
    return connect(fd, (struct sockaddr *)&a, n);
}
static int with_full_listener(struct waiting *w) { return with_listener(w) || (int)connect_to_listener(w, w->fd[0]); }
static int with_timed_full_listener(struct waiting *w) { return with_full_listener(w) | timeouts(w->fd[1]); }
static long do_accept(struct waiting *w) { return (w->fd[3] = accept(w->fd[2], NULL, NULL)) >= 0 ? 0 : -1; }
static long do_accept4(struct waiting *w)
{
    return (w->fd[3] = accept4(w->fd[2], NULL, NULL, SOCK_CLOEXEC)) >= 0 ? 0 : -1;
}
static void finish_accept(struct waiting *w) { require(connect_to_listener(w, w->fd[0]) == 0, "connect"); }
static long do_connect(struct waiting *w) { return connect_to_listener(w, w->fd[1]); }
static void finish_connect(struct waiting *w) { w->fd[3] = accept(w->fd[2], NULL, NULL); }

static long do_recv(struct waiting *w) { return recv(w->fd[0], small, sizeof small, 0); }
static long do_recv_all(struct waiting *w) { return recv(w->fd[0], small, 2, MSG_WAITALL); }
static long do_recvfrom(struct waiting *w)
{
    struct sockaddr_un a;
    socklen_t n = sizeof a;
    return recvfrom(w->fd[0], small, sizeof small, 0, (struct sockaddr *)&a, &n);
}
static struct msghdr message(struct iovec *v)
{
    *v = (struct iovec){small, 20};
    return (struct msghdr){.msg_iov = v, .msg_iovlen = 1};
}
static long do_recvmsg(struct waiting *w)
{
    struct iovec v;
    struct msghdr m = message(&v);
    return recvmsg(w->fd[0], &m, 0);
}
static long do_recvmmsg(struct waiting *w)
{
    struct iovec v;
    struct mmsghdr m = {.msg_hdr = message(&v)};
    return recvmmsg(w->fd[0], &m, 1, 0, NULL);
}
static long do_recvmmsg_timed(struct waiting *w)
{
    struct iovec v;
    struct timespec t = long_wait;
    struct mmsghdr m = {.msg_hdr = message(&v)};
    return recvmmsg(w->fd[0], &m, 1, 0, &t);
}
static long do_send(struct waiting *w) { return send(w->fd[1], small, 3, 0); }
static long do_send_much(struct waiting *w) { return send(w->fd[1], bulk, BULK, 0); }
static long do_sendto(struct waiting *w) { return sendto(w->fd[1], small, 3, 0, NULL, 0); }
static long do_sendmsg(struct waiting *w)
{
    struct iovec v;
    struct msghdr m = message(&v);
    return sendmsg(w->fd[1], &m, 0);
}
static long do_sendmmsg(struct waiting *w)
{
    struct iovec v;
    struct mmsghdr m = {.msg_hdr = message(&v)};
    return sendmmsg(w->fd[1], &m, 1, 0);
}

/* ---- locks ---- */

static int open_lock(struct waiting *w)
{
    char name[32];
    snprintf(name, sizeof name, "lock%d", w->n);
    w->fd[0] = open(name, O_CREAT | O_RDWR, 0600);
    w->fd[1] = open(name, O_RDWR);
    return w->fd[1] < 0;
}
static int with_flock(struct waiting *w) { return open_lock(w) || flock(w->fd[0], LOCK_EX); }
static long do_flock(struct waiting *w) { return flock(w->fd[1], LOCK_EX); }
static void finish_flock(struct waiting *w) { flock(w->fd[0], LOCK_UN); }
static int file_lock(int fd, int command, short type)
{
    struct flock l = {.l_type = type, .l_whence = SEEK_SET, .l_len = 1};
    return fcntl(fd, command, &l);
}
static int with_ofd_lock(struct waiting *w) { return open_lock(w) || file_lock(w->fd[0], F_OFD_SETLK, F_WRLCK); }
static long do_ofd_lock(struct waiting *w) { return file_lock(w->fd[1], F_OFD_SETLKW, F_WRLCK); }
static void finish_ofd_lock(struct waiting *w) { file_lock(w->fd[0], F_OFD_SETLK, F_UNLCK); }
static long do_file_lock(struct waiting *w)
{
    return file_lock(w->fd[1], F_SETLKW, F_WRLCK);
} /* an OFD lock blocks it */

/* ---- children ---- */

static int with_child(struct waiting *w)
{
    if (pipe(w->fd))
        return -1;
    w->child = fork();
    if (w->child == 0) {
        close(w->fd[1]);
        _exit(read(w->fd[0], small, 1) == 1 ? 3 : 4);
    }
    return w->child < 0;
}
static long do_wait4(struct waiting *w)
{
    int status;
    return syscall(SYS_wait4, w->child, &status, 0, NULL) == w->child ? 0 : -1;
}
static long do_waitid(struct waiting *w)
{
    siginfo_t info;
    return waitid(P_PID, (id_t)w->child, &info, WEXITED);
}

/* ---- futexes ---- */

static long futex(struct waiting *w, int op, uint32_t value, const struct timespec *t)
{
    return syscall(SYS_futex, &w->word, op, value, t, NULL, FUTEX_BITSET_MATCH_ANY);
}
static int with_word(struct waiting *w)
{
    w->word = 5;
    return 0;
}
static struct timespec late(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += LONG_WAIT;
    return t;
}
static long do_futex(struct waiting *w) { return futex(w, FUTEX_WAIT, 5, NULL); }
static long do_futex_timed(struct waiting *w) { return futex(w, FUTEX_WAIT, 5, &long_wait); }
static long do_futex_bitset(struct waiting *w) { return futex(w, FUTEX_WAIT_BITSET, 5, NULL); }
static long do_futex_bitset_timed(struct waiting *w)
{
    const struct timespec t = late();
    return futex(w, FUTEX_WAIT_BITSET, 5, &t);
}
static void finish_futex(struct waiting *w) { futex(w, FUTEX_WAKE, 1, NULL); }
static int with_pi_lock(struct waiting *w) { return (int)futex(w, FUTEX_LOCK_PI, 0, NULL); }
static long do_lock_pi(struct waiting *w) { return futex(w, FUTEX_LOCK_PI, 0, NULL); }
static void finish_pi(struct waiting *w) { futex(w, FUTEX_UNLOCK_PI, 0, NULL); }

static int with_waitv(struct waiting *w)
{
    w->word = 5;
    return syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) == -1 && errno == ENOSYS;
}
static long do_waitv(struct waiting *w)
{
    struct futex_waitv v = {.val = 5, .uaddr = (uintptr_t)&w->word, .flags = FUTEX_32};
    return syscall(SYS_futex_waitv, &v, 1, 0, NULL, 0);
}

/* ---- many descriptors at once ---- */

static int with_epoll(struct waiting *w)
{
    struct epoll_event e = {.events = EPOLLIN};
    return pipe(w->fd) || (w->fd[2] = epoll_create1(0)) < 0 || epoll_ctl(w->fd[2], EPOLL_CTL_ADD, w->fd[0], &e);
}
static long do_epoll_wait(struct waiting *w)
{
    struct epoll_event e;
    return epoll_wait(w->fd[2], &e, 1, -1);
}
static long do_epoll_timed(struct waiting *w)
{
    struct epoll_event e;
    return epoll_wait(w->fd[2], &e, 1, LONG_WAIT * 1000);
}
static long do_epoll_pwait(struct waiting *w)
{
    struct epoll_event e;
    sigset_t s;
    pthread_sigmask(SIG_SETMASK, NULL, &s);
    return epoll_pwait(w->fd[2], &e, 1, -1, &s);
}
static long do_epoll_pwait2(struct waiting *w)
{
    struct epoll_event e;
    return epoll_pwait2(w->fd[2], &e, 1, &long_wait, NULL);
}
static long do_poll(struct waiting *w) { return poll(&(struct pollfd){w->fd[0], POLLIN, 0}, 1, -1); }
static long do_poll_timed(struct waiting *w)
{
    return poll(&(struct pollfd){w->fd[0], POLLIN, 0}, 1, LONG_WAIT * 1000);
}
static long do_ppoll(struct waiting *w)
{
    sigset_t s;
    pthread_sigmask(SIG_SETMASK, NULL, &s);
    return ppoll(&(struct pollfd){w->fd[0], POLLIN, 0}, 1, NULL, &s);
}
static long do_ppoll_timed(struct waiting *w)
{
    return ppoll(&(struct pollfd){w->fd[0], POLLIN, 0}, 1, &long_wait, NULL);
}
static long do_select(struct waiting *w)
{
    fd_set s;
    struct timeval t = {LONG_WAIT, 0};
    FD_ZERO(&s);
    FD_SET(w->fd[0], &s);
    return select(w->fd[0] + 1, &s, NULL, NULL, &t);
}
static long do_pselect(struct waiting *w)
{
    fd_set s;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    FD_ZERO(&s);
    FD_SET(w->fd[0], &s);
    return pselect(w->fd[0] + 1, &s, NULL, NULL, NULL, &mask);
}

/* ---- sleep, and waiting for signals ---- */

static int with_nothing(struct waiting *w)
{
    (void)w;
    return 0;
}
static long do_nanosleep(struct waiting *w)
{
    (void)w;
    return syscall(SYS_nanosleep, &long_wait, NULL);
}
static long result_of(int error)
{
    errno = error;
    return error ? -1 : 0;
}
static long do_clock_nanosleep(struct waiting *w)
{
    (void)w;
    return result_of(clock_nanosleep(CLOCK_MONOTONIC, 0, &long_wait, NULL));
}
static long do_sleep_until(struct waiting *w)
{
    const struct timespec t = late();
    (void)w;
    return result_of(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
}
static long do_pause(struct waiting *w)
{
    (void)w;
    return pause();
}
static long do_sigsuspend(struct waiting *w)
{
    sigset_t s;
    (void)w;
    pthread_sigmask(SIG_SETMASK, NULL, &s);
    return sigsuspend(&s);
}
static long do_sigwaitinfo(struct waiting *w)
{
    sigset_t s;
    (void)w;
    sigemptyset(&s);
    sigaddset(&s, SIGHUP);
    return sigwaitinfo(&s, NULL) == SIGHUP ? 0 : -1;
}
static long do_sigtimedwait(struct waiting *w)
{
    sigset_t s;
    (void)w;
    sigemptyset(&s);
    sigaddset(&s, SIGHUP);
    return sigtimedwait(&s, NULL, &long_wait) == SIGHUP ? 0 : -1;
}

/* ---- System V and POSIX messages, semaphores, native asynchronous I/O ---- */

static int with_semaphore(struct waiting *w) { return (w->number = semget(IPC_PRIVATE, 1, 0600)) < 0; }
static long change(const struct waiting *w, short by)
{
    struct sembuf s = {0, by, 0};
    return semop((int)w->number, &s, 1);
}
static long do_semop(struct waiting *w) { return change(w, -1); }
static long do_semtimedop(struct waiting *w)
{
    struct sembuf s = {0, -1, 0};
    return semtimedop((int)w->number, &s, 1, &long_wait);
}
static void finish_semaphore(struct waiting *w) { change(w, 1); }

struct letter {
    long type;
    char text[2000];
};
static int with_messages(struct waiting *w) { return (w->number = msgget(IPC_PRIVATE, 0600)) < 0; }
static long do_msgrcv(struct waiting *w)
{
    struct letter l;
    return msgrcv((int)w->number, &l, 10, 0, 0);
}
static void finish_msgrcv(struct waiting *w)
{
    struct letter l = {.type = 1};
    msgsnd((int)w->number, &l, 1, 0);
}
static int with_full_messages(struct waiting *w)
{
    struct letter l = {.type = 1};
    if (with_messages(w))
        return -1;
    while (msgsnd((int)w->number, &l, sizeof l.text, IPC_NOWAIT) == 0)
        ;
    return errno != EAGAIN;
}
static long do_msgsnd(struct waiting *w)
{
    struct letter l = {.type = 1};
    return msgsnd((int)w->number, &l, sizeof l.text, 0);
}
static void finish_msgsnd(struct waiting *w)
{
    struct letter l;
    msgrcv((int)w->number, &l, sizeof l.text, 0, 0);
}

static int with_queue(struct waiting *w)
{
    struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
    char name[64];
    snprintf(name, sizeof name, "/lx_restart.%d.%d", (int)getpid(), w->n);
    w->fd[0] = mq_open(name, O_CREAT | O_RDWR, 0600, &a);
    mq_unlink(name);
    return w->fd[0] < 0;
}
static int with_full_queue(struct waiting *w) { return with_queue(w) || mq_send(w->fd[0], small, 1, 0); }
static long do_mq_receive(struct waiting *w) { return mq_receive(w->fd[0], small, sizeof small, NULL); }
static long do_mq_send(struct waiting *w) { return mq_send(w->fd[0], small, 1, 0); }
static struct timespec late_by_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += LONG_WAIT;
    return t;
}
static long do_mq_timedreceive(struct waiting *w)
{
    const struct timespec t = late_by_clock();
    return mq_timedreceive(w->fd[0], small, sizeof small, NULL, &t);
}
static long do_mq_timedsend(struct waiting *w)
{
    const struct timespec t = late_by_clock();
    return mq_timedsend(w->fd[0], small, 1, 0, &t);
}
static void finish_receive(struct waiting *w) { mq_send(w->fd[0], small, 1, 0); }
static void finish_send(struct waiting *w)
{
    char into[8];
    mq_receive(w->fd[0], into, sizeof into, NULL);
}

/* 32-bit guests have no such calls under tandem: there they are "lacking". */
static int with_aio(struct waiting *w) { return (int)syscall(SYS_io_setup, 4, &w->number); }
static long do_io_getevents(struct waiting *w)
{
    char events[128];
    return syscall(SYS_io_getevents, w->number, 1L, 1L, events, NULL);
}

#endif
