/* SPDX-License-Identifier: Apache-2.0 */
/* Code that somebody else can write would run with the user's rights: so nobody else may. */
#include "runtime/store/owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HIGH_FD = 900 };

const char *store_not_ours(int fd, unsigned type)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return "cannot be looked at";
    if ((st.st_mode & S_IFMT) != type)
        return type == S_IFDIR ? "is no folder" : "is no regular file";
    if (st.st_uid != geteuid())
        return "belongs to another user";
    return st.st_mode & (S_IWGRP | S_IWOTH) ? "may be written by others" : NULL;
}

int store_high_fd(int fd)
{
    int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);
    if (high < 0)
        return fd;
    close(fd);
    return high;
}
