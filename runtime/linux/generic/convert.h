/* SPDX-License-Identifier: Apache-2.0 */
/* Structures whose layout in Linux's generic 64-bit ABI (riscv64, aarch64) is not the x86-64 host's. */
#ifndef TANDEM_RUNTIME_LINUX_GENERIC_CONVERT_H
#define TANDEM_RUNTIME_LINUX_GENERIC_CONVERT_H

#include <assert.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/stat.h>

#include "src/base/types.h"

/* asm-generic/stat.h */
struct generic_stat {
    uint64_t dev, ino;
    uint32_t mode, nlink, uid, gid;
    uint64_t rdev, pad1;
    int64_t size;
    int32_t blksize, pad2;
    int64_t blocks;
    int64_t atime_sec, atime_nsec, mtime_sec, mtime_nsec, ctime_sec, ctime_nsec;
    uint32_t unused[2];
};
static_assert(sizeof(struct generic_stat) == 128, "struct stat of the generic ABI");

/* Not packed, unlike x86-64's. */
struct generic_epoll_event {
    uint32_t events, pad;
    uint64_t data;
};
static_assert(sizeof(struct generic_epoll_event) == 16, "struct epoll_event of the generic ABI");

/* asm-generic/sembuf.h on 64 bits; x86-64 has a reserved word behind each time. */
struct generic_semid_ds {
    uint8_t perm[48];
    int64_t otime, ctime;
    uint64_t nsems, unused[2];
};

void convert_stat(struct generic_stat *g, const struct stat *h);
void convert_epoll_to_guest(struct generic_epoll_event *g, const struct epoll_event *h);
void convert_epoll_to_host(struct epoll_event *h, const struct generic_epoll_event *g);

#endif
