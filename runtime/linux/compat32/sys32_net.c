/* SPDX-License-Identifier: Apache-2.0 */
/* Socket calls of 32-bit guests: options with times and pointers, many messages at once, and i386's one call for all of
 * it. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/net.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/time.h>

#include "runtime/linux/base/call.h"
#include "runtime/linux/base/host_call.h"
#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/linux/generic/pass.h"

/* ---- options ---- */

enum { RCVTIMEO_OLD = 20, SNDTIMEO_OLD = 21 };

static bool is_time(const struct sys_ctx *c)
{
    return (int)c->a[1] == SOL_SOCKET && ((int)c->a[2] == RCVTIMEO_OLD || (int)c->a[2] == SNDTIMEO_OLD);
}

static bool is_filter(const struct sys_ctx *c)
{
    return (int)c->a[1] == SOL_SOCKET && ((int)c->a[2] == SO_ATTACH_FILTER || (int)c->a[2] == SO_ATTACH_REUSEPORT_CBPF);
}

/* ---- multicast: a structure with an interface and addresses, which 64 bits align to 8 ---- */

enum { SOCKADDR = 128, FILTER_MAX = 1 << 20 };

/* struct group_req, group_source_req and group_filter begin with the interface. Bytes of the guest's, without the list
 * of a filter; 0: another option. */
static size_t multicast_bytes(const struct sys_ctx *c)
{
    if ((int)c->a[1] != IPPROTO_IP && (int)c->a[1] != IPPROTO_IPV6)
        return 0;
    switch ((int)c->a[2]) {
    case MCAST_JOIN_GROUP:
    case MCAST_LEAVE_GROUP:
        return sizeof(uint32_t) + SOCKADDR;
    case MCAST_BLOCK_SOURCE:
    case MCAST_UNBLOCK_SOURCE:
    case MCAST_JOIN_SOURCE_GROUP:
    case MCAST_LEAVE_SOURCE_GROUP:
        return sizeof(uint32_t) + 2 * SOCKADDR;
    case MCAST_MSFILTER:
        return sizeof(uint32_t) + SOCKADDR + 2 * sizeof(uint32_t);
    default:
        return 0;
    }
}

/* The structure in the host's form: 4 bytes more behind the interface. */
static long set_multicast(struct sys_ctx *c, size_t least)
{
    const uint32_t len = (uint32_t)c->a[4];
    if (len < least)
        return -EINVAL;
    if (len > FILTER_MAX)
        return -ENOBUFS;
    uint8_t *host = calloc(1, len + sizeof(uint32_t));
    if (!host)
        return -ENOMEM;
    long result = -EFAULT;
    if (!guest_read(c->t, host, c->a[3], sizeof(uint32_t)) &&
        !guest_read(c->t, host + 2 * sizeof(uint32_t), c->a[3] + sizeof(uint32_t), len - sizeof(uint32_t)))
        result = host_call(LINUX_setsockopt, c->a[0], c->a[1], c->a[2], (uintptr_t)host, len + sizeof(uint32_t), 0);
    free(host);
    return result;
}

static long get_filter(struct sys_ctx *c, size_t least)
{
    uint32_t len;
    if (guest_read(c->t, &len, c->a[4], sizeof len))
        return -EFAULT;
    if (len < least || len > FILTER_MAX)
        return -EINVAL;
    socklen_t host_len = len + (uint32_t)sizeof(uint32_t);
    uint8_t *host = calloc(1, host_len);
    if (!host)
        return -ENOMEM;
    long result = -EFAULT;
    if (!guest_read(c->t, host, c->a[3], sizeof(uint32_t)) &&
        !guest_read(c->t, host + 2 * sizeof(uint32_t), c->a[3] + sizeof(uint32_t), len - sizeof(uint32_t)))
        result = host_call(LINUX_getsockopt, c->a[0], c->a[1], c->a[2], (uintptr_t)host, (uintptr_t)&host_len, 0);
    if (result >= 0) {
        len = host_len - (uint32_t)sizeof(uint32_t);
        if (guest_write(c->t, c->a[3], host, sizeof(uint32_t)) ||
            guest_write(c->t, c->a[3] + sizeof(uint32_t), host + 2 * sizeof(uint32_t), len - sizeof(uint32_t)) ||
            guest_write_u32(c->t, c->a[4], len))
            result = -EFAULT;
    }
    free(host);
    return result;
}

