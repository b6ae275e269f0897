/* SPDX-License-Identifier: Apache-2.0 */
/* socketcall and ipc, the calls that they stand for, and what is special to 32 bits in either: messages with control
 * data, options with times, System V structures. What the host itself says is right.
 * reference: none for i386 (qemu 7.2 does not say that control data was cut)
 * build: -D_GNU_SOURCE */
#include <linux/fs.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/guest/linux/linux_test.h"

#define CALL(n, ...) syscall(SYS_socketcall, n, (uint32_t[]){__VA_ARGS__})
#define P(p)         (uint32_t)(uintptr_t)(p)

static void messages(int a, int b)
{
    char control[CMSG_SPACE(3 * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))] = {0}, small[CMSG_SPACE(sizeof(int))],
                                                                        text[16] = "";
    struct iovec out[2] = {{(void *)"hello ", 6}, {(void *)"world", 5}}, in[2] = {{text, 3}, {text + 3, 12}};
    struct msghdr m = {
        .msg_iov = out, .msg_iovlen = 2, .msg_control = control, .msg_controllen = CMSG_SPACE(2 * sizeof(int))};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(2 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(c), (int[]){0, 1}, 2 * sizeof(int));
    SHOW(CALL(16, (uint32_t)a, P(&m), 0));
    memset(control, 0, sizeof control);
    struct msghdr r = {.msg_iov = in, .msg_iovlen = 2, .msg_control = control, .msg_controllen = sizeof control};
    SHOW(CALL(17, (uint32_t)b, P(&r), 0));
    c = CMSG_FIRSTHDR(&r);
    printf("%s: %u %d %d flags %x room %u\n", text, c->cmsg_len, c->cmsg_level, c->cmsg_type, r.msg_flags,
           r.msg_controllen);
    int *fds = (int *)CMSG_DATA(c);
    printf("descriptors %d %d\n", fds[0] > b, fds[1] == fds[0] + 1);
    close(fds[0]), close(fds[1]);
    c = CMSG_FIRSTHDR(&m);
    *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(2 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(c), (int[]){0, 1}, 2 * sizeof(int));
    SHOW(sendmsg(a, &m, 0)); /* two descriptors to where there is room for one */
    struct msghdr cut = {.msg_iov = in, .msg_iovlen = 2, .msg_control = small, .msg_controllen = sizeof small};
    SHOW(recvmsg(b, &cut, 0));
    c = CMSG_FIRSTHDR(&cut);
    fds = (int *)CMSG_DATA(c);
    printf("cut: %u flags %x room %u next %d\n", c->cmsg_len, cut.msg_flags, cut.msg_controllen, dup(0) - fds[0]);

    int on = 1;
    SHOW(setsockopt(b, SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
    SHOW(setsockopt(b, SOL_SOCKET, 29 /* SO_TIMESTAMP of old */, &on, sizeof on));
    m.msg_control = NULL, m.msg_controllen = 0;
    SHOW(sendmsg(a, &m, 0));
    char large[256];
    r.msg_control = large, r.msg_controllen = sizeof large;
    SHOW(recvmsg(b, &r, 0));
    for (c = CMSG_FIRSTHDR(&r); c; c = CMSG_NXTHDR(&r, c)) {
        const uint32_t *w = (const uint32_t *)CMSG_DATA(c);
        printf("control %u %d %d %d\n", c->cmsg_len, c->cmsg_level, c->cmsg_type,
               c->cmsg_type == SCM_CREDENTIALS ? w[0] == (uint32_t)getpid() : w[0] - (uint32_t)time(NULL) + 10 < 12);
    }
    struct mmsghdr many[3] = {{.msg_hdr = {.msg_iov = out, .msg_iovlen = 1}},
                              {.msg_hdr = {.msg_iov = out + 1, .msg_iovlen = 1}}};
    SHOW(sendmmsg(a, many, 2, 0));
    struct mmsghdr got[3] = {{.msg_hdr = {.msg_iov = in + 1, .msg_iovlen = 1}},
                             {.msg_hdr = {.msg_iov = in + 1, .msg_iovlen = 1}},
                             {.msg_hdr = {.msg_iov = in + 1, .msg_iovlen = 1}}};
    SHOW(recvmmsg(b, got, 3, MSG_DONTWAIT, NULL));
    printf("lengths %u %u\n", got[0].msg_len, got[1].msg_len);
}

static void sockets(void)
{
    int pair[2], value = 0;
    uint32_t len = sizeof value;
    SHOW(CALL(8, AF_UNIX, SOCK_DGRAM, 0, P(pair)));
    SHOW(CALL(9, (uint32_t)pair[0], P("abc"), 3, 0));
    char text[8] = "";
    SHOW(CALL(10, (uint32_t)pair[1], P(text), 8, 0));
    SHOW(CALL(15, (uint32_t)pair[0], SOL_SOCKET, SO_TYPE, P(&value), P(&len)));
    printf("%s %d %u\n", text, value, len);
    int32_t tv[4] = {3, 500000, 0, 0};
    SHOW(CALL(14, (uint32_t)pair[1], SOL_SOCKET, 20, P(tv), 8));
    SHOW(CALL(14, (uint32_t)pair[1], SOL_SOCKET, 20, P(tv), 4));
    tv[0] = tv[1] = 0, len = 16;
    SHOW(CALL(15, (uint32_t)pair[1], SOL_SOCKET, 20, P(tv), P(&len)));
    printf("%d %d %u\n", tv[0], tv[1], len);
    messages(pair[0], pair[1]);
    SHOW(CALL(99, 0));
    SHOW(CALL(1, AF_UNIX, 77, 0));
    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "\0i386"};
    int s = (int)CALL(1, AF_UNIX, SOCK_STREAM, 0);
    snprintf(name.sun_path + 1, 50, "i386-%d", getpid());
    SHOW(CALL(2, (uint32_t)s, P(&name), sizeof name));
    SHOW(CALL(4, (uint32_t)s, 5));
    int c = (int)CALL(1, AF_UNIX, SOCK_STREAM, 0);
    SHOW(CALL(3, (uint32_t)c, P(&name), sizeof name));
    len = sizeof name;
    SHOW(CALL(18, (uint32_t)s, P(&name), P(&len), SOCK_CLOEXEC) > c);
    SHOW(CALL(13, (uint32_t)c, SHUT_RDWR));

    struct ifreq r = {.ifr_name = "lo"}, list[8];
    struct ifconf conf = {.ifc_len = sizeof list, .ifc_req = list};
    int in = socket(AF_INET, SOCK_DGRAM, 0);
    SHOW(ioctl(in, SIOCGIFFLAGS, &r) == 0 && r.ifr_flags & IFF_LOOPBACK);
    SHOW(ioctl(in, SIOCGIFCONF, &conf) == 0 && conf.ifc_len >= 32 && conf.ifc_len % 32 == 0);
    printf("%zu %s\n", sizeof r, list[0].ifr_name);
    unsigned flags[2] = {0, 0x5555};
    int root = (int)syscall(SYS_open, "/tmp", 0);
    SHOW(ioctl(root, FS_IOC_GETFLAGS, flags) == 0 || flags[1] == 0x5555);
    SHOW(ioctl(root, BLKGETSIZE, flags));
}

