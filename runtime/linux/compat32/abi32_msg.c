/* SPDX-License-Identifier: Apache-2.0 */
/* struct msghdr and control messages of 32-bit guests. net/compat.c is the kernel's own of this.
 *
 * I1  The host may find room for more descriptors (SCM_RIGHTS) than the guest has: those are closed again, and
 *     MSG_CTRUNC says so. */
#include "runtime/linux/compat32/abi32_msg.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "runtime/linux/base/layout.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/mem/mem_code.h"

struct cmsg32 {
    uint32_t len;
    int32_t level, type;
};
enum { CONTROL_MAX = 64 << 10, TIMESTAMP_OLD = 29, TIMESTAMPNS_OLD = 35, TIMESTAMPING_OLD = 37 };

static size_t align4(size_t n) { return ALIGN_UP(n, 4); }

/* Control messages to the host's form; -EINVAL if they are not well formed. */
static long widen_control(struct thread *t, struct msghdr *h, gaddr_t from, uint32_t len)
{
    size_t out = 0;
    struct cmsg32 g;
    for (uint32_t at = 0; len - at >= sizeof g; at += (uint32_t)align4(g.len)) {
        if (guest_read(t, &g, from + at, sizeof g))
            return -EFAULT;
        if (g.len < sizeof g || g.len > len - at)
            return -EINVAL;
        struct cmsghdr *to = (struct cmsghdr *)((char *)h->msg_control + out);
        const size_t data = g.len - sizeof g;
        *to = (struct cmsghdr){.cmsg_len = CMSG_LEN(data), .cmsg_level = g.level, .cmsg_type = g.type};
        if (guest_read(t, CMSG_DATA(to), from + at + sizeof g, data))
            return -EFAULT;
        out += CMSG_SPACE(data);
        if (align4(g.len) >= len - at)
            break;
    }
    h->msg_controllen = out;
    return 0;
}

long abi32_msg_begin(struct thread *t, struct abi32_msg *m, gaddr_t guest, bool receive)
{
    struct msghdr in;
    *m = (struct abi32_msg){.guest = guest};
    if (abi_get_msghdr(t, &in, guest))
        return -EFAULT;
    m->control = (uintptr_t)in.msg_control;
    m->control_room = (uint32_t)in.msg_controllen;
    if (in.msg_iovlen > IOV_MAX)
        return -EMSGSIZE;
    if (m->control_room > CONTROL_MAX && !receive)
        return -ENOBUFS;
    /* headers grow by 4 bytes and data is padded to 8: never to more than twice as much */
    const size_t room = m->control ? 2 * (size_t)(m->control_room < CONTROL_MAX ? m->control_room : CONTROL_MAX) : 0;
    const size_t vectors = (in.msg_iovlen + 1) * sizeof(struct iovec);
    m->memory = calloc(1, vectors + room + sizeof(struct cmsghdr));
    if (!m->memory)
        return -ENOMEM;
    m->host = in;
    m->host.msg_iov = m->memory;
    m->host.msg_control = room ? (char *)m->memory + vectors : NULL;
    m->host.msg_controllen = room;
    for (size_t i = 0; i < in.msg_iovlen; i++) {
        if (abi_get_iovec(t, &m->host.msg_iov[i], (uintptr_t)in.msg_iov, i))
            return -EFAULT;
        if (receive)
            mem_prepare_write(t->proc->mem, (uintptr_t)m->host.msg_iov[i].iov_base, m->host.msg_iov[i].iov_len);
    }
    return room && !receive ? widen_control(t, &m->host, m->control, m->control_room) : 0;
}

/* Times in control messages, if the message is such: its data in the guest's form, and how many bytes. */
static size_t narrow_data(const struct cmsghdr *h, const uint8_t *data, size_t size, uint8_t *out)
{
    const bool times =
        h->cmsg_level == SOL_SOCKET &&
        (h->cmsg_type == TIMESTAMP_OLD || h->cmsg_type == TIMESTAMPNS_OLD || h->cmsg_type == TIMESTAMPING_OLD);
    if (!times) {
        memcpy(out, data, size);
        return size;
    }
    for (size_t i = 0; i < size / 8; i++)
        memcpy(out + i * 4, data + i * 8, 4); /* little-endian: the low half */
    return size / 2;
}

static void close_descriptors(const struct cmsghdr *h, const uint8_t *data, size_t from, size_t size)
{
    int fd;
    if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
        return;
    for (size_t at = from / sizeof fd * sizeof fd; at + sizeof fd <= size; at += sizeof fd) {
        memcpy(&fd, data + at, sizeof fd);
        close(fd);
    }
}

/* The host's control messages into the guest's room; *used: bytes of it. */
static long narrow_control(struct thread *t, struct abi32_msg *m, uint32_t *used)
{
    const char *control = m->host.msg_control;
    *used = 0;
    for (size_t at = 0; at + sizeof(struct cmsghdr) <= m->host.msg_controllen;) {
        const struct cmsghdr *h = (const struct cmsghdr *)(control + at);
        const uint8_t *data = CMSG_DATA((struct cmsghdr *)(uintptr_t)h);
        const size_t size = h->cmsg_len - sizeof *h, room = m->control_room - *used;
        uint8_t *out = malloc(size + 1);
        if (!out)
            return -ENOMEM;
        size_t fits = narrow_data(h, data, size, out);
        const bool cut = room < sizeof(struct cmsg32) || fits > room - sizeof(struct cmsg32);
        if (cut) {
            m->host.msg_flags |= MSG_CTRUNC;
            fits = room < sizeof(struct cmsg32) ? 0 : (room - sizeof(struct cmsg32)) & ~(size_t)3;
            close_descriptors(h, data, fits, size); /* I1 */
        }
        const struct cmsg32 g = {(uint32_t)(sizeof g + fits), h->cmsg_level, h->cmsg_type};
        long err = 0;
        if (room >= sizeof g && (!cut || fits)) {
            err = guest_write(t, m->control + *used, &g, sizeof g) |
                  guest_write(t, m->control + *used + sizeof g, out, fits);
            *used += (uint32_t)(align4(g.len) < room ? align4(g.len) : room);
        }
        free(out);
        if (err)
            return -EFAULT;
        at += ALIGN_UP(h->cmsg_len, sizeof(size_t));
    }
    return 0;
}

long abi32_msg_end(struct thread *t, struct abi32_msg *m, bool received)
{
    uint32_t used = 0;
    long err = 0;
    if (received) {
        err = m->host.msg_control ? narrow_control(t, m, &used) : 0;
        const uint32_t w[3] = {(uint32_t)m->control, used, (uint32_t)m->host.msg_flags}; /* as in abi_get_msghdr */
        const uint32_t name = m->host.msg_namelen;
        if (guest_write(t, m->guest + 4, &name, sizeof name) || guest_write(t, m->guest + 16, w, sizeof w))
            err = -EFAULT;
    }
    free(m->memory);
    m->memory = NULL;
    return err;
}