/* The tables of packet filters have pointers and 64-bit counters inside. Only what looks the same passes; for the rest
 * the answer is a kernel's that has no such filters. */
static bool is_table(const struct sys_ctx *c, bool get)
{
    enum { IP_BASE = 64, ARP_BASE = 96, EB_BASE = 128, COUNT = 4, ENTRIES = 1 };
    const int level = (int)c->a[1], option = (int)c->a[2];
    if (level != IPPROTO_IP && level != IPPROTO_IPV6)
        return false;
    if (option >= EB_BASE && option < EB_BASE + COUNT)
        return true;
    const int base = option >= ARP_BASE ? ARP_BASE : IP_BASE;
    return get ? option == base + ENTRIES : option == base || option == base + ENTRIES;
}

long sys_setsockopt32(struct sys_ctx *c)
{
    const size_t multicast = multicast_bytes(c);
    union {
        struct timeval time;
        struct sock_fprog filter;
    } host;
    if (multicast)
        return set_multicast(c, multicast);
    if (is_table(c, false))
        return -ENOPROTOOPT;
    if (!is_time(c) && !is_filter(c))
        return sys_pass(c);
    const enum sys_struct kind = is_time(c) ? SYS_STRUCT_timeval : SYS_STRUCT_sock_fprog;
    if (c->a[4] < abi_size(c, kind))
        return -EINVAL;
    if (abi_get(c, kind, &host, c->a[3]))
        return -EFAULT;
    return host_call(LINUX_setsockopt, c->a[0], c->a[1], c->a[2], (uintptr_t)&host, sys_struct_size(kind), 0);
}

long sys_getsockopt32(struct sys_ctx *c)
{
    struct timeval time;
    uint32_t len;
    socklen_t host_len = sizeof time;
    if (is_table(c, true))
        return -ENOPROTOOPT;
    if (multicast_bytes(c) && (int)c->a[2] == MCAST_MSFILTER)
        return get_filter(c, multicast_bytes(c));
    if (!is_time(c))
        return sys_pass(c);
    if (guest_read(c->t, &len, c->a[4], sizeof len))
        return -EFAULT;
    if (len < abi_size(c, SYS_STRUCT_timeval))
        return -EINVAL;
    const long result =
        host_call(LINUX_getsockopt, c->a[0], c->a[1], c->a[2], (uintptr_t)&time, (uintptr_t)&host_len, 0);
    if (result < 0)
        return result;
    const long err = abi_put(c, SYS_STRUCT_timeval, c->a[3], &time);
    return err ? err : guest_write_u32(c->t, c->a[4], (uint32_t)abi_size(c, SYS_STRUCT_timeval));
}

/* ---- many messages ---- */

enum { MMSG_BYTES = 32, MMSG_LEN = 28, MAX_MESSAGES = 1024 }; /* struct mmsghdr: struct msghdr, length */

/* One of the messages by that call; its length goes where the guest looks for it. */
static long one_message(struct sys_ctx *c, enum linux_call call, uint64_t i, uint64_t flags)
{
    const gaddr_t at = c->a[1] + i * MMSG_BYTES;
    struct sys_ctx one = sys_other(c, call, (uint64_t[6]){c->a[0], at, flags});
    const long result = sys_pass(&one);
    return result >= 0 && guest_write_u32(c->t, at + MMSG_LEN, (uint32_t)result) ? -EFAULT : result;
}

long sys_sendmmsg32(struct sys_ctx *c)
{
    const uint64_t count = c->a[2] < MAX_MESSAGES ? c->a[2] : MAX_MESSAGES;
    for (uint64_t i = 0; i < count; i++) {
        const long result = one_message(c, LINUX_sendmsg, i, c->a[3]);
        if (result < 0)
            return i ? (long)i : result;
    }
    return (long)count;
}