static void shared_memory(void)
{
    struct shmid_ds ds;
    int id = (int)syscall(SYS_ipc, 23, IPC_PRIVATE, 10000, 0600);
    uint32_t at = 0;
    SHOW(syscall(SYS_ipc, 21, id, 0, &at, NULL));
    char *m = (char *)(uintptr_t)at;
    strcpy(m, "shared");
    char *other = shmat(id, NULL, SHM_RDONLY);
    SHOW(strcmp(other, "shared"));
    SHOW(shmctl(id, IPC_STAT, &ds));
    printf("%u %lu %d %o\n", ds.shm_segsz, (unsigned long)ds.shm_nattch, ds.shm_cpid == getpid(),
           ds.shm_perm.mode & 0777);
    ds.shm_perm.mode = 0640;
    SHOW(shmctl(id, IPC_SET, &ds));
    SHOW((shmctl(id, IPC_STAT, &ds), ds.shm_perm.mode & 0777));
    SHOW(syscall(SYS_ipc, 22, 0, 0, 0, m));
    SHOW(shmdt(other));
    struct shminfo info;
    SHOW(shmctl(0, IPC_INFO, (void *)&info) >= 0 && info.shmmni > 0);
    SHOW(shmctl(id, IPC_RMID, NULL));
    SHOW(shmctl(id, IPC_STAT, &ds));
}

static void semaphores(void)
{
    union {
        int value;
        struct semid_ds *ds;
        unsigned short *all;
    } arg;
    struct semid_ds ds;
    unsigned short all[3] = {1, 2, 3}, got[3];
    struct sembuf op = {1, -2, IPC_NOWAIT};
    struct timespec none = {0, 1000};
    int id = semget(IPC_PRIVATE, 3, 0600);
    arg.all = all;
    SHOW(semctl(id, 0, SETALL, arg));
    SHOW(syscall(SYS_ipc, 1, id, 1, 0, &op));
    SHOW(semop(id, &op, 1));
    op.sem_flg = 0;
    SHOW(semtimedop(id, &op, 1, &none));
    arg.all = got;
    SHOW(semctl(id, 0, GETALL, arg));
    printf("%d %d %d\n", got[0], got[1], got[2]);
    arg.ds = &ds;
    SHOW(semctl(id, 0, IPC_STAT, arg));
    printf("%lu %d\n", (unsigned long)ds.sem_nsems, ds.sem_otime > 0);
    SHOW(semctl(id, 2, GETVAL));
    arg.value = 9;
    SHOW(semctl(id, 2, SETVAL, arg));
    SHOW(syscall(SYS_ipc, 3, id, 2, GETVAL | 0x100, &arg));
    SHOW(semctl(id, 0, IPC_RMID));
}

static void message_queue(void)
{
    struct {
        long type;
        char text[16];
    } m = {7, "message"}, got = {0, ""};
    struct msqid_ds ds;
    int id = (int)syscall(SYS_ipc, 13, IPC_PRIVATE, 0600);
    SHOW(syscall(SYS_ipc, 11, id, 8, 0, &m));
    m.type = 9;
    SHOW(msgsnd(id, &m, 3, 0));
    SHOW(msgctl(id, IPC_STAT, &ds));
    printf("%lu %d %d\n", (unsigned long)ds.msg_qnum, ds.msg_lspid == getpid(), ds.msg_stime > 0);
    SHOW(msgrcv(id, &got, sizeof got.text, 9, 0));
    printf("%ld %.3s\n", got.type, got.text);
    struct {
        void *msg;
        long type;
    } pair = {&got, 7};
    SHOW(syscall(SYS_ipc, 12, id, 16, IPC_NOWAIT, &pair));
    printf("%ld %s\n", got.type, got.text);
    SHOW(msgrcv(id, &got, sizeof got.text, 0, IPC_NOWAIT));
    SHOW(msgctl(id, IPC_RMID, NULL));
}

int main(void)
{
    sockets();
    shared_memory();
    semaphores();
    message_queue();
    return 0;
}
