/* SPDX-License-Identifier: Apache-2.0 */
/* File names: -L sysroot, and /proc names of the guest program. */
#include "runtime/linux/base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "runtime/linux/base/proc_exe.h"
#include "runtime/linux/base/process.h"
#include "runtime/linux/base/state.h"
#include "runtime/linux/base/user_mem.h"
#include "runtime/loader/loader.h"

/* Places that belong to the running system, whatever a guest root has there. */
static bool is_of_the_system(const char *path)
{
    static const char *const places[] = {"/proc", "/sys",  "/dev", "/run",   "/tmp",
                                         "/home", "/root", "/mnt", "/media", "/srv"};
    if (!path[strspn(path, "/")])
        return true;
    for (unsigned i = 0; i < ARRAY_LEN(places); i++) {
        size_t n = strlen(places[i]);
        if (!strncmp(path, places[i], n) && (path[n] == '/' || !path[n]))
            return true;
    }
    return false;
}

/* What lists the libraries of its own system and is of no use to another's: looked for in the sysroot alone. */
static bool is_of_the_root(const char *path)
{
    return !strcmp(path, "/etc/ld.so.cache") || !strcmp(path, "/etc/ld.so.preload");
}

const char *path_map(const struct process *proc, const char *path, char *buf)
{
    const char *root = proc->lx->sysroot;
    if (!root || path[0] != '/' || is_of_the_system(path))
        return path;
    size_t root_len = strlen(root), len = strlen(path);
    if (root_len + len + 1 > LX_PATH_MAX)
        return path;
    memcpy(buf, root, root_len);
    memcpy(buf + root_len, path, len + 1);
    /* a link counts, too: lstat and readlink ask for it */
    return is_of_the_root(path) || faccessat(AT_FDCWD, buf, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? buf : path;
}

long path_get(struct thread *t, char *buf, const char **path, gaddr_t src)
{
    *path = NULL;
    if (!src)
        return 0;
    char mapped[LX_PATH_MAX];
    long len = guest_string(t, buf, LX_PATH_MAX, src);
    if (len < 0)
        return len;
    const char *p = path_map(t->proc, buf, mapped);
    if (p != buf) {
        size_t n = strlen(p) + 1;
        if (n > LX_PATH_MAX)
            return -ENAMETOOLONG;
        memcpy(buf, p, n);
    }
    *path = buf;
    return 0;
}

long path_get_followed(struct thread *t, int dirfd, char *buf, const char **path, gaddr_t src)
{
    char program[LX_PATH_MAX];
    const long err = path_get(t, buf, path, src);
    if (!err && *path && proc_exe_possible(buf) && proc_exe_link(t->proc, dirfd, buf, program))
        strcpy(buf, program);
    return err;
}

const char *linux_exe_path(const struct process *proc)
{
    const struct loader_image *image = proc->lx->image;
    return image->exe_path ? image->exe_path : "";
}
