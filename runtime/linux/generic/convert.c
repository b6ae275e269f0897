/* SPDX-License-Identifier: Apache-2.0 */
/* Structures between the host's layout and the guest's. */
#include "runtime/linux/generic/convert.h"

void convert_stat(struct generic_stat *g, const struct stat *h)
{
    *g = (struct generic_stat){
        .dev = h->st_dev,
        .ino = h->st_ino,
        .mode = h->st_mode,
        .nlink = (uint32_t)h->st_nlink,
        .uid = h->st_uid,
        .gid = h->st_gid,
        .rdev = h->st_rdev,
        .size = h->st_size,
        .blksize = (int32_t)h->st_blksize,
        .blocks = h->st_blocks,
        .atime_sec = h->st_atim.tv_sec,
        .atime_nsec = h->st_atim.tv_nsec,
        .mtime_sec = h->st_mtim.tv_sec,
        .mtime_nsec = h->st_mtim.tv_nsec,
        .ctime_sec = h->st_ctim.tv_sec,
        .ctime_nsec = h->st_ctim.tv_nsec,
    };
}

void convert_epoll_to_guest(struct generic_epoll_event *g, const struct epoll_event *h)
{
    *g = (struct generic_epoll_event){.events = h->events, .data = h->data.u64};
}

void convert_epoll_to_host(struct epoll_event *h, const struct generic_epoll_event *g)
{
    h->events = g->events;
    h->data.u64 = g->data;
}