static bool is_over(const struct timespec *end)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > end->tv_sec || (now.tv_sec == end->tv_sec && now.tv_nsec >= end->tv_nsec);
}

/* As the kernel does it: the time is looked at after each message, and MSG_WAITFORONE waits for the first. */
long sys_recvmmsg32(struct sys_ctx *c)
{
    enum { NANOS = 1000000000 };
    struct timespec limit = {0, 0}, end;
    uint64_t flags = c->a[3] & ~(uint64_t)MSG_WAITFORONE, i = 0;
    if (c->a[4] && abi_get(c, SYS_STRUCT_timespec, &limit, c->a[4]))
        return -EFAULT;
    if (limit.tv_sec < 0 || limit.tv_nsec < 0 || limit.tv_nsec >= NANOS)
        return -EINVAL;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += limit.tv_sec + (end.tv_nsec + limit.tv_nsec) / NANOS;
    end.tv_nsec = (end.tv_nsec + limit.tv_nsec) % NANOS;
    while (i < c->a[2] && i < MAX_MESSAGES) {
        const long result = one_message(c, LINUX_recvmsg, i, flags);
        if (result < 0)
            return i ? (long)i : result;
        i++;
        if (c->a[3] & MSG_WAITFORONE)
            flags |= MSG_DONTWAIT;
        if (c->a[4] && is_over(&end))
            break;
    }
    return (long)i;
}

/* ---- socketcall(call, arguments) ---- */

static const struct {
    uint16_t call; /* enum linux_call */
    uint8_t arguments;
} socket_calls[] = {
    [SYS_SOCKET] = {LINUX_socket, 3},
    [SYS_BIND] = {LINUX_bind, 3},
    [SYS_CONNECT] = {LINUX_connect, 3},
    [SYS_LISTEN] = {LINUX_listen, 2},
    [SYS_ACCEPT] = {LINUX_accept, 3},
    [SYS_GETSOCKNAME] = {LINUX_getsockname, 3},
    [SYS_GETPEERNAME] = {LINUX_getpeername, 3},
    [SYS_SOCKETPAIR] = {LINUX_socketpair, 4},
    [SYS_SEND] = {LINUX_sendto, 4},
    [SYS_RECV] = {LINUX_recvfrom, 4},
    [SYS_SENDTO] = {LINUX_sendto, 6},
    [SYS_RECVFROM] = {LINUX_recvfrom, 6},
    [SYS_SHUTDOWN] = {LINUX_shutdown, 2},
    [SYS_SETSOCKOPT] = {LINUX_setsockopt, 5},
    [SYS_GETSOCKOPT] = {LINUX_getsockopt, 5},
    [SYS_SENDMSG] = {LINUX_sendmsg, 3},
    [SYS_RECVMSG] = {LINUX_recvmsg, 3},
    [SYS_ACCEPT4] = {LINUX_accept4, 4},
    [SYS_RECVMMSG] = {LINUX_recvmmsg, 5},
    [SYS_SENDMMSG] = {LINUX_sendmmsg, 4},
};

long sys_socketcall(struct sys_ctx *c)
{
    uint32_t word[6] = {0};
    if (c->a[0] < 1 || c->a[0] >= ARRAY_LEN(socket_calls))
        return -EINVAL;
    const unsigned count = socket_calls[c->a[0]].arguments;
    if (guest_read(c->t, word, c->a[1], count * sizeof word[0]))
        return -EFAULT;
    struct sys_ctx to = sys_other(c, (enum linux_call)socket_calls[c->a[0]].call, (uint64_t[6]){0});
    for (unsigned i = 0; i < count; i++) {
        const enum sys_arg_kind kind = sys_arg_kind(to.row->arg[i]);
        to.a[i] = kind == ARG_INT || kind == ARG_FD ? (uint64_t)(int64_t)(int32_t)word[i] : word[i];
    }
    return sys_handle(&to);
}
